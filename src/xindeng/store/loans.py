"""Loans at rest: terms, dated transactions, and postings that are only ever added."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn

Balances = Mapping[str, int]
"""Account → minor units, zero where it is absent."""

_to_json = msgspec.json.Encoder(order="deterministic").encode
_balances = msgspec.json.Decoder(dict[str, int]).decode
_COLUMNS: Final = (
    "l.loan, l.borrower, l.currency, l.terms, l.opened, l.state, l.aged, l.dpd, l.posted::text"
)
_TRANSACTIONS: Final = "t.loan, t.seq, t.borrower, t.key, t.value_day, t.booked_at, t.body"


@dataclass(frozen=True, slots=True)
class LoanRow:
    """A row of the table `loan`; `aged` is the last local day the end of day has done, `dpd` the
    days past due it found."""

    loan: str
    borrower: str
    currency: str
    terms: bytes
    opened: int
    state: str
    aged: int
    dpd: int
    posted: Balances


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A row of the table `loan_transaction`; `key` is unique for the borrower."""

    loan: str
    seq: int
    borrower: str
    key: str
    value_day: int
    booked_at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class PostingRow:
    """A row of the table `posting`; rows of an `entry` sum to zero. `job` names the end of day."""

    entry: str
    account: str
    loan: str
    borrower: str
    amount: int
    currency: str
    value_day: int
    booked_at: int
    cause: str
    job: str | None


def insert(conn: Conn, loans: Sequence[LoanRow]) -> None:
    """Store new loans."""
    conn.execute(
        """
        INSERT INTO loan (loan, borrower, currency, terms, opened, state, aged, dpd, posted)
        SELECT loan, borrower, currency, terms, opened, state, aged, dpd, posted::jsonb
        FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::bytea[], %s::int8[], %s::text[],
                    %s::int8[], %s::int4[], %s::text[])
            AS n (loan, borrower, currency, terms, opened, state, aged, dpd, posted)
        """,
        [
            [UUID(one.loan) for one in loans], [one.borrower for one in loans],
            [one.currency for one in loans], [one.terms for one in loans],
            [one.opened for one in loans], [one.state for one in loans],
            [one.aged for one in loans], [one.dpd for one in loans],
            [_to_json(one.posted).decode() for one in loans],
        ],
    )  # fmt: skip


def update(conn: Conn, loans: Sequence[LoanRow]) -> None:
    """Store how loans stand: state, day aged and balances."""
    conn.execute(
        """
        UPDATE loan l SET state = n.state, aged = n.aged, dpd = n.dpd,
                          posted = n.posted::jsonb
        FROM unnest(%s::uuid[], %s::text[], %s::int8[], %s::int4[], %s::text[])
            AS n (loan, state, aged, dpd, posted)
        WHERE l.loan = n.loan
        """,
        [
            [UUID(one.loan) for one in loans], [one.state for one in loans],
            [one.aged for one in loans], [one.dpd for one in loans],
            [_to_json(one.posted).decode() for one in loans],
        ],
        prepare=True,
    )  # fmt: skip


def add_transactions(conn: Conn, rows: Sequence[TransactionRow]) -> None:
    """Append transactions; a key the borrower has used is refused by its index."""
    conn.execute(
        """
        INSERT INTO loan_transaction (loan, seq, borrower, key, value_day, booked_at, body)
        SELECT * FROM unnest(%s::uuid[], %s::int4[], %s::text[], %s::text[], %s::int8[],
                             %s::int8[], %s::bytea[])
        """,
        [
            [UUID(one.loan) for one in rows], [one.seq for one in rows],
            [one.borrower for one in rows], [one.key for one in rows],
            [one.value_day for one in rows], [one.booked_at for one in rows],
            [one.body for one in rows],
        ],
    )  # fmt: skip


def post(conn: Conn, rows: Sequence[PostingRow]) -> None:
    """Append postings, all rows of an entry in one call; the database checks that each sums to 0
    and that no job posts twice a day."""
    if not rows:
        return
    conn.execute(
        """
        INSERT INTO posting (entry, account, loan, borrower, amount, currency, value_day,
                             booked_at, cause, job)
        SELECT * FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::int8[],
                             %s::text[], %s::int8[], %s::int8[], %s::text[], %s::text[])
        """,
        [
            [UUID(one.entry) for one in rows], [one.account for one in rows],
            [UUID(one.loan) for one in rows], [one.borrower for one in rows],
            [one.amount for one in rows], [one.currency for one in rows],
            [one.value_day for one in rows], [one.booked_at for one in rows],
            [one.cause for one in rows], [one.job for one in rows],
        ],
        prepare=True,
    )  # fmt: skip


def read(conn: Conn, loan: str) -> LoanRow:
    """Return a loan; raises NotFoundError."""
    try:
        found = of_loans(conn, "l.loan = %s", [UUID(loan)])
    except ValueError:
        found = []
    if not found:
        raise NotFoundError(
            f"no loan {loan[:60]!r}",
            next_step="list the loans with: xindeng line show BORROWER",
            code="not_found.loan",
        )
    return found[0]


def of_borrower(conn: Conn, borrower: str, *, living: bool = False) -> list[LoanRow]:
    """Return a borrower's loans, oldest first; `living` leaves out those that are closed."""
    where = "l.borrower = %s AND l.state <> 'closed'" if living else "l.borrower = %s"
    return of_loans(conn, where, [borrower])


def with_credit(conn: Conn, names: Collection[str]) -> list[str]:
    """Return those borrowers who have paid too much on a loan and were not refunded."""
    rows = conn.execute(
        "SELECT DISTINCT borrower FROM loan WHERE borrower = ANY(%s)"
        " AND posted ? 'customer_credit' ORDER BY borrower",
        [list(names)],
    )
    return [row[0] for row in rows]


def living_between(conn: Conn, first: str, upto: str) -> list[LoanRow]:
    """Return the loans, open or written off and not recovered, of the borrowers from `first` to
    `upto`, both included."""
    return of_loans(conn, "l.state <> 'closed' AND l.borrower BETWEEN %s AND %s", [first, upto])


def between(conn: Conn, first: str, upto: str) -> list[LoanRow]:
    """Return all loans of the borrowers from `first` to `upto`, both included."""
    return of_loans(conn, "l.borrower BETWEEN %s AND %s", [first, upto])


def booked_days(conn: Conn, first: str, upto: str) -> dict[str, int]:
    """Return, by loan, the instant (µs) of the last transaction booked."""
    rows = conn.execute(
        "SELECT loan, max(booked_at) FROM loan_transaction WHERE borrower BETWEEN %s AND %s"
        " GROUP BY loan",
        [first, upto],
    )
    return {str(row[0]): row[1] for row in rows}


def transactions(conn: Conn, loans: Collection[str]) -> dict[str, list[TransactionRow]]:
    """Return the transactions of the loans, each loan's in order."""
    rows = conn.execute(
        f"SELECT {_TRANSACTIONS} FROM loan_transaction t WHERE t.loan = ANY(%s)"
        " ORDER BY t.loan, t.seq",
        [[UUID(one) for one in loans]],
        binary=True,
        prepare=True,
    )
    found: dict[str, list[TransactionRow]] = {loan: [] for loan in loans}
    for row in rows:
        found[str(row[0])].append(TransactionRow(str(row[0]), *row[1:]))
    return found


def by_key(conn: Conn, borrower: str, key: str) -> TransactionRow | None:
    """Return the borrower's transaction under that key, if there is one."""
    row = conn.execute(
        f"SELECT {_TRANSACTIONS} FROM loan_transaction t WHERE t.borrower = %s AND t.key = %s",
        [borrower, key],
        binary=True,
    ).fetchone()
    return None if row is None else TransactionRow(str(row[0]), *row[1:])


def postings(conn: Conn, loan: str) -> list[PostingRow]:
    """Return the postings of a loan in the order they were booked."""
    rows = conn.execute(
        "SELECT entry, account, loan, borrower, amount, currency, value_day, booked_at, cause, job"
        " FROM posting WHERE loan = %s ORDER BY booked_at, entry, account",
        [UUID(loan)],
    )
    return [PostingRow(str(row[0]), row[1], str(row[2]), *row[3:]) for row in rows]


def sums(conn: Conn, first: str, upto: str) -> dict[str, dict[str, int]]:
    """Return the balances by loan and account of a range of borrowers, summed from postings."""
    rows = conn.execute(
        "SELECT loan, account, sum(amount)::int8 FROM posting WHERE borrower BETWEEN %s AND %s"
        " GROUP BY loan, account",
        [first, upto],
    )
    found: dict[str, dict[str, int]] = {}
    for loan, account, total in rows:
        found.setdefault(str(loan), {})[account] = total
    return found


def unbalanced(conn: Conn) -> list[tuple[str, str, int]]:
    """Return (entry, currency, sum) of every entry that does not sum to zero."""
    rows = conn.execute(
        "SELECT entry, currency, sum(amount)::int8 FROM posting GROUP BY entry, currency"
        " HAVING sum(amount) <> 0 LIMIT 100"
    )
    return [(str(row[0]), row[1], row[2]) for row in rows]


def principal(conn: Conn, borrower: str) -> int:
    """Return the principal that the borrower owes on all loans, as posted."""
    row = conn.execute(
        "SELECT coalesce(sum((posted->>'principal')::int8), 0)::int8 FROM loan"
        " WHERE borrower = %s AND state = 'open'",
        [borrower],
        prepare=True,
    ).fetchone()
    return int(row[0]) if row else 0


def of_loans(conn: Conn, where: str, values: list[Any]) -> list[LoanRow]:
    """Return the loans of which a condition in SQL holds, by borrower and age."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM loan l WHERE {where} ORDER BY l.borrower, l.opened, l.loan", values
    )
    return [LoanRow(*(str(row[0]), *row[1:8], _balances(row[8]))) for row in rows]
