"""A request for help: the menu at once, a person within three working days, nothing held back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xindeng.kernel.errors import InputError, KeyUsedError
from xindeng.service import books, workout
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.repay import book, check_key
from xindeng.servicing import hardship as rules
from xindeng.servicing import hardship_clock as clock
from xindeng.servicing.hardship import HardshipMenu, Result
from xindeng.servicing.orders import Orders
from xindeng.servicing.transactions import Transaction
from xindeng.store import borrowers, events, loans, notices


def ask(engine: Engine, borrower: str, **wish: Any) -> HardshipMenu:
    """Store a request for help and return the menu; keywords as of `servicing.hardship.ask`.

    Raises NotFoundError, ErasedError.
    """
    with held(engine, borrower) as line:
        waiting = clock.open_request(line.history(clock.TYPES))
        menu = rules.ask(line.view(), waiting=waiting, **wish)
        line.carry_out(menu.orders)
    return menu


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request for help that waits for its answer: when it came (µs), the local day by whose end
    it is answered, and whether that day is over."""

    asked_at: int
    answer_by: int
    late: bool


def waiting(engine: Engine, borrower: str) -> Waiting | None:
    """Return the borrower's request for help that was not answered yet, if there is one.

    Raises NotFoundError, ErasedError.
    """
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        told = events.unseal(events.read_of_types(conn, borrower, clock.TYPES), chain.key)
        found = clock.open_request(told)
    if found is None:
        return None
    today = engine.policy.zone.day(max(engine.clock(), found.asked_at))
    day = clock.answer_by(engine.policy, found.asked_at, today)
    return Waiting(found.asked_at, day, today > day)


def answered_by(engine: Engine) -> tuple[int, int]:
    """Return within how many working days a request of now is answered, and by which local day."""
    policy, now = engine.policy, engine.clock()
    today = policy.zone.day(now)
    return clock.working_days(policy, today), clock.answer_by(policy, now, today)


def answer(
    engine: Engine, borrower: str, *, result: Result, by: str, note: str = "",
    loan: str | None = None, first_due_day: int | None = None, months: int | None = None,
    rate_ppm: int | None = None, key: str | None = None,
) -> Orders:  # fmt: skip
    """Store a person's answer and do what it says, in one transaction; the task is done with it.

    A deferral or restructuring changes `loan` from `first_due_day`; a collection pause stops
    collection of `loan`, or of all. The same key answers once, and nothing is ordered the second
    time. Raises InputError for what is missing or not on offer, NotFoundError for a loan that is
    not this borrower's; then nothing was stored.
    """
    check_key(key or "answer")
    with held(engine, borrower) as line:
        if key is not None and _answered(line, key, loan):
            return Orders()
        orders = rules.answer(
            line.view(), result=result, by=by, note=note, loan=loan, first_due_day=first_due_day,
            hold=line.new_id() if result == "collection_pause" else None,
        )  # fmt: skip
        change = _change(line, result, loan, first_due_day, months, rate_ppm, f"{by}: {note}")
        if loan is not None:
            row, before = books.loan_row(line, loan)
            if change is not None:
                book(line, row, before, change, key or f"hardship:{line.new_id()}")
        line.carry_out(orders)
        for kind in ("hardship", clock.PAST):
            notices.withdraw(line.conn, borrower, kind, line.now)
    return orders


def _change(
    line: Held, result: Result, loan: str | None, first_due_day: int | None, months: int | None,
    rate_ppm: int | None, why: str,
) -> Transaction | None:  # fmt: skip
    if result not in {"deferral", "restructuring"}:
        return None
    if loan is None or first_due_day is None:
        raise InputError(
            f"a {result} needs its loan and the day from which instalments fall due again",
            next_step="name both",
            code="hardship.value",
        )
    if result == "deferral":
        return workout.deferral(line, loan, first_due_day, why)
    return workout.restructuring(line, loan, first_due_day, months, rate_ppm, why)


def _answered(line: Held, key: str, loan: str | None) -> bool:
    earlier = loans.by_key(line.conn, line.borrower, key)
    if earlier is not None and earlier.loan != loan:
        raise KeyUsedError("loan")
    return earlier is not None
