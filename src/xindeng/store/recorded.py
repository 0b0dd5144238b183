"""The newest decisions with what became of them: what a draft of a policy is held against."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from xindeng.store.connect import Conn


def newest(conn: Conn, count: int) -> list[tuple[str, str]]:
    """Return (decision, borrower) of the newest decisions, newest first."""
    rows = conn.execute("SELECT id, borrower FROM decision ORDER BY id DESC LIMIT %s", [count])
    return [(str(row[0]), row[1]) for row in rows]


def fates(conn: Conn, decisions: Collection[str]) -> dict[str, tuple[str, int, bool]]:
    """Return (state, days late now, written off?) of the loan that came of each decision."""
    idents: Sequence[UUID] = [UUID(one) for one in decisions]
    rows = conn.execute(
        "SELECT r.decision, l.state, l.dpd, coalesce((l.posted->>'write_off')::int8, 0) <> 0"
        " FROM reservation r JOIN loan l ON l.loan = r.draw WHERE r.decision = ANY(%s)",
        [idents],
    )
    return {str(row[0]): (row[1], row[2], row[3]) for row in rows}
