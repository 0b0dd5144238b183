"""The columns an event offers to `where` clauses and features, with their proven bounds."""

from __future__ import annotations

from functools import cache
from typing import Final

from msgspec import inspect

from xindeng.events.describe import fields
from xindeng.kernel.time import MAX_DAY, MAX_INSTANT, MIN_DAY, MIN_INSTANT
from xindeng.language import Column, Kind

OCCURRED_AT: Final = Column(Kind.BIGINT, MIN_INSTANT, MAX_INSTANT, nullable=False)
OCCURRED_DAY: Final = Column(Kind.BIGINT, MIN_DAY, MAX_DAY, nullable=False)
HOUR_OF_DAY: Final = Column(Kind.BIGINT, 0, 23, nullable=False)


@cache
def payload_columns(type_name: str) -> dict[str, Column]:
    """Return the scalar payload fields of an event type; lists and objects are left out."""
    found = {name: _column(field.type) for name, field in fields(type_name).items()}
    return {name: column for name, column in found.items() if column is not None}


@cache
def where_columns(type_name: str) -> dict[str, Column]:
    """Return what a `where` clause may read: payload fields, occurred_day and hour_of_day."""
    extra = {"occurred_day": OCCURRED_DAY, "hour_of_day": HOUR_OF_DAY}
    return {**payload_columns(type_name), **extra}


def _column(kind: inspect.Type, nullable: bool = False) -> Column | None:
    if isinstance(kind, inspect.Metadata):
        return _column(kind.type, nullable)
    if isinstance(kind, inspect.UnionType):
        some = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
        optional = nullable or len(some) < len(kind.types)
        return _column(some[0], optional) if len(some) == 1 else None
    if isinstance(kind, inspect.IntType):
        low = MIN_INSTANT if kind.ge is None else kind.ge
        high = MAX_INSTANT if kind.le is None else kind.le
        return Column(Kind.BIGINT, low, high, nullable=nullable)
    if isinstance(kind, inspect.BoolType):
        return Column(Kind.BOOL, nullable=nullable)
    if isinstance(kind, inspect.LiteralType):
        return Column(Kind.TEXT, values=tuple(map(str, kind.values)), nullable=nullable)
    if isinstance(kind, inspect.StrType):
        return Column(Kind.TEXT, nullable=nullable)
    return None
