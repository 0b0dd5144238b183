"""Small statistics of a backtest: rates with their uncertainty, and masks read as columns."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, log1p, sqrt
from typing import Any, Final

import numpy as np
import pyarrow as pa

from xindeng.history.policy_sql import WORD

Z: Final = 1.96
"""Of a two-sided interval of 95 %."""
TAIL: Final = 0.025
"""What is left out on each side of one."""
Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `total`, with Wilson's interval of 95 %; `share` is None of nothing."""

    hits: int
    total: int
    share: float | None
    low: float
    high: float


def rate(hits: int, total: int) -> Rate:
    """Return a share with its interval; of nothing it lies anywhere between 0 and 1."""
    if not total:
        return Rate(0, 0, None, 0.0, 1.0)
    return Rate(int(hits), int(total), hits / total, *wilson(hits / total, total))


def wilson(share: float, total: float) -> tuple[float, float]:
    """Return Wilson's interval of 95 % around a share of `total`; anything of nothing."""
    if total <= 0:
        return 0.0, 1.0
    square = Z * Z
    middle = (share + square / (2 * total)) / (1 + square / total)
    half = Z * sqrt(share * (1 - share) / total + square / (4 * total * total))
    half /= 1 + square / total
    return max(0.0, middle - half), min(1.0, middle + half)


def attainable(share: float, count: int) -> tuple[float, float]:
    """Return between which shares `count` draws of so large a chance end, but for 2.5 % on each
    side: quantiles of the binomial distribution, so that none of two is possible.

    Anything of nothing.
    """
    if count <= 0:
        return 0.0, 1.0
    if not 0.0 < share < 1.0:
        return (0.0, 0.0) if share <= 0.0 else (1.0, 1.0)
    hits = np.arange(count)
    steps = np.log((count - hits) / (hits + 1)) + log(share) - log1p(-share)
    # In logarithms: the chance of no hit at all is too small for a float where there are many.
    chances = np.exp(count * log1p(-share) + np.concatenate([[0.0], np.cumsum(steps)]))
    below = np.cumsum(chances)
    least, most = (int(place) for place in np.searchsorted(below, [TAIL, 1.0 - TAIL]))
    return least / count, min(most, count) / count


def numbers(table: pa.Table, name: str) -> Array:
    """Return a whole-number column with NULL as 0."""
    return np.asarray(table[name].fill_null(0).to_numpy())


def texts(table: pa.Table, name: str) -> Array:
    """Return a text column as an array of objects, NULL as ''."""
    return np.array(table[name].fill_null("").to_pylist(), dtype=object)


def distinct(values: Array) -> list[str]:
    """Return the different texts of a column, in order."""
    return sorted(dict.fromkeys(values.tolist()))


class Masks:
    """The masks of all rows of one policy, read rule by rule or all at once."""

    def __init__(self, answers: pa.Table, words: int) -> None:
        self.fired = [numbers(answers, f"f{w}").astype(np.uint64) for w in range(words)]
        self.missing = [numbers(answers, f"m{w}").astype(np.uint64) for w in range(words)]

    def has_fired(self, rule: int) -> Array:
        """Return on which rows a rule fired."""
        word, bit = divmod(rule, WORD)
        return _bit(self.fired[word], bit)

    def is_missing(self, rule: int) -> Array:
        """Return on which rows a rule lacked data."""
        word, bit = divmod(rule, WORD)
        return _bit(self.missing[word], bit)

    def count_fired(self, mask: int) -> Array:
        """Return on each row how many rules of a mask fired."""
        return self._count(mask, self.fired)

    def count(self, mask: int) -> Array:
        """Return on each row how many rules of a mask fired or lacked data."""
        both = zip(self.fired, self.missing, strict=True)
        return self._count(mask, [fired | missing for fired, missing in both])

    @staticmethod
    def _count(mask: int, words: list[Array]) -> Array:
        found = np.zeros(len(words[0]), dtype=np.int64)
        for place, word in enumerate(words):
            part = np.uint64(mask >> (place * WORD) & ((1 << WORD) - 1))
            found += np.bitwise_count(word & part)
        return found


def _bit(word: Array, bit: int) -> Array:
    return np.asarray((word >> np.uint64(bit)) & np.uint64(1) == 1)
