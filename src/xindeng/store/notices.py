"""Notices to borrowers and tasks for people: sealed, stored with the change they follow from."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec

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
) -> None:
    """Store a task for a person; one that is open already stays as it is."""
    sealed = chain.key.seal(note.encode(), _belongs_to(chain.borrower, ident))
    conn.execute(
        "INSERT INTO task (id, borrower, kind, subject, due_day, key_id, note, made_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
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


def of_borrower(conn: Conn, borrower: str) -> list[tuple[SealedNotice, int, int | None]]:
    """Return (notice, made at, sent at) of a borrower, oldest first; instants in µs."""
    rows = conn.execute(
        "SELECT id, borrower, kind, key_id, body, made_at, sent_at FROM notice"
        " WHERE borrower = %s ORDER BY id",
        [borrower],
    )
    return [(SealedNotice(str(row[0]), *row[1:5]), row[5], row[6]) for row in rows]


def unsent(conn: Conn, limit: int = 500) -> list[SealedNotice]:
    """Return notices to be delivered, oldest first; other workers skip the rows meanwhile."""
    rows = conn.execute(
        "SELECT id, borrower, kind, key_id, body FROM notice WHERE sent_at IS NULL"
        " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
        [limit],
    )
    return [SealedNotice(str(row[0]), *row[1:]) for row in rows]


def sent(conn: Conn, idents: list[str], at: int) -> None:
    """Mark notices as delivered."""
    conn.execute(
        "UPDATE notice SET sent_at = %s WHERE id = ANY(%s)", [at, [UUID(one) for one in idents]]
    )


def _belongs_to(borrower: str, ident: str) -> bytes:
    return msgspec.msgpack.encode(("notice", borrower, ident))
