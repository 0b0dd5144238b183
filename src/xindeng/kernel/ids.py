"""Identifiers that sort by time: UUID version 7 (RFC 9562 §5.7), clock and randomness passed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

RandomBits = Callable[[int], int]
"""A source of n random bits, such as `random.SystemRandom().getrandbits`."""

_VERSION: Final = 0x7 << 76
_VARIANT: Final = 0b10 << 62


def new_id(at: int, random_bits: RandomBits) -> str:
    """Return a UUIDv7 for instant `at` (µs); ids of later milliseconds sort after earlier ones."""
    milliseconds = (at // 1000) & (2**48 - 1)
    noise = random_bits(74)
    value = milliseconds << 80 | _VERSION | (noise >> 62) << 64 | _VARIANT | noise & (2**62 - 1)
    told = f"{value:032x}"
    return f"{told[:8]}-{told[8:12]}-{told[12:16]}-{told[16:20]}-{told[20:]}"
