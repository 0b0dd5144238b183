"""A test that may be looked at after every single observation: is a mean above its bound?

Somebody who bets against "the mean is at most `bound`" at fair odds multiplies their capital by
1 + λ(x − bound) with each observation x. While the mean is within the bound no such bet wins on
average, so that the capital ever reaches 1 ÷ risk has a probability of at most `risk` (Ville 1939),
whenever and however often one looks. Stakes λ are spread evenly over several sizes, for no one
knows beforehand how far beyond the bound the mean may be (Waudby-Smith & Ramdas 2024).
"""

from __future__ import annotations

from math import exp, log, log1p
from typing import Final

_STAKES: Final = (0.9, 0.7, *(2.0**-n for n in range(1, 8)))
"""Shares of the largest stake that cannot lose everything."""


def evidence(plus: int, zero: int, minus: int, bound: float) -> float:
    """Return the logarithm of the capital after so many observations of 1, 0 and −1.

    `bound` is above 0 and below 1.
    """
    return _mixed(plus, zero, minus, bound, 1 / (1 + bound))


def evidence_of_share(hits: int, total: int, bound: float) -> float:
    """Return the same for a share of `total`: with observations of 1 and 0 alone stakes may be
    larger, and something rare is noticed sooner."""
    return _mixed(hits, total - hits, 0, bound, 1 / bound)


def chance(logarithm: float) -> float:
    """Return how probable so much capital is at most, if all is within the bound."""
    return exp(-max(logarithm, 0.0))


def _mixed(plus: int, zero: int, minus: int, bound: float, most: float) -> float:
    """Return the logarithm of the mean capital over the stakes, without overflowing."""
    logs = []
    for part in _STAKES:
        stake = part * most
        found = plus * log1p(stake * (1 - bound)) + zero * log1p(-stake * bound)
        logs.append(found + minus * log1p(-stake * (1 + bound)) if minus else found)
    top = max(logs)
    return top + log(sum(exp(one - top) for one in logs) / len(logs))
