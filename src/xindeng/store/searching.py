"""Searching what staff and programs did, newest first; each actor's chain is verified elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.store.connect import Conn


def actions(
    conn: Conn, *, actor: str, subject: str, kind: str, below: int | None, count: int
) -> Sequence[tuple[int, str, str, str, int]]:
    """Return (at, actor, kind, subject, seq) of actions before `below` (µs), newest first.

    "" stands for all; an actor and a kind are found by their beginning, a subject whole.
    """
    rows = conn.execute(
        "SELECT at, actor, kind, subject, seq FROM action"
        " WHERE (%(actor)s = '' OR starts_with(actor, %(actor)s))"
        " AND (%(subject)s = '' OR subject = %(subject)s)"
        " AND (%(kind)s = '' OR starts_with(kind, %(kind)s))"
        " AND (%(below)s::int8 IS NULL OR at < %(below)s)"
        " ORDER BY at DESC, actor, seq DESC LIMIT %(count)s",
        {"actor": actor, "subject": subject, "kind": kind, "below": below, "count": count},
    )
    return rows.fetchall()
