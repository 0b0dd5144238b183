"""What holds do to loans: interest and collection stop with the hold and go on after it.

The stop of interest is a transaction of the loan like any other, so that the end of day, a
back-dated payment and the proof of the ledger all see it, and the days between stay free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held_line import Held
from xindeng.servicing import collection, hardship_clock
from xindeng.servicing import loan as rules
from xindeng.servicing.hold_book import (
    StandingHold,
    standing_holds,
    stops_accrual,
    stops_collection,
)
from xindeng.servicing.transactions import PauseAccrual, ResumeAccrual
from xindeng.store import borrowers, events, loans, notices
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.loans import LoanRow

TYPES: Final = ("hold_placed", "hold_extended", "hold_reviewed", "hold_released")
"""The events that the life of a hold is told by."""
COLLECTION: Final = "collection"
"""The kind of task by which people are asked to talk to a borrower who is late."""


def standing(line: Held) -> tuple[StandingHold, ...]:
    """Return the holds that stand on a held line, with all that is known of each."""
    if not line.engine.policy.kernel.holds(line.state):
        return ()
    return standing_holds(line.history(TYPES))


def follow(line: Held) -> None:
    """Bring the open loans in line with the holds that stand now; doing it again does nothing."""
    rows = loans.of_borrower(line.conn, line.borrower, living=True)
    if not rows:
        return
    holds = standing(line)
    told = loans.transactions(line.conn, [row.loan for row in rows])
    for row in rows:
        before = told[row.loan]
        loan = books.loan_of(row, before)
        found = rules.standing(loan, line.today)
        stop = stops_accrual(holds, row.loan)
        if row.state == books.OPEN and stop != found.paused:
            made = (PauseAccrual if stop else ResumeAccrual)(line.today, "hold")
            rules.book(loan, made, line.today)
            key = f"hold:{row.loan}:{len(before) + 1}"
            books.record(line, row, before, made, key, str(made.__struct_config__.tag))
        if stops_collection(holds, row.loan):
            notices.withdraw(line.conn, line.borrower, COLLECTION, line.now, subject=row.loan)
        elif row.dpd and found.dpd:
            ask_for_contact(line.conn, line.chain, row.loan, line.new_id(), line.now, line.today)


def collect(engine: Engine, conn: Conn, late: Sequence[LoanRow], now: int, today: int) -> None:
    """Have people talk to borrowers whose loans have become later, but where a hold stops it or
    a request for help waits for an answer: who has asked is not pressed meanwhile.

    The borrowers' rows are locked; those who were erased are passed over.
    """
    names = sorted({row.borrower for row in late})
    if not names:
        return
    chains = borrowers.lock(conn, engine.store.keys, borrowers.readable(conn, names))
    types = (*TYPES, *hardship_clock.TYPES)
    told = {
        name: list(events.unseal(events.read_of_types(conn, name, types), chain.key))
        for name, chain in chains.items()
    }
    waiting = {name for name, some in told.items() if hardship_clock.open_request(some)}
    holds = {name: standing_holds(some) for name, some in told.items()}
    for row in late:
        if row.borrower not in chains or row.borrower in waiting:
            continue
        if not stops_collection(holds[row.borrower], row.loan):
            chain = chains[row.borrower]
            ask_for_contact(conn, chain, row.loan, engine.new_id(now), now, today)


def ask_for_contact(conn: Conn, chain: Chain, loan: str, ident: str, now: int, today: int) -> None:
    """Ask people to talk to the borrower of a late loan, and remind the borrower; once while that
    task is open."""
    note = "hardship help comes first"
    asked = notices.ask_people(conn, chain, ident, COLLECTION, loan, today + 1, note, now)
    if asked.fetchone() is not None:
        told = collection.reminder()
        to = notices.contacts(former_too=False)
        notices.insert(conn, chain, ident, told.kind, dict(told.texts), to, now)
