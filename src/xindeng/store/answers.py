"""Answers at rest: what a request was told under its idempotency key, sealed, kept for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.rows import columns, unnest

_TYPES: Final = ("text", "text", "bytea", "int8", "int2", "int8", "bytea")
_INSERT: Final = (
    "INSERT INTO answer (borrower, key, body, at, status, key_id, record) "
    f"SELECT * FROM {unnest(_TYPES)}"
)
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


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer to be kept: in whose partition, under which key, given when (µs)."""

    chain: Chain
    key: str
    answer: Answer
    at: int


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
    return None if row is None else unseal(chain, key, *row)


def unseal(chain: Chain, key: str, asked: bytes, status: int, record: bytes) -> Answer:
    """Return a stored answer in the clear; raises XindengError "store.integrity"."""
    where = f"answer to a request of borrower {chain.borrower}"
    plain = chain.key.unseal(record, _belongs_to(chain.borrower, key, asked, status), where=where)
    return Answer(asked, status, plain)


def insert(conn: Conn, given: Sequence[Kept]) -> None:
    """Keep answers, in the transaction of what they tell; the borrowers' rows are locked."""
    rows = [
        (one.chain.borrower, one.key, one.answer.asked, one.at, one.answer.status,
         one.chain.key.key_id, _seal(one))
        for one in given
    ]  # fmt: skip
    conn.execute(_INSERT, columns(_TYPES, rows), prepare=True)


def _seal(one: Kept) -> bytes:
    told = one.answer
    bound = _belongs_to(one.chain.borrower, one.key, told.asked, told.status)
    return one.chain.key.seal(told.body, bound)


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
