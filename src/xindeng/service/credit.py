"""What was paid too much: shown, refunded when the borrower asks, else laid on what falls due next.

A credit balance belongs to the loan it was paid on. To use it for another loan it is refunded there
and repaid here, in one transaction, so that the cash of both cancels out.
"""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.kernel.errors import ConflictError, InputError, KeyUsedError
from xindeng.kernel.money import Money
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import held, held_with, save
from xindeng.service.held_line import Held
from xindeng.service.repay import Receipt, book, check_key
from xindeng.servicing import loan as rules
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Refund, Repay, read_transaction
from xindeng.store import borrowers, loans, states
from xindeng.store.chunks import Chunk
from xindeng.store.connect import Conn
from xindeng.store.loans import LoanRow, TransactionRow

_Loan = tuple[LoanRow, list[TransactionRow], Standing]
_USED = {
    "zh": "您多付的 {money} 已用于抵扣到期应还款，无需任何操作。",
    "en": "The {money} you had paid too much was used for what fell due; you need do nothing.",
}


def refund(
    engine: Engine, borrower: str, key: str, amount: int | None = None
) -> tuple[Receipt, ...]:
    """Pay back `amount` minor units of what was paid too much, all of it if None; once a key.

    Raises InputError for more than there is or no amount, ConflictError where nothing is to be
    refunded or the key was used for another amount, NotFoundError; then nothing was posted.
    """
    check_key(key + "#00")
    with held(engine, borrower) as line:
        earlier = list(_earlier(line, key))
        if earlier:
            _same(amount, sum(paid for paid, _ in earlier))
            return tuple(receipt for _, receipt in earlier)
        having = [one for one in _loans(line) if one[2].credit]
        total = sum(found.credit for _, _, found in having)
        wanted = total if amount is None else amount
        _check(line, wanted, total)
        receipts: list[Receipt] = []
        for row, told, found in having:
            part = min(wanted, found.credit)
            if part:
                made = Refund(line.today, part, row.currency)
                receipts.append(book(line, row, told, made, f"{key}#{len(receipts)}"))
                wanted -= part
        return tuple(receipts)


def use(line: Held) -> int:
    """Lay credit balances on what is due today, oldest first; return how much was used."""
    found = _loans(line)
    having = next((one for one in found if one[2].credit), None)
    due = [one for one in found if one[2].status == "open" and one[2].due_now and one is not having]
    if having is None or not due:
        return 0
    target = min(due, key=lambda one: one[2].dues[0].day if one[2].dues else line.today)
    part = min(having[2].credit, target[2].due_now)
    key = f"credit:{having[0].loan}:{len(having[1])}:{target[0].loan}"
    book(line, *having[:2], Refund(line.today, part, having[0].currency), f"{key}:out")
    book(line, *target[:2], Repay(line.today, part, target[0].currency), f"{key}:in")
    return part + use(line)


def use_all(engine: Engine, conn: Conn, chunk: Chunk) -> int:
    """Use the credit balances of a chunk's lines for what is due; return how many lines changed."""
    names = borrowers.hold_those(conn, "loan", chunk.first, chunk.upto)
    rich = borrowers.readable(conn, loans.with_credit(conn, names))
    chains = borrowers.lock(conn, engine.store.keys, rich)
    sealed = states.read(conn, list(chains))
    changed = 0
    for name, chain in chains.items():
        line = held_with(engine, conn, chain, engine.state(conn, chain, sealed.get(name)))
        used = use(line)
        if used:
            money = str(Money(used, engine.policy.currency))
            texts = {lang: said.format(money=money) for lang, said in _USED.items()}
            line.notify("credit_used", texts)
            save(line)
            changed += 1
    return changed


def _loans(line: Held) -> list[_Loan]:
    rows = loans.of_borrower(line.conn, line.borrower)
    told = loans.transactions(line.conn, [row.loan for row in rows])
    return [
        (row, told[row.loan], rules.standing(books.loan_of(row, told[row.loan]), line.today))
        for row in rows
    ]


def _check(line: Held, wanted: int, total: int) -> None:
    currency = line.engine.policy.currency
    if not total:
        raise ConflictError(
            "nothing was paid too much on this line, so nothing is refunded",
            where=f"borrower {line.borrower}",
            next_step=f"see: xindeng line show {line.borrower}",
            code="refund.nothing",
        )
    if type(wanted) is not int or not 1 <= wanted <= total:
        raise InputError(
            f"a refund of {wanted!r} minor units, {total:,} are there",
            where="amount",
            next_step=f"ask for at most {Money(total, currency)}",
            code="refund.amount",
        )


def _same(amount: int | None, paid: int) -> None:
    if amount is not None and amount != paid:
        raise KeyUsedError("refund")


def _earlier(line: Held, key: str) -> Iterator[tuple[int, Receipt]]:
    """Yield what the same key paid back before, part by part."""
    number = 0
    while found := loans.by_key(line.conn, line.borrower, f"{key}#{number}"):
        made = read_transaction(found.body)
        if not isinstance(made, Refund):
            _same(-1, 0)
            return
        row, told = books.loan_row(line, found.loan)
        yield made.amount, Receipt.of(found.seq, books.age(row, told, line.today))
        number += 1
