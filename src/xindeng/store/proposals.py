"""Proposals at rest: who proposed what, and who judged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey

_NAMES: Final = (
    "id", "kind", "borrower", "author", "made_at", "expires_at", "key_id", "body", "state",
    "judged_by", "judged_at",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_NAMES)
_EFFECTIVE: Final = "coalesce(effective_at, published_at)"


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A row of the table `proposal`; instants in µs."""

    id: str
    kind: str
    borrower: str | None
    author: str
    made_at: int
    expires_at: int
    key_id: int | None
    body: bytes
    state: str = "open"
    judged_by: str | None = None
    judged_at: int | None = None

    def plain(self, key: DataKey | None) -> bytes:
        """Return what is proposed, encoded; `key` is the borrower's where it is about one.

        Raises XindengError "store.integrity" if a bit was changed.
        """
        if key is None:
            return self.body
        return key.unseal(self.body, belongs_to(self.id), where=f"proposal {self.id}")


def insert(conn: Conn, row: ProposalRow) -> None:
    """Store a new proposal."""
    values = [UUID(row.id), *[getattr(row, name) for name in _NAMES[1:]]]
    conn.execute(
        f"INSERT INTO proposal ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_NAMES))})", values
    )


def read(conn: Conn, ident: str, *, hold: bool = False) -> ProposalRow:
    """Return a proposal, locked until the transaction ends if asked; raises NotFoundError."""
    try:
        key = UUID(ident)
    except ValueError:
        raise _unknown(ident) from None
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM proposal WHERE id = %s{' FOR UPDATE' if hold else ''}",
        [key],
        binary=True,
    ).fetchone()
    if row is None:
        raise _unknown(ident)
    return _row(row)


def judge(conn: Conn, ident: str, state: str, by: str, at: int) -> None:
    """Mark a proposal that this transaction has locked as approved or refused."""
    conn.execute(
        "UPDATE proposal SET state = %s, judged_by = %s, judged_at = %s WHERE id = %s",
        [state, by, at, UUID(ident)],
    )


def listed(conn: Conn, *, waiting: bool) -> list[ProposalRow]:
    """Return proposals, oldest first: those not judged, or all."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM proposal WHERE state = 'open' OR NOT %s ORDER BY made_at, id",
        [waiting],
        binary=True,
    )
    return [_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Publication:
    """A row of the table `publication`; instants in µs."""

    hash: str
    published_at: int
    effective_at: int
    proposal: str


def publish(conn: Conn, policy_hash: str, proposal: str, at: int, effective_at: int) -> None:
    """Put a stored policy version in force from an instant (µs) on."""
    conn.execute(
        "INSERT INTO publication (hash, published_at, effective_at, proposal)"
        " VALUES (%s, %s, %s, %s)",
        [policy_hash, at, effective_at, UUID(proposal)],
    )


def lock_publications(conn: Conn) -> None:
    """Let nobody else publish until the transaction ends; everybody may read."""
    conn.execute("LOCK TABLE publication IN SHARE ROW EXCLUSIVE MODE")


def published(conn: Conn) -> list[Publication]:
    """Return every publication, oldest first."""
    rows = conn.execute(
        f"SELECT hash, published_at, {_EFFECTIVE}, proposal FROM publication ORDER BY number"
    )
    return [Publication(row[0], row[1], row[2], str(row[3])) for row in rows]


def in_force(conn: Conn, at: int) -> str | None:
    """Return the hash of the version in force at an instant (µs), None where there is none.

    It is the one that took effect last; of two that do so at once, the one published later.
    """
    row = conn.execute(
        f"SELECT hash FROM publication WHERE {_EFFECTIVE} <= %s"
        f" ORDER BY {_EFFECTIVE} DESC, number DESC LIMIT 1",
        [at],
    ).fetchone()
    return row[0] if row else None


def replaced(conn: Conn, policy_hash: str, since: int, at: int) -> bool:
    """Say whether another version than that took effect from `since` to `at` (µs)."""
    row = conn.execute(
        f"SELECT EXISTS (SELECT FROM publication WHERE {_EFFECTIVE} BETWEEN %s AND %s"
        " AND hash <> %s)",
        [since, at, policy_hash],
    ).fetchone()
    return bool(row and row[0])


def belongs_to(ident: str) -> bytes:
    """Return the associated data under which a proposal is sealed."""
    return msgspec.msgpack.encode(("proposal", ident))


def _row(row: Sequence[Any]) -> ProposalRow:
    return ProposalRow(str(row[0]), *row[1:])


def _unknown(ident: str) -> NotFoundError:
    return NotFoundError(
        f"no proposal {ident[:60]!r}",
        next_step="see: xindeng proposals list",
        code="not_found.proposal",
    )
