"""The same id must mean the same event: a correction under an old id would otherwise vanish."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xindeng.events.envelope import Event
from xindeng.events.visibility import FUTURE_TOLERANCE
from xindeng.kernel.errors import ConflictError
from xindeng.store import events
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn


def check_same(
    conn: Conn,
    chains: Mapping[str, Chain],
    sent: Sequence[Event],
    known: Collection[tuple[str, str]],
) -> None:
    """Hold each event whose (borrower, id) is `known`, or came before in `sent`, against that one.

    Raises ConflictError for the first that says something else. When it was known does not
    count: a file sent again is known later.
    """
    again = [event for event in sent if (event.borrower, event.id) in known]
    first = {
        (event.borrower, event.id): event
        for event in events.read_known(conn, chains, [(e.borrower, e.id) for e in again])
    }
    for event in sent:
        earlier = first.setdefault((event.borrower, event.id), event)
        if earlier is not event and not _same(earlier, event):
            raise ConflictError(
                f"{event.type} event {event.id!r} differs from the {earlier.type} event taken in "
                "under this id",
                where=f"borrower {event.borrower}",
                next_step="send a correction under an id of its own",
                code="event.changed",
            )


def _same(one: Event, other: Event) -> bool:
    if (one.type, one.version, one.payload) != (other.type, other.version, other.payload):
        return False
    early, late = sorted((one, other), key=lambda event: event.occurred_at)
    if early.occurred_at == late.occurred_at:
        return True
    # A fast clock's time was set to the receipt, which is another at each sending.
    clamped = early.occurred_at == early.known_at
    return clamped and late.occurred_at - early.occurred_at <= FUTURE_TOLERANCE
