"""Money coming back: repay, take a payment back, refund. No hold ever stands in its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from msgspec.structs import replace

from xindeng.events.line import DuesMoved, Repayment, RepaymentReversed
from xindeng.kernel.errors import InputError, KeyUsedError
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.pauses import COLLECTION
from xindeng.servicing import loan as rules
from xindeng.servicing.loan import Loan
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import (
    Defer,
    Recover,
    Refund,
    Repay,
    Restructure,
    Reverse,
    Transaction,
    Waive,
    WriteOff,
    read_transaction,
)
from xindeng.store import loans, notices
from xindeng.store.loans import LoanRow, TransactionRow

Moved = Literal["deferral", "restructuring", "waiver", "correction"]
_MOVES: Final[Mapping[type, Moved]] = {
    Defer: "deferral", Restructure: "restructuring", Waive: "waiver",
}  # fmt: skip
"""By which transaction what was due stops being due; any other only corrects by how much."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """How a loan stands after a transaction, minor units; `credit` is what was paid too much and
    can be refunded."""

    loan: str
    seq: int
    principal: int
    owed: int
    credit: int
    settled: bool

    @classmethod
    def of(cls, seq: int, aged: books.Aged) -> Receipt:
        """Return the receipt of transaction `seq` for a loan as it stands."""
        found = aged.standing
        return cls(
            loan=aged.row.loan, seq=seq, principal=found.principal,
            owed=found.written_off if found.status == "written_off" else found.payoff,
            credit=found.credit, settled=found.status == "settled",
        )  # fmt: skip


def repay(
    engine: Engine, borrower: str, loan: str, amount: int, key: str, *,
    currency: str = "CNY", value_day: int | None = None,
) -> Receipt:  # fmt: skip
    """Book a payment on a loan, as of `value_day` if it arrived earlier; the same key books once.

    What is paid beyond what is owed becomes a credit balance. Raises InputError for an amount no
    payment has, a day before the draw or after today, or another currency; NotFoundError;
    KeyUsedError for a key used otherwise. Whatever is raised, nothing was posted.
    """
    check_key(key)
    with held(engine, borrower) as line:
        row, before = books.loan_row(line, loan)
        made = Repay(line.today if value_day is None else value_day, amount, currency)
        return book(line, row, before, made, key)


def reverse(
    engine: Engine, borrower: str, loan: str, seq: int, key: str, *, reason: str = ""
) -> Receipt:
    """Take back the payment with that number, as if it had never been made.

    Raises InputError for what is no payment, a reversal, or was taken back already.
    """
    check_key(key)
    with held(engine, borrower) as line:
        row, before = books.loan_row(line, loan)
        told = books.loan_of(row, before).transactions
        if not (1 <= seq <= len(told) and isinstance(told[seq - 1], Repay)):
            raise InputError(
                f"transaction {seq} of the loan is not a payment",
                where=f"loan {loan}",
                next_step="give the number of a payment; a reversal cannot be reversed, pay again",
                code="repay.reversal",
            )
        return book(line, row, before, Reverse(line.today, seq, reason), key)


def refund(
    engine: Engine, borrower: str, loan: str, amount: int, key: str, *, currency: str = "CNY"
) -> Receipt:
    """Pay a credit balance back; raises InputError where there is not so much of it."""
    check_key(key)
    with held(engine, borrower) as line:
        row, before = books.loan_row(line, loan)
        return book(line, row, before, Refund(line.today, amount, currency), key)


def book(
    line: Held, row: LoanRow, before: list[TransactionRow], made: Transaction, key: str
) -> Receipt:
    """Check a transaction, post it and tell of it; the same key gives the first answer again.

    Raises InputError for what the loan gives no occasion for, KeyUsedError for a key used
    otherwise.
    """
    earlier = loans.by_key(line.conn, row.borrower, key)
    if earlier is not None:
        first = read_transaction(earlier.body)
        # The day is not compared: a retry after midnight is still the same wish.
        if earlier.loan != row.loan or replace(first, value_day=0) != replace(made, value_day=0):
            raise KeyUsedError("transaction")
        return Receipt.of(earlier.seq, books.age(row, before, line.today))
    loan = books.loan_of(row, before)
    rules.book(loan, made, line.today)
    was = rules.standing(loan, line.today)
    aged = books.record(line, row, before, made, key, str(made.__struct_config__.tag))
    _tell(line, row, books.loan_of(row, before), made, was, aged)
    if row.dpd and not aged.standing.dpd:
        notices.withdraw(line.conn, row.borrower, COLLECTION, line.now, subject=row.loan)
    return Receipt.of(len(before) + 1, aged)


def _tell(
    line: Held, row: LoanRow, loan: Loan, made: Transaction, was: Standing, aged: books.Aged
) -> None:
    now = aged.standing
    settled, returned = now.closed, was.principal - now.principal
    if isinstance(made, Recover):
        settled, returned = not now.written_off, _regained(now) - _regained(was)
    if isinstance(made, Repay | Recover):
        payment = Repayment(
            loan=row.loan, amount=made.amount, principal=max(returned, 0),
            currency=row.currency,  # type: ignore[arg-type]
            days_late=rules.standing(loan, made.value_day).dpd, settled=settled,
        )  # fmt: skip
        line.tell(payment, at=line.engine.policy.zone.midnight(made.value_day))
    if isinstance(made, Reverse):
        target = loan.transactions[made.of - 1]
        assert isinstance(target, Repay)
        line.tell(
            RepaymentReversed(
                loan=row.loan, amount=target.amount, principal=max(-returned, 0),
                reopened=was.closed and not settled,
            )
        )  # fmt: skip
    if now.moved != was.moved:
        cause: Moved = _MOVES.get(type(made), "correction")
        line.tell(DuesMoved(loan=row.loan, amount=now.moved - was.moved, cause=cause))
    # At once, not at the end of the day: who has paid or was helped may draw, a bounced debit not.
    if was.dpd or now.dpd or isinstance(made, WriteOff | Recover):
        line.tell(books.lateness(line))


def _regained(found: Standing) -> int:
    """Return the principal that recoveries have brought back; it comes first."""
    return min(found.recovered, found.repaid.lost)


def check_key(key: str) -> None:
    """Raise InputError unless the idempotency key may be stored."""
    if not 1 <= len(key) <= 100 or not key.isprintable():
        raise InputError(
            "a transaction needs an idempotency key of 1 to 100 printable characters",
            where="key",
            next_step="make one key for each transaction, and repeat it on retries",
            code="request.key",
        )
