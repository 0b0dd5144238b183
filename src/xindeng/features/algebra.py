"""The closed algebra of features: what an operation is, what it yields, and its arithmetic.

All arithmetic is on integers with at most one correctly rounded square root and one division at
the end, so that any engine with IEEE 754 doubles reproduces every bit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from xindeng.kernel.time import HOUR, MAX_INSTANT, MIN_INSTANT
from xindeng.language import Column, Expression

SUM_LIMIT: Final = 10**14
"""Sums are clamped to ±10^14 fen (¥1 trillion), far inside 2^53."""
COUNT_LIMIT: Final = 10**9
DISTINCT_ALL_LIMIT: Final = 1000
"""distinct over all time stops counting here: the values must be kept to be compared."""
RING_MINIMUM: Final = 5
"""robust_z needs at least this many preceding events, else it is NULL."""
BLOCK_DAYS: Final = 30
BLOCK_MINIMUM: Final = 3
"""cv needs events at least this many 30-day blocks back, else it is NULL."""
BLOCK_LIMIT: Final = 10**8
"""A block is clamped to ±10^8 whole yuan: n·Σx² < 2^63 for the 30 blocks allowed."""
MAX_BLOCKS: Final = 30
MAX_SINCE_HOURS: Final = (MAX_INSTANT - MIN_INSTANT) // HOUR


class Op(StrEnum):
    """The operations of the book."""

    COUNT = "count"
    SUM = "sum"
    MIN = "min"
    MAX = "max"
    FIRST = "first"
    LAST = "last"
    DISTINCT = "distinct"
    HISTOGRAM = "histogram"
    ROBUST_Z = "robust_z"
    CV = "cv"


class Axis(StrEnum):
    """What a window counts: local days (floored to midnight) or exact hours."""

    DAY = "d"
    HOUR = "h"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """The last `size` days, from local midnight of today − size, or the last `size` hours."""

    axis: Axis
    size: int

    def __str__(self) -> str:
        """Return it as the book writes it, e.g. "90d"."""
        return f"{self.size}{self.axis}"


@dataclass(frozen=True, slots=True)
class Feature:
    """One base feature; `window` None means all time, `column` is what it yields."""

    name: str
    event: str
    op: Op
    column: Column
    field: str | None = None
    where: str = ""
    condition: Expression | None = None
    window: Window | None = None
    form: str = "value"
    bin: str | None = None
    over: int = 0
    requires: str | None = None
    default: Any = None
    enabled: bool = True


def log_bucket(value: int) -> int:
    """Return the logarithmic bucket of an amount: eight a doubling, about 9 % wide.

    Monotone, odd in sign, 0 for 0; built from the bit length, so exact in every engine.
    """
    if value < 0:
        return -log_bucket(-value)
    if value == 0:
        return 0
    octave = value.bit_length() - 1
    return 8 * octave + ((value << 3 >> octave) & 7) + 1


def lower_median(values: Sequence[int]) -> int:
    """Return the middle of the sorted values, the lower of two."""
    return sorted(values)[(len(values) - 1) // 2]


def robust_z(newest: int, preceding: Sequence[int]) -> float | None:
    """Return 0.6745·(newest − median) / MAD over log buckets, or None if MAD is 0 or data thin."""
    if len(preceding) < RING_MINIMUM:
        return None
    middle = lower_median(preceding)
    mad = lower_median([abs(value - middle) for value in preceding])
    return 6745 * (newest - middle) / (10_000 * mad) if mad else None


def variation(blocks: Sequence[int]) -> float | None:
    """Return the coefficient of variation of block sums, newest first, in whole units.

    Blocks before the oldest one that is not zero do not count: a new borrower is not unstable
    for having no past. None with fewer than `BLOCK_MINIMUM` blocks or a sum that is not positive.
    """
    used = [max(-BLOCK_LIMIT, min(BLOCK_LIMIT, block)) for block in blocks]
    while used and used[-1] == 0:
        used.pop()
    count, total = len(used), sum(used)
    if count < BLOCK_MINIMUM or total <= 0:
        return None
    spread = count * sum(value * value for value in used) - total * total
    return math.sqrt(spread) / total
