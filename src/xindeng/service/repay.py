"""Money coming back: repay, take a payment back, refund. No hold ever stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from xindeng.events.line import Repayment, RepaymentReversed
from xindeng.kernel.errors import ConflictError, InputError, NotFoundError
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import Held, held
from xindeng.servicing import loan as rules
from xindeng.servicing.loan import Loan
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Refund, Repay, Reverse, Transaction, read_transaction
from xindeng.store import loans
from xindeng.store.loans import LoanRow, TransactionRow


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


def repay(
    engine: Engine, borrower: str, loan: str, amount: int, key: str, *,
    currency: str = "CNY", value_day: int | None = None,
) -> Receipt:  # fmt: skip
    """Book a payment on a loan, as of `value_day` if it arrived earlier; the same key books once.

    What is paid beyond what is owed becomes a credit balance. Raises InputError for an amount no
    payment has, a day before the draw or after today, or another currency; NotFoundError;
    ConflictError for a key used otherwise. Whatever is raised, nothing was posted.
    """
    _check_key(key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan)
        made = Repay(line.today if value_day is None else value_day, amount, currency)
        return _book(line, row, before, made, key)


def reverse(
    engine: Engine, borrower: str, loan: str, seq: int, key: str, *, reason: str = ""
) -> Receipt:
    """Take back the payment with that number, as if it had never been made.

    Raises InputError for what is no payment, a reversal, or was taken back already.
    """
    _check_key(key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan)
        told = books.loan_of(row, before).transactions
        if not (1 <= seq <= len(told) and isinstance(told[seq - 1], Repay)):
            raise InputError(
                f"transaction {seq} of the loan is not a payment",
                where=f"loan {loan}",
                next_step="give the number of a payment; a reversal cannot be reversed, pay again",
                code="repay.reversal",
            )
        return _book(line, row, before, Reverse(line.today, seq, reason), key)


def refund(
    engine: Engine, borrower: str, loan: str, amount: int, key: str, *, currency: str = "CNY"
) -> Receipt:
    """Pay a credit balance back; raises InputError where there is not so much of it."""
    _check_key(key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan)
        return _book(line, row, before, Refund(line.today, amount, currency), key)


def _book(
    line: Held, row: LoanRow, before: list[TransactionRow], made: Transaction, key: str
) -> Receipt:
    earlier = loans.by_key(line.conn, row.borrower, key)
    if earlier is not None:
        first = read_transaction(earlier.body)
        # The day is not compared: a retry after midnight is still the same wish.
        if earlier.loan != row.loan or replace(first, value_day=0) != replace(made, value_day=0):
            raise ConflictError(
                f"the idempotency key {key!r} was used for another transaction",
                next_step="send the first one unchanged to get its answer, or use a new key",
                code="conflict.idempotency",
            )
        return _receipt(earlier.seq, books.age(row, before, line.today))
    loan = books.loan_of(row, before)
    rules.book(loan, made, line.today)
    was = rules.standing(loan, line.today)
    aged = books.record(line, row, before, made, key, str(made.__struct_config__.tag))
    _tell(line, row, books.loan_of(row, before), made, was, aged)
    return _receipt(len(before) + 1, aged)


def _tell(
    line: Held, row: LoanRow, loan: Loan, made: Transaction, was: Standing, aged: books.Aged
) -> None:
    settled, returned = aged.standing.closed, was.principal - aged.standing.principal
    if isinstance(made, Repay):
        payment = Repayment(
            loan=row.loan, amount=made.amount, principal=max(returned, 0),
            currency=row.currency,  # type: ignore[arg-type]
            days_late=rules.standing(loan, made.value_day).dpd, settled=settled,
        )  # fmt: skip
        line.tell(payment, at=line.engine.policy.zone.midnight(made.value_day))
    elif isinstance(made, Reverse):
        target = loan.transactions[made.of - 1]
        assert isinstance(target, Repay)
        line.tell(
            RepaymentReversed(
                loan=row.loan, amount=target.amount, principal=max(-returned, 0),
                reopened=was.closed and not settled,
            )
        )  # fmt: skip


def _receipt(seq: int, aged: books.Aged) -> Receipt:
    found = aged.standing
    return Receipt(
        loan=aged.row.loan, seq=seq, principal=found.principal, owed=found.payoff,
        credit=found.credit, settled=found.closed,
    )  # fmt: skip


def _loan(line: Held, loan: str) -> tuple[LoanRow, list[TransactionRow]]:
    row = loans.read(line.conn, loan)
    if row.borrower != line.borrower:
        raise NotFoundError(
            f"no loan {loan[:60]!r} of borrower {line.borrower}",
            next_step=f"see: xindeng line show {line.borrower}",
            code="not_found.loan",
        )
    return row, loans.transactions(line.conn, [loan])[loan]


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= 100 or not key.isprintable():
        raise InputError(
            "a transaction needs an idempotency key of 1 to 100 printable characters",
            where="key",
            next_step="make one key for each transaction, and repeat it on retries",
            code="request.key",
        )
