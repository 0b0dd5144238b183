"""The largest amount that passes now, found by bisection and proven on both sides."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Blockers = Callable[[int], int]
"""The bit mask of rules that stand in the way of an amount; 0 where it passes."""


class Frontier(NamedTuple):
    """`amount` passed (0: none does); `beyond` was tried next to it and stopped by `blockers`.

    `beyond` is None when nothing above could be tried: all of the line's room passes, or there is
    less room than the smallest draw.
    """

    amount: int
    beyond: int | None
    blockers: int


def find_frontier(
    blockers: Blockers, *, least: int, top: int, step: int, passed: int = 0
) -> Frontier:
    """Return the largest passing amount among `least`, the multiples of `step`, and `top`.

    `passed` is an amount already known to pass (0: none known). Amounts are minor units. Both
    the returned amount and `beyond`, at most one step above it, were really put to `blockers`;
    policy check proves that between them nothing else can happen.
    """
    if top < least:
        return Frontier(0, None, 0)
    at_top = blockers(top)
    if not at_top:
        return Frontier(top, None, 0)
    grid = least // step  # point 0 is `least`, point k is (grid + k) steps

    def point(k: int) -> int:
        return (grid + k) * step if k else least

    low, high = -1, max(0, -(-top // step) - grid)
    beyond, stopped = top, at_top
    if passed >= least:
        low = passed // step - grid
    elif at_least := blockers(least):
        return Frontier(0, least, at_least)
    else:
        low = 0
    best = max(passed, least)
    while high - low > 1:
        middle = (low + high) // 2
        amount = point(middle)
        if found := blockers(amount):
            high, beyond, stopped = middle, amount, found
        else:
            low, best = middle, amount
    return Frontier(best, beyond, stopped)
