"""Contacts about what is owed: allowed only within the hours, so often, and to the right person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from xindeng.events.contact import ContactMade
from xindeng.events.envelope import Event
from xindeng.events.life import AccountOpened
from xindeng.kernel.errors import ForbiddenError, InputError, TooManyError
from xindeng.kernel.time import SECOND, Zone, zone
from xindeng.policy.policy import Policy
from xindeng.service import pauses
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.servicing import collection as rules

TYPES = ("account_opened", "contact_made")
Whom = Literal["borrower", "other"]
Channel = Literal["call", "message", "visit"]


@dataclass(frozen=True, slots=True)
class Contact:
    """A contact about what is owed, as it went."""

    whom: Whom
    channel: Channel
    reached: bool


def record(engine: Engine, borrower: str, made: Contact, *, by: str) -> None:
    """Take in a contact that was made just now; one that may not be made is refused.

    Raises TooManyError with the seconds to wait outside the hours and past the count of the day,
    ForbiddenError while collection is paused, and for somebody else before the borrower was tried.
    """
    with held(engine, borrower) as line:
        check(line, made.whom)
        line.tell(ContactMade(
            whom=made.whom, channel=made.channel, reached=made.reached, owner=by
        ))  # fmt: skip


def check(line: Held, whom: Whom) -> None:
    """Raise as `record` does where a contact may not be made now."""
    policy, told = line.engine.policy, line.history(TYPES)
    lives = zone_of(policy, told)
    today = effective_today(told, lives, line.now)
    allowed = rules.first_moment(policy, lives, line.now, today)
    if allowed > line.now:
        raise TooManyError(
            "nobody is contacted about what they owe at this hour, or so often",
            retry_after_s=(allowed - line.now) // SECOND + 1,
        )
    if any(hold.collection and hold.loan is None for hold in pauses.standing(line)):
        raise ForbiddenError(
            "collection is paused", where=f"borrower {line.borrower}",
            next_step="wait for the end of the pause", code="collection.paused",
        )  # fmt: skip
    tries = rules.hours(policy, line.today).tries
    if whom == "other" and not unreachable(told, tries):
        raise ForbiddenError(
            "others are contacted only where the borrower cannot be reached",
            where=f"borrower {line.borrower}",
            next_step=f"try the borrower {tries} times first",
            code="collection.others",
        )


def zone_of(policy: Policy, told: list[Event]) -> Zone:
    """Return the zone the borrower lives in: the one told of last, else the policy's."""
    for event in reversed(told):
        payload = event.payload
        if isinstance(payload, AccountOpened) and payload.zone is not None:
            try:
                return zone(payload.zone)
            except InputError:
                break
    return policy.zone


def effective_today(told: list[Event], lives: Zone, now: int) -> int:
    """Return how many contacts reached somebody on the borrower's day of `now`."""
    day = lives.day(now)
    return sum(
        isinstance(event.payload, ContactMade)
        and event.payload.reached
        and lives.day(event.occurred_at) == day
        for event in told
    )


def unreachable(told: list[Event], tries: int) -> bool:
    """Say whether the last tries to reach the borrower, at least so many, all failed."""
    made = [
        event.payload
        for event in told
        if isinstance(event.payload, ContactMade) and event.payload.whom == "borrower"
    ]
    last = made[-tries:]
    return len(last) == tries and not any(one.reached for one in last)
