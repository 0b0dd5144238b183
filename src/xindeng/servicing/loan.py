"""A loan: its terms and its dated transactions, and how it stands on any day because of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NoReturn

from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import MAX_DAY, MIN_DAY
from xindeng.lending.schedule import day_of_month, first_plan
from xindeng.lending.terms import MAX_MONTHS, Terms, whole
from xindeng.servicing.ageing import roll_to
from xindeng.servicing.effects import apply
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import (
    WITH_MONEY,
    Defer,
    Disburse,
    Fee,
    PauseAccrual,
    Recover,
    Refund,
    Repay,
    Restructure,
    ResumeAccrual,
    Reverse,
    Transaction,
    Waive,
    WriteOff,
)


class Loan(Struct, frozen=True):
    """Terms and transactions; number n of the list is `transactions[n - 1]`."""

    terms: Terms
    transactions: tuple[Transaction, ...]

    @property
    def disbursement(self) -> Disburse:
        """Return the first transaction, which every loan has."""
        first = self.transactions[0] if self.transactions else None
        if not isinstance(first, Disburse):
            _refuse("loan.no_payout", "a loan begins with its payout", "open it with open_loan")
        return first


def open_loan(terms: Terms, amount: int, day: int) -> Loan:
    """Return a loan of `amount` minor units paid out on local day `day`; raises InputError."""
    payout = Disburse(day, amount, terms.currency)
    _check_form(Loan(terms, (payout,)), payout, day)
    return Loan(terms, (payout,))


def standing(loan: Loan, on_day: int) -> Standing:
    """Return how the loan stands at the end of `on_day`; raises InputError before its payout."""
    payout = loan.disbursement
    if on_day < payout.value_day:
        _refuse(
            "loan.day", f"day {on_day} lies before the payout on day {payout.value_day}",
            "ask for the day of the payout or a later one",
        )  # fmt: skip
    reversed_ = {one.of for one in loan.transactions if type(one) is Reverse}
    if 1 in reversed_:
        return _void(loan.terms, payout, on_day)
    plan, level = first_plan(loan.terms, payout.amount, payout.value_day)
    found = Standing(
        terms=loan.terms, amount=payout.amount, opened=payout.value_day, day=payout.value_day,
        dom=day_of_month(loan.terms, payout.value_day), level=level, principal=payout.amount,
        plan=plan,
    )  # fmt: skip
    for transaction in _in_effect(loan.transactions, reversed_):
        if transaction.value_day > on_day:
            break
        roll_to(found, transaction.value_day)
        apply(found, transaction)
    roll_to(found, on_day)
    return found


def _in_effect(transactions: Sequence[Transaction], reversed_: set[int]) -> list[Transaction]:
    kept = [
        one
        for number, one in enumerate(transactions[1:], 2)
        if number not in reversed_ and type(one) is not Reverse
    ]
    kept.sort(key=lambda one: one.value_day)  # stable: those of one day stay in order of booking
    return kept


def _void(terms: Terms, payout: Disburse, on_day: int) -> Standing:
    return Standing(
        terms=terms, amount=0, opened=payout.value_day, day=on_day,
        dom=day_of_month(terms, payout.value_day), level=0, principal=0, plan=(), status="void",
    )  # fmt: skip


def book(loan: Loan, transaction: Transaction, today: int) -> Loan:
    """Return the loan with one more transaction, checked alone and folded with all the others.

    `today` is the local day of booking; a value day may lie before it and never after. Raises
    InputError with code `loan.…`; then nothing is changed.
    """
    _check_form(loan, transaction, today)
    if isinstance(transaction, Reverse):
        _check_reverse(loan, transaction)
    else:
        _check_occasion(standing(loan, transaction.value_day), transaction)
    longer = Loan(loan.terms, (*loan.transactions, transaction))
    standing(longer, max(one.value_day for one in longer.transactions))
    return longer


_WHEN_OPEN: Final = (Repay, Fee, Waive, WriteOff, Defer, Restructure, PauseAccrual, ResumeAccrual)


def _check_form(loan: Loan, transaction: Transaction, today: int) -> None:
    """Refuse amounts, days and currencies that are wrong whatever the loan's state."""
    if type(transaction.value_day) is not int or not MIN_DAY <= transaction.value_day <= MAX_DAY:
        _refuse("loan.day", f"{transaction.value_day!r} is not a local day", "give a day number")
    if transaction.value_day > today:
        _refuse("loan.day", "a value day lies in the future", "book it when it has happened")
    if transaction.value_day < loan.disbursement.value_day:
        _refuse(
            "loan.day", f"day {transaction.value_day} lies before the payout",
            "give the day of the payout or a later one",
        )  # fmt: skip
    if isinstance(transaction, WITH_MONEY):
        _check_amount(transaction.amount, 1)
        if transaction.currency != loan.terms.currency:
            _refuse(
                "loan.currency",
                f"{transaction.currency} on a loan in {loan.terms.currency}",
                f"send {loan.terms.currency}, converted at a recorded rate",
            )
    if isinstance(transaction, Disburse) and transaction is not loan.transactions[0]:
        _refuse("loan.payout", "the loan is paid out already", "open a loan for each draw")


def _check_amount(amount: object, least: int) -> None:
    if type(amount) is not int or not least <= amount <= MAX_AMOUNT:
        _refuse(
            "loan.amount", f"{str(amount)[:40]!r} is not an amount",
            f"give a whole number of minor units from {least} to {MAX_AMOUNT:,}",
        )  # fmt: skip


def _check_reverse(loan: Loan, transaction: Reverse) -> None:
    count = len(loan.transactions)
    if type(transaction.of) is not int or not 1 <= transaction.of <= count:
        _refuse("loan.reverse", f"no transaction {transaction.of!r}", f"name one from 1 to {count}")
    target = loan.transactions[transaction.of - 1]
    done = {one.of for one in loan.transactions if isinstance(one, Reverse)}
    if isinstance(target, Reverse):
        _refuse(
            "loan.reverse_reversal", "a reversal cannot be reversed",
            "book what really happened as a new transaction",
        )  # fmt: skip
    if transaction.of in done:
        _refuse("loan.reversed", f"transaction {transaction.of} is reversed already", "nothing")
    if transaction.value_day < target.value_day:
        _refuse("loan.day", "a reversal lies before what it reverses", "give a later day")
    if transaction.of == 1 and len(_in_effect(loan.transactions, done)) > 0:
        _refuse(
            "loan.reverse_payout", "the loan has other transactions in effect",
            "reverse those first",
        )  # fmt: skip


def _check_occasion(found: Standing, transaction: Transaction) -> None:
    """Refuse what the loan's state on the value day gives no occasion for."""
    status = found.status
    if isinstance(transaction, _WHEN_OPEN) and status != "open":
        step = "record it as a recovery" if status == "written_off" else "choose an open loan"
        _refuse("loan.closed", f"the loan is {status.replace('_', ' ')} on that day", step)
    match transaction:
        case Recover() if status != "written_off":
            _refuse("loan.recover", f"the loan is {status}", "record it as a repayment")
        case Refund(amount=amount) if amount > found.credit:
            _refuse("loan.refund", f"the credit is {found.credit}", "refund at most that")
        case Waive():
            _check_waive(found, transaction)
        case Defer(first_due_day=first) | Restructure(first_due_day=first):
            whole("first_due_day", first, transaction.value_day + 1, transaction.value_day + 1100)
            if isinstance(transaction, Restructure):
                whole("months", transaction.months, 1, MAX_MONTHS)
            if not found.principal:
                _refuse("loan.no_principal", "no principal is left", "waive what remains")
        case PauseAccrual() if found.paused:
            _refuse("loan.paused", "accrual is paused already", "nothing")
        case ResumeAccrual() if not found.paused:
            _refuse("loan.not_paused", "accrual is not paused", "nothing")
        case _:
            pass


def _check_waive(found: Standing, transaction: Waive) -> None:
    asked = (transaction.interest, transaction.penalty, transaction.fee)
    owed = (found.interest_owed, found.penalty_owed, found.fee_owed)
    for amount in asked:
        _check_amount(amount, 0)
    if not any(asked) or any(a > b for a, b in zip(asked, owed, strict=True)):
        _refuse(
            "loan.waive", f"waived {asked} of interest, penalty, fee; owed are {owed}",
            "waive at most what is owed, and something",
        )  # fmt: skip


def _refuse(code: str, what: str, next_step: str) -> NoReturn:
    raise InputError(what, where="loan", next_step=next_step, code=code)
