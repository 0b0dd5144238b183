"""Notices to borrowers and tasks for people: sealed, stored with the change they follow from."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Cursor

from xindeng.kernel.errors import NotFoundError
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey


@dataclass(frozen=True, slots=True)
class SealedNotice:
    """A row of the table `notice`."""

    id: str
    borrower: str
    kind: str
    key_id: int
    body: bytes
    attempts: int = 0

    def unseal(self, key: DataKey) -> tuple[dict[str, str], tuple[str, ...]]:
        """Return (texts by language, contacts); raises XindengError if a bit was changed."""
        plain = key.unseal(
            self.body, _belongs_to(self.borrower, self.id), where=f"notice {self.id}"
        )
        return msgspec.msgpack.decode(plain, type=tuple[dict[str, str], tuple[str, ...]])


def contacts(*, former_too: bool) -> tuple[str, ...]:
    """Return whom a notice goes to; the former contact hears of what a thief would hide."""
    return ("current", "previous") if former_too else ("current",)


def insert(
    conn: Conn, chain: Chain, ident: str, kind: str, texts: dict[str, str], to: tuple[str, ...],
    at: int,
) -> None:  # fmt: skip
    """Store a notice to be delivered, in the transaction of what it tells."""
    body = chain.key.seal(msgspec.msgpack.encode((texts, to)), _belongs_to(chain.borrower, ident))
    conn.execute(
        "INSERT INTO notice (id, borrower, kind, key_id, body, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [UUID(ident), chain.borrower, kind, chain.key.key_id, body, at],
    )


def ask_people(
    conn: Conn, chain: Chain, ident: str, kind: str, subject: str, due_day: int, note: str, at: int
) -> Cursor[tuple[Any, ...]]:
    """Store a task for a person; one that is open already stays as it is.

    Whoever needs to know whether it is new fetches the row: there is one only then.
    """
    sealed = chain.key.seal(note.encode(), _belongs_to(chain.borrower, ident))
    return conn.execute(
        "INSERT INTO task (id, borrower, kind, subject, due_day, key_id, note, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [UUID(ident), chain.borrower, kind, subject, due_day, chain.key.key_id, sealed, at],
    )


def withdraw(conn: Conn, borrower: str, kind: str, at: int, *, subject: str | None = None) -> None:
    """End the open tasks of a kind, of one subject if given: they need not be done any more."""
    conn.execute(
        "UPDATE task SET done_at = %s WHERE borrower = %s AND kind = %s AND done_at IS NULL"
        " AND subject = coalesce(%s, subject)",
        [at, borrower, kind, subject],
    )


def tasks(conn: Conn, borrower: str) -> list[tuple[str, str, int]]:
    """Return (kind, subject, due day) of the tasks about a borrower that are not done."""
    rows = conn.execute(
        "SELECT kind, subject, due_day FROM task WHERE borrower = %s AND done_at IS NULL"
        " ORDER BY due_day, id",
        [borrower],
    )
    return [(row[0], row[1], row[2]) for row in rows]


def open_tasks(conn: Conn, count: int) -> list[tuple[str, str, str, int, int]]:
    """Return (id, borrower, kind, due day, made at) of up to `count` tasks not done, by due day."""
    rows = conn.execute(
        "SELECT id, borrower, kind, due_day, made_at FROM task WHERE done_at IS NULL"
        " ORDER BY due_day, id LIMIT %s",
        [count],
    )
    return [(str(row[0]), row[1], row[2], row[3], row[4]) for row in rows]


def task_owner(conn: Conn, ident: str) -> str:
    """Return whom a task is about; raises NotFoundError."""
    try:
        row = conn.execute("SELECT borrower FROM task WHERE id = %s", [UUID(ident)]).fetchone()
    except ValueError:
        row = None
    if row is None:
        raise NotFoundError("no such task", code="not_found.task")
    return str(row[0])


def of_borrower(conn: Conn, borrower: str) -> list[tuple[SealedNotice, int, int | None]]:
    """Return (notice, made at, sent at) of a borrower, oldest first; instants in µs."""
    rows = conn.execute(
        "SELECT id, borrower, kind, key_id, body, made_at, sent_at FROM notice"
        " WHERE borrower = %s ORDER BY id",
        [borrower],
    )
    return [(SealedNotice(str(row[0]), *row[1:5]), row[5], row[6]) for row in rows]


def unsent(conn: Conn, limit: int = 500) -> list[SealedNotice]:
    """Return notices that are to be delivered, oldest first."""
    rows = conn.execute(
        "SELECT id, borrower, kind, key_id, body FROM notice WHERE sent_at IS NULL"
        " ORDER BY id LIMIT %s",
        [limit],
    )
    return [SealedNotice(str(row[0]), *row[1:]) for row in rows]


def take(conn: Conn, now: int, until: int, limit: int = 100) -> list[SealedNotice]:
    """Take notices in hand that may go out now, oldest first; others do so again after `until`."""
    rows = conn.execute(
        """
        UPDATE notice SET not_before = %s WHERE id IN (
            SELECT id FROM notice WHERE sent_at IS NULL AND not_before <= %s
            ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
        ) RETURNING id, borrower, kind, key_id, body, attempts
        """,
        [until, now, limit],
    )
    found = [SealedNotice(str(row[0]), *row[1:]) for row in rows]
    return sorted(found, key=lambda one: one.id)


def later(conn: Conn, idents: list[str], at: int, *, tried: bool = False) -> None:
    """Put notices back until an instant (µs); those tried wait longer the next time."""
    conn.execute(
        "UPDATE notice SET not_before = %s, attempts = attempts + %s WHERE id = ANY(%s)",
        [at, int(tried), [UUID(one) for one in idents]],
    )


def sent_since(conn: Conn, borrower: str, kinds: Collection[str], at: int) -> int:
    """Return how many notices of some kinds went to a borrower since an instant (µs)."""
    row = conn.execute(
        "SELECT count(*) FROM notice WHERE borrower = %s AND kind = ANY(%s) AND sent_at >= %s",
        [borrower, list(kinds), at],
    ).fetchone()
    return row[0] if row else 0


def sent(conn: Conn, idents: list[str], at: int) -> None:
    """Mark notices as delivered."""
    conn.execute(
        "UPDATE notice SET sent_at = %s WHERE id = ANY(%s)", [at, [UUID(one) for one in idents]]
    )


def _belongs_to(borrower: str, ident: str) -> bytes:
    return msgspec.msgpack.encode(("notice", borrower, ident))
