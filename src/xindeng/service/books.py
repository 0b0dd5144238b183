"""The books of loans: what servicing says they should show, less what is already posted.

A loan is its terms and its dated transactions. Whatever happens to it, only the difference between
its balances as they should be and as they stand is posted, so nothing is ever posted twice and a
back-dated payment corrects by adding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from xindeng.decision.request import Request, instalment
from xindeng.events.line import Disbursement
from xindeng.service import loanmath
from xindeng.service.engine import Engine
from xindeng.service.held import Held
from xindeng.service.loanmath import Transaction
from xindeng.store import loans
from xindeng.store.loans import LoanRow, PostingRow, TransactionRow
from xindeng.store.reservations import Reservation

Differences = tuple[tuple[str, int], ...]
"""(account, signed minor units) that sum to zero."""

CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Aged:
    """A loan as of a day: its row brought up to date, what that posts, and what is late."""

    row: LoanRow
    postings: Differences
    overdue: int
    tier: str
    due: tuple[tuple[int, int], ...]
    principal: int


def terms_of(engine: Engine, request: Request, amount: int) -> bytes:
    """Return the encoded terms of the loan that a confirmed request becomes."""
    return loanmath.encode_terms(loanmath.terms_of(engine.policy, request, amount))


def open_loan(line: Held, draw: Reservation) -> LoanRow:
    """Book a draw that was paid out: the loan, its first transaction, its postings, its event."""
    terms = loanmath.decode_terms(draw.terms)
    row = LoanRow(
        loan=draw.draw, borrower=draw.borrower, currency=draw.currency, terms=draw.terms,
        opened=line.today, state="open", aged=line.today, dpd=0, posted={},
    )  # fmt: skip
    loans.insert(line.conn, [row])
    first = loanmath.disbursed(terms, draw.amount, line.today)
    aged = record(line, row, [], first, f"draw:{draw.key}"[:128], "disbursement")
    line.tell(
        Disbursement(
            draw=draw.draw, amount=draw.amount, term_months=terms.months,
            currency=draw.currency,  # type: ignore[arg-type]
            monthly_due=instalment(draw.amount, terms.rate_bp, terms.months),
        )
    )  # fmt: skip
    return aged.row


def record(
    line: Held, row: LoanRow, before: Sequence[TransactionRow], made: Transaction, key: str,
    cause: str,
) -> Aged:  # fmt: skip
    """Append a transaction to a loan of a held line and post what it changes as of today."""
    added = TransactionRow(
        loan=row.loan, seq=len(before) + 1, borrower=row.borrower, key=key,
        value_day=made.value_day, booked_at=line.now, body=loanmath.encode_transaction(made),
    )  # fmt: skip
    loans.add_transactions(line.conn, [added])
    aged = age(row, [*before, added], line.today)
    # The end of day has not seen today yet; what is posted now it will find posted.
    aged = replace(aged, row=replace(aged.row, aged=row.aged, dpd=row.dpd))
    rows = posting_rows(aged.row, aged.postings, made.value_day, line.new_id(), line.now, cause)
    loans.post(line.conn, [replace(one, job=None) for one in rows])
    loans.update(line.conn, [aged.row])
    return aged


def age(row: LoanRow, transactions: Sequence[TransactionRow], day: int) -> Aged:
    """Return the loan as of the beginning of local `day`; pure."""
    terms = loanmath.decode_terms(row.terms)
    told = [loanmath.decode_transaction(one.body) for one in transactions]
    found = loanmath.standing(terms, told, day)
    accounts = sorted({*row.posted, *found.balances})
    differences = tuple(
        (name, change)
        for name in accounts
        if (change := found.balances.get(name, 0) - row.posted.get(name, 0))
    )
    now = replace(
        row,
        state=CLOSED if found.closed else "open",
        aged=day,
        dpd=found.dpd,
        posted={name: amount for name, amount in found.balances.items() if amount},
    )
    due = tuple(one for one in found.due if row.aged < one[0] <= day)
    return Aged(now, differences, found.overdue, found.tier, due, found.principal)


def posting_rows(
    row: LoanRow, differences: Differences, value_day: int, entry: str, now: int, cause: str
) -> list[PostingRow]:
    """Return an entry's rows; `cause` is the job's name where the end of day posts it."""
    return [
        PostingRow(
            entry, account, row.loan, row.borrower, amount, row.currency, value_day, now, cause,
            cause,
        )
        for account, amount in differences
    ]  # fmt: skip
