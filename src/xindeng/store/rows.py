"""Many rows in one statement: columns travel as binary arrays, packed here.

The driver's own lists look at every element several times to find out what it is; here the
statement says it, and a column is packed at a tenth of the price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from struct import Struct
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format

_HEAD: Final = Struct("!iiIii").pack  # dimensions, any NULL, type of the elements, length, from
_EMPTY: Final = Struct("!iii").pack
_LENGTH: Final = Struct("!i").pack
_NULL: Final = _LENGTH(-1)


def _sized(raw: bytes) -> bytes:
    return _LENGTH(len(raw)) + raw


def _whole(form: str, width: int) -> Callable[[int], bytes]:
    pack = Struct(f"!i{form}").pack
    return lambda value: pack(width, value)


_KINDS: Final[Mapping[str, tuple[int, Callable[[Any], bytes]]]] = {
    "text": (25, lambda value: _sized(value.encode())),
    "bytea": (17, _sized),
    "bool": (16, lambda value: _sized(b"\1" if value else b"\0")),
    "int2": (21, _whole("h", 2)),
    "int4": (23, _whole("i", 4)),
    "int8": (20, _whole("q", 8)),
    "uuid": (2950, lambda value: _sized(UUID(str(value)).bytes)),
}
"""The type's number in PostgreSQL, and an element with its length before it."""


class Array:
    """A column ready to be sent, in PostgreSQL's binary format of arrays."""

    __slots__ = ("packed",)

    def __init__(self, kind: str, values: Iterable[Any]) -> None:
        number, pack = _KINDS[kind]
        parts = [_NULL if value is None else pack(value) for value in values]
        head = _HEAD(1, _NULL in parts, number, len(parts), 1) if parts else _EMPTY(0, 0, number)
        self.packed = b"".join((head, *parts))


class _ArrayDumper(Dumper):
    """Sends it as it is; of which type it is the statement says."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: Array) -> bytes:
        return obj.packed


psycopg.adapters.register_dumper(Array, _ArrayDumper)


def unnest(kinds: Sequence[str]) -> str:
    """Return the SQL of rows whose columns are of these types, as given by `columns`."""
    return f"unnest({', '.join(f'%b::{kind}[]' for kind in kinds)})"


def columns(kinds: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[Array]:
    """Return the columns of at least one row, ready to be sent."""
    return list(map(Array, kinds, zip(*rows, strict=True)))


def texts(values: Iterable[str]) -> Array:
    """Return a `text[]`."""
    return Array("text", values)
