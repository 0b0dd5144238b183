"""What a payload field accepts, in words: the material of every event error."""

from __future__ import annotations

from functools import cache

from msgspec import inspect

from xindeng.events.catalogue import CATALOGUE


@cache
def fields(type_name: str) -> dict[str, inspect.Field]:
    """Return the payload fields of an event type by name."""
    info = inspect.type_info(CATALOGUE[type_name].payload)
    assert isinstance(info, inspect.StructType)
    return {field.name: field for field in info.fields}


def accepted(kind: inspect.Type) -> str:
    """Return e.g. "an integer from 1 to 100,000,000,000 (minor units (fen))" for a field type."""
    if isinstance(kind, inspect.Metadata):
        note = (kind.extra_json_schema or {}).get("description", "")
        return f"{accepted(kind.type)}, {note}" if note else accepted(kind.type)
    if isinstance(kind, inspect.UnionType):
        return " or ".join(accepted(one) for one in kind.types)
    if isinstance(kind, inspect.LiteralType):
        return f"one of {', '.join(map(str, kind.values))}"
    if isinstance(kind, inspect.IntType):
        return _integer(kind)
    if isinstance(kind, inspect.StrType):
        low, high = kind.min_length or 0, kind.max_length
        text = f"text of {low} to {high} characters" if high else "text"
        return f"{text} matching {kind.pattern}" if kind.pattern else text
    if isinstance(kind, inspect.BoolType):
        return "true or false"
    if isinstance(kind, inspect.NoneType):
        return "null"
    if isinstance(kind, inspect.VarTupleType):
        return f"a list of {accepted(kind.item_type)}"
    if isinstance(kind, inspect.StructType):
        return f"an object with {', '.join(field.name for field in kind.fields)}"
    return type(kind).__name__.removesuffix("Type").lower()


def _integer(kind: inspect.IntType) -> str:
    if kind.ge is None and kind.le is None:
        return "an integer"
    return f"an integer from {kind.ge:,} to {kind.le:,}"


def field_at(type_name: str, path: str) -> inspect.Type | None:
    """Return the type at a path such as "inquiries[0].reason", or None if nothing stands there."""
    found: inspect.Type | None = None
    table = fields(type_name)
    for step in path.split("."):
        name = step.split("[")[0]
        if name not in table:
            return None
        found = table[name].type
        inner = found
        while isinstance(inner, inspect.VarTupleType | inspect.Metadata):
            inner = inner.item_type if isinstance(inner, inspect.VarTupleType) else inner.type
        if "[" in step:
            found = inner
        table = {f.name: f for f in inner.fields} if isinstance(inner, inspect.StructType) else {}
    return found
