"""The books of loans: what servicing says they should show, less what is already posted.

A loan is its terms and its dated transactions. Whatever happens to it, only the difference between
its balances as they should be and as they stand is posted, so nothing is ever posted twice and a
back-dated payment corrects by adding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from xindeng.decision.request import Request
from xindeng.events.line import Delinquency, Disbursement
from xindeng.kernel.errors import NotFoundError
from xindeng.lending.burden import monthly_due
from xindeng.lending.terms import Terms, read_terms, write_terms
from xindeng.policy.policy import Policy
from xindeng.service.held_line import Held
from xindeng.servicing import loan as rules
from xindeng.servicing.delinquency import Lateness, Tier, tier, worst
from xindeng.servicing.ledger import Posting, balances, postings_for
from xindeng.servicing.loan import Loan
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Transaction, read_transaction, write_transaction
from xindeng.store import loans
from xindeng.store.loans import LoanRow, PostingRow, TransactionRow
from xindeng.store.reservations import Reservation

OPEN: Final = "open"
WRITTEN_OFF: Final = "written_off"
CLOSED: Final = "closed"


@dataclass(frozen=True, slots=True)
class Aged:
    """A loan at the end of a day: its row brought up to date, what that posts, how it stands."""

    row: LoanRow
    postings: tuple[Posting, ...]
    standing: Standing

    @property
    def tier(self) -> Tier:
        """Return the five-tier class that the loan has at the least."""
        return tier(self.standing)


def terms_of(policy: Policy, request: Request, day: int) -> bytes:
    """Return the encoded terms of the loan that a request decided on local `day` becomes.

    `policy` is the version that decided it: a later one changes nothing that was offered.
    """
    rate, months = request.rate_bp, request.term_months
    if request.product is None:
        return write_terms(Terms(rate_ppm=rate * 100, months=months, currency=request.currency))
    return write_terms(policy.products.terms(request.product, months, rate, request.currency, day))


def open_loan(line: Held, draw: Reservation) -> LoanRow:
    """Book a draw that was paid out: the loan, its first transaction, its postings, its event."""
    terms = read_terms(draw.terms)
    made = rules.open_loan(terms, draw.amount, line.today)
    row = LoanRow(
        loan=draw.draw, borrower=draw.borrower, currency=draw.currency, terms=draw.terms,
        opened=line.today, state=OPEN, aged=line.today, dpd=0, posted={},
    )  # fmt: skip
    loans.insert(line.conn, [row])
    aged = record(line, row, [], made.transactions[0], f"draw:{draw.draw}", "disbursement")
    line.tell(
        Disbursement(
            draw=draw.draw, amount=draw.amount, term_months=terms.months,
            currency=draw.currency,  # type: ignore[arg-type]
            monthly_due=monthly_due(terms, draw.amount),
        )
    )  # fmt: skip
    return aged.row


def lateness(line: Held) -> Delinquency:
    """Return how late the line is today by the worst of its loans, as they stand now."""
    rows = loans.of_borrower(line.conn, line.borrower, living=True)
    told = loans.transactions(line.conn, [row.loan for row in rows])
    return delinquency(
        worst(rules.standing(loan_of(row, told[row.loan]), line.today) for row in rows)
    )


def delinquency(found: Lateness) -> Delinquency:
    """Return the event that tells how late a line is."""
    return Delinquency(dpd=found.dpd, overdue_amount=found.overdue, tier=found.tier)


def loan_row(line: Held, loan: str) -> tuple[LoanRow, list[TransactionRow]]:
    """Return a loan of the held line and its transactions; raises NotFoundError."""
    row = loans.read(line.conn, loan)
    if row.borrower != line.borrower:
        raise NotFoundError(
            f"no loan {loan[:60]!r} of borrower {line.borrower}",
            next_step=f"see: xindeng line show {line.borrower}",
            code="not_found.loan",
        )
    return row, loans.transactions(line.conn, [loan])[loan]


def record(
    line: Held, row: LoanRow, before: Sequence[TransactionRow], made: Transaction, key: str,
    cause: str,
) -> Aged:  # fmt: skip
    """Append a transaction that was checked and post what it changes as of today."""
    added = TransactionRow(
        loan=row.loan, seq=len(before) + 1, borrower=row.borrower, key=key,
        value_day=made.value_day, booked_at=line.now, body=write_transaction(made),
    )  # fmt: skip
    loans.add_transactions(line.conn, [added])
    aged = age(row, [*before, added], line.today, cause)
    # The end of day has not seen today yet; what is posted now it will find posted.
    aged = replace(aged, row=replace(aged.row, aged=row.aged, dpd=row.dpd))
    loans.post(line.conn, posting_rows(aged, line.new_id(), line.now, job=None))
    loans.update(line.conn, [aged.row])
    return aged


def age(row: LoanRow, transactions: Sequence[TransactionRow], day: int, cause: str = "") -> Aged:
    """Return the loan as it stands on local `day`; pure."""
    found = rules.standing(loan_of(row, transactions), day)
    return Aged(
        row=replace(
            row, state=_state(found), aged=day, dpd=found.dpd, posted=balances(found),
        ),
        postings=postings_for(row.posted, found, entry="", cause=cause),
        standing=found,
    )  # fmt: skip


def _state(found: Standing) -> str:
    """Return the state of a row: a loan written off is lived with until it is recovered."""
    if not found.closed:
        return OPEN
    return WRITTEN_OFF if found.written_off else CLOSED


def loan_of(row: LoanRow, transactions: Sequence[TransactionRow]) -> Loan:
    """Return the loan as servicing knows it."""
    return Loan(read_terms(row.terms), tuple(read_transaction(one.body) for one in transactions))


def posting_rows(aged: Aged, entry: str, now: int, *, job: str | None) -> list[PostingRow]:
    """Return the rows of one entry; `job` is the name of the end-of-day job that posts it."""
    row = aged.row
    return [
        PostingRow(
            entry=entry, account=one.account, loan=row.loan, borrower=row.borrower,
            amount=one.amount, currency=one.currency, value_day=one.value_day, booked_at=now,
            cause=one.cause, job=job,
        )
        for one in aged.postings
    ]  # fmt: skip
