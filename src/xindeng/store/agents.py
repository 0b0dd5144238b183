"""Traces of devices, addresses and payout cards at rest, as keyed hashes; and agents found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn

_COLUMNS: Final = "id, kind, borrowers, opened_at, seen_at, closed_at, closed_by, finding"


@dataclass(frozen=True, slots=True)
class Agent:
    """A row of the table `agent` without its trace; instants in µs."""

    id: str
    kind: str
    borrowers: int
    opened_at: int
    seen_at: int
    closed_at: int | None
    closed_by: str | None
    finding: str | None


def see(conn: Conn, kind: str, trace: bytes, who: bytes, at: int, since: int) -> int:
    """Note that a trace was seen with somebody; return with how many since an instant (µs)."""
    conn.execute(
        "INSERT INTO sighting (kind, trace, who, at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (kind, trace, who) DO UPDATE SET at = greatest(sighting.at, excluded.at)",
        [kind, trace, who, at],
    )
    row = conn.execute(
        "SELECT count(*) FROM sighting WHERE kind = %s AND trace = %s AND at >= %s",
        [kind, trace, since],
    ).fetchone()
    return row[0] if row else 0


def open_agent(conn: Conn, ident: str, kind: str, trace: bytes, borrowers: int, at: int) -> None:
    """Have a person look at whoever stands behind a trace; one who is looked at already stays, and
    one who was is looked at again when they are seen with more people than then."""
    conn.execute(
        "INSERT INTO agent (id, kind, trace, borrowers, opened_at, seen_at)"
        " SELECT %(id)s, %(kind)s, %(trace)s, %(borrowers)s, %(at)s, %(at)s WHERE NOT EXISTS"
        "  (SELECT FROM agent WHERE kind = %(kind)s AND trace = %(trace)s"
        "   AND closed_at IS NOT NULL AND borrowers >= %(borrowers)s)"
        " ON CONFLICT (kind, trace) WHERE closed_at IS NULL"
        " DO UPDATE SET borrowers = excluded.borrowers, seen_at = excluded.seen_at",
        {"id": UUID(ident), "kind": kind, "trace": trace, "borrowers": borrowers, "at": at},
    )


def agents(conn: Conn) -> list[Agent]:
    """Return every agent found, oldest first."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM agent ORDER BY opened_at, id")
    return [_agent(row) for row in rows]


def close_agent(conn: Conn, ident: str, by: str, finding: str, at: int) -> Agent:
    """Store what a person found; raises NotFoundError for one unknown or closed already."""
    try:
        key = UUID(ident)
    except ValueError:
        raise _unknown(ident) from None
    row = conn.execute(
        "UPDATE agent SET closed_at = %s, closed_by = %s, finding = %s"
        f" WHERE id = %s AND closed_at IS NULL RETURNING {_COLUMNS}",
        [at, by, finding, key],
    ).fetchone()
    if row is None:
        raise _unknown(ident)
    return _agent(row)


def forget(conn: Conn, who: bytes) -> int:
    """Forget with what somebody was seen; return how many rows went."""
    return conn.execute("DELETE FROM sighting WHERE who = %s", [who]).rowcount


def _agent(row: Sequence[Any]) -> Agent:
    return Agent(str(row[0]), *row[1:])


def _unknown(ident: str) -> NotFoundError:
    return NotFoundError(
        f"no open review of an agent {ident[:60]!r}",
        next_step="see GET /v1/agents",
        code="not_found.agent",
    )
