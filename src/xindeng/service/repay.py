"""Money coming back: repay, take a payment back, refund. No hold ever stands in its way."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.events.line import Repayment, RepaymentReversed
from xindeng.kernel.errors import ConflictError, InputError, NotFoundError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.service import books, loanmath
from xindeng.service.engine import Engine
from xindeng.service.held import Held, held
from xindeng.service.loanmath import Transaction
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
    _check(amount, key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan, currency)
        day = _day(line, row, value_day)
        return _book(line, row, before, Transaction("repay", day, amount), key)


def reverse(engine: Engine, borrower: str, loan: str, seq: int, key: str) -> Receipt:
    """Take back the payment with that number, as if it had never been made.

    Raises InputError for what is no payment or was taken back already.
    """
    _check(1, key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan, None)
        told = [loanmath.decode_transaction(one.body) for one in before]
        target = told[seq - 1] if 1 <= seq <= len(told) else None
        if target is None or target.kind != "repay":
            raise InputError(
                f"transaction {seq} of the loan is not a payment",
                where=f"loan {loan}",
                next_step="give the number of a payment; a reversal cannot be reversed, pay again",
                code="repay.reversal",
            )
        earlier = loans.by_key(line.conn, borrower, key)
        if earlier is None and any(one.kind == "reverse" and one.of == seq for one in told):
            raise ConflictError(
                f"payment {seq} was taken back already",
                where=f"loan {loan}",
                next_step="nothing is left to do",
                code="repay.reversed",
            )
        made = Transaction("reverse", target.value_day, target.amount, seq)
        return _book(line, row, before, made, key)


def refund(engine: Engine, borrower: str, loan: str, amount: int, key: str) -> Receipt:
    """Pay a credit balance back; raises ConflictError where there is not so much of it."""
    _check(amount, key)
    with held(engine, borrower) as line:
        row, before = _loan(line, loan, None)
        credit = -row.posted.get(loanmath.CREDIT, 0)
        if loans.by_key(line.conn, borrower, key) is None and amount > credit:
            raise ConflictError(
                f"the credit balance is {credit:,} minor units, not {amount:,}",
                where=f"loan {loan}",
                next_step="refund at most the credit balance",
                code="repay.credit",
            )
        return _book(line, row, before, Transaction("refund", line.today, amount), key)


def _book(
    line: Held, row: LoanRow, before: list[TransactionRow], made: Transaction, key: str
) -> Receipt:
    earlier = loans.by_key(line.conn, row.borrower, key)
    body = loanmath.encode_transaction(made)
    if earlier is not None:
        found = loanmath.decode_transaction(earlier.body)
        same = (found.kind, found.amount, found.of) == (made.kind, made.amount, made.of)
        if earlier.loan != row.loan or not same:
            raise ConflictError(
                f"the idempotency key {key!r} was used for another transaction",
                next_step="send the first one unchanged to get its answer, or use a new key",
                code="conflict.idempotency",
            )
        return _receipt(row, earlier.seq, books.age(row, before, line.today))
    assert body
    was = books.age(row, before, line.today)
    aged = books.record(line, row, before, made, key, made.kind)
    _tell(line, row, made, was.principal - aged.principal, aged)
    return _receipt(aged.row, len(before) + 1, aged)


def _tell(line: Held, row: LoanRow, made: Transaction, principal: int, aged: books.Aged) -> None:
    settled = aged.row.state == books.CLOSED
    if made.kind == "repay":
        line.tell(
            Repayment(
                loan=row.loan, amount=made.amount, principal=max(principal, 0),
                currency=row.currency, days_late=row.dpd, settled=settled,  # type: ignore[arg-type]
            ),
            at=line.engine.policy.zone.midnight(made.value_day),
        )  # fmt: skip
    elif made.kind == "reverse":
        line.tell(
            RepaymentReversed(
                loan=row.loan, amount=made.amount, principal=max(-principal, 0),
                reopened=row.state == books.CLOSED and not settled,
            )
        )  # fmt: skip


def _receipt(row: LoanRow, seq: int, aged: books.Aged) -> Receipt:
    balances = aged.row.posted
    return Receipt(
        loan=row.loan,
        seq=seq,
        principal=aged.principal,
        owed=loanmath.owed(balances),
        credit=-balances.get(loanmath.CREDIT, 0),
        settled=aged.row.state == books.CLOSED,
    )


def _loan(line: Held, loan: str, currency: str | None) -> tuple[LoanRow, list[TransactionRow]]:
    row = loans.read(line.conn, loan)
    if row.borrower != line.borrower:
        raise NotFoundError(
            f"no loan {loan[:60]!r} of borrower {line.borrower}",
            next_step=f"see: xindeng line show {line.borrower}",
            code="not_found.loan",
        )
    if currency is not None and row.currency != currency:
        raise InputError(
            f"the loan is in {row.currency}, the payment in {currency}",
            where="currency",
            next_step=f"pay in {row.currency}",
            code="repay.currency",
        )
    return row, loans.transactions(line.conn, [loan])[loan]


def _day(line: Held, row: LoanRow, value_day: int | None) -> int:
    day = line.today if value_day is None else value_day
    if type(day) is not int or not row.opened <= day <= line.today:
        raise InputError(
            "the payment's day is before the draw or after today",
            where="value_day",
            next_step="give a day from the draw until today",
            code="repay.day",
        )
    return day


def _check(amount: int, key: str) -> None:
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        raise InputError(
            f"{amount!r} is not an amount in minor units",
            where="amount",
            next_step=f"give a whole number from 1 to {MAX_AMOUNT:,}",
            code="repay.amount",
        )
    if not 1 <= len(key) <= 100 or not key.isprintable():
        raise InputError(
            "a transaction needs an idempotency key of 1 to 100 printable characters",
            where="key",
            next_step="make one key for each transaction, and repeat it on retries",
            code="request.key",
        )
