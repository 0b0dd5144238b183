"""Decisions at rest: the answer with everything needed to reach it again, sealed and evidenced.

The digest of a decision's row is the `evidence` of its event, so the borrower's chain covers it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.decision.answer import Decision, decode, encode
from xindeng.decision.request import Request
from xindeng.kernel.errors import KeyUsedError, NotFoundError
from xindeng.kernel.ids import new_id
from xindeng.store.chain import digest
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey, integrity_error
from xindeng.store.rows import columns, unnest

_NAMES: Final = (
    "id", "borrower", "seq", "at", "policy_hash", "semantics", "platform_seq", "stance", "segment",
    "outcome", "fired", "missing", "key_id", "record",
)  # fmt: skip
_COLUMNS: Final = ", ".join(f"d.{name}" for name in _NAMES)
_TYPES: Final = ("uuid", "text", "int8", "int8", "text", "int4", "int8", "text", "text", "text",
                 "bytea", "bytea", "int8", "bytea")  # fmt: skip
_INSERT: Final = f"INSERT INTO decision ({', '.join(_NAMES)}) SELECT * FROM {unnest(_TYPES)}"


_KEY_TYPES: Final = ("text", "text", "bytea", "uuid")
_REMEMBER: Final = (
    f"INSERT INTO idempotency (borrower, key, body, decision) SELECT * FROM {unnest(_KEY_TYPES)}"
)


@dataclass(frozen=True, slots=True)
class Arm:
    """The part a live challenger had in a decision: it took `micros` to decide, or `failed` with an
    error of that code, and the champion decided."""

    challenger: str
    micros: int
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as answered and stored; `seq` is its event's, so facts are those with seq below.

    `platform_seq` is the length of the platform's own chain it was made under; `attempt` is the
    id of the draw attempt that led to it; `arm` is None where no challenger had a part in it.
    """

    id: str
    borrower: str
    seq: int
    platform_seq: int
    request: Request
    attempt: str
    decision: Decision
    arm: Arm | None = None


@dataclass(frozen=True, slots=True)
class SealedDecision:
    """A row of the table `decision`: plain columns for statistics, the record sealed."""

    values: tuple[Any, ...]

    @property
    def evidence(self) -> bytes:
        """Return the digest of every column."""
        return digest("decision", *self.values)

    @property
    def borrower(self) -> str:
        """Return whose decision it is."""
        return str(self.column("borrower"))

    def column(self, name: str) -> Any:
        """Return one column by name."""
        return self.values[_NAMES.index(name)]

    def unseal(self, key: DataKey) -> StoredDecision:
        """Return it in the clear; raises XindengError "store.integrity" if a bit was changed."""
        ident, borrower = self.column("id"), self.column("borrower")
        where = f"decision {ident}"
        plain = key.unseal(self.column("record"), _belongs_to(borrower, ident), where=where)
        request, attempt, answer, *arm = msgspec.msgpack.decode(plain)
        stored = StoredDecision(
            id=ident,
            borrower=borrower,
            seq=self.column("seq"),
            platform_seq=self.column("platform_seq"),
            request=Request.of(request),
            attempt=attempt,
            decision=decode(answer),
            arm=Arm(**arm[0]) if arm else None,
        )
        if _plain(stored) != self.values[:12]:
            raise integrity_error("the columns do not agree with the sealed record", where)
        return stored


def seal(stored: StoredDecision, key: DataKey) -> SealedDecision:
    """Return the row of a decision."""
    told = (stored.request, stored.attempt, encode(stored.decision))
    # Without an arm the record is what it was before there were any.
    record = msgspec.msgpack.encode((*told, stored.arm) if stored.arm else told)
    sealed = key.seal(record, _belongs_to(stored.borrower, stored.id))
    return SealedDecision((*_plain(stored), key.key_id, sealed))


def insert(conn: Conn, sealed: Sequence[SealedDecision]) -> None:
    """Append the decisions in one statement; their events go into the same transaction."""
    rows = [(UUID(one.values[0]), *one.values[1:]) for one in sealed]
    conn.execute(_INSERT, columns(_TYPES, rows), prepare=True)


def read(conn: Conn, ident: str) -> SealedDecision:
    """Return the decision's row; raises NotFoundError."""
    try:
        key = UUID(ident)
    except ValueError:
        raise unknown(ident) from None
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM decision d WHERE d.id = %s", [key], binary=True
    ).fetchone()
    if row is None:
        raise unknown(ident)
    return SealedDecision((str(row[0]), *row[1:]))


def read_all(conn: Conn, idents: Collection[str]) -> list[SealedDecision]:
    """Return the rows of these decisions, newest first; those unknown are left out."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM decision d WHERE d.id = ANY(%s) ORDER BY d.id DESC",
        [[UUID(one) for one in idents]],
        binary=True,
    )
    return [SealedDecision((str(row[0]), *row[1:])) for row in rows]


def evidence_between(conn: Conn, first: str, upto: str) -> dict[tuple[str, int], bytes]:
    """Return the digest of each decision row of these borrowers, by borrower and event."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM decision d WHERE d.borrower BETWEEN %s AND %s",
        [first, upto],
        binary=True,
    )
    found = (SealedDecision((str(row[0]), *row[1:])) for row in rows)
    return {(one.column("borrower"), one.column("seq")): one.evidence for one in found}


def latest(conn: Conn, borrower: str) -> str | None:
    """Return the id of the borrower's last decision, None before the first."""
    row = conn.execute(
        "SELECT id FROM decision WHERE borrower = %s ORDER BY seq DESC LIMIT 1", [borrower]
    ).fetchone()
    return None if row is None else str(row[0])


def page(conn: Conn, borrower: str, below: int | None, count: int) -> list[SealedDecision]:
    """Return up to `count` decisions of a borrower, newest first, of those with seq < `below`."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM decision d WHERE d.borrower = %s"
        " AND (%s::int8 IS NULL OR d.seq < %s) ORDER BY d.seq DESC LIMIT %s",
        [borrower, below, below, count],
        binary=True,
    )
    return [SealedDecision((str(row[0]), *row[1:])) for row in rows]


def unused_offers(conn: Conn, borrower: str, count: int) -> list[SealedDecision]:
    """Return up to `count` approvals of a borrower that nothing was drawn on, newest first; whether
    they still stand is not looked at."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM decision d WHERE d.borrower = %s"
        " AND d.outcome IN ('approve', 'approve_less')"
        " AND NOT EXISTS (SELECT FROM reservation r WHERE r.decision = d.id)"
        " ORDER BY d.seq DESC LIMIT %s",
        [borrower, count],
        binary=True,
    )
    return [SealedDecision((str(row[0]), *row[1:])) for row in rows]


def remember(conn: Conn, keys: Sequence[tuple[str, str, bytes, str]]) -> None:
    """Bind each (borrower, idempotency key, request's digest, decision) together, for good."""
    rows = [(name, key, body, UUID(ident)) for name, key, body, ident in keys]
    conn.execute(_REMEMBER, columns(_KEY_TYPES, rows), prepare=True)


def same_body(found: bytes, body: bytes) -> None:
    """Raise KeyUsedError if the key was used for another request."""
    if found != body:
        raise KeyUsedError


def _plain(stored: StoredDecision) -> tuple[Any, ...]:
    answer = stored.decision
    return (
        stored.id, stored.borrower, stored.seq, answer.now, answer.policy_hash, answer.semantics,
        stored.platform_seq, answer.stance, answer.segment, str(answer.outcome),
        mask(answer.fired), mask(answer.missing),
    )  # fmt: skip


def mask(bits: int) -> bytes:
    """Return a bit mask as it is stored."""
    return bits.to_bytes((bits.bit_length() + 7) // 8, "big")


def _belongs_to(borrower: str, ident: str) -> bytes:
    return msgspec.msgpack.encode(("decision", borrower, ident))


def unknown(ident: str) -> NotFoundError:
    """Return the error of a decision that nobody has made, or that is somebody else's."""
    return NotFoundError(
        f"no decision {ident[:60]!r}",
        next_step="copy the id from the decision's answer",
        code="not_found.decision",
    )


@dataclass(frozen=True, slots=True)
class Alike:
    """How many decisions were alike in all that statistics ask for; the masks hold a bit a rule."""

    policy_hash: str
    stance: str
    segment: str
    outcome: str
    fired: int
    missing: int
    count: int


def grouped(conn: Conn, since: int, until: int) -> list[Alike]:
    """Return the decisions with since <= at < until (µs), counted by kind."""
    # Ids sort by time, so the primary key finds the span.
    rows = conn.execute(
        "SELECT policy_hash, stance, segment, outcome, fired, missing, count(*) FROM decision"
        " WHERE id >= %s AND id < %s AND at >= %s AND at < %s GROUP BY 1, 2, 3, 4, 5, 6",
        [first_id(since), first_id(until + 1_000), since, until],
        binary=True,
    )
    return [
        Alike(
            row[0],
            row[1],
            row[2],
            row[3],
            int.from_bytes(row[4], "big"),
            int.from_bytes(row[5], "big"),
            row[6],
        )
        for row in rows
    ]


def first_id(at: int) -> UUID:
    """Return an id that sorts before every one made at an instant (µs) or later."""
    return UUID(new_id(at, lambda _: 0))
