"""Buckets, stages, tiers and their upgrade conditions, roll, the watch over a restructured loan."""

from __future__ import annotations

from datetime import date

import pytest

from xindeng.kernel.time import from_date
from xindeng.lending.terms import STANDARD_ORDER, Method, Terms
from xindeng.servicing.delinquency import ClassRules, bucket, roll, stage, tier, watch_until
from xindeng.servicing.loan import Loan, book, open_loan, standing
from xindeng.servicing.transactions import Repay, Restructure, WriteOff

START = from_date(date(2025, 1, 10))
FIRST = from_date(date(2025, 2, 10))
LATER = START + 3000
TERMS = Terms(146_000, 24, Method.equal_principal)


def lend() -> Loan:
    return open_loan(TERMS, 2_400_000, START)


def tier_on(loan: Loan, day: int) -> str:
    return tier(standing(loan, day))


def pay_arrears(loan: Loan, day: int) -> Loan:
    return book(loan, Repay(day, standing(loan, day).due_now), LATER)


def keep(loan: Loan, day: int, count: int) -> tuple[Loan, int]:
    """Pay the next `count` instalments on their days; return the last of those days."""
    for _ in range(count):
        day = standing(loan, day).plan[0].day
        loan = pay_arrears(loan, day)
    return loan, day


def test_buckets_and_roll() -> None:
    days = (0, 1, 30, 31, 60, 61, 90, 91, 150, 151, 180, 181, 900)
    assert [bucket(day) for day in days] == [
        "current",
        "M1",
        "M1",
        "M2",
        "M2",
        "M3",
        "M3",
        "M4",
        "M5",
        "M6",
        "M6",
        "M7",
        "M7",
    ]
    assert [roll(a, b) for a, b in ((0, 0), (5, 9), (29, 31), (65, 31), (65, 0))] == [
        "current",
        "stayed",
        "forward",
        "back",
        "cured",
    ]


@pytest.mark.parametrize(
    ("late", "expected", "in_stage"),
    [(0, "normal", 1), (1, "special_mention", 1), (30, "special_mention", 1), (31, "special_mention", 2),
     (89, "special_mention", 2), (90, "special_mention", 3), (91, "substandard", 3), (270, "substandard", 3),
     (271, "doubtful", 3), (360, "doubtful", 3), (361, "loss", 3)],
)  # fmt: skip
def test_tiers_and_stages_by_days(late: int, expected: str, in_stage: int) -> None:
    stood = standing(lend(), FIRST + late)
    assert (tier(stood), stage(stood)) == (expected, in_stage)
    assert tier(stood, ClassRules(substandard=500, doubtful=600, loss=700)) in (
        "normal",
        "special_mention",
    )


def test_short_arrears_cleared_are_normal_at_once() -> None:
    loan = pay_arrears(lend(), FIRST + 40)
    assert tier_on(loan, FIRST + 40) == "normal"
    assert standing(loan, FIRST + 40).spells[0].peak == 40


def test_paying_some_of_it_changes_the_days_and_not_the_class() -> None:
    day = FIRST + 100
    terms = Terms(146_000, 24, Method.equal_principal, impaired_order=STANDARD_ORDER)
    loan = book(open_loan(terms, 2_400_000, START), Repay(day, 260_000), LATER)
    assert 0 < standing(loan, day).dpd < 90
    assert tier_on(loan, day) == "substandard"


def test_non_performing_needs_half_a_year_and_two_instalments_kept() -> None:
    cleared = FIRST + 95
    loan = pay_arrears(lend(), cleared)
    assert tier_on(loan, cleared) == "substandard"
    assert stage(standing(loan, cleared)) == 3
    loan, day = keep(loan, cleared, 5)
    assert day < cleared + 180
    assert tier_on(loan, day) == "substandard"
    loan, day = keep(loan, day, 2)
    assert tier_on(loan, day) == "normal"
    # relapse within the half year: the clock starts again, and the class was never left
    again = pay_arrears(lend(), cleared)
    again, day = keep(again, cleared, 2)
    late = standing(again, day).plan[0].day + 5
    assert tier_on(again, late) == "substandard"
    again = pay_arrears(again, late)
    again, day = keep(again, late, 3)
    assert tier_on(again, day) == "substandard"


def test_restructured_is_at_least_special_mention_for_a_year() -> None:
    # story 6: ten days overdue, restructured with a first due day of 2026-07-10
    start, first = from_date(date(2026, 3, 10)), from_date(date(2026, 7, 10))
    loan = open_loan(Terms(146_000, 12), 1_222_000, start)
    day = from_date(date(2026, 4, 20))
    assert standing(loan, day).dpd == 10
    loan = book(loan, Restructure(day, first, 24, 73_000), LATER)
    assert tier_on(loan, day) == "special_mention"
    assert stage(standing(loan, day)) == 2
    assert watch_until(standing(loan, day)) == from_date(date(2027, 7, 10))
    kept, last = keep(loan, day, 12)
    assert tier_on(kept, last) == "special_mention"
    kept, last = keep(kept, last, 1)
    assert last == from_date(date(2027, 7, 10))
    assert tier_on(kept, last) == "normal"
    # late under watch: substandard, and the year begins anew when it is cleared
    assert tier_on(loan, first + 3) == "substandard"
    late = pay_arrears(loan, first + 3)
    assert tier_on(late, first + 3) == "special_mention"
    assert watch_until(standing(late, first + 3)) == from_date(date(2027, 7, 13))


def test_restructuring_does_not_launder_a_non_performing_loan() -> None:
    day = FIRST + 120
    loan = book(lend(), Restructure(day, day + 60, 12, 100_000), LATER)
    assert standing(loan, day).dpd == 0
    assert tier_on(loan, day) == "substandard"
    loan, last = keep(loan, day, 8)
    assert tier_on(loan, last) == "substandard"


def test_written_off_is_a_loss() -> None:
    loan = book(lend(), WriteOff(FIRST + 10), LATER)
    assert tier_on(loan, FIRST + 10) == "loss"
    assert stage(standing(loan, FIRST + 10)) == 3
