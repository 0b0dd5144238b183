"""The newest decisions with what became of them: what a draft of a policy is held against."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from xindeng.store.connect import Conn
from xindeng.store.decisions import first_id


def newest(conn: Conn, count: int) -> list[tuple[str, str]]:
    """Return (decision, borrower) of the newest decisions, newest first."""
    rows = conn.execute("SELECT id, borrower FROM decision ORDER BY id DESC LIMIT %s", [count])
    return [(str(row[0]), row[1]) for row in rows]


def between(conn: Conn, since: int, until: int, count: int) -> list[tuple[str, str]]:
    """Return (decision, borrower) of the newest decisions with since <= at < until (µs)."""
    rows = conn.execute(
        "SELECT id, borrower FROM decision WHERE id >= %s AND id < %s AND at >= %s AND at < %s"
        " ORDER BY id DESC LIMIT %s",
        [first_id(since), first_id(until + 1_000), since, until, count],
    )
    return [(str(row[0]), row[1]) for row in rows]


def ended(conn: Conn, bad_dpd: int, count: int) -> list[tuple[str, str, bool]]:
    """Return (decision, borrower, bad?) of the newest loans that were repaid, written off, or are
    `bad_dpd` days late and more."""
    rows = conn.execute(
        "SELECT r.decision, r.borrower, l.bad FROM (SELECT loan, dpd >= %s OR"
        " coalesce((posted->>'write_off')::int8, 0) <> 0 AS bad, state FROM loan) l"
        " JOIN reservation r ON r.draw = l.loan WHERE l.bad OR l.state = 'closed'"
        " ORDER BY r.draw DESC LIMIT %s",
        [bad_dpd, count],
    )
    return [(str(row[0]), row[1], row[2]) for row in rows]


def fates(conn: Conn, decisions: Collection[str]) -> dict[str, tuple[str, int, bool]]:
    """Return (state, days late now, written off?) of the loan that came of each decision."""
    idents: Sequence[UUID] = [UUID(one) for one in decisions]
    rows = conn.execute(
        "SELECT r.decision, l.state, l.dpd, coalesce((l.posted->>'write_off')::int8, 0) <> 0"
        " FROM reservation r JOIN loan l ON l.loan = r.draw WHERE r.decision = ANY(%s)",
        [idents],
    )
    return {str(row[0]): (row[1], row[2], row[3]) for row in rows}
