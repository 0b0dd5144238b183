"""Borrowers: their lock, the head of their chain, their data key."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Cursor

from xindeng.kernel.errors import ErasedError, NotFoundError
from xindeng.store.chain import genesis
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey, KeyRing, erased
from xindeng.store.rows import columns, texts, unnest


@dataclass(slots=True)
class Chain:
    """A borrower's chain as it stands: its length, its head, and the key that seals what follows.

    While its row is locked by this transaction nobody else can lengthen it. `currency` is that of
    every amount in it, None until the first event comes in.
    """

    borrower: str
    seq: int
    head: bytes
    key: DataKey
    currency: str | None = None


_COLUMNS = """
    SELECT b.borrower, b.seq, b.head, k.key_id, k.wrapped, k.master_id, b.currency
    FROM borrower b LEFT JOIN LATERAL (
        SELECT * FROM borrower_key k
        WHERE k.borrower = b.borrower AND k.destroyed_at IS NULL LIMIT 1
    ) AS k ON true
"""
_LOCK = f"{_COLUMNS} WHERE b.borrower = ANY(%b::text[]) ORDER BY b.borrower FOR UPDATE OF b"
_READ = f"{_COLUMNS} WHERE b.borrower = %s"
_HEAD = ("text", "int8", "bytea")
_SAVE_HEADS = f"""
    UPDATE borrower b SET seq = n.seq, head = n.head
    FROM {unnest(_HEAD)} AS n (borrower, seq, head)
    WHERE b.borrower = n.borrower AND b.borrower = ANY(%b::text[])
"""
_MISSING = """
    SELECT n, (SELECT master_id FROM master_key ORDER BY number DESC LIMIT 1)
    FROM unnest(%b::text[]) AS n
    WHERE (SELECT true FROM borrower b WHERE b.borrower = n) IS NULL ORDER BY n
"""
_CREATE = """
    WITH made AS (
        INSERT INTO borrower (borrower, created_at, head) VALUES (%(borrower)s, %(now)s, %(head)s)
        ON CONFLICT DO NOTHING RETURNING borrower
    )
    INSERT INTO borrower_key (borrower, master_id, wrapped, created_at)
    SELECT borrower, %(master_id)s, %(wrapped)s, %(now)s FROM made
"""

_BY_KEY = """
    SELECT set_config('enable_seqscan', 'off', true),
           set_config('plan_cache_mode', 'force_generic_plan', true)
"""


def by_key(conn: Conn) -> None:
    """Have this transaction find every row by its key from here on.

    What is planned once serves for long: a plan made while tables were empty reads the whole of
    them for every group, however large they have become, until they are analysed next. And it
    serves every group: left to itself the planner makes one for each size of a group, for a third
    of all the database does for it.
    """
    conn.execute(_BY_KEY, prepare=True)


def create_missing(conn: Conn, keys: KeyRing, borrowers: Collection[str], now: int) -> None:
    """Give each new borrower a row and a data key; in id order, so that nobody deadlocks."""
    by_key(conn)
    missing = conn.execute(_MISSING, [texts(borrowers)], prepare=True).fetchall()
    for borrower, told in missing:
        master = told or keys.master_id
        conn.execute(
            _CREATE,
            {
                "borrower": borrower,
                "now": now,
                "head": genesis(borrower),
                "master_id": master,
                "wrapped": keys.new_wrapped(borrower, master),
            },
        )


def lock(conn: Conn, keys: KeyRing, borrowers: Collection[str]) -> dict[str, Chain]:
    """Lock the borrowers' rows in id order until the transaction ends.

    Unknown ones are left out. Raises ConflictError after waiting 2 s, ErasedError for an erased
    borrower.
    """
    return chains(keys, lock_later(conn, borrowers))


def lock_later(
    conn: Conn, borrowers: Collection[str], *, wait: bool = True
) -> Cursor[tuple[Any, ...]]:
    """Send the lock without waiting; `chains` reads it, after other statements were sent.

    With `wait` false whoever is locked by somebody else is left out.
    """
    by_key(conn)
    lock = _LOCK if wait else f"{_LOCK} SKIP LOCKED"
    return conn.execute(lock, [texts(borrowers)], binary=True, prepare=True)


def chains(keys: KeyRing, rows: Iterable[tuple[Any, ...]]) -> dict[str, Chain]:
    """Return the chains that `lock_later` locked; raises as `lock` does."""
    return {row[0]: _chain(keys, row) for row in rows}


def open_chains(
    keys: KeyRing, rows: Iterable[tuple[Any, ...]]
) -> tuple[dict[str, Chain], dict[str, ErasedError]]:
    """Return the chains that `lock_later` locked, and the error of each that was erased."""
    opened: dict[str, Chain] = {}
    erased: dict[str, ErasedError] = {}
    for row in rows:
        try:
            opened[row[0]] = _chain(keys, row)
        except ErasedError as error:
            erased[row[0]] = error
    return opened, erased


def read(conn: Conn, keys: KeyRing, borrower: str) -> Chain:
    """Return the chain as of the transaction's snapshot, unlocked; raises NotFoundError."""
    row = conn.execute(_READ, [borrower], binary=True).fetchone()
    if row is None:
        raise unknown(borrower)
    return _chain(keys, row)


def read_keys(conn: Conn, keys: KeyRing, names: Collection[str]) -> dict[str, DataKey]:
    """Return the data keys of those borrowers whose data were not erased."""
    rows = conn.execute(
        f"{_COLUMNS} WHERE b.borrower = ANY(%s) AND k.key_id IS NOT NULL",
        [list(names)],
        binary=True,
    )
    return {row[0]: _chain(keys, row).key for row in rows}


def heads_after(conn: Conn, after: str, count: int) -> list[tuple[str, int, bytes]]:
    """Return (borrower, length, head) of the next `count` chains in id order, as recorded."""
    rows = conn.execute(
        "SELECT borrower, seq, head FROM borrower WHERE borrower > %s ORDER BY borrower LIMIT %s",
        [after, count],
        binary=True,
    )
    return [(row[0], row[1], row[2]) for row in rows]


def hold_those(conn: Conn, over: str, first: str, upto: str) -> list[str]:
    """Lock, in id order, the borrowers from `first` to `upto` that have a living loan or line.

    `over` is "loan" (open, or written off and not recovered) or "line" (not closed). Their data
    may have been erased; the accounts go on.
    """
    having = {
        "loan": "SELECT borrower FROM loan WHERE state <> 'closed'",
        "line": "SELECT borrower FROM line WHERE change <> 'closed'",
    }[over]
    rows = conn.execute(
        f"SELECT borrower FROM borrower WHERE borrower BETWEEN %s AND %s AND borrower IN ({having}"
        " AND borrower BETWEEN %s AND %s) ORDER BY borrower FOR UPDATE",
        [first, upto, first, upto],
    )
    return [row[0] for row in rows]


def readable(conn: Conn, names: Collection[str]) -> list[str]:
    """Return those borrowers whose data key still stands, in id order."""
    rows = conn.execute(
        "SELECT borrower FROM borrower_key WHERE borrower = ANY(%s) AND destroyed_at IS NULL"
        " ORDER BY borrower",
        [list(names)],
    )
    return [row[0] for row in rows]


def settle_currency(conn: Conn, chains: Sequence[Chain], currency: str) -> None:
    """Say, once and for all, in which currency the amounts of these locked chains are."""
    conn.execute(
        "UPDATE borrower SET currency = %s WHERE borrower = ANY(%s) AND currency IS NULL",
        [currency, [chain.borrower for chain in chains]],
    )
    for chain in chains:
        chain.currency = currency


def save_heads(conn: Conn, chains: Sequence[Chain]) -> None:
    """Store the lengthened chains' lengths and heads."""
    rows = [(chain.borrower, chain.seq, chain.head) for chain in chains]
    if rows:
        told = columns(_HEAD, rows)
        conn.execute(_SAVE_HEADS, [*told, told[0]], prepare=True)


def unknown(borrower: str) -> NotFoundError:
    """Return the error of a borrower nobody has told us of."""
    return NotFoundError(
        f"no borrower {borrower!r}",
        next_step="check the id, or send the borrower's events first",
        code="not_found.borrower",
    )


def _chain(keys: KeyRing, row: tuple[Any, ...]) -> Chain:
    borrower, seq, head, key_id, wrapped, master_id, currency = row
    if key_id is None:
        raise erased(borrower)
    return Chain(borrower, seq, head, keys.open(borrower, key_id, wrapped, master_id), currency)
