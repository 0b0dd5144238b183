"""The amount frontier against brute force over the whole grid, and faults that must be caught."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xindeng.decision.frontier import Frontier, find_frontier

Find = Callable[..., Frontier]


def grid(least: int, top: int, step: int) -> list[int]:
    """Every amount the frontier may name: the least, the multiples of the step, all the room."""
    inner = {amount for amount in range(0, top + 1, step) if least < amount < top}
    return sorted(inner | {amount for amount in (least, top) if least <= top})


def faults(find: Find, limits: dict[int, int], least: int, top: int, step: int) -> list[str]:
    """What is wrong with a finder where gate `bit` lets amounts up to limits[bit] pass."""
    asked: dict[int, int] = {}

    def blockers(amount: int) -> int:
        asked[amount] = sum(1 << bit for bit, limit in limits.items() if amount > limit)
        return asked[amount]

    found = find(blockers, least=least, top=top, step=step)
    passing = [amount for amount in grid(least, top, step) if not blockers(amount)]
    wrong = []
    if found.amount != max(passing, default=0):
        wrong.append(f"{found.amount} is not the largest of {passing}")
    if any(blockers(amount) for amount in grid(least, found.amount, step)):
        wrong.append("a smaller amount does not pass")
    if found.beyond is not None:
        if not asked.get(found.beyond):
            wrong.append("what lies beyond was not refused")
        if found.amount and found.beyond > found.amount + step:
            wrong.append("the proof beyond is further than a step away")
        if found.blockers != blockers(found.beyond):
            wrong.append("the gates named are not those that refuse")
    elif found.amount not in (0, top):
        wrong.append("nothing was tried beyond")
    return wrong


lines = st.tuples(
    st.dictionaries(st.integers(0, 4), st.integers(-50, 5_000), max_size=4),
    st.integers(1, 700),
    st.integers(0, 4_000),
    st.sampled_from([1, 7, 100, 250]),
)


@given(lines)
@settings(max_examples=300, deadline=None)
def test_the_frontier_is_what_brute_force_finds(line: tuple[dict[int, int], int, int, int]) -> None:
    assert not faults(find_frontier, *line)


@given(lines, st.integers(1, 4_000))
@settings(max_examples=200, deadline=None)
def test_an_amount_known_to_pass_changes_nothing_but_the_work(
    line: tuple[dict[int, int], int, int, int], asked: int
) -> None:
    limits, least, top, step = line

    def blockers(amount: int) -> int:
        return sum(1 << bit for bit, limit in limits.items() if amount > limit)

    plain = find_frontier(blockers, least=least, top=top, step=step)
    if least <= asked <= top and not blockers(asked):
        helped = find_frontier(blockers, least=least, top=top, step=step, passed=asked)
        assert helped.amount == max(plain.amount, asked)
        if helped.beyond is not None:
            assert helped.amount < helped.beyond <= helped.amount + step
            assert blockers(helped.beyond)


def test_the_work_grows_with_the_logarithm_of_the_room() -> None:
    tried: list[int] = []

    def blockers(amount: int) -> int:
        tried.append(amount)
        return int(amount > 4_321_000)

    found = find_frontier(blockers, least=100, top=20_000_000, step=10_000)
    assert found == (4_320_000, 4_330_000, 1)
    assert len(tried) <= 14


def _off_by_one(blockers: Callable[[int], int], *, least: int, top: int, step: int) -> Frontier:
    found = find_frontier(blockers, least=least, top=top, step=step)
    return found._replace(amount=found.amount + step) if found.beyond else found


def _last_step_forgotten(
    blockers: Callable[[int], int], *, least: int, top: int, step: int
) -> Frontier:
    found = find_frontier(blockers, least=least, top=top, step=step)
    short = max(found.amount - step, least) if found.amount else 0
    return found._replace(amount=short)


@pytest.mark.parametrize("planted", [_off_by_one, _last_step_forgotten])
def test_planted_an_off_by_one_step_is_caught(planted: Find) -> None:
    assert not faults(find_frontier, {0: 1_234}, 100, 4_000, 100)
    assert faults(planted, {0: 1_234}, 100, 4_000, 100)


def test_planted_a_rule_that_is_not_monotone_is_caught() -> None:
    """Policy check refuses such a rule; if one came through, brute force would show it."""

    def find(_: Callable[[int], int], *, least: int, top: int, step: int) -> Frontier:
        gap = lambda amount: int(1_000 < amount <= 2_000)  # noqa: E731
        return find_frontier(gap, least=least, top=top, step=step)

    assert faults(find, {0: 1_000}, 100, 4_000, 100)
