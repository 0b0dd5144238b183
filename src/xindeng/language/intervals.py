"""Interval arithmetic for the proof that integers stay inside ±2^53 and doubles stay finite.

Rounding to nearest is monotone, so the double computed at the corners bounds the double
computed anywhere between; no outward rounding is needed.
"""

from __future__ import annotations

import math
import sys
from typing import Final

Number = int | float
Interval = tuple[Number, Number]

MAX_DOUBLE: Final = sys.float_info.max


def add(left: Interval, right: Interval) -> Interval:
    """Return the bounds of x + y."""
    return left[0] + right[0], left[1] + right[1]


def subtract(left: Interval, right: Interval) -> Interval:
    """Return the bounds of x − y."""
    return left[0] - right[1], left[1] - right[0]


def multiply(left: Interval, right: Interval) -> Interval:
    """Return the bounds of x · y."""
    corners = [x * y for x in left for y in right]
    return min(corners), max(corners)


def divide(left: Interval, right: Interval, integral: bool) -> Interval:
    """Return the bounds of x / y over non-zero y; `integral`: y holds whole numbers only."""
    smallest = 1.0 if integral else 5e-324
    low, high = float(right[0]), float(right[1])
    divisors = [y for y in (low, high) if y != 0]
    if low < 0:
        divisors.append(max(low, min(high, -smallest)))
    if high > 0:
        divisors.append(min(high, max(low, smallest)))
    corners = [_quotient(float(x), y) for x in left for y in divisors]
    return (min(corners), max(corners)) if corners else (0.0, 0.0)


def _quotient(x: float, y: float) -> float:
    if y in (0.0, -0.0):
        return 0.0
    return x / y


def absolute(item: Interval) -> Interval:
    """Return the bounds of |x|."""
    low, high = item
    if low >= 0:
        return item
    return (-high, -low) if high <= 0 else (type(low)(0), max(-low, high))


def union(items: list[Interval]) -> Interval:
    """Return the smallest interval around all of them."""
    return min(low for low, _ in items), max(high for _, high in items)


def finite(item: Interval) -> tuple[Interval, bool]:
    """Return a DOUBLE interval cut to what is finite, and whether anything was cut off."""
    low, high = float(item[0]), float(item[1])
    cut = not (math.isfinite(low) and math.isfinite(high))
    return (max(low, -MAX_DOUBLE), min(high, MAX_DOUBLE)), cut


def round_half_away(value: Number) -> int:
    """Round half away from zero, exactly."""
    magnitude = abs(value)
    whole = math.floor(magnitude)
    rounded = whole + (magnitude - whole >= 0.5)
    return -rounded if value < 0 else rounded


def compare(op: str, left: Interval, right: Interval) -> Interval:
    """Return which of 0 (FALSE) and 1 (TRUE) a comparison can give, as bounds."""
    if op in (">", ">="):
        return compare("<" if op == ">" else "<=", right, left)
    if op == "<":
        return int(left[1] < right[0]), int(left[0] < right[1])
    if op == "<=":
        return int(left[1] <= right[0]), int(left[0] <= right[1])
    meets = int(left[0] <= right[1] and right[0] <= left[1])
    same = int(left[0] == left[1] == right[0] == right[1])
    return (same, meets) if op == "=" else (1 - meets, 1 - same)
