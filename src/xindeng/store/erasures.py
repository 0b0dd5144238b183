"""Erasure at rest: the person's key is destroyed, what can be rebuilt goes, a tombstone stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

# Rows that serve running work and prove nothing: they go. What is append-only cannot go, and is
# unreadable without the key.
_GO: Final = ("state", "line", "task", "notice", "in_hand", "plan_watch", "trial")


@dataclass(frozen=True, slots=True)
class Erasure:
    """A row of the table `erasure`; `seq` and `head` are the end of the chain that stays."""

    number: int
    borrower: str
    at: int
    actor: str
    cause: str
    seq: int
    head: bytes


def destroy(conn: Conn, chain: Chain, actor: str, cause: str, at: int) -> Erasure:
    """Destroy the key of a borrower whom this transaction has locked; store the tombstone."""
    conn.execute(
        "UPDATE borrower_key SET wrapped = NULL, destroyed_at = %s"
        " WHERE borrower = %s AND destroyed_at IS NULL",
        [at, chain.borrower],
    )
    for table in _GO:
        conn.execute(f"DELETE FROM {table} WHERE borrower = %s", [chain.borrower])
    conn.execute(
        "UPDATE matter SET result = 'withdrawn', closed_at = %s, closed_by = %s"
        " WHERE borrower = %s AND closed_at IS NULL",
        [at, actor, chain.borrower],
    )
    row = conn.execute(
        "INSERT INTO erasure (borrower, at, actor, cause, seq, head)"
        " VALUES (%s, %s, %s, %s, %s, %s) RETURNING number",
        [chain.borrower, at, actor, cause, chain.seq, chain.head],
    ).fetchone()
    assert row is not None
    return Erasure(row[0], chain.borrower, at, actor, cause, chain.seq, chain.head)


def after(conn: Conn, number: int, limit: int = 1_000) -> list[Erasure]:
    """Return the erasures after a number, oldest first."""
    rows = conn.execute(
        "SELECT number, borrower, at, actor, cause, seq, head FROM erasure"
        " WHERE number > %s ORDER BY number LIMIT %s",
        [number, limit],
        binary=True,
    )
    return [Erasure(*row) for row in rows]


def last(conn: Conn) -> int:
    """Return the number of the newest erasure, 0 where there is none."""
    row = conn.execute("SELECT coalesce(max(number), 0) FROM erasure").fetchone()
    return int(row[0]) if row else 0


def told(conn: Conn, reader: str) -> int:
    """Return up to which erasure a stream was told."""
    row = conn.execute("SELECT erasure FROM feed_reader WHERE reader = %s", [reader]).fetchone()
    return row[0] if row else 0


def tell(conn: Conn, reader: str, number: int) -> None:
    """Note up to which erasure a stream was told."""
    conn.execute("UPDATE feed_reader SET erasure = %s WHERE reader = %s", [number, reader])


def closed_before(conn: Conn, at: int, limit: int) -> list[str]:
    """Return borrowers who can still be read, whose line was closed before an instant (µs) and
    who owe nothing and are owed nothing on their way."""
    rows = conn.execute(
        "SELECT l.borrower FROM line l JOIN borrower_key k"
        " ON k.borrower = l.borrower AND k.destroyed_at IS NULL"
        " WHERE l.change = 'closed' AND l.changed_at < %s AND NOT EXISTS"
        " (SELECT FROM loan o WHERE o.borrower = l.borrower AND o.state <> 'closed')"
        " ORDER BY l.borrower LIMIT %s",
        [at, limit],
    )
    return [row[0] for row in rows]


_OLD: Final[Mapping[str, str]] = {
    "notices": "DELETE FROM notice WHERE sent_at < %s",
    "tasks_done": "DELETE FROM task WHERE done_at < %s",
    "trials": "DELETE FROM trial WHERE at < %s",
    "sightings": "DELETE FROM sighting WHERE at < %s",
    "staff_sessions": "DELETE FROM staff_session WHERE least(closed_at, expires_at) < %s",
    "requests_in_hand": "DELETE FROM in_hand WHERE until < %s",
    "agents_found": "DELETE FROM agent WHERE closed_at < %s",
    "limits_of_calls": "DELETE FROM guard WHERE at < %s",
}
REMOVABLE: Final = frozenset(_OLD)
"""The records of which single rows go when their time is over."""


def remove_old(conn: Conn, record: str, before: int) -> int:
    """Remove the rows of a record that are older than an instant (µs); return how many."""
    return conn.execute(_OLD[record], [before]).rowcount


def begin_cleaning(conn: Conn, day: int, at: int) -> bool:
    """Claim the cleaning of a local day; False where it was claimed before."""
    row = conn.execute(
        "INSERT INTO cleaning (day, done_at, removed) VALUES (%s, %s, '{}') ON CONFLICT DO NOTHING"
        " RETURNING day",
        [day, at],
    ).fetchone()
    return row is not None
