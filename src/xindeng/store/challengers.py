"""Challengers at rest: which policy is tried how, on whom, since when, and why it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn

LIVE: Final = (
    "(SELECT array_agg(c.name::text ORDER BY c.name) FROM challenger c"
    " WHERE c.mode = 'live' AND c.ended_at IS NULL)"
)
"""The names of the live ones as one value, NULL where there is none."""
_NAMES: Final = (
    "name", "champion", "policy", "mode", "terms", "salt", "first", "upto", "started_at", "ends_at",
    "proposal", "ended_at", "ended_by", "why_ended", "told_at", "looked_at",
)  # fmt: skip
_APPROVED: Final = "p.author, p.judged_by, c.proposal::text"
_READ: Final = (
    f"SELECT {', '.join(f'c.{name}' for name in _NAMES if name != 'proposal')}, {_APPROVED}"
    " FROM challenger c JOIN proposal p ON p.id = c.proposal"
)


@dataclass(frozen=True, slots=True)
class ChallengerRow:
    """A row of the table `challenger`; instants in µs, buckets per mille, `terms` encoded.

    `author` proposed it and `approved_by` approved it. `looked_at` is up to when its
    decisions have been looked at.
    """

    name: str
    champion: str
    policy: str
    mode: str
    terms: bytes
    salt: bytes
    first: int
    upto: int
    started_at: int
    ends_at: int
    ended_at: int | None = None
    ended_by: str | None = None
    why_ended: str | None = None
    told_at: int | None = None
    looked_at: int = 0
    author: str = ""
    approved_by: str | None = None
    proposal: str = ""


def insert(conn: Conn, row: ChallengerRow) -> None:
    """Store a challenger that begins now."""
    names = _NAMES[: _NAMES.index("ended_at")]
    values = [UUID(row.proposal) if n == "proposal" else getattr(row, n) for n in names]
    conn.execute(
        f"INSERT INTO challenger ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})",
        values,
    )


def take_turns(conn: Conn) -> None:
    """Let no other challenger begin until this transaction ends: two would share buckets."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('challengers', 3))")


def read(conn: Conn, name: str) -> ChallengerRow:
    """Return a challenger; raises NotFoundError."""
    row = conn.execute(f"{_READ} WHERE c.name = %s", [name], binary=True).fetchone()
    if row is None:
        raise NotFoundError(
            f"no challenger {name[:60]!r}",
            next_step="copy the name from the list of challengers",
            code="not_found.challenger",
        )
    return ChallengerRow(*row)


def listed(conn: Conn, *, ended: bool = True) -> list[ChallengerRow]:
    """Return challengers, oldest first: all, or those that have not ended."""
    rows = conn.execute(
        f"{_READ} WHERE %s OR c.ended_at IS NULL ORDER BY c.started_at, c.name",
        [ended],
        binary=True,
    )
    return [ChallengerRow(*row) for row in rows]


def live(conn: Conn) -> tuple[str, ...]:
    """Return the names of the live ones that have not ended."""
    row = conn.execute(f"SELECT {LIVE}", prepare=True).fetchone()
    return tuple(row[0] or ()) if row else ()


def end(conn: Conn, name: str, at: int, by: str, why: str) -> bool:
    """End a challenger, from the next draw on; False where it had ended before."""
    row = conn.execute(
        "UPDATE challenger SET ended_at = %s, ended_by = %s, why_ended = %s"
        " WHERE name = %s AND ended_at IS NULL RETURNING name",
        [at, by, why, name],
    ).fetchone()
    return row is not None


def untold(conn: Conn, by: str) -> list[ChallengerRow]:
    """Return those that `by` has ended and nobody has been told of yet."""
    rows = conn.execute(
        f"{_READ} WHERE c.ended_by = %s AND c.told_at IS NULL ORDER BY c.ended_at",
        [by],
        binary=True,
    )
    return [ChallengerRow(*row) for row in rows]


def told(conn: Conn, name: str, at: int) -> None:
    """Note that people were told how a challenger ended."""
    conn.execute("UPDATE challenger SET told_at = %s WHERE name = %s", [at, name])


def looked(conn: Conn, name: str, at: int) -> None:
    """Note up to when (µs) the decisions of a challenger have been looked at."""
    conn.execute(
        "UPDATE challenger SET looked_at = %s WHERE name = %s AND looked_at < %s", [at, name, at]
    )
