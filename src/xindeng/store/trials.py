"""Trials at rest: a decision beside what the other policy says to the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.decision.answer import Decision, decode, encode
from xindeng.kernel.ids import new_id
from xindeng.kernel.time import MINUTE
from xindeng.store.challengers import ChallengerRow
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey
from xindeng.store.decisions import mask
from xindeng.store.rows import columns, unnest

_NAMES: Final = (
    "challenger", "decision", "borrower", "at", "acted", "champion_outcome", "champion_amount",
    "champion_fired", "champion_missing", "outcome", "amount", "fired", "missing", "micros",
    "failed", "key_id", "record",
)  # fmt: skip
_TYPES: Final = ("text", "uuid", "text", "int8", "bool", "text", "int8", "bytea", "bytea", "text",
                 "int8", "bytea", "bytea", "int8", "text", "int8", "bytea")  # fmt: skip
_INSERT: Final = (
    f"INSERT INTO trial ({', '.join(_NAMES)}) SELECT n.* FROM {unnest(_TYPES)}"
    f" AS n ({', '.join(_NAMES)})"
    # A person may have been erased, and their trials with them, while this one was worked out.
    " JOIN borrower_key k ON k.key_id = n.key_id AND k.destroyed_at IS NULL"
    " ON CONFLICT DO NOTHING"
)
# As `bucket` of service/arms.py reckons it.
_BUCKET: Final = (
    "('x' || encode(substr(sha256(%(salt)s || convert_to(d.borrower, 'UTF8')), 1, 4), 'hex'))"
    "::bit(32)::bigint %% 1000"
)
_OVERLAP: Final = MINUTE
"""How far back is looked again: a draw is stored a moment after its id was made."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One decision and what the other policy says to the same facts.

    `champion` and `challenger` are the two answers, None where that policy raised an error, whose
    code is `failed` where it was the challenger. `acted` where the challenger decided, and the
    champion is the one supposed. `micros` is how long the challenger took.
    """

    name: str
    decision: str
    borrower: str
    at: int
    acted: bool
    champion: Decision | None
    challenger: Decision | None
    micros: int | None = None
    failed: str | None = None

    @property
    def supposed(self) -> Decision | None:
        """Return the answer that nobody was given."""
        return self.champion if self.acted else self.challenger


def insert(conn: Conn, trials: Sequence[tuple[Trial, DataKey]]) -> None:
    """Store trials with the keys of their borrowers; one that is stored already stays."""
    if trials:
        conn.execute(_INSERT, columns(_TYPES, [_row(one, key) for one, key in trials]))


def untried(
    conn: Conn, row: ChallengerRow, *, after: str | None, until: int, segment: str, count: int
) -> list[tuple[str, str, int]]:
    """Return (decision, borrower, instant) of up to `count` decisions not tried yet, in the order
    of their ids from `after` on, with at < `until` (µs) and of the challenger's borrowers.

    For a shadow those its champion decided, in `segment` if given; for a live one all, some of
    which it may have had no part in.
    """
    since = max(row.looked_at - _OVERLAP, row.started_at)
    rows = conn.execute(
        f"""
        SELECT d.id, d.borrower, d.at FROM decision d
        JOIN borrower_key k ON k.borrower = d.borrower AND k.destroyed_at IS NULL
        WHERE d.id >= %(first)s AND d.at >= %(started)s AND d.at < %(until)s
          AND (%(after)s::uuid IS NULL OR d.id > %(after)s)
          AND (%(live)s OR d.policy_hash = %(champion)s)
          AND (%(live)s OR %(segment)s = '' OR d.segment = %(segment)s)
          AND {_BUCKET} >= %(from)s AND {_BUCKET} < %(upto)s
          AND NOT EXISTS (SELECT FROM trial t WHERE t.challenger = %(name)s AND t.decision = d.id)
        ORDER BY d.id LIMIT %(count)s
        """,
        {
            "first": UUID(new_id(since, lambda _: 0)), "started": row.started_at,
            "until": min(until, row.ended_at or until), "after": UUID(after) if after else None,
            "live": row.mode == "live", "champion": row.champion, "segment": segment,
            "salt": row.salt, "from": row.first, "upto": row.upto, "name": row.name,
            "count": count,
        },
    )  # fmt: skip
    return [(str(one[0]), one[1], one[2]) for one in rows]


def supposed(conn: Conn, name: str, decision: str, key: DataKey) -> Decision | None:
    """Return the answer of a trial that nobody was given, None where there is none.

    Raises XindengError "store.integrity" if a bit was changed.
    """
    row = conn.execute(
        "SELECT borrower, record FROM trial WHERE challenger = %s AND decision = %s",
        [name, UUID(decision)],
        binary=True,
    ).fetchone()
    if row is None or row[1] is None:
        return None
    where = f"trial of decision {decision}"
    return decode(key.unseal(row[1], _belongs_to(name, decision, row[0]), where=where))


def _row(one: Trial, key: DataKey) -> tuple[Any, ...]:
    belongs = _belongs_to(one.name, one.decision, one.borrower)
    record = None if one.supposed is None else key.seal(encode(one.supposed), belongs)
    return (
        one.name, UUID(one.decision), one.borrower, one.at, one.acted, *_plain(one.champion),
        *_plain(one.challenger), one.micros, one.failed, key.key_id, record,
    )  # fmt: skip


def _plain(answer: Decision | None) -> tuple[Any, ...]:
    if answer is None:
        return (None, None, None, None)
    return (
        str(answer.outcome), answer.amount_offered or 0, mask(answer.fired), mask(answer.missing)
    )  # fmt: skip


def _belongs_to(name: str, decision: str, borrower: str) -> bytes:
    return msgspec.msgpack.encode(("trial", name, decision, borrower))
