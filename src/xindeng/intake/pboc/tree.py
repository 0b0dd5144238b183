"""The institutional structure as a tree: JSON or XML, bounded, with values read by their kind."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree

from xindeng.intake.pboc.values import amount, count, day_or_month, is_empty
from xindeng.kernel.errors import ImportFileError

NEXT: Final = (
    "hand in the report's own JSON or XML: units PRH, PDA … with elements such as PD01AI01"
)
_MOST_DEEP: Final = 24
_MOST_NODES: Final = 500_000


class Fault(Exception):
    """A field that cannot be read, in words."""


class Node:
    """One element with its children by code; what is missing reads as empty."""

    def __init__(self, found: Any) -> None:
        self._found: Mapping[str, Any] = found if isinstance(found, Mapping) else {}

    def each(self, *names: str) -> Iterator[Node]:
        """Yield the elements at a path; a list and a single element read alike."""
        found: list[Any] = [self._found]
        for name in names:
            found = [
                inner
                for one in found if isinstance(one, Mapping)
                for inner in _many(one.get(name))
            ]  # fmt: skip
        yield from map(Node, found)

    def one(self, *names: str) -> Node:
        """Return the first element at a path, or an empty one."""
        return next(self.each(*names), Node({}))

    def text(self, name: str) -> str:
        """Return a value as text; empty where nothing is said."""
        text = self.raw(name)
        return "" if is_empty(text) else text

    def raw(self, name: str) -> str:
        """Return a value as it stands, dashes and strokes included."""
        found = self._found.get(name)
        return (
            "" if found is None or isinstance(found, Mapping | list | bool) else str(found).strip()
        )

    def money(self, name: str) -> int | None:
        """Return an amount in fen; raises Fault for what is no whole yuan."""
        return self._value(name, amount, "no amount in whole yuan")

    def number(self, name: str) -> int | None:
        """Return a count; raises Fault."""
        return self._value(name, count, "no number")

    def day(self, name: str) -> int | None:
        """Return a day, the first where only a month is said; raises Fault."""
        return self._value(name, day_or_month, "no day")

    def _value(self, name: str, read: Any, wrong: str) -> int | None:
        if not (text := self.text(name)):
            return None
        found: int | None = read(text)
        if found is None:
            raise Fault(f"{name}: {text[:20]} is {wrong}")
        return found


def _many(found: Any) -> list[Any]:
    if found is None:
        return []
    return found if isinstance(found, list) else [found]


def is_institutional(data: bytes) -> bool:
    """Tell whether the bytes are the institutional structure, whole or damaged."""
    head = data.removeprefix(b"\xef\xbb\xbf").lstrip()[:4000]
    if head[:1] == b"{":
        return True
    return head[:1] == b"<" and (b"PRH" in head or (head[:5] == b"<?xml" and b"<html" not in head))


def read_tree(data: bytes, file: str) -> Node:
    """Return the element that holds the units; raises ImportFileError for what is not whole."""
    plain = data.removeprefix(b"\xef\xbb\xbf").strip()
    return _root(_json(plain, file) if plain[:1] == b"{" else _xml(plain, file))


def _json(data: bytes, file: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise ImportFileError(
            f"not whole JSON: {str(error)[:80]}", where=f"{file}:{line}", next_step=NEXT
        ) from error


def _xml(data: bytes, file: str) -> Any:
    # Without a DOCTYPE there are no entities, and so no bombs made of them.
    if b"\x00" in data or re.search(rb"<!\s*(?:DOCTYPE|ENTITY)", data, re.IGNORECASE):
        raise ImportFileError(
            "a DOCTYPE or another encoding than UTF-8 in the XML; a credit report has neither",
            where=f"{file}:1",
            next_step=NEXT,
        )
    try:
        root = ElementTree.fromstring(data)  # noqa: S314
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        line = getattr(error, "position", (1, 0))[0]
        raise ImportFileError(
            f"not whole XML: {str(error)[:80]}", where=f"{file}:{line}", next_step=NEXT
        ) from error
    budget = [_MOST_NODES]

    def plain(element: ElementTree.Element, depth: int) -> Any:
        budget[0] -= 1
        if depth > _MOST_DEEP or budget[0] < 0:
            raise ImportFileError(
                "nested or repeated beyond any credit report", where=file, next_step=NEXT
            )
        if not len(element):
            return element.text or ""
        children: dict[str, Any] = {}
        for child in element:
            children.setdefault(child.tag.rpartition("}")[2], []).append(plain(child, depth + 1))
        return {name: found[0] if len(found) == 1 else found for name, found in children.items()}

    return {root.tag.rpartition("}")[2]: plain(root, 0)}


def _root(tree: Any) -> Node:
    """Return the element that holds the units, under whatever it was wrapped in."""
    for _ in range(4):
        if not isinstance(tree, Mapping) or "PRH" in tree:
            break
        inner = [value for value in tree.values() if isinstance(value, Mapping)]
        tree = inner[0] if len(inner) == 1 else tree
    return Node(tree)
