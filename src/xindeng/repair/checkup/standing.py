"""What a person's own papers cannot tell, taken for granted so that the rest can be judged.

A policy asks whether the account is verified and a line was granted; a bill says nothing of it.
These events stand in for that, in a check-up only, and every one of them is told. The areas that
rest on nothing else show no light: they are unknown, not green.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from xindeng.decision.trace import events_behind
from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.life import AccountOpened
from xindeng.events.line import LimitChange
from xindeng.events.security import IdentityStep
from xindeng.kernel.time import DAY
from xindeng.policy.policy import Policy

ASSUMED: Final = ("adult", "verified", "account_open", "limit_enough")
"""What is taken for granted; the words are in `xindeng.repair.checkup.words`."""

_OPENED_DAYS_AGO: Final = 1_000
_BORN_DAYS_AGO: Final = 30 * 365
_LIMIT: Final = 20_000_000
_STEPS: Final = ("name_and_id", "document", "face", "bank_card", "mobile")


def assumed_events(policy: Policy, borrower: str, now: int) -> list[Event]:
    """Return the events that stand in for what no paper tells, oldest first, without sequence."""
    opened = now - _OPENED_DAYS_AGO * DAY
    told: list[tuple[int, Payload]] = [
        (opened, AccountOpened(birth_day=policy.zone.day(now) - _BORN_DAYS_AGO)),
        (opened, LimitChange(limit=_LIMIT, change="granted")),
        *((now - DAY, IdentityStep(step=step, result="passed")) for step in _STEPS),
    ]
    return [_event(borrower, at, place, payload) for place, (at, payload) in enumerate(told)]


def in_sequence(events: Iterable[Event]) -> list[Event]:
    """Return the events in order of time, each known when it happened, numbered from 1.

    An event whose id came before is left out: two papers may tell the same.
    """
    ordered = sorted(events, key=lambda event: event.occurred_at)
    once = {event.id: event for event in reversed(ordered)}
    kept = sorted(once.values(), key=lambda event: event.occurred_at)
    return [
        Event(
            id=event.id, borrower=event.borrower, type=event.type, version=event.version,
            occurred_at=event.occurred_at, known_at=event.occurred_at, payload=event.payload,
            seq=seq,
        )
        for seq, event in enumerate(kept, 1)
    ]  # fmt: skip


def known_areas(policy: Policy, told: Iterable[str]) -> frozenset[str]:
    """Return the areas of which the papers tell anything; `told` are their event types."""
    types = frozenset(told)
    return frozenset(rule.area for rule in policy.rules if events_behind(policy, rule.id) & types)


def _event(borrower: str, at: int, place: int, payload: Payload) -> Event:
    name = str(payload.__struct_config__.tag)
    return Event(
        id=f"assumed:{name}:{place}",
        borrower=borrower,
        type=name,
        version=CATALOGUE[name].version,
        occurred_at=at,
        known_at=at,
        payload=payload,
    )
