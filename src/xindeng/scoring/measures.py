"""How well a score tells good from bad, and how far two samples of one column lie apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from typing import Final

from xindeng.language import Value

BINS: Final = 10
_HALF: Final = 0.5
"""Counted into every bin, so that an empty one does not make everything infinite."""


def auc(good: Sequence[float], bad: Sequence[float]) -> float | None:
    """Return the chance that a good one scores above a bad one, ties counting half; None without
    one of each."""
    if not good or not bad:
        return None
    low = sorted(bad)
    above = sum(bisect_left(low, one) + bisect_right(low, one) for one in good)
    return above / 2 / (len(good) * len(bad))


def ks(good: Sequence[float], bad: Sequence[float]) -> float | None:
    """Return the greatest distance between the two distributions (Kolmogorov and Smirnov)."""
    if not good or not bad:
        return None
    one, other = sorted(good), sorted(bad)
    return max(
        abs(bisect_right(one, at) / len(one) - bisect_right(other, at) / len(other))
        for at in {*one, *other}
    )


@dataclass(frozen=True, slots=True)
class Shift:
    """The population stability index of two samples, and what it would be by chance alone, were
    both drawn from one population: about (bins - 1) x (1/n + 1/m) (Yurdakul 2018)."""

    psi: float
    chance: float


def shift(before: Sequence[Value], now: Sequence[Value]) -> Shift:
    """Return how far two samples lie apart; NULL is a bin of its own.

    Numbers fall into tenths of `before`, anything else into its own values. Raises
    ZeroDivisionError for an empty sample.
    """
    edges = _edges([one for one in before if _is_number(one)])
    first = Counter(_bin(one, edges) for one in before)
    then = Counter(_bin(one, edges) for one in now)
    bins = first.keys() | then.keys()
    n, m = len(before), len(now)
    found = 0.0
    for name in bins:
        p = (first[name] + _HALF) / (n + _HALF * len(bins))
        q = (then[name] + _HALF) / (m + _HALF * len(bins))
        found += (q - p) * log(q / p)
    return Shift(found, (len(bins) - 1) * (1 / n + 1 / m))


def _is_number(value: Value) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _edges(values: Sequence[Value]) -> list[float]:
    """Return the inner bounds of the tenths; fewer where values repeat."""
    ranked = sorted(float(one) for one in values if one is not None)
    if not ranked:
        return []
    places = [len(ranked) * part // BINS for part in range(1, BINS)]
    return sorted({ranked[place] for place in places})


def _bin(value: Value, edges: Sequence[float]) -> object:
    if value is None or not _is_number(value):
        return value
    return ("to", bisect_right(edges, float(value)))
