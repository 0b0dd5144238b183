"""Alternatives at their true yearly cost, from a file whose every fault is named with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xindeng.kernel.errors import ImportFileError, InputError, NotFoundError
from xindeng.kernel.time import from_date
from xindeng.repair.alternatives.fund import plan_fund
from xindeng.repair.alternatives.offers import read_reference
from xindeng.repair.alternatives.price import price_all
from xindeng.repair.alternatives.spending import Spending, review_spending
from xindeng.repair.alternatives.words import MISFITS, say_fund, say_priced, say_spending
from xindeng.service.alternatives import load_alternatives

TODAY = from_date(date(2026, 9, 10))
REFERENCE = load_alternatives()
ROOT = Path(__file__).resolve().parents[2] / "policies" / "alternatives"
FILES = {name: (ROOT / name).read_bytes() for name in ("offers.yaml", "parameters.yaml")}


def priced(amount=10_000_00, months=12, **more):
    found = price_all(REFERENCE.offers, amount, months, TODAY, **more)
    return {one.offer.id: one for one in found}


def test_a_monthly_fee_is_nearly_twice_what_it_says():
    """¥10,000 in twelve equal parts with 0.6 % of it a month: 13.03 % simple, 13.84 % compound."""
    one = priced()["card_instalment"]
    assert (one.total, one.cost) == (10_720_00, 720_00)
    assert (one.simple_ppm // 100, one.compound_ppm // 100) == (1303, 1384)
    assert one.due == 1000_00  # a card counts at 10 % of its balance


def test_a_cash_advance_costs_its_fee_and_every_day():
    one = priced(10_000_00, 1)["card_cash_advance"]
    assert one.cost == 100_00 + 150_00  # 1 %, and 30 days of 0.05 %
    assert one.simple_ppm == pytest.approx(304_167, abs=1)
    least = priced(500_00, 1)["card_cash_advance"]
    assert least.cost == 10_00 + 7_50  # 1 % would be ¥5, the least is ¥10


def test_pay_later_is_free_only_within_its_days():
    assert priced(1000_00, 1)["pay_later"].cost == 0
    assert priced(1000_00, 2)["pay_later"].cost == 1000_00 * 5 * (61 - 40) // 10_000


def test_savings_cost_what_they_would_have_earned_and_no_due():
    one = priced()["savings"]
    assert (one.cost, one.due) == (120_00, 0)
    assert priced(savings=9_999_99)["savings"].misfit == "savings_too_small"
    assert priced(savings=10_000_00)["savings"].misfit is None


def test_family_counts_as_a_debt_with_a_date():
    one = priced(12_000_00, 12)["family"]
    assert (one.cost, one.due) == (0, 1000_00)
    assert one.flows == ((from_date(date(2027, 9, 10)), 12_000_00),)
    assert priced(12_000_00, 24)["family"].total == 12_000_00


def test_only_what_gives_the_amount_for_the_time_is_compared():
    found = priced(8000_00, 12)
    assert found["small_reserve"].misfit == "amount_too_large"
    assert found["pay_later"].misfit == "no_such_term"
    assert priced(500_00, 1)["small_reserve"].misfit == "days_only"
    assert priced(500_00, 1)["bank_loan"].misfit == "amount_too_small"
    assert [one.offer.id for one in found.values() if one.cheapest] == ["family"]


@given(st.integers(1, 10**9), st.integers(1, 60))
def test_the_cheapest_is_the_one_with_least_paid_and_nothing_else_is(amount, months):
    found = price_all(REFERENCE.offers, amount, months, TODAY)
    fits = [one for one in found if one.misfit is None]
    assert len(found) == len(REFERENCE.offers)
    for one in fits:
        assert one.cheapest == (one.total == min(other.total for other in fits))
        assert one.total == amount + one.cost == sum(flow for _, flow in one.flows)
        assert one.cost >= 0 and one.simple_ppm <= one.compound_ppm
    assert not any(one.cheapest or one.total for one in found if one.misfit)


@pytest.mark.parametrize(
    ("amount", "months"), [(0, 12), (-1, 12), (10**12, 12), (100, 0), (100, 601)]
)
def test_what_nobody_lends_is_refused(amount, months):
    with pytest.raises(InputError):
        price_all(REFERENCE.offers, amount, months, TODAY)


# --- the file ------------------------------------------------------------------------------------


def broken(name: str, old: str, new: str) -> str:
    text = FILES[name].decode()
    assert old in text
    with pytest.raises(ImportFileError) as refused:
        read_reference({**FILES, name: text.replace(old, new, 1).encode()})
    return str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("rate_ppm: 60000", "rate_ppm: 6 %", "offers.yaml:10: `rate_ppm`"),
        ("method: annuity_monthly", "method: annuity", "offers.yaml:9: `method`"),
        ("months: [6, 12, 24, 36]", "months: [6, 0]", "offers.yaml:11: a term of 0 months"),
        ("amount: {low: 500000, high: 20000000}", "amount: {low: 5, high: 4}", "low is above high"),
        ("as_of: 2026-07-01", "as_of: summer", "a date such as"),
        ("  as_of: 2026-07-01\n", "", "no `as_of`"),
        ("enquiry: true", "enquiries: true", "unknown `enquiries`"),
        ("- id: card_instalment", "- id: bank_loan", "'bank_loan' stands twice"),
        ("every: month, ppm: 6000", "every: month, ppm: -1", "offers.yaml:"),
        ("zh: 审批较慢", "cn: 审批较慢", "has no `zh`"),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line(old, new, told):
    assert told in broken("offers.yaml", old, new)


def test_a_missing_parameter_is_told():
    assert "no card_minimum_floor" in broken(
        "parameters.yaml", "card_minimum_floor:", "card_floor:"
    )
    assert "card_minimum_percent is in fen" in broken("parameters.yaml", "unit: bp", "unit: fen")


@pytest.mark.parametrize("data", [b"", b"{}", b"- 1\n", b"\xff\xfe", b"- id: [", b"&a [*a]"])
def test_what_is_no_file_of_offers_is_refused_and_never_a_crash(data):
    with pytest.raises(ImportFileError):
        read_reference({**FILES, "offers.yaml": data})


def test_a_persons_own_file_takes_the_place_of_the_shipped_one(tmp_path):
    own = tmp_path / "mine.yaml"
    own.write_bytes(FILES["offers.yaml"].split(b"\n- id: card_instalment")[0])
    assert [one.id for one in load_alternatives(own).offers] == ["bank_loan"]
    with pytest.raises(NotFoundError):
        load_alternatives(tmp_path / "none.yaml")


def test_the_shipped_figures_say_what_is_not_confirmed():
    assert all(one.as_of <= TODAY for one in REFERENCE.offers)
    for one in REFERENCE.offers:
        said = " ".join(say_priced(price_all([one], max(one.low, 500_00), 1, TODAY)[0], "zh"))
        assert ("未核实" in said) == (not one.confirmed) or "不适用" in said
    rule = REFERENCE.card_rule(TODAY)
    assert (rule.percent_bp, rule.floor, rule.residual_days) == (1000, 100_00, 20)


# --- fund and spending ---------------------------------------------------------------------------


def test_the_fund_begins_when_the_debts_are_done():
    plan = plan_fund(outgoings=4000_00, months=3, have=500_00, day=TODAY, first_step=1000_00,
                     before=200_00, wait_months=8, after=1500_00)  # fmt: skip
    first, then = plan.steps
    assert (first.monthly, first.months, first.saved, first.covers) == (200_00, 3, 1000_00, 0)
    assert then.begins == from_date(date(2027, 5, 10))
    assert (then.months, then.saved, then.covers) == (8, 12_000_00, 3)
    assert plan.reached == from_date(date(2028, 1, 10))
    assert plan.missing == 11_500_00


def test_a_fund_that_is_there_needs_no_step_and_one_without_money_is_not_promised():
    there = plan_fund(outgoings=1000_00, months=3, have=3000_00, day=TODAY, after=100_00)
    assert (there.steps, there.reached, there.missing) == ((), TODAY, 0)
    never = plan_fund(outgoings=1000_00, months=3, have=0, day=TODAY)
    assert (never.steps, never.reached) == ((), None)
    assert "还存不出" in say_fund(never, "zh")[-1]
    with pytest.raises(InputError):
        plan_fund(outgoings=-1, months=3, have=0, day=TODAY)


def test_spending_spares_what_is_spare_and_never_what_is_needed():
    review = review_spending(
        [
            Spending(category="房租", amount=2500_00, need="necessary"),
            Spending(category="外卖", amount=900_00, need="useful"),
            Spending(category="游戏", amount=300_00, need="spare"),
            Spending(category="手机", amount=500_00, need="useful", instalments=500_00),
        ],
        income=4000_00,
        useful_share_bp=2000,
    )
    assert (review.total, review.necessary, review.left) == (4200_00, 2500_00, -200_00)
    assert review.instalment_bp == 1190
    assert [(one.category, one.spared) for one in review.sparings] == [
        ("游戏", 300_00), ("外卖", 180_00), ("手机", 100_00)]  # fmt: skip
    assert review.spared == 580_00
    assert review.months_for(4435_00) == 8
    assert review_spending([]).months_for(1) is None
    with pytest.raises(InputError):
        review_spending([Spending(category="x", amount=1, need="spare", instalments=2)])


# --- words -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_both_languages_say_everything(lang):
    said = [line for one in priced().values() for line in say_priced(one, lang)]
    said += [line for one in priced(500_00, 1).values() for line in say_priced(one, lang)]
    said += say_fund(plan_fund(outgoings=10_00, months=3, have=0, day=TODAY, after=5_00), lang)
    said += say_spending(
        review_spending([Spending(category="c", amount=5_00, need="spare")], income=0), lang
    )
    said += [words.by(lang) for words in MISFITS.values()]
    text = " ".join(said)
    assert all(said) and "None" not in text
    chinese = any("\u4e00" <= letter <= "\u9fff" for letter in text)
    assert chinese == (lang == "zh")
    for word in ("冻结", "修复", "保证", "guarantee", "fault"):
        assert word not in text


def test_an_alternative_tells_its_cost_its_catch_and_its_source():
    said = say_priced(priced()["card_instalment"], "en")
    assert said[0] == (
        "Card bill in instalments: ¥10,720 in all (¥720 more than the amount), true yearly rate "
        "13.03% (simple), 13.84% (compounded monthly)."
    )
    assert "does not give cash" in said[1]
    assert "¥1,000 to the counted monthly due" in said[2]
    assert said[-1].startswith("Source (unconfirmed")
    assert "least paid in all" in say_priced(priced()["family"], "en")[1]


def test_only_what_was_counted_is_named() -> None:
    """Purchases paid by 花呗 without 分期 are spending like any other, so no sum of them is told."""
    review = review_spending([Spending(category="a", amount=1_000, need="useful", instalments=400)])
    for lang, word, never in (("zh", "分期购买", "后付"), ("en", "bought on instalments", "later")):
        said = "\n".join(say_spending(review, lang))
        assert word in said and never not in said
