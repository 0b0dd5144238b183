"""Loans in trouble: deferral, restructuring, waiver, write-off, recovery, each with its reason.

All are transactions of the loan, booked as a payment is, under a key that books once; the ledger
follows from them. A write-off is the lender's own affair: the debt remains, and what comes in on
it is a recovery.
"""

from __future__ import annotations

from xindeng.events.line import Restructuring
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.lending.calendar import months_after
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.repay import Receipt, book, check_key
from xindeng.servicing import hardship
from xindeng.servicing import loan as rules
from xindeng.servicing.transactions import (
    Defer,
    Recover,
    Restructure,
    Transaction,
    Waive,
    WriteOff,
)
from xindeng.store import loans


def write_off(
    engine: Engine, borrower: str, loan: str, key: str, *, by: str, reason: str
) -> Receipt:
    """Write off all that is owed on an open loan. Raises InputError, ConflictError, NotFoundError;
    whatever is raised, nothing was posted. So do the others."""
    why = _why(by, reason)
    with held(engine, borrower) as line:
        return _book(line, loan, WriteOff(line.today, why), key)


def recover(
    engine: Engine, borrower: str, loan: str, amount: int, key: str, *, currency: str = "CNY"
) -> Receipt:
    """Book money that came in on a loan written off; more than was lost is kept as credit."""
    with held(engine, borrower) as line:
        return _book(line, loan, Recover(line.today, amount, currency), key)


def waive(
    engine: Engine, borrower: str, loan: str, key: str, *, by: str, reason: str,
    interest: int = 0, penalty: int = 0, fee: int = 0,
) -> Receipt:  # fmt: skip
    """Forgive interest, penalty or fees (minor units), at most what is owed of each."""
    why = _why(by, reason)
    with held(engine, borrower) as line:
        made = Waive(line.today, interest=interest, penalty=penalty, fee=fee, reason=why)
        return _book(line, loan, made, key)


def defer(
    engine: Engine, borrower: str, loan: str, first_due_day: int, key: str, *, by: str, reason: str
) -> Receipt:
    """Let nothing fall due before a local day, within the policy's longest deferral."""
    why = _why(by, reason)
    with held(engine, borrower) as line:
        return _book(line, loan, deferral(line, loan, first_due_day, why), key)


def restructure(
    engine: Engine, borrower: str, loan: str, first_due_day: int, months: int, key: str, *,
    by: str, reason: str, rate_ppm: int | None = None,
) -> Receipt:  # fmt: skip
    """Have what is owed repaid anew, in `months` instalments; the watch begins with the first.

    The rate stays unless a lower one is given.
    """
    why = _why(by, reason)
    with held(engine, borrower) as line:
        made = restructuring(line, loan, first_due_day, months, rate_ppm, why)
        fresh = loans.by_key(line.conn, borrower, key) is None
        receipt = _book(line, loan, made, key)
        if fresh:
            watch = hardship.watch_until(line.view(), first_due_day)
            line.tell(Restructuring(loan=loan, first_due_day=first_due_day, watch_until=watch))
        return receipt


def deferral(line: Held, loan: str, first_due_day: int, why: str) -> Defer:
    """Return the deferral of a loan; raises InputError beyond the policy's longest."""
    row, told = books.loan_row(line, loan)
    found = rules.standing(books.loan_of(row, told), line.today)
    most = line.view().parameter("hardship_deferral_months_max")
    latest = months_after(found.next_due[0] if found.next_due else line.today, most)
    if type(first_due_day) is not int or not line.today < first_due_day <= latest:
        raise InputError(
            "a deferral to that day is not on offer",
            where="first_due_day",
            next_step=f"give a day after today and until {to_date(latest)} ({most} months)",
            code="loan.deferral",
        )
    return Defer(line.today, first_due_day, why)


def restructuring(
    line: Held, loan: str, first_due_day: int, months: int | None, rate_ppm: int | None, why: str
) -> Restructure:
    """Return the restructuring of a loan; raises InputError for a term longer than the policy's
    longest or a rate above the present one."""
    row, told = books.loan_row(line, loan)
    terms = rules.standing(books.loan_of(row, told), line.today).terms
    count, rate = (terms.months if months is None else months, rate_ppm)
    rate = terms.rate_ppm if rate is None else rate
    most = line.view().parameter("restructuring_term_months_max")
    if type(count) is not int or not 1 <= count <= most:
        raise InputError(
            f"a restructuring over {count!r} months",
            where="months",
            next_step=f"give 1 to {most} months",
            code="loan.restructuring",
        )
    if months_after(first_due_day, count - 1) > months_after(line.today, most):
        raise InputError(
            f"the last instalment would fall due more than {most} months from now",
            where="first_due_day",
            next_step="begin earlier or take fewer instalments",
            code="loan.restructuring",
        )
    if type(rate) is not int or not 0 <= rate <= terms.rate_ppm:
        raise InputError(
            f"a restructuring at {rate!r} ppm a year, above the {terms.rate_ppm:,} agreed",
            where="rate_ppm",
            next_step="keep the rate or lower it: help never costs more",
            code="loan.restructuring",
        )
    return Restructure(line.today, first_due_day, count, rate, reason=why)


def _book(line: Held, loan: str, made: Transaction, key: str) -> Receipt:
    check_key(key)
    row, before = books.loan_row(line, loan)
    return book(line, row, before, made, key)


def _why(by: str, reason: str) -> str:
    if not by.strip() or not reason.strip():
        raise InputError(
            "it needs a reason and who gives it",
            where="reason",
            next_step="say why, and who decided",
            code="loan.reason",
        )
    return f"{by.strip()}: {reason.strip()}"[:500]
