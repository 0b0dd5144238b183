"""Which endpoint a path leads to: a tree of the table's paths, one step a segment.

A path is split as it was sent and each segment decoded after, so that a name may hold a slash
(`%2F`), as ids in base64 do.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote

from xindeng.api.endpoint import Endpoint

_ANY: Final = "{}"
"""The step of a segment that is a name; a segment that stands in the table comes first."""


@dataclass(slots=True)
class _Leaf:
    """The end of a path: the names in it, and the endpoint of each method."""

    names: tuple[str, ...]
    methods: dict[str, Endpoint] = field(default_factory=dict)


def sheltered(path: str) -> str:
    """Return a path that is still encoded as one decoded, whose segments still hold what they held:
    a slash or percent sign within a segment stays encoded, for a router that splits afterwards."""
    parts = (unquote(part).replace("%", "%25").replace("/", "%2F") for part in path.split("/"))
    return "/".join(parts)


def bared(name: str) -> str:
    """Return a name out of a sheltered path as it is."""
    return name.replace("%2F", "/").replace("%25", "%")


class Paths:
    """The endpoints of a table by their paths."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._root: dict[str, Any] = {}
        for one in endpoints:
            node = self._root
            for part in one.route.path.split("/")[1:]:
                node = node.setdefault(_ANY if part.startswith("{") else part, {})
            leaf = node.setdefault("", _Leaf(one.route.parameters))
            leaf.methods[one.route.method] = one
            if one.route.looks:
                leaf.methods["HEAD"] = one

    def find(self, method: str, path: str) -> tuple[Endpoint | None, dict[str, str]] | None:
        """Return the endpoint and the names in a path, which is still encoded; no endpoint where
        the path takes another method, None where it is no path of ours."""
        found = self._leaf(path)
        if found is None:
            return None
        leaf, names = found
        return leaf.methods.get(method), dict(zip(leaf.names, names, strict=True))

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """Return the endpoint alone, None where there is none."""
        found = self._leaf(path)
        return None if found is None else found[0].methods.get(method)

    def methods(self, path: str) -> tuple[str, ...]:
        """Return the methods that the path takes, none where it is no path of ours."""
        found = self._leaf(path)
        return () if found is None else tuple(found[0].methods)

    def _leaf(self, path: str) -> tuple[_Leaf, list[str]] | None:
        node = self._root
        names: list[str] = []
        for sent in path.rstrip("/").split("/")[1:]:
            part = unquote(sent) if "%" in sent else sent
            step = node.get(part) if part else None
            if step is None:
                step = node.get(_ANY)
                names.append(part)
            if step is None:
                return None
            node = step
        leaf = node.get("")
        return None if leaf is None else (leaf, names)
