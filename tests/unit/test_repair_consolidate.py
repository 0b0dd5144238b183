"""Consolidation: judged by the all-in rate and by what is paid in all, never by the instalment."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.lending.accrual import MONTH
from xindeng.lending.schedule import level_payment
from xindeng.lending.terms import FeeRule, Terms
from xindeng.repair.debt import Debt
from xindeng.repair.debts.consolidate import NewLoan, consolidate, worth_moving
from xindeng.repair.debts.walk import Budget

TODAY = Budget(start=from_date(date(2026, 9, 10)), monthly=0)
DEAR = Debt(id="dear", lender="A", lender_kind="microlender", kind="instalment", balance=30_000_00,
            annual_rate_bp=2400, monthly_due=2836_79, months_left=12, source="x")  # fmt: skip


def new(rate_ppm=180_000, months=36, **more):
    return NewLoan(
        lender="B", lender_kind="bank", terms=Terms(rate_ppm=rate_ppm, months=months, **more)
    )


def test_story_7_a_lower_rate_and_instalment_and_5003_yuan_dearer():
    found = consolidate([DEAR], new(), TODAY)
    assert level_payment(30_000_00, 240_000, (MONTH,) * 12) == 2836_79
    assert level_payment(30_000_00, 180_000, (MONTH,) * 36) == 1084_57
    assert found.dearer // 100 == 5003
    assert (found.old.simple_ppm, found.new.simple_ppm) == (240_000, 180_000)
    assert found.lower_rate and found.lower_instalment
    assert found.verdict == "dearer_but_lighter"
    assert not found.proposed  # whatever its rate, it is never called the cheapest
    assert (found.new_enquiries, found.new_accounts, found.lender) == (1, 1, "B")
    # It is the time that costs: repaid in twelve months the same loan would be cheaper.
    assert found.same_time < found.old.total < found.new.total


def test_a_lower_rate_for_the_same_time_is_cheaper():
    found = consolidate([DEAR], new(months=12), TODAY)
    assert found.verdict == "cheaper" and found.proposed
    assert found.dearer < 0
    assert found.same_time is None


def test_fees_of_the_old_and_the_new_loan_are_in_the_rate_and_the_total():
    plain = consolidate([DEAR], new(months=12), TODAY)
    fee = FeeRule("service", "B", "once", ppm=30_000)
    charged = consolidate(
        [replace(DEAR, prepayment_fee_bp=300)], new(months=12, fees=(fee,)), TODAY
    )
    assert charged.prepayment_fees == 900_00
    assert charged.amount == 30_900_00
    assert charged.new.total - plain.new.total > 900_00 + 927_00
    assert charged.new.simple_ppm > 280_000  # 18 % in name
    assert charged.new_rate.simple_ppm < charged.new.simple_ppm  # of which a part is the old fee
    assert charged.verdict == "dearer"


CARD = Debt(id="card", lender="C", lender_kind="bank", kind="card", balance=18_000_00,
            annual_rate_bp=1825, monthly_due=1800_00, source="x")  # fmt: skip


def test_an_unknown_rate_is_not_judged():
    found = consolidate([DEAR, replace(CARD, annual_rate_bp=None)], new(), TODAY)
    assert found.verdict == "unknown" and not found.proposed
    assert found.dearer is None and found.old.simple_ppm is None


def test_an_unknown_balance_cannot_be_replaced():
    with pytest.raises(InputError, match="known balance"):
        consolidate([replace(DEAR, balance=None)], new(), TODAY)
    with pytest.raises(InputError, match="no debts"):
        consolidate([], new(), TODAY)


def test_a_rate_nobody_told_is_read_from_level_instalments():
    untold = replace(DEAR, annual_rate_bp=None)
    found, known = (consolidate([one], new(months=12), TODAY) for one in (untold, DEAR))
    assert found.verdict == known.verdict == "cheaper"
    assert abs(found.old.simple_ppm - 240_000) < 10 and abs(found.pace - known.pace) < 100
    short = replace(untold, monthly_due=2_000_00)  # does not even repay the balance: no rate
    assert consolidate([short], new(months=12), TODAY).verdict == "unknown"


def test_a_loan_must_beat_todays_pace_and_not_only_the_minimum():
    """A card of which only the minimum is paid lasts for years: beside that any loan looks cheap."""
    found = consolidate([CARD], new(rate_ppm=150_000, months=24), TODAY)
    assert found.lower_rate and found.new.total < found.old.total
    assert found.pace < found.new.total and found.kept == found.pace
    assert found.verdict == "cheaper" and not found.proposed
    assert worth_moving([CARD], new(rate_ppm=150_000, months=24), TODAY) == ()
    assert worth_moving([CARD, DEAR], new(rate_ppm=100_000, months=10), TODAY) == (CARD, DEAR)


def test_what_is_charged_once_is_no_part_of_the_month_that_counts():
    fee = FeeRule("service", "B", "once", ppm=50_000)
    charged, plain = (
        consolidate([DEAR], new(months=12, **m), TODAY) for m in ({"fees": (fee,)}, {})
    )
    assert charged.new.counted_due == plain.new.counted_due
    assert charged.new.instalment == plain.new.instalment + 1_500_00
