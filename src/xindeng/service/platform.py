"""Our own side: stances and parts that are away, folded from the platform's own chain."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from xindeng.decision.facts import NEUTRAL, PlatformState
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.line import PlatformStatus, StanceChange
from xindeng.kernel.errors import EventError
from xindeng.policy.steering.model import RANK
from xindeng.store import borrowers, events
from xindeng.store.chain import verify
from xindeng.store.connect import Conn
from xindeng.store.crypto import KeyRing

_Told = tuple[str, int | None]
_USUAL: Final[_Told] = (NEUTRAL, None)
PLATFORM_TYPES: Final = frozenset({"stance_change", "platform_status"})


def fold_platform(told: Iterable[Event]) -> PlatformState:
    """Return how our side stands after the platform's events, given in sequence.

    A stance for "all" replaces those of single segments; one with a last day gives way to what
    stood before it, of several to the strictest, if that is stricter. `until` is the latest return
    announced for the parts that are away, None as soon as one of them is away without a date.
    """
    stances = _Stances()
    away: dict[str, int | None] = {}
    for event in told:
        payload = event.payload
        if isinstance(payload, StanceChange):
            stances.take(payload)
        elif isinstance(payload, PlatformStatus):
            if payload.available:
                away.pop(payload.part, None)
            else:
                away[payload.part] = payload.until
    dates = [until for until in away.values() if until is not None]
    return PlatformState(
        maintenance="maintenance" in away,
        model_available="model" not in away,
        bureau_available="bureau" not in away,
        funder_available="funder" not in away,
        until=max(dates) if dates and len(dates) == len(away) else None,
        stance=stances.now,
        ends=stances.ends,
    )


class _Stances:
    """What stands in each segment told, what stood there for good, and what ends on which day."""

    def __init__(self) -> None:
        self.now: dict[str, _Told] = {}
        self.lasting: dict[str, _Told] = {}
        self.ends: dict[str, tuple[int, _Told]] = {}

    def take(self, change: StanceChange) -> None:
        segment, told = change.segment, (change.stance, change.review_day)
        if segment == "all":
            self.now.clear()
            self.ends.clear()
        self.ends.pop(segment, None)
        self.now[segment] = told
        if change.until_day is None:
            if segment == "all":
                self.lasting.clear()
            self.lasting[segment] = told
            return
        before = self._before(segment)
        if RANK[before[0]] > RANK[change.stance]:
            self.ends[segment] = (change.until_day, before)

    def _before(self, segment: str) -> _Told:
        if segment == "all":
            return max(self.lasting.values(), key=lambda one: RANK[one[0]], default=_USUAL)
        return self.lasting.get(segment) or self.lasting.get("all") or _USUAL


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
