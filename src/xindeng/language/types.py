"""The four types of the language, and what is promised about a column or parameter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Value = int | float | bool | str | None
"""What a cell may hold: BIGINT int, DOUBLE finite float, BOOL bool, TEXT str, or None for NULL."""

EXACT: Final = 2**53
"""Integers up to ±2^53 are exact in every engine, as integers and as doubles."""

NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
"""What a column or parameter may be called."""


class Kind(StrEnum):
    """The type of a value."""

    BIGINT = "BIGINT"
    DOUBLE = "DOUBLE"
    BOOL = "BOOL"
    TEXT = "TEXT"


@dataclass(frozen=True, slots=True)
class Column:
    """A promise about a column or parameter.

    `low` and `high` bound every value that is not NULL (both are required for BIGINT, inside
    ±2^53; None for DOUBLE means unbounded). `values` lists what TEXT may hold; empty means any.
    `nullable=False` promises that the value is never NULL and, for DOUBLE, always finite.
    """

    kind: Kind
    low: int | float | None = None
    high: int | float | None = None
    values: tuple[str, ...] = ()
    nullable: bool = True


Schema = Mapping[str, Column]
"""Column or parameter name → its promise."""
