"""Our own side: stances and parts that are away, folded from the platform's own chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from xindeng.decision.facts import PlatformState, Stance
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.line import PlatformStatus
from xindeng.kernel.errors import EventError
from xindeng.service.stood import ALL, Told, fold_stances
from xindeng.store import borrowers, events
from xindeng.store.chain import verify
from xindeng.store.connect import Conn
from xindeng.store.crypto import KeyRing

PLATFORM_TYPES: Final = frozenset({"stance_change", "platform_status"})


def fold_platform(told: Iterable[Event]) -> PlatformState:
    """Return how our side stands after the platform's events, given in sequence.

    `until` is the latest return announced for the parts that are away, None as soon as one of them
    is away without a date. A segment that stands as "all" does is not named.
    """
    told = list(told)
    away: dict[str, int | None] = {}
    for event in told:
        payload = event.payload
        if isinstance(payload, PlatformStatus):
            if payload.available:
                away.pop(payload.part, None)
            else:
                away[payload.part] = payload.until
    dates = [until for until in away.values() if until is not None]
    stood = {name: _stands(one) for name, one in fold_stances(told).items()}
    named = {name: one for name, one in stood.items() if name == ALL or one != stood.get(ALL)}
    return PlatformState(
        maintenance="maintenance" in away,
        model_available="model" not in away,
        bureau_available="bureau" not in away,
        funder_available="funder" not in away,
        until=max(dates) if dates and len(dates) == len(away) else None,
        stance={name: stance for name, (stance, _) in named.items()},
        ends={name: end for name, (_, end) in named.items() if end is not None},
    )


def _stands(told: Told) -> tuple[Stance, tuple[int, Stance | None] | None]:
    """Return a stance as decide() reads it, and the day on which it ends for what."""
    change, before = told.change, told.before
    stance = (change.stance, change.review_day)
    if change.until_day is None:
        return stance, None
    base = None if before is None else (before.change.stance, before.change.review_day)
    return stance, (change.until_day, base)


def check_owner(event: Event) -> None:
    """Raise EventError for a platform event on a borrower's chain, or the other way round."""
    ours = event.type in PLATFORM_TYPES
    if ours == (event.borrower == PLATFORM):
        return
    raise EventError(
        f"{event.type} of borrower {event.borrower!r}",
        where=f"event {event.id}, field borrower",
        next_step=f"{' and '.join(sorted(PLATFORM_TYPES))} belong to borrower {PLATFORM!r}, "
        "and nothing else does",
        code="event.owner",
    )


class PlatformReader:
    """The platform's state by the length of its chain; remembers the last one read."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._last: tuple[int, PlatformState] = (0, PlatformState())

    def at(self, conn: Conn, seq: int) -> PlatformState:
        """Return the state after the first `seq` platform events, whose chain is verified."""
        known, state = self._last
        if known == seq:
            return state
        chain = borrowers.read(conn, self._keys, PLATFORM)
        links = events.read_links(conn, PLATFORM, below=seq + 1)
        verify(PLATFORM, links)
        state = fold_platform(events.unseal(links, chain.key))
        self._last = (seq, state)
        return state

    def now(self, conn: Conn) -> tuple[int, PlatformState]:
        """Return the chain's present length and the state it gives."""
        row = conn.execute("SELECT seq FROM borrower WHERE borrower = %s", [PLATFORM]).fetchone()
        seq = row[0] if row else 0
        return seq, self.at(conn, seq)
