"""Erasure: the person's key is destroyed, and with it everything that only it could open.

Events, decisions, plans, answers and what staff saw stay as ciphertext that nobody can read, so
that the audit still verifies and no answer is given twice. What a law has kept stays: loans, their
transactions and postings, which hold amounts, days and the lender's own ids.
"""

from __future__ import annotations

from typing import Literal

from xindeng.adapters.erased import Erased
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import ConflictError, ErasedError, NotFoundError
from xindeng.service.agents import who
from xindeng.service.engine import Engine
from xindeng.store import actions, agents, borrowers, erasures, loans, matters, reservations
from xindeng.store.connect import Conn
from xindeng.store.erasures import Erasure

Cause = Literal["asked", "retention", "restored"]


def erase(engine: Engine, borrower: str, *, by: str, cause: Cause = "asked") -> Erasure:
    """Erase a borrower for good; the engine's list outside is told before, so that what a restore
    brings back can be erased again.

    Raises ConflictError "erasure.held" while a loan lives, money is on its way or owed to the
    person, or a matter waits for our answer; NotFoundError, and ErasedError the second time.
    """
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    with engine.store.transaction() as conn:
        chain = borrowers.lock(conn, engine.store.keys, [borrower]).get(borrower)
        if chain is None:
            raise borrowers.unknown(borrower)
        if cause != "restored":
            _check_free(conn, borrower)
        now = engine.clock()
        actions.record(conn, by, "borrower.erase", borrower, {"cause": cause},
                       ident=engine.new_id(now), at=now)  # fmt: skip
        if engine.erased is not None and cause != "restored":
            engine.erased.append(Erased(borrower, now))
        done = erasures.destroy(conn, chain, by, cause, now)
        agents.forget(conn, who(engine.store.keys, borrower))
    engine.store.keys.forget(chain.key.key_id)
    return done


def erase_again(engine: Engine) -> int:
    """Erase, after a restore, everybody on the list who can be read again; return how many."""
    done = 0
    for one in engine.erased.read() if engine.erased is not None else ():
        try:
            erase(engine, one.borrower, by="restore", cause="restored")
            done += 1
        except (ErasedError, NotFoundError):
            continue  # erased in the backup already, or not yet there when it was made
    return done


def _check_free(conn: Conn, borrower: str) -> None:
    """Raise ConflictError naming what must end before the person can be erased."""
    open_ = []
    if loans.of_borrower(conn, borrower, living=True):
        open_.append("a loan that is not repaid")
    if loans.with_credit(conn, [borrower]):
        open_.append("money that was paid too much and not refunded")
    if reservations.reserved(conn, borrower)[1]:
        open_.append("a draw on its way")
    if any(row.open and row.asked for row in matters.of_borrower(conn, borrower)):
        open_.append("a matter that waits for our answer")
    if open_:
        raise ConflictError(
            f"not yet: there is {', '.join(open_)}",
            where=f"borrower {borrower}",
            next_step="settle it, then ask again; what each is kept for is in GET /v1/retention",
            code="erasure.held",
        )
