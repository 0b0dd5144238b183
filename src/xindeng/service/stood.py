"""How our side stands in each segment, folded from the platform's chain; and what is looser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args

from xindeng.events.envelope import Event
from xindeng.events.line import Segment, StanceChange
from xindeng.kernel.errors import ForbiddenError
from xindeng.policy.policy import Policy
from xindeng.policy.steering.model import RANK

ALL: Final = "all"
EVERY: Final[tuple[str, ...]] = (ALL, *get_args(Segment))
"""What a stance may be told for. One for "all" is told to each; its own name then stands for the
segments of a policy that the events do not know."""


@dataclass(frozen=True, slots=True)
class Told:
    """The change by which a segment stands, and since when (µs) its stance has been that.

    One that ends on a day stands in place of `before`: what was there for good, None where nothing
    was told and the policy's own default stands.
    """

    change: StanceChange
    since: int
    before: Told | None = None


Stances = Mapping[str, Told]
"""How each of EVERY stands; one that was never told anything is not there."""


def fold_stances(told: Iterable[Event]) -> dict[str, Told]:
    """Return how each segment stands after the platform's events, given in sequence."""
    found: dict[str, Told] = {}
    for event in told:
        if isinstance(event.payload, StanceChange):
            found |= _after(found, event.payload, event.occurred_at)
    return found


def _after(stood: Stances, change: StanceChange, at: int) -> dict[str, Told]:
    """Return how the segments of a change stand after it."""
    return {name: _told(stood.get(name), change, at)
            for name in (EVERY if change.segment == ALL else (change.segment,))}  # fmt: skip


def _told(was: Told | None, change: StanceChange, at: int) -> Told:
    if change.until_day is None:
        same = was is not None and was.change.stance == change.stance
        return Told(change, was.since if was is not None and same else at)
    return Told(change, at, was if was is None or was.change.until_day is None else was.before)


def looser(stood: Stances, change: StanceChange, default: str, today: int) -> str | None:
    """Return a segment to which a change would lend more freely on some day from today on than
    what stands, None where there is none. A freer stance that would only last longer is looser, and
    so is a strict one that would end sooner."""
    for name, now in _after(stood, change, 0).items():
        was = stood.get(name)
        ends = [one.change.until_day for one in (was, now) if one is not None]
        days = [today, *(day for day in ends if day is not None and day > today)]
        if any(RANK[_on(now, day, default)] < RANK[_on(was, day, default)] for day in days):
            return name
    return None


def _on(told: Told | None, day: int, default: str) -> str:
    if told is None:
        return default
    until = told.change.until_day
    return told.change.stance if until is None or day < until else _on(told.before, day, default)


def check_alone(told: Iterable[Event], fresh: Sequence[Event], policy: Policy, today: int) -> None:
    """Raise ForbiddenError where one of the `fresh` events of the platform is a stance looser than
    what stands before it: that takes two people, by whatever door it comes."""
    stood = fold_stances(told)
    for event in fresh:
        change = event.payload
        if not isinstance(change, StanceChange):
            continue
        if name := looser(stood, change, policy.stance_default, today):
            raise ForbiddenError(
                f"{change.stance} for {change.segment} lends more freely than {name} does now",
                where=f"event {event.id}",
                next_step="propose it (xindeng policy set-stance); another person approves it",
                code="stance.looser",
            )
        stood |= _after(stood, change, event.occurred_at)
