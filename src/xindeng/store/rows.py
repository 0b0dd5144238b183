"""Many rows in one statement: columns travel as binary arrays, which cost a fraction of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from psycopg.types.numeric import Int2, Int4, Int8

# An array's elements are of one width, whatever their values are.
_WIDTHS: Final[Mapping[str, Callable[[int], int]]] = {"int2": Int2, "int4": Int4, "int8": Int8}


def unnest(kinds: Sequence[str]) -> str:
    """Return the SQL of rows whose columns are of these types, as given by `columns`."""
    return f"unnest({', '.join(f'%b::{kind}[]' for kind in kinds)})"


def columns(kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return the columns of at least one row, ready to be sent."""
    return [
        _ints(width, column) if (width := _WIDTHS.get(kind)) else list(column)
        for kind, column in zip(kinds, zip(*rows, strict=True), strict=True)
    ]


def _ints(width: Callable[[int], int], column: Iterable[int | None]) -> list[int | None]:
    return [None if value is None else width(value) for value in column]
