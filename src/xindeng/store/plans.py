"""Plans at rest: sealed like decisions, never changed; later looks and done steps are added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import msgspec

from xindeng.decision.request import Request
from xindeng.kernel.errors import NotFoundError
from xindeng.repair.plans.plan import Plans
from xindeng.repair.plans.reprove import Because, Fate
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey

OPEN: Final = frozenset({"kept", "good", "moved", "our_side"})
"""How a plan stands that may still be followed; see `repair.reprove` for the words."""


class PlanLook(msgspec.Struct, frozen=True, kw_only=True):
    """How one of the plans, counted from 1, stood at a look; `yes_at` (µs) is the yes as of then.

    our_side: only our stance or maintenance stands in the way, for now.
    """

    choice: int
    fate: Fate | Literal["our_side"]
    because: Because = ""
    yes_at: int | None = None


@dataclass(frozen=True, slots=True)
class StoredPlans:
    """The plans made for `request` at `made_at` (µs) under a policy, for a decision or a wish."""

    id: str
    borrower: str
    made_at: int
    seq: int
    platform_seq: int
    policy_hash: str
    decision: str | None
    request: Request
    plans: Plans


@dataclass(frozen=True, slots=True)
class StoredLook:
    """A look at a stored plan: when, with what, and how each of its plans stood."""

    no: int
    at: int
    seq: int
    policy_hash: str
    found: tuple[PlanLook, ...]


@dataclass(frozen=True, slots=True)
class Watched:
    """A plan that may still hold, and what it was last looked at with."""

    plan: str
    borrower: str
    policy_hash: str
    seq: int
    day: int


_COLUMNS: Final = (
    "p.id, p.borrower, p.made_at, p.seq, p.platform_seq, p.policy_hash, p.decision, p.record"
)
_DUE: Final = """
    FROM plan_watch w JOIN borrower b USING (borrower)
    WHERE (w.policy_hash <> ALL(%(deciding)s) OR w.day < %(day)s OR w.seq < b.seq)
      AND (%(borrower)s::text IS NULL OR w.borrower = %(borrower)s)
"""


def insert(conn: Conn, chain: Chain, made: StoredPlans, day: int) -> None:
    """Store the plans and watch them from now on; `day` is the local day they were made."""
    record = msgspec.msgpack.encode((made.request, made.plans))
    conn.execute(
        "INSERT INTO plan (id, borrower, made_at, seq, platform_seq, policy_hash, decision, key_id,"
        " record) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [UUID(made.id), made.borrower, made.made_at, made.seq, made.platform_seq, made.policy_hash,
         made.decision and UUID(made.decision), chain.key.key_id,
         chain.key.seal(record, _belongs_to(*_head(made)))],
    )  # fmt: skip
    conn.execute(
        "INSERT INTO plan_watch (plan, borrower, policy_hash, seq, day)"
        " VALUES (%s, %s, %s, %s, %s)",
        [UUID(made.id), made.borrower, made.policy_hash, made.seq, day],
    )


def owner(conn: Conn, ident: str) -> str:
    """Return whose plans these are; raises NotFoundError."""
    row = conn.execute("SELECT borrower FROM plan WHERE id = %s", [_uuid(ident)]).fetchone()
    if row is None:
        raise unknown(ident)
    return str(row[0])


def read(conn: Conn, ident: str, key: DataKey) -> StoredPlans:
    """Return stored plans in the clear; raises NotFoundError, "store.integrity" if changed."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM plan p WHERE p.id = %s", [_uuid(ident)], binary=True
    ).fetchone()
    if row is None:
        raise unknown(ident)
    return _unseal(row, key)


def of_borrower(conn: Conn, borrower: str, key: DataKey) -> list[StoredPlans]:
    """Return all plans of a borrower, oldest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM plan p WHERE p.borrower = %s ORDER BY p.made_at, p.id",
        [borrower],
        binary=True,
    )
    return [_unseal(row, key) for row in rows]


def looks(conn: Conn, made: StoredPlans, key: DataKey) -> list[StoredLook]:
    """Return the looks at stored plans, oldest first."""
    rows = conn.execute(
        "SELECT no, at, seq, policy_hash, record FROM plan_look WHERE plan = %s ORDER BY no",
        [UUID(made.id)],
        binary=True,
    )
    found = []
    for no, at, seq, policy_hash, record in rows:
        bound = _belongs_to("plan_look", made.borrower, made.id, no)
        plain = key.unseal(record, bound, where=f"plan {made.id}, look {no}")
        looked = msgspec.msgpack.decode(plain, type=tuple[PlanLook, ...])
        found.append(StoredLook(no, at, seq, policy_hash, looked))
    return found


def add_look(conn: Conn, chain: Chain, made: StoredPlans, look: StoredLook) -> None:
    """Append a look."""
    bound = _belongs_to("plan_look", made.borrower, made.id, look.no)
    conn.execute(
        "INSERT INTO plan_look (plan, no, at, seq, policy_hash, key_id, record)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [UUID(made.id), look.no, look.at, look.seq, look.policy_hash, chain.key.key_id,
         chain.key.seal(msgspec.msgpack.encode(look.found), bound)],
    )  # fmt: skip


def mark(conn: Conn, ident: str, choice: int, step: int, at: int) -> bool:
    """Note that a step is done; returns False where that was noted before."""
    done = conn.execute(
        "INSERT INTO plan_step_done (plan, choice, step, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        [UUID(ident), choice, step, at],
    )
    return done.rowcount == 1


def marks(conn: Conn, ident: str) -> dict[tuple[int, int], int]:
    """Return (choice, step) → when it was said to be done (µs)."""
    rows = conn.execute(
        "SELECT choice, step, at FROM plan_step_done WHERE plan = %s ORDER BY at, choice, step",
        [UUID(ident)],
    )
    return {(row[0], row[1]): row[2] for row in rows}


def next_due(
    conn: Conn, deciding: Sequence[str], day: int, *, borrower: str | None = None,
    passed: frozenset[str] = frozenset(),
) -> Watched | None:  # fmt: skip
    """Lock and return a watched plan that was not looked at under one of the policies that are
    `deciding`, on this day and with all events; None if none is free.

    Others that work on the same list pass over it until the transaction ends; `passed` are ids
    to leave out.
    """
    row = conn.execute(
        f"SELECT w.plan, w.borrower, w.policy_hash, w.seq, w.day {_DUE}"
        " AND w.plan <> ALL(%(passed)s) ORDER BY w.borrower, w.plan LIMIT 1"
        " FOR UPDATE OF w SKIP LOCKED",
        {"deciding": list(deciding), "day": day, "borrower": borrower,
         "passed": [UUID(one) for one in passed]},
    ).fetchone()  # fmt: skip
    return None if row is None else Watched(str(row[0]), *row[1:])


def due(conn: Conn, deciding: Sequence[str], day: int) -> tuple[int, int]:
    """Return how many watched plans are to be looked at with these, and how many are watched."""
    row = conn.execute(
        f"SELECT (SELECT count(*) {_DUE}), (SELECT count(*) FROM plan_watch)",
        {"deciding": list(deciding), "day": day, "borrower": None},
    ).fetchone()
    assert row is not None
    return row[0], row[1]


def looked(conn: Conn, ident: str, policy_hash: str, seq: int, day: int) -> None:
    """Note what a plan was looked at with; it stays watched."""
    conn.execute(
        "UPDATE plan_watch SET policy_hash = %s, seq = %s, day = %s WHERE plan = %s",
        [policy_hash, seq, day, UUID(ident)],
    )


def unwatch(conn: Conn, ident: str) -> None:
    """Look at a plan no more: nothing of it is left, or nobody can read it."""
    conn.execute("DELETE FROM plan_watch WHERE plan = %s", [UUID(ident)])


def _unseal(row: tuple[Any, ...], key: DataKey) -> StoredPlans:
    *head, record = row
    head = [str(value) if isinstance(value, UUID) else value for value in head]
    plain = key.unseal(record, _belongs_to(*head), where=f"plan {head[0]}")
    request, plans = msgspec.msgpack.decode(plain, type=tuple[dict[str, Any], Plans])
    ident, borrower, made_at, seq, platform_seq, policy_hash, decision = head
    return StoredPlans(
        ident,
        borrower,
        made_at,
        seq,
        platform_seq,
        policy_hash,
        decision,
        Request.of(request),
        plans,
    )


def _head(made: StoredPlans) -> list[object]:
    """Return the columns in the clear: sealed to the record, so that none can be changed."""
    return [made.id, made.borrower, made.made_at, made.seq, made.platform_seq, made.policy_hash,
            made.decision]  # fmt: skip


def _belongs_to(*parts: object) -> bytes:
    return msgspec.msgpack.encode(parts)


def _uuid(ident: str) -> UUID:
    try:
        return UUID(ident)
    except ValueError:
        raise unknown(ident) from None


def unknown(ident: str) -> NotFoundError:
    """Return the error of plans that nobody has made, or that are somebody else's."""
    return NotFoundError(
        f"no plan {ident[:60]!r}",
        next_step="list a borrower's plans with: xindeng plan list BORROWER",
        code="not_found.plan",
    )
