"""holds.yaml → how each kind of hold lives: length, caps, release, extension, words."""

from __future__ import annotations

import re
from typing import Any, get_args

from xindeng.events.line import HoldKind
from xindeng.policy.model import EXPIRIES, STOPS, HoldKindSpec, Place
from xindeng.policy.reader import Reader, Sink

_LENGTH = re.compile(r"\d{1,4}|\$[a-z][a-z0-9_]*")


def read_holds(value: Any, sink: Sink) -> dict[str, HoldKindSpec]:
    """Return the kinds of holds.yaml by name; problems go to the sink."""
    reader = Reader(value, 1, sink, "holds.yaml")
    kinds = {}
    for kind in get_args(HoldKind):
        if reader.has(kind):
            kinds[kind] = _kind(kind, reader.reader(kind))
    reader.finish()
    return kinds


def _kind(kind: str, reader: Reader) -> HoldKindSpec:
    spec = HoldKindSpec(
        kind=kind,
        title=reader.bilingual("title"),
        why=reader.bilingual("why"),
        ends=reader.bilingual("ends"),
        owner=reader.name("owner"),
        days=_length(reader, "days"),
        max_days=_length(reader, "max_days"),
        max_extensions=_length(reader, "max_extensions"),
        release_when=_condition(reader, "release_when"),
        extend_when=_condition(reader, "extend_when"),
        ask_when=_condition(reader, "ask_when"),
        on_expiry=reader.choice("on_expiry", EXPIRIES),
        stops=reader.words("stops", STOPS),
        old_contact=reader.flag("old_contact", False),
        place=Place(reader.sink.path, reader.line),
        lines=dict(reader.table.lines),
    )
    reader.finish()
    return spec


def _condition(reader: Reader, key: str) -> str | None:
    return reader.expression(key) if reader.has(key) else None


def _length(reader: Reader, key: str) -> str:
    text = reader.text(key)
    if text and not _LENGTH.fullmatch(text):
        reader.sink.add(
            reader.at(key),
            "hold.length",
            f"`{key}` of {reader.what} is {text[:40]!r}",
            "write a whole number or a $parameter",
        )
        return "1"
    return text
