"""Tables against independent formulas and pyxirr; check values; dates; the last instalment."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
import pyxirr

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, to_date
from xindeng.lending.annual_rate import annual_rate, compounded, price
from xindeng.lending.caps import Cap, check_price, default_rate
from xindeng.lending.schedule import due_days, table
from xindeng.lending.terms import FeeRule, Method, Order, Part, Terms, read_terms, write_terms
from xindeng.servicing.cost_sheet import cost_sheet, rate_text
from xindeng.servicing.loan import book, open_loan, standing
from xindeng.servicing.transactions import Repay

JAN_15, JAN_31 = from_date(date(2026, 1, 15)), from_date(date(2026, 1, 31))


def dates(terms: Terms, start: int) -> list[str]:
    return [to_date(day).isoformat() for day in due_days(terms, start)]


def test_monthly_annuity_is_the_closed_formula() -> None:
    # 30,000 yuan at 24 % over 12 months and at 18 % over 36: the figures of story 7
    assert table(Terms(240_000, 12), 3_000_000, JAN_15)[0].total == 283_679
    assert table(Terms(180_000, 36), 3_000_000, JAN_15)[0].total == 108_457
    for rate, months, amount in (
        (146_000, 12, 1_000_000),
        (219_000, 24, 777_777),
        (54_750, 3, 100),
    ):
        monthly = Fraction(rate, 12_000_000)
        exact = amount * monthly / (1 - (1 + monthly) ** -months)
        rows = table(Terms(rate, months), amount, JAN_31)
        assert abs(rows[0].total - exact) <= Fraction(1, 2)
        assert abs(rows[0].total - -pyxirr.pmt(float(monthly), months, amount)) < 0.51


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("amount", [1, 7, 99_999, 1_000_000, 20_000_000])
def test_the_last_instalment_absorbs_rounding(method: Method, amount: int) -> None:
    rows = table(Terms(182_500, 12, method), amount, JAN_31)
    assert sum(row.principal for row in rows) == amount
    assert rows[-1].balance == 0
    assert all(row.principal >= 0 and row.interest >= 0 for row in rows)
    if method in (Method.annuity_monthly, Method.annuity_daily) and amount > 1000:
        assert len({row.total for row in rows[:-1]}) == 1
        assert abs(rows[-1].total - rows[0].total) <= 12


@pytest.mark.parametrize("method", list(Method))
def test_paid_on_its_days_a_loan_costs_principal_plus_interest_to_the_fen(method: Method) -> None:
    terms = Terms(146_000, 12, method, fees=(FeeRule("service", "platform", ppm=1234),))
    rows = table(terms, 1_234_567, JAN_31)
    loan = open_loan(terms, 1_234_567, JAN_31)
    for row in rows:
        assert standing(loan, row.due_day).due_now == row.total
        loan = book(loan, Repay(row.due_day, row.total), row.due_day)
        assert standing(loan, row.due_day).principal == row.balance
    end = standing(loan, rows[-1].due_day)
    assert end.status == "settled"
    assert end.credit == 0
    assert end.repaid.paid == 1_234_567
    assert end.interest.paid == sum(row.interest for row in rows)


def test_actual_days_cost_principal_times_daily_rate_times_days() -> None:
    rows = table(Terms(146_000, 3, Method.interest_only), 1_000_000, JAN_15)
    assert [row.interest for row in rows] == [12_400, 11_200, 12_400]  # 31, 28, 31 days at 0.04 %
    rows = table(Terms(144_000, 3, Method.interest_only, day_count=360), 1_000_000, JAN_15)
    assert [row.interest for row in rows] == [12_400, 11_200, 12_400]
    monthly = table(Terms(120_000, 3, Method.equal_principal_monthly), 300_000, JAN_15)
    assert [row.interest for row in monthly] == [3000, 2000, 1000]


def test_due_days_are_clipped_and_moved_past_holidays() -> None:
    assert dates(Terms(0, 3), JAN_31) == ["2026-02-28", "2026-03-31", "2026-04-30"]
    assert dates(Terms(0, 2, due_dom=20), JAN_15) == ["2026-02-20", "2026-03-20"]
    assert dates(Terms(0, 2, due_dom=31), JAN_15) == ["2026-01-31", "2026-02-28"]
    feast = tuple(range(from_date(date(2026, 2, 15)), from_date(date(2026, 2, 24))))
    assert dates(Terms(0, 1, shift="following", holidays=feast), JAN_15) == ["2026-02-24"]
    assert dates(Terms(0, 1, holidays=feast), JAN_15) == ["2026-02-15"]
    assert dates(Terms(0, 12, Method.bullet), JAN_31) == ["2027-01-31"]


def test_check_value_equal_principal_with_a_flat_fee() -> None:
    fee = FeeRule("service", "platform", ppm=6000)
    rate = annual_rate(Terms(0, 12, Method.equal_principal_monthly, fees=(fee,)), 1_000_000, JAN_15)
    assert rate_text(rate.simple_ppm, "simple", "zh") == "年化利率 13.03%（单利）"
    assert rate_text(rate.compound_ppm, "compound", "en") == "13.84% a year (compounded monthly)"
    flows = [-1_000_000] + [1_000_000 / 12 + 6000] * 12
    assert rate.simple_ppm == pytest.approx(pyxirr.irr(flows) * 12e6, abs=2)


def test_check_value_six_hundredths_of_a_percent_a_day() -> None:
    for method in (Method.annuity_daily, Method.interest_only, Method.bullet, Method.revolving):
        for months in (3, 12):
            assert price(Terms(219_000, months, method), 1_000_000, JAN_31).simple_ppm == 219_000
    assert round(compounded(219_000), -2) == 242_400
    # 0.06 % a day by a year of 360 is 21.60 % by name and 21.90 % in truth
    assert (
        price(Terms(216_000, 12, Method.annuity_daily, day_count=360), 10**6, JAN_31).simple_ppm
        == 219_000
    )


@pytest.mark.parametrize("method", [m for m in Method if m != Method.bullet])
def test_the_simple_rate_of_monthly_flows_is_twelve_times_pyxirr(method: Method) -> None:
    terms = Terms(146_000, 12, method)
    rows = table(terms, 10_000_000, JAN_15)
    irr = pyxirr.irr([-10_000_000, *(row.total for row in rows)])
    close = 2 if method.value.endswith("monthly") else 700  # months are not all of a length
    assert annual_rate(terms, 10_000_000, JAN_15).simple_ppm == pytest.approx(irr * 12e6, abs=close)


def test_default_doubles_nothing_but_half_again() -> None:
    assert default_rate(Terms(182_500, 12, Method.annuity_daily)) == 273_750  # 18.25 % → 27.4 %


def caps() -> list[Cap]:
    return [
        Cap("24 %", 240_000, "simple", "综合融资成本规定", JAN_15),
        Cap("4 × LPR", 120_000, "simple", "micro-lenders", from_date(date(2027, 12, 31))),
        Cap("old", 360_000, "simple", "before", 0, JAN_15),
    ]


def test_the_strictest_cap_in_force_judges_in_its_own_convention() -> None:
    terms = Terms(219_000, 12, Method.annuity_daily)
    (verdict,) = check_price(terms, 1_000_000, JAN_15, caps())
    assert (verdict.cap.name, verdict.ppm) == ("24 %", 219_000)
    strict = Cap("24 % compound", 240_000, "compound", "a stricter reading", JAN_15)
    with pytest.raises(InputError, match=r"24\.24% a year \(compound"):
        cost_sheet(terms, 1_000_000, JAN_15, lender="bank", caps=[*caps(), strict])
    with pytest.raises(InputError, match="4 × LPR"):
        check_price(terms, 1_000_000, from_date(date(2028, 1, 1)), caps())
    total = Cap("all in", 240_000, "simple", "default too", JAN_15, scope="default_total")
    with pytest.raises(InputError, match="default_total"):
        check_price(terms, 1_000_000, JAN_15, [total])


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize("amount", [1000, 1_000_000])
def test_a_price_at_the_cap_may_be_published_and_one_above_not(method: Method, amount: int) -> None:
    for start in (JAN_15, JAN_31, from_date(date(2026, 7, 1))):
        check_price(Terms(240_000, 3, method), amount, start, caps())
        with pytest.raises(InputError):
            check_price(Terms(240_100, 3, method), amount, start, caps())


def test_the_cost_sheet_names_every_charge_and_its_payee() -> None:
    fees = (FeeRule("担保费", "guarantor", ppm=1000), FeeRule("开户费", "bank", "once", amount=500))
    sheet = cost_sheet(Terms(146_000, 12, fees=fees), 1_000_000, JAN_15, lender="bank", caps=caps())
    assert [(c.name.zh, c.payee) for c in sheet.charges] == [
        ("利息", "bank"),
        ("担保费", "guarantor"),
        ("开户费", "bank"),
    ]
    assert sheet.charges[1].amount == 12_000
    assert (
        sheet.total_repaid
        == sum(row.total for row in sheet.instalments)
        == 1_000_000 + sheet.total_cost
    )
    assert sheet.contingent[0].simple_ppm == 219_000
    assert sheet.rate.simple_ppm > 146_000
    assert "不收取任何其他费用" in sheet.no_other_charges.zh
    assert sheet.caps[0].room > 0


def test_terms_that_no_loan_has_are_refused() -> None:
    for wrong in (
        {"rate_ppm": -1}, {"months": 0}, {"rate_ppm": 1.5}, {"due_dom": 32}, {"currency": "XYZ"},
        {"method": Method.bullet, "months": 13}, {"penalty_percent": 99}, {"day_count": 366},
    ):  # fmt: skip
        with pytest.raises(InputError):
            Terms(**({"rate_ppm": 146_000, "months": 12} | wrong))
    with pytest.raises(InputError):
        Order((Part.fee,), by="part")
    with pytest.raises(InputError):
        read_terms(b'{"rate_ppm": 1, "months": 12, "surprise": 1}')
    terms = Terms(146_000, 6, fees=(FeeRule("a", "b", ppm=1),), holidays=(JAN_15,))
    assert read_terms(write_terms(terms)) == terms
