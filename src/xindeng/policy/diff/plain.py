"""Anything a bundle says as plain values by dotted path, so that no part can differ unseen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from msgspec import Struct, structs

from xindeng.kernel.time import to_date
from xindeng.policy.model import Place

_NOT_SAID: Final = frozenset(
    {"place", "raise_place", "line", "lines", "path", "column", "condition", "cases"}
)
"""Where a thing stands, and what follows from the rest."""
_DAYS: Final = frozenset({"first", "last"})
_MISSING: Final = object()


def plain(thing: Any) -> dict[str, Any]:
    """Return the leaves of a thing by path; lists of named things go by those names."""
    return dict(_leaves(thing, ""))


def changed(before: Any, after: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield (path, before, after) of every leaf that differs, None where one has none."""
    old, new = plain(before), plain(after)
    for path in sorted(old.keys() | new.keys()):
        was, now = old.get(path, _MISSING), new.get(path, _MISSING)
        if was != now or type(was) is not type(now):
            yield path, None if was is _MISSING else was, None if now is _MISSING else now


def _leaves(thing: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(thing, Place):
        return
    if is_dataclass(thing) and not isinstance(thing, type):
        for one in fields(thing):
            if one.name not in _NOT_SAID:
                yield from _leaves(getattr(thing, one.name), _at(path, one.name))
    elif isinstance(thing, Struct):
        for name, value in structs.asdict(thing).items():
            if name not in _NOT_SAID:
                yield from _leaves(value, _at(path, name))
    elif isinstance(thing, Mapping):
        for key, value in thing.items():
            yield from _leaves(value, _at(path, str(key)))
    elif isinstance(thing, tuple | list) and any(map(_composed, thing)):
        for number, value in enumerate(thing, 1):
            yield from _leaves(value, _at(path, _name(value) or str(number)))
    elif isinstance(thing, tuple | list | frozenset):
        told = sorted(thing, key=str) if isinstance(thing, frozenset) else thing
        yield path, ", ".join(map(str, told))
    elif path.rpartition(".")[2] in _DAYS and isinstance(thing, int):
        yield path, to_date(thing).isoformat()
    elif thing is not None:
        yield path, thing


def _composed(thing: Any) -> bool:
    return (is_dataclass(thing) and not isinstance(thing, type)) or isinstance(
        thing, Struct | Mapping
    )


def _name(thing: Any) -> str:
    for key in ("name", "id", "indicator", "column"):
        if isinstance(found := getattr(thing, key, None), str):
            return found
    return ""


def _at(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
