"""When an event may be believed: nothing from the future, nothing known before it happened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.kernel.time import MINUTE, SECOND

FUTURE_TOLERANCE: Final = 5 * MINUTE
"""Clocks of sources differ by minutes; more than this is a wrong date, not a wrong clock."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An event set aside, not folded and not lost, and why."""

    event: Event
    reason: str


def admit(event: Event, received_at: int) -> Event | Quarantined:
    """Return the event as it may be folded, or set it aside.

    Later than `received_at` + FUTURE_TOLERANCE is quarantined; within it the time is clamped to
    the receipt. `known_at` ends up in [occurred_at, received_at].
    """
    ahead = event.occurred_at - received_at
    if ahead > FUTURE_TOLERANCE:
        allowed = FUTURE_TOLERANCE // SECOND
        reason = f"occurred_at is {ahead // SECOND:,} s after its receipt; {allowed} s are allowed"
        return Quarantined(event, reason)
    occurred_at = min(event.occurred_at, received_at)
    known_at = max(occurred_at, min(event.known_at, received_at))
    if (occurred_at, known_at) == (event.occurred_at, event.known_at):
        return event
    return replace(event, occurred_at=occurred_at, known_at=known_at)
