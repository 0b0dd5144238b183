"""The line of a borrower as last told by events: a projection for lists, never for decisions."""

from __future__ import annotations

from collections.abc import Iterable

from xindeng.events.envelope import Event
from xindeng.events.line import LimitChange
from xindeng.store.connect import Conn


def project(conn: Conn, events: Iterable[Event]) -> None:
    """Bring the line up to date with the limit changes among a borrower's new events."""
    changes = [event for event in events if isinstance(event.payload, LimitChange)]
    if not changes:
        return
    last = max(changes, key=lambda event: (event.occurred_at, event.seq))
    payload = last.payload
    assert isinstance(payload, LimitChange)
    conn.execute(
        """
        INSERT INTO line (borrower, seq, currency, limit_shown, change, changed_at)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (borrower) DO UPDATE SET
            seq = excluded.seq, currency = excluded.currency, limit_shown = excluded.limit_shown,
            change = excluded.change, changed_at = excluded.changed_at
        WHERE (line.changed_at, line.seq) < (excluded.changed_at, excluded.seq)
        """,
        [last.borrower, last.seq, payload.currency, payload.limit, payload.change,
         last.occurred_at],
    )  # fmt: skip
