"""Against the best that any way of paying could do: the gate as soon, the interest near it."""

from __future__ import annotations

from itertools import permutations

import pytest

from benchmarks.debt_cases import START, case, many
from benchmarks.debt_oracle import best
from xindeng.repair.debt import counted_due
from xindeng.repair.debts import closing
from xindeng.repair.debts.gate import aim_at_gate
from xindeng.repair.debts.orders import avalanche, hybrid, snowball
from xindeng.repair.debts.walk import Budget, Order, follow

pytestmark = pytest.mark.xdist_group("debt_oracle")  # the cases are solved once, not once a worker

CASES = range(1000, 1060)


@pytest.fixture(scope="module")
def against_the_best():
    found = []
    for seed in CASES:
        owed, budget = case(seed)
        aim = aim_at_gate(owed, budget)
        courses = {
            "aim": aim.course,
            "avalanche": follow(owed, budget, Order(avalanche(owed))),
            "snowball": follow(owed, budget, Order(snowball(owed))),
            "hybrid": follow(owed, budget, Order(hybrid(owed))),
        }
        months = 1 + max(course.months or 0 for course in courses.values())
        ideal = best(owed, budget, months)
        assert ideal is not None
        found.append((owed, budget, courses, ideal))
    return found


def test_the_gate_is_reached_as_soon_as_anything_could(against_the_best):
    same = sum(
        courses["aim"].gate_month == ideal.gate_month for *_, courses, ideal in against_the_best
    )
    assert same >= 0.98 * len(against_the_best)
    gaps = sorted(
        (courses["aim"].interest + courses["aim"].fees) / max(ideal.interest, 1) - 1
        for *_, courses, ideal in against_the_best
    )
    assert gaps[len(gaps) // 2] <= 0.01


def test_no_strategy_beats_the_best(against_the_best):
    """Neither sooner at the gate nor, at the gate as soon, with less interest; a yuan for rounding."""
    for *_, courses, ideal in against_the_best:
        for name, course in courses.items():
            if course.gate_month is None:
                continue
            assert course.gate_month >= ideal.gate_month, name
            if course.gate_month == ideal.gate_month:
                assert course.interest + course.fees >= ideal.interest * 0.9998 - 100, name


def test_a_planted_reversal_in_the_search_is_caught(against_the_best, monkeypatch):
    """Paying down first where it relieves least must lose months against the best."""
    right = closing.by_relief
    monkeypatch.setattr("xindeng.repair.debts.gate.by_relief", lambda items: right(items)[::-1])
    monkeypatch.setattr("xindeng.repair.debts.closing.by_relief", lambda items: right(items)[::-1])
    same = sum(
        aim_at_gate(owed, budget).course.gate_month == ideal.gate_month
        for owed, budget, _, ideal in against_the_best
    )
    assert same < 0.98 * len(against_the_best)


def test_no_order_of_closing_debts_is_sooner(against_the_best):
    """Every order of up to five debts, which holds every "close these first" of them."""
    tried = 0
    for owed, budget, courses, _ in against_the_best[:30]:
        if len(owed) > 5:
            continue
        for order in permutations(range(len(owed))):
            other = follow(owed, budget, Order(order))
            assert other.short or other.gate_month >= courses["aim"].gate_month
            tried += 1
    assert tried > 500


def test_twelve_debts_are_walked_in_full():
    owed = many(3, 12)
    dues = sum(one.monthly_due for one in owed) + sum(one.balance for one in owed) // 10
    gate = sum(counted_due(one) for one in owed) // 2
    aim = aim_at_gate(owed, Budget(start=START, monthly=dues, gate=gate))
    assert aim.reached and aim.exhaustive
    for order in permutations(avalanche(owed), 2):
        other = follow(
            owed, Budget(start=START, monthly=dues, gate=gate), Order((*order, *avalanche(owed)))
        )
        assert other.short or other.gate_month >= aim.course.gate_month
