"""The wide table: one row an event, one nullable column for every scalar payload field.

Fields of the same name share a column whatever their event type (`amount`, `kind`, `lender`), so
a column has one kind: a whole number, a flag or a text. Nested payloads (the accounts of a credit
report) do not fit a column and travel as JSON in `payload`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final

import msgspec

from xindeng.events.catalogue import CATALOGUE
from xindeng.kernel.errors import XindengError


class ColumnKind(StrEnum):
    """What a column holds; arrow int64, bool and (dictionary) string."""

    WHOLE = "whole"
    FLAG = "flag"
    TEXT = "text"


ENVELOPE: Final = ("borrower", "id", "type", "version", "occurred_at", "known_at")
NESTED: Final = "payload"


def _kinds(inspected: msgspec.inspect.Type) -> set[ColumnKind | None]:
    match inspected:
        case msgspec.inspect.Metadata():
            return _kinds(inspected.type)
        case msgspec.inspect.NoneType():
            return set()
        case msgspec.inspect.BoolType():
            return {ColumnKind.FLAG}
        case msgspec.inspect.IntType():
            return {ColumnKind.WHOLE}
        case msgspec.inspect.StrType() | msgspec.inspect.LiteralType():
            return {ColumnKind.TEXT}
        case msgspec.inspect.UnionType():
            return set().union(*(_kinds(member) for member in inspected.types))
        case _:
            return {None}


def _fields_by_type() -> dict[str, dict[str, ColumnKind]]:
    found: dict[str, dict[str, ColumnKind]] = {}
    for name, event_type in CATALOGUE.items():
        info = msgspec.inspect.type_info(event_type.payload)
        assert isinstance(info, msgspec.inspect.StructType)
        found[name] = {}
        for field in info.fields:
            kinds = _kinds(field.type)
            # A field named as one of the envelope fits no column of its own either.
            if None not in kinds and len(kinds) == 1 and field.name not in ENVELOPE:
                kind = kinds.pop()
                assert kind is not None
                found[name][field.name] = kind
    return found


def merge(fields_by_type: Mapping[str, Mapping[str, ColumnKind]]) -> dict[str, ColumnKind]:
    """Return column → kind in alphabetical order; raises XindengError when two types disagree."""
    columns: dict[str, ColumnKind] = {}
    for event_type, fields in fields_by_type.items():
        for name, kind in fields.items():
            if columns.setdefault(name, kind) is not kind:
                raise XindengError(
                    f"field {name!r} is {kind} here and {columns[name]} in another event",
                    where=event_type,
                    next_step="give the field another name; one column holds one kind",
                )
    return dict(sorted(columns.items()))


FIELDS: Final = _fields_by_type()
"""Event type → its scalar fields and their kinds."""

COLUMNS: Final = merge(FIELDS)
"""Payload column → kind, for all event types together."""


def payload_of(event_type: str, row: Mapping[str, object]) -> dict[str, object]:
    """Return the payload fields of `event_type` that `row` fills; NULL columns are left out.

    A filled `payload` column (JSON text) wins over the scalar columns.
    """
    nested = row.get(NESTED)
    if isinstance(nested, str):
        decoded = msgspec.json.decode(nested)
        return dict(decoded) if isinstance(decoded, dict) else {"payload": decoded}
    return {name: row[name] for name in _filled(FIELDS.get(event_type, {}), row)}


def _filled(names: Iterable[str], row: Mapping[str, object]) -> list[str]:
    return [name for name in names if row.get(name) is not None]
