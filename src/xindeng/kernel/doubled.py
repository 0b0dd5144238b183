"""JSON in which an object names a key twice means two things: readers differ in which they
believe, so it is refused wherever it could decide about somebody."""

from __future__ import annotations

import json


class _DoubledError(Exception):
    pass


def doubled_key(raw: bytes | str) -> str | None:
    """Return a key that stands twice in one object of this JSON, None where none does.

    Raises ValueError or RecursionError for what is no JSON.
    """
    try:
        json.loads(raw, object_pairs_hook=_look)
    except _DoubledError as found:
        return str(found.args[0])
    return None


def _look(pairs: list[tuple[str, object]]) -> None:
    if len(pairs) > 1 and len({key for key, _ in pairs}) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _DoubledError(key)
            seen.add(key)
