"""Every change of a line's three numbers, with its cause: an event, our side, or time alone; and
what the borrower had word of, a pause or a warning, also where the numbers stay.

Worked out by folding the borrower's events again under one policy with its dated parameters, so
it needs no log that could disagree with the facts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import Literal

from msgspec import Struct

from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.envelope import Event
from xindeng.events.line import (
    HoldExtended,
    HoldPlaced,
    HoldReleased,
    LimitWarning,
    LimitWarningWithdrawn,
)
from xindeng.policy.policy import Policy
from xindeng.servicing.three_numbers import ThreeNumbers, three_numbers
from xindeng.servicing.view import View, view, view_of

Cause = Literal["event", "platform", "time"]


class NumberChange(Struct, frozen=True, kw_only=True):
    """At `at` (µs) the numbers went from `before` (None: the first that are known) to `after`.

    `event` is set where one event made the change. `after` is for staff; `told` hides what is
    withheld, and `held` says whether a security hold stood, of which the borrower was told;
    `own` that they were told of the event itself, so that it is part of the history even where
    the numbers stay.
    """

    at: int
    cause: Cause
    before: ThreeNumbers | None
    after: ThreeNumbers
    told: ThreeNumbers
    held: bool = False
    event: Event | None = None
    own: bool = False


def history(
    policy: Policy,
    events: Iterable[Event],
    *,
    until: int,
    since: int | None = None,
    platform: Sequence[tuple[int, PlatformState]] = (),
) -> tuple[NumberChange, ...]:
    """Return the changes in (since, until], oldest first; instants are µs.

    Events are all of the borrower's, in sequence; `platform` says from when our side stood how.
    Where `since` is given the first change tells how the numbers stood then.
    """
    return tuple(_Teller(policy, until, since).run(events, platform))


class _Teller:
    """Folds events and looks at the numbers after each, and at each instant between them at
    which time alone may change them."""

    def __init__(self, policy: Policy, until: int, since: int | None) -> None:
        self.policy, self.until = policy, until
        first = policy.zone.midnight(policy.book_of_parameters.first_day)
        self.since = first if since is None else max(since, first)
        self.state = policy.kernel.empty()
        self.side = PlatformState()
        self.last: ThreeNumbers | None = None
        self.held = self.veiled = False
        self.at = self.since
        self.opens: tuple[int, ...] = ()
        self.pausing: set[str] = set()

    def run(
        self, events: Iterable[Event], platform: Sequence[tuple[int, PlatformState]]
    ) -> Iterator[NumberChange]:
        """Yield the changes; events and our side's news are merged by when they were known."""
        sides = sorted(platform, key=lambda item: item[0])
        place = 0
        for event in events:
            known = max(self.state.last_known_at, event.known_at, event.occurred_at)
            while place < len(sides) and sides[place][0] <= known:
                yield from self._side(*sides[place])
                place += 1
            yield from self._pass(known)
            if known > self.until:
                return
            self.policy.kernel.fold(self.state, event)
            own = self._told_of(event)
            if known >= self.since:
                yield from self._look(max(known, self.since), "event", event, own=own)
        for at, side in sides[place:]:
            yield from self._side(at, side)
        yield from self._pass(self.until)

    def _told_of(self, event: Event) -> bool:
        """Say whether a borrower had word of the event itself, whatever became of the numbers: an
        early warning, and a hold unless it only watches."""
        payload = event.payload
        if isinstance(payload, HoldPlaced) and payload.mode != "monitor":
            self.pausing.add(payload.hold)
        if isinstance(payload, HoldPlaced | HoldExtended | HoldReleased):
            return payload.hold in self.pausing
        return isinstance(payload, LimitWarning | LimitWarningWithdrawn)

    def _side(self, at: int, side: PlatformState) -> Iterator[NumberChange]:
        if at > self.until:
            return
        yield from self._pass(at)
        self.side = side
        if at >= self.since:
            yield from self._look(at, "platform")

    def _pass(self, to: int) -> Iterator[NumberChange]:
        """Let time go by until just before `to`."""
        end = min(to, self.until + 1)
        if end <= self.since:
            return
        if self.last is None:
            yield from self._look(self.since, "time")
        queue = self._instants(end)
        heapify(queue)
        while queue:
            at = heappop(queue)
            if not self.at < at < end:
                continue
            yield from self._look(at, "time")
            for opens in self.opens:
                if at < opens < end:
                    heappush(queue, opens)
        self.at = max(self.at, end - 1)

    def _instants(self, end: int) -> list[int]:
        if self.last is None:
            return []
        zone, kernel = self.policy.zone, self.policy.kernel
        days = range(zone.day(self.at) + 1, zone.day(end) + 1)
        at = [zone.midnight(day) for day in days]
        at += kernel.boundaries(self.state, self.at, end - self.at)
        at += [hold.review_at for hold in kernel.holds(self.state)]
        return [*at, *self.opens]

    def _look(
        self, at: int, cause: Cause, event: Event | None = None, *, own: bool = False
    ) -> Iterator[NumberChange]:
        if self.policy.kernel.as_of(self.state, "limit_change") is None:
            return
        seen = view_of(self.policy, self.state, self.side, at)
        self.at, self.opens = at, _opens(seen)
        held = seen.value("security_hold") is True
        numbers = three_numbers(self.policy, seen.decision, veil=False)
        told = three_numbers(self.policy, seen.decision)
        before, stood = self.last, (self.held, self.veiled)
        self.last, self.held, self.veiled = numbers, held, told.borrowable is None
        if (before is None or own or before.amounts != numbers.amounts
                or stood != (self.held, self.veiled)):  # fmt: skip
            yield NumberChange(at=at, cause=cause, before=before, after=numbers, told=told,
                               held=held, event=event, own=own)  # fmt: skip


def _opens(seen: View) -> tuple[int, ...]:
    """Return when gates open by themselves (µs), also those that only larger draws meet."""
    decision = seen.decision
    if (decision.available or 0) > decision.amount_asked and decision.borrowable_now:
        whole = Request(amount=decision.available or 1, currency=seen.policy.currency)
        decision = view(seen.policy, seen.facts, seen.now, whole).decision
    return tuple({reason.until for reason in decision.reasons if reason.until is not None})
