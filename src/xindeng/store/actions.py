"""What staff and API keys did: a chain of hashes for each actor, appended once and never changed.

Where an action is about a borrower its body is sealed under that borrower's key and goes with it;
that something was done, by whom, when and of what kind stays readable, and verifiable, for good.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.store.borrowers import Chain
from xindeng.store.chain import digest
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey

_FORMAT: Final = 1
COLUMNS: Final = "actor, seq, id, at, kind, subject, key_id, body, prev_hash, hash"


@dataclass(frozen=True, slots=True)
class Action:
    """A row of the table `action`, columns in their order; `subject` is what it was done to."""

    actor: str
    seq: int
    id: str
    at: int
    kind: str
    subject: str
    key_id: int | None
    body: bytes
    prev_hash: bytes
    hash: bytes

    @property
    def owner(self) -> str:
        """Return whose chain it is in."""
        return self.actor

    def expected(self, prev_hash: bytes) -> bytes:
        """Return the hash that its columns give after `prev_hash`."""
        return digest("action", _FORMAT, prev_hash, self.actor, self.seq, self.id, self.at,
                      self.kind, self.subject, self.key_id, self.body)  # fmt: skip

    def unseal(self, key: DataKey | None) -> dict[str, Any]:
        """Return what was recorded; `key` is the borrower's where the action is about one.

        Raises XindengError "store.integrity" if a bit was changed.
        """
        plain = self.body
        if key is not None and self.key_id is not None:
            where = f"actor {self.actor}, action {self.seq}"
            plain = key.unseal(self.body, _belongs_to(self.actor, self.id), where=where)
        return msgspec.json.decode(plain, type=dict[str, Any])


def genesis(actor: str) -> bytes:
    """Return the prev_hash of an actor's first action."""
    return hashlib.sha256(f"xindeng actions {_FORMAT}:{actor}".encode()).digest()


def record(
    conn: Conn,
    actor: str,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    *,
    ident: str,
    at: int,
    about: Chain | None = None,
) -> Action:
    """Append an action to the actor's chain, in the transaction of what it did.

    `about` is the borrower whom the body tells of; without one the body must hold nothing
    personal. Actions of one actor take turns.
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1))", [actor])
    row = conn.execute(
        "SELECT seq, hash FROM action WHERE actor = %s ORDER BY seq DESC LIMIT 1",
        [actor],
        binary=True,
    ).fetchone()
    seq, head = (row[0] + 1, row[1]) if row else (1, genesis(actor))
    plain = msgspec.json.encode(body)
    sealed = about.key.seal(plain, _belongs_to(actor, ident)) if about else plain
    key_id = about.key.key_id if about else None
    made = Action(actor, seq, ident, at, kind, subject, key_id, sealed, head, b"")
    made = Action(actor, seq, ident, at, kind, subject, key_id, sealed, head, made.expected(head))
    conn.execute(
        f"INSERT INTO action ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [actor, seq, UUID(ident), at, kind, subject, key_id, sealed, head, made.hash],
    )
    return made


def of_actor(conn: Conn, actor: str) -> list[Action]:
    """Return an actor's actions in order."""
    rows = conn.execute(
        f"SELECT {COLUMNS} FROM action WHERE actor = %s ORDER BY seq", [actor], binary=True
    )
    return [Action(row[0], row[1], str(row[2]), *row[3:]) for row in rows]


def actors(conn: Conn) -> list[str]:
    """Return everybody who has done something, in order."""
    return [row[0] for row in conn.execute("SELECT DISTINCT actor FROM action ORDER BY actor")]


def _belongs_to(actor: str, ident: str) -> bytes:
    return msgspec.msgpack.encode(("action", actor, ident))
