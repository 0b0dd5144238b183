"""What a borrower still has to pay, loan by loan, and what was paid; it only reads."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.kernel.errors import NotFoundError
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.servicing.coming import Coming, Early, coming, early, saved
from xindeng.servicing.loan import standing
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Repay
from xindeng.store import borrowers, loans


@dataclass(frozen=True, slots=True)
class Schedule:
    """A loan as of today: how it stands, what comes, what paying it off today saves, and the
    payments made: (local day, amount) in minor units."""

    loan: str
    standing: Standing
    coming: tuple[Coming, ...]
    saved: int
    paid: tuple[tuple[int, int], ...]


def schedules(engine: Engine, borrower: str) -> tuple[Schedule, ...]:
    """Return the borrower's loans, oldest first; raises NotFoundError, ErasedError."""
    today = engine.policy.zone.day(engine.clock())
    with engine.store.snapshot() as conn:
        borrowers.read(conn, engine.store.keys, borrower)
        rows = loans.of_borrower(conn, borrower)
        told = loans.transactions(conn, [row.loan for row in rows])
    found = []
    for row in rows:
        loan = books.loan_of(row, told[row.loan])
        paid = tuple(
            (one.value_day, one.amount) for one in loan.transactions if isinstance(one, Repay)
        )
        stands, ahead = standing(loan, today), coming(loan, today)
        found.append(Schedule(row.loan, stands, ahead, saved(stands, ahead), paid))
    return tuple(found)


def pay_early(engine: Engine, borrower: str, loan: str, amount: int) -> Early:
    """Return what paying `amount` minor units on a loan today would do; nothing is booked.

    Raises NotFoundError for a loan that is not this borrower's, InputError (see `coming.early`).
    """
    today = engine.policy.zone.day(engine.clock())
    with engine.store.snapshot() as conn:
        borrowers.read(conn, engine.store.keys, borrower)
        row = next((one for one in loans.of_borrower(conn, borrower) if one.loan == loan), None)
        if row is None:
            raise NotFoundError(
                "no such loan",
                where=f"borrower {borrower}",
                next_step=f"see: xindeng line show {borrower}",
                code="not_found.loan",
            )
        told = loans.transactions(conn, [loan])[loan]
    return early(books.loan_of(row, told), today, amount)
