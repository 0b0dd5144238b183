"""One payment on a line: laid on its loans, what is due first, and what is left over kept."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

from xindeng.kernel.errors import ConflictError, InputError, KeyUsedError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.repay import Receipt, book, check_key
from xindeng.servicing import loan as rules
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Recover, Repay, read_transaction
from xindeng.store import loans
from xindeng.store.loans import LoanRow, TransactionRow


@dataclass(frozen=True, slots=True)
class Part:
    """What a payment did on one loan, minor units."""

    amount: int
    receipt: Receipt


def pay(engine: Engine, borrower: str, amount: int, key: str) -> tuple[Part, ...]:
    """Lay a payment of `amount` minor units on the borrower's loans; the same key pays once.

    First what is due, oldest due day first, then the oldest loans ahead of time, then loans
    written off. What is left is kept as a credit balance on the last of them, to be refunded.
    Raises InputError for no amount, ConflictError where nothing is owed, KeyUsedError where the key
    was used for another amount, NotFoundError; then nothing was posted.
    """
    check_key(key + "#00")
    if type(amount) is not int or not 1 <= amount <= MAX_AMOUNT:
        raise InputError(
            f"a payment of {amount!r} minor units",
            where="amount",
            next_step=f"pay from 1 to {MAX_AMOUNT:,} minor units",
            code="repay.amount",
        )
    with held(engine, borrower) as line:
        earlier = _earlier(line, key)
        if earlier:
            if sum(part.amount for part in earlier) != amount:
                raise KeyUsedError("payment")
            return earlier
        return tuple(
            Part(part, _book(line, row, told, found, part, f"{key}#{number}"))
            for number, (row, told, found, part) in enumerate(_laid(line, amount))
        )


_Owed = tuple[LoanRow, list[TransactionRow], Standing]


def _laid(line: Held, amount: int) -> list[tuple[LoanRow, list[TransactionRow], Standing, int]]:
    """Return how much of the payment each loan takes, in order; together they take all of it."""
    owing = _owing(line)
    if not owing:
        raise ConflictError(
            "nothing is owed on this line, so no payment was booked",
            where=f"borrower {line.borrower}",
            next_step=f"see: xindeng line show {line.borrower}",
            code="repay.nothing_owed",
        )
    parts = [0] * len(owing)
    for due_only in (True, False):
        for index, (_, _, found) in enumerate(owing):
            lost = found.status == "written_off"
            owed = found.written_off if lost else found.payoff
            wanted = (0 if lost else found.due_now) if due_only else owed
            part = min(amount, max(wanted - parts[index], 0))
            parts[index] += part
            amount -= part
    last = max((index for index, part in enumerate(parts) if part), default=0)
    parts[last] += amount
    return [(*one, part) for one, part in zip(owing, parts, strict=True) if part]


def _owing(line: Held) -> list[_Owed]:
    rows = loans.of_borrower(line.conn, line.borrower)
    told = loans.transactions(line.conn, [row.loan for row in rows])
    owing: list[_Owed] = []
    for row in rows:
        found = rules.standing(books.loan_of(row, told[row.loan]), line.today)
        if found.status == "open" or (found.status == "written_off" and found.written_off):
            owing.append((row, told[row.loan], found))

    def order(one: _Owed) -> tuple[bool, int, int]:
        found = one[2]
        first = found.dues[0].day if found.dues else found.plan[0].day if found.plan else found.day
        return found.status == "written_off", first, found.opened

    return sorted(owing, key=order)


def _book(
    line: Held, row: LoanRow, told: list[TransactionRow], found: Standing, part: int, key: str
) -> Receipt:
    kind = Recover if found.status == "written_off" else Repay
    return book(line, row, told, kind(line.today, part, row.currency), key)


def _earlier(line: Held, key: str) -> tuple[Part, ...]:
    """Return the parts that the same key booked before."""
    parts: list[Part] = []
    for number in count():
        found = loans.by_key(line.conn, line.borrower, f"{key}#{number}")
        if found is None:
            return tuple(parts)
        made = read_transaction(found.body)
        assert isinstance(made, Repay | Recover)
        row, told = books.loan_row(line, found.loan)
        parts.append(Part(made.amount, Receipt.of(found.seq, books.age(row, told, line.today))))
    return tuple(parts)
