"""Debts aimed at the gate against the best any way of paying could do (HiGHS), case by case.

200 seeded households of 3 to 7 debts. Counted: whether the gate is reached in the same month as
the program's, and how much more interest and fees are paid than its lower bound. Avalanche and
snowball pay the same debts from the same budget. Beside it, the time of the pay-down that the
plan search calls, on twelve debts.
"""

from __future__ import annotations

import math
import statistics
import time
from typing import NamedTuple

from benchmarks.debt_cases import case, many
from benchmarks.debt_oracle import best
from benchmarks.report import Figure, finish, quantile, versions
from xindeng.repair.debt import counted_due
from xindeng.repair.debts.gate import aim_at_gate
from xindeng.repair.debts.orders import avalanche, snowball
from xindeng.repair.debts.paydown import pay_down
from xindeng.repair.debts.walk import Course, Order, follow

CASES, QUICK_CASES = 200, 100


class Measured(NamedTuple):
    """One case: months of the gate (inf: never) and interest and fees, ours and the program's."""

    best: int
    aimed: float
    avalanche: float
    snowball: float
    gap: float
    avalanche_gap: float
    snowball_gap: float
    aim_seconds: float
    best_seconds: float


def run(*, quick: bool = False) -> int:
    """Measure and print; `--quick` takes the first hundred cases."""
    count = QUICK_CASES if quick else CASES
    found, left_out = measure(count)
    return finish(
        "debts",
        figures(found),
        what="gate month and interest of 3 to 7 debts against a mixed-integer program",
        cases=len(found),
        without_an_answer=left_out,
        versions=versions("scipy"),
    )


def measure(count: int) -> tuple[list[Measured], int]:
    """Return `count` cases measured, and how many of them the program found no answer for."""
    found = [one for seed in range(count) if (one := _measure(seed)) is not None]
    return found, count - len(found)


def figures(found: list[Measured]) -> list[Figure]:
    """Return the figures of the measured cases, with their targets."""

    def share(months: list[float]) -> float:
        return sum(m == one.best for m, one in zip(months, found, strict=True)) / len(found)

    paying = [_pay_down_seconds(seed) for seed in range(200)]
    return [
        Figure("gate_month_equal_share", share([one.aimed for one in found]), "share", ">=0.98"),
        Figure("avalanche_equal_share", share([one.avalanche for one in found]), "share"),
        Figure("snowball_equal_share", share([one.snowball for one in found]), "share"),
        Figure("interest_gap_median", statistics.median(o.gap for o in found), "share", "<=0.01"),
        Figure("interest_gap_p90", quantile([one.gap for one in found], 0.9), "share"),
        Figure("avalanche_gap_median", statistics.median(o.avalanche_gap for o in found), "share"),
        Figure("snowball_gap_median", statistics.median(o.snowball_gap for o in found), "share"),
        Figure("aim_p50_ms", 1000 * quantile([one.aim_seconds for one in found], 0.5), "ms"),
        Figure("aim_p99_ms", 1000 * quantile([one.aim_seconds for one in found], 0.99), "ms"),
        Figure("program_p50_ms", 1000 * quantile([o.best_seconds for o in found], 0.5), "ms"),
        Figure("pay_down_p50_ms", 1000 * quantile(paying, 0.5), "ms", "<=2"),
        Figure("pay_down_p99_ms", 1000 * quantile(paying, 0.99), "ms"),
    ]


def _measure(seed: int) -> Measured | None:
    debts, budget = case(seed)
    started = time.perf_counter()
    aim = aim_at_gate(debts, budget)
    aimed = time.perf_counter()
    dear = follow(debts, budget, Order(avalanche(debts)))
    small = follow(debts, budget, Order(snowball(debts)))
    months = 1 + max(course.months or 0 for course in (aim.course, dear, small))
    begun = time.perf_counter()
    ideal = best(debts, budget, months)
    ended = time.perf_counter()
    if ideal is None:
        return None

    def gap(course: Course) -> float:
        return (course.interest + course.fees) / max(ideal.interest, 1.0) - 1

    def gate(course: Course) -> float:
        return math.inf if course.gate_month is None else course.gate_month

    return Measured(
        best=ideal.gate_month,
        aimed=gate(aim.course),
        avalanche=gate(dear),
        snowball=gate(small),
        gap=gap(aim.course),
        avalanche_gap=gap(dear),
        snowball_gap=gap(small),
        aim_seconds=aimed - started,
        best_seconds=ended - begun,
    )


def _pay_down_seconds(seed: int) -> float:
    debts = many(seed, 12)
    need = sum(map(counted_due, debts)) * (10 + seed % 60) // 100
    started = time.perf_counter()
    pay_down(debts, need)
    return time.perf_counter() - started
