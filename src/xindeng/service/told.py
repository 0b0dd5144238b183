"""What a borrower was told, letter by letter: what support must not contradict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xindeng.service.engine import Engine
from xindeng.store import borrowers, notices


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice: its kind, its texts by language, when it was written and delivered (µs)."""

    kind: str
    texts: Mapping[str, str]
    made_at: int
    sent_at: int | None


def letters_to(engine: Engine, borrower: str) -> list[Letter]:
    """Return what a borrower was told, oldest first; raises NotFoundError, ErasedError."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        found = notices.of_borrower(conn, borrower)
    return [Letter(one.kind, one.unseal(chain.key)[0], made, sent) for one, made, sent in found]
