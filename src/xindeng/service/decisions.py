"""Decisions read again: one of a borrower's, or all of them page by page."""

from __future__ import annotations

from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions
from xindeng.store.decisions import StoredDecision


def read(engine: Engine, borrower: str, decision_id: str) -> StoredDecision:
    """Return a decision of the borrower; raises NotFoundError, also for somebody else's."""
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        sealed = decisions.read(conn, decision_id)
        if sealed.column("borrower") != borrower:
            raise decisions.unknown(decision_id)
        return sealed.unseal(chain.key)


def page(
    engine: Engine, borrower: str, *, below: int | None, count: int
) -> tuple[list[StoredDecision], int | None]:
    """Return up to `count` decisions, newest first, made before event number `below`.

    The second value is the number below which the next page begins, None after the last.
    """
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        sealed = decisions.page(conn, borrower, below, count + 1)
    found = [one.unseal(chain.key) for one in sealed[:count]]
    return found, found[-1].seq if len(sealed) > count else None
