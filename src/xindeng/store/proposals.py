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


def publish(conn: Conn, policy_hash: str, proposal: str, at: int) -> None:
    """Put a stored policy version in force."""
    conn.execute(
        "INSERT INTO publication (hash, published_at, proposal) VALUES (%s, %s, %s)",
        [policy_hash, at, UUID(proposal)],
    )


def published(conn: Conn) -> list[tuple[str, int, str]]:
    """Return (hash, published at, proposal) of every publication, oldest first."""
    rows = conn.execute("SELECT hash, published_at, proposal FROM publication ORDER BY number")
    return [(row[0], row[1], str(row[2])) for row in rows]


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
