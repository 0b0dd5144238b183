"""Finding a borrower by a number that they can tell, without a list that could be leafed through.

What is found is named by a mask and a keyed hash; whom it is only opening tells, which is recorded.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from xindeng.kernel.errors import NotFoundError
from xindeng.service.engine import Engine
from xindeng.store import finding

LEAST: Final = 3
"""Characters that a search by the beginning of an id must have."""
MOST: Final = 10


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody found: masked, by what, and the handle under which `open_found` knows them."""

    masked: str
    by: str
    handle: str
    since: int | None = None


def find(engine: Engine, text: str) -> list[Found]:
    """Return whose number a text is, or begins; none for one that is too short. At most `MOST`."""
    return [Found(mask(name), by, handle_of(engine, name), at)
            for by, name, at in _candidates(engine, text)]  # fmt: skip


def open_found(engine: Engine, text: str, handle: str) -> str:
    """Return the borrower behind a handle of what the same search finds; raises NotFoundError."""
    for _, name, _ in _candidates(engine, text):
        if hmac.compare_digest(handle_of(engine, name).encode(), handle.encode()):
            return name
    raise NotFoundError("nobody was found like that", code="not_found.borrower")


def mask(borrower: str) -> str:
    """Return an id as it may stand in a list: its first two and, of a long one, last two signs."""
    tail = borrower[-2:] if len(borrower) >= 7 else ""
    return f"{borrower[:2]}•••{tail}"


def handle_of(engine: Engine, borrower: str) -> str:
    """Return a name for a borrower that tells nothing without the store's key."""
    return engine.store.keys.look_up("found", borrower).hex()[:24]


def _candidates(engine: Engine, text: str) -> list[tuple[str, str, int | None]]:
    text = text.strip()
    if len(text) < LEAST or len(text) > 128 or not text.isprintable():
        return []
    with engine.store.snapshot() as conn:
        try:
            owners = finding.by_number(conn, UUID(text))
        except ValueError:
            owners = []
        named = finding.by_beginning(conn, text, MOST)
    seen: dict[str, tuple[str, str, int | None]] = {name: (by, name, None) for by, name in owners}
    for name, at in named:
        seen.setdefault(name, ("borrower", name, at))
    return list(seen.values())
