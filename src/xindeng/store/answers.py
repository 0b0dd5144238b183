"""Answers at rest: what a request was told under its idempotency key, sealed, kept for good."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

_CLAIM: Final = """
    INSERT INTO in_hand (borrower, key, token, until) VALUES (%s, %s, %s, %s)
    ON CONFLICT (borrower, key) DO UPDATE SET token = excluded.token, until = excluded.until
    WHERE in_hand.until <= %s
    RETURNING token
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status and the exact bytes of a body; `asked` is the digest of the request."""

    asked: bytes
    status: int
    body: bytes


def read(conn: Conn, chain: Chain, key: str) -> Answer | None:
    """Return the answer given under a key, None before there is one.

    Raises XindengError "store.integrity" if a bit was changed.
    """
    row = conn.execute(
        "SELECT body, status, record FROM answer WHERE borrower = %s AND key = %s",
        [chain.borrower, key],
        binary=True,
        prepare=True,
    ).fetchone()
    if row is None:
        return None
    where = f"answer to a request of borrower {chain.borrower}"
    plain = chain.key.unseal(row[2], _belongs_to(chain.borrower, key, row[0], row[1]), where=where)
    return Answer(row[0], row[1], plain)


def insert(conn: Conn, chain: Chain, key: str, given: Answer, at: int) -> None:
    """Keep an answer, in the transaction of what it tells; the borrower's row is locked."""
    sealed = chain.key.seal(given.body, _belongs_to(chain.borrower, key, given.asked, given.status))
    conn.execute(
        "INSERT INTO answer (borrower, key, body, at, status, key_id, record)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [chain.borrower, key, given.asked, at, given.status, chain.key.key_id, sealed],
        prepare=True,
    )


def take_in_hand(conn: Conn, borrower: str, key: str, token: str, *, now: int, until: int) -> bool:
    """Take a request in hand until an instant (µs) at the latest; False if somebody else has it."""
    row = conn.execute(_CLAIM, [borrower, key, UUID(token), until, now]).fetchone()
    return row is not None


def put_down(conn: Conn, borrower: str, key: str, token: str) -> None:
    """Say that the request is no longer in hand, if it was still ours."""
    conn.execute(
        "DELETE FROM in_hand WHERE borrower = %s AND key = %s AND token = %s",
        [borrower, key, UUID(token)],
    )


def _belongs_to(borrower: str, key: str, asked: bytes, status: int) -> bytes:
    return msgspec.msgpack.encode(("answer", borrower, key, asked, status))
