"""The register of consents: each category given or withdrawn, when, and to which words.

What was withdrawn is no longer used: see decision/consent.py. Withdrawing is as easy as giving.
"""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.events.life import Consent, ConsentCategory
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.store import borrowers, events


@dataclass(frozen=True, slots=True)
class Given:
    """A consent as told at an instant (µs); `version` names the words that were shown."""

    category: ConsentCategory
    granted: bool
    at: int
    version: str | None


def register(engine: Engine, borrower: str) -> list[Given]:
    """Return every consent given or withdrawn, in the order in which it was told; the last of a
    category holds. Raises NotFoundError, ErasedError."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        links = events.read_of_types(conn, borrower, ("consent",))
        told = list(events.unseal(links, chain.key))
    return [
        Given(event.payload.category, event.payload.granted, event.occurred_at,
              event.payload.version)
        for event in told
        if isinstance(event.payload, Consent)
    ]  # fmt: skip


def tell(
    engine: Engine, borrower: str, category: ConsentCategory, *, granted: bool, version: str | None
) -> Given:
    """Take in that a consent was given or withdrawn, from now on; raises NotFoundError."""
    with held(engine, borrower) as line:
        line.tell(Consent(category=category, granted=granted, version=version))
        return Given(category, granted, line.now, version)
