"""Bodies made from what a route takes, with somebody's data in one place after another."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
from msgspec import inspect

from xindeng.api.route import Route
from xindeng.events.catalogue import CATALOGUE, OWN

KINDS = (
    "王小明{n}", "1380013{n:04d}", "11010119900307{n:04d}", "622202020011{n:04d}", "a.{n}@x.example",
    "幸福路{n}号", "京A{n:05d}", "o6_bmjrPTlm6_2sgVt7hMZ{n:04d}", "E{n:08d}", "公司{n}会计",
)  # fmt: skip
"""A name, a mobile, an identity card, a bank card, an address of mail, of a home, a car, an open
id, a passport, a job."""
_NUMBERS = count(1_000)
MARK = "canary"


def canary() -> str:
    """A text that looks like somebody's data and is found again wherever it comes out."""
    number = next(_NUMBERS)
    return f"{MARK}{number}" + KINDS[number % len(KINDS)].format(n=number)


def sample(kind: inspect.Type) -> Any:
    """The plainest value that a type takes."""
    match kind:
        case inspect.Metadata():
            return sample(kind.type)
        case inspect.UnionType():
            plain = [one for one in kind.types if not isinstance(one, inspect.NoneType)]
            return sample(plain[0])
        case inspect.LiteralType():
            return kind.values[0]
        case inspect.IntType():
            return max(kind.ge or 0, 1)
        case inspect.FloatType():
            return 1.0
        case inspect.BoolType():
            return True
        case inspect.StrType():
            return "2026-06-01" if kind.pattern and "d{4}" in kind.pattern else "x"
        case inspect.BytesType():
            return base64.b64encode(b"x").decode()
        case inspect.StructType():
            return body_of(kind)
        case inspect.DictType():
            return {}
        case _:
            return []


def body_of(kind: inspect.StructType) -> dict[str, Any]:
    found = {one.encode_name: sample(one.type) for one in kind.fields if one.required}
    return found | ({kind.tag_field: kind.tag} if kind.tag_field else {})


def places(kind: inspect.Type, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a body that holds a value, down to the leaves."""
    match kind:
        case inspect.Metadata():
            yield from places(kind.type, path)
        case inspect.UnionType():
            for one in kind.types:
                if not isinstance(one, inspect.NoneType):
                    yield from places(one, path)
        case inspect.StructType():
            for field in kind.fields:
                yield from places(field.type, (*path, field.encode_name))
        case inspect.ListType() | inspect.VarTupleType() | inspect.CollectionType():
            yield from places(kind.item_type, (*path, 0))
        case _:
            yield path


def put(body: Any, path: tuple[str | int, ...], value: Any) -> Any:
    """The body with a value at a place, what is missing on the way made."""
    if not path:
        return value
    step, rest = path[0], path[1:]
    if isinstance(step, int):
        return [put(body[0] if isinstance(body, list) and body else {}, rest, value)]
    found = dict(body) if isinstance(body, dict) else {}
    return {**found, step: put(found.get(step, {}), rest, value)}


def bodies(route: Route) -> Iterator[tuple[str, Any]]:
    """(canary, body): one in each place of what the route takes, as a name and as a stray."""
    if route.body is None:
        return
    kind = inspect.type_info(route.body)
    assert isinstance(kind, inspect.StructType)
    plain = body_of(kind)
    for path in dict.fromkeys(places(kind)):
        for wrong in (False, True):
            word = canary()
            # In its place it may be right or wrong by type; in a list it is wrong for certain.
            yield word, put(plain, path, [word] if wrong else word)
    word = canary()
    yield word, {**plain, word: 1}
    word = canary()
    yield word, [word]
    word = canary()
    yield word, b'{"' + word.encode()


def events(borrower: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(canary, event): one in each text that an event from outside may hold, right and wrong."""
    for name, entry in CATALOGUE.items():
        if name in OWN or name in ("stance_change", "platform_status"):
            continue
        kind = inspect.type_info(entry.payload)
        assert isinstance(kind, inspect.StructType)
        plain = body_of(kind)
        plain.pop("type", None)
        for path in dict.fromkeys(places(kind)):
            for wrong in (False, True):
                word = canary()
                yield word, {
                    "id": f"e{next(_NUMBERS)}", "borrower": borrower, "type": name,
                    "occurred_at": "2026-06-01",
                    "payload": put(plain, path, {word: 1} if wrong else word),
                }  # fmt: skip


def encoded(body: Any) -> bytes:
    return body if isinstance(body, bytes) else msgspec.json.encode(body)
