"""The earliest yes by waiting alone: the clock moves on, and life with it; nothing new is done.

Only instants at which time can change something are tried: a window lets an event go, a local
midnight passes, a gate opens, a hold comes up for review. Each is put to the very rules that
refused; what is returned was decided, not computed beside the policy. What life brings (see
`xindeng.repair.ahead.habits`) is looked at from the midnight after it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush
from typing import Final, NamedTuple

from xindeng.decision.answer import (
    Assumed,
    Decision,
    EarliestYes,
    GateEnd,
    Light,
    LightChange,
    Outcome,
)
from xindeng.decision.board import bits, board_of
from xindeng.decision.decide import decide, look_at
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.credit import CreditReport
from xindeng.features.state import State
from xindeng.kernel.time import DAY, MINUTE
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.course import STANDS_STILL, Act
from xindeng.repair.ahead.habits import REREAD, SHIFT, Habit
from xindeng.repair.ahead.record import late_months_end
from xindeng.repair.ahead.walk import Walk
from xindeng.repair.debt import Debt
from xindeng.servicing.hold_book import StandingHold

HORIZON: Final = "plan_horizon_days"
_USUAL_HORIZON: Final = 184
# After the yes the lights are followed a little longer, to say until when caution is due.
_AFTERGLOW_DAYS: Final = 30
# Whole hours since an event are followed as long as any cool-down lasts.
_HOURS: Final = 72
_MOVING_CONTEXT: Final = frozenset(
    {"now", "today", "hour_of_day", "block_hold", "overdue_hold", "hold_review_at", "hold_cap"}
)
_WITHIN_A_DAY: Final = frozenset({"now", "hour_of_day"})

WaitResult = EarliestYes
Trail = dict[int, int]
"""Instant (µs) → bit mask of the rules in the way at it."""


class Outlook(NamedTuple):
    """The earliest yes, and what was seen on the way there or, without one, as far as was looked:
    which rules stood in the way at each instant, the lights that changed, and the last instant
    before the yes (µs) that was looked at and refused."""

    yes: EarliestYes
    trail: Trail
    changes: tuple[LightChange, ...]
    refused_at: int


def earliest_yes(
    policy: Policy,
    state: State,
    platform: PlatformState,
    request: Request,
    now: int,
    *,
    habits: Sequence[Habit] = (),
    held: Sequence[StandingHold] = (),
    report: CreditReport | None = None,
    horizon_days: int | None = None,
) -> WaitResult:
    """Return when `request` would first be approved if nothing happened but time and `habits`.

    `held` are the holds that stand, `report` the last credit report. `state` is not touched;
    `platform` is taken to stay as it is, and the holds that a refusal now would place are taken to
    stand. `at` None: not within `horizon_days` (the policy's own unless given), or some gate moves
    neither with time nor with the habits.
    """
    return look_ahead(
        policy, state, platform, request, now,
        habits=habits, held=held, report=report, horizon_days=horizon_days,
    ).yes  # fmt: skip


def horizon_of(policy: Policy, now: int) -> int:
    """Return how many days ahead anybody is told of: half a year where the policy says nothing,
    as far back as enquiries are counted."""
    if HORIZON in policy.parameter_names:
        found = policy.parameter(HORIZON, policy.zone.day(now))
        if type(found) is int:
            return found
    return _USUAL_HORIZON


def look_ahead(
    policy: Policy,
    state: State,
    platform: PlatformState,
    request: Request,
    now: int,
    *,
    habits: Sequence[Habit] = (),
    acts: Sequence[Act] = STANDS_STILL,
    debts: Sequence[Debt] = (),
    held: Sequence[StandingHold] = (),
    report: CreditReport | None = None,
    horizon_days: int | None = None,
    shut: Container[int] = (),
) -> Outlook:
    """Return the earliest yes with all that was seen; see `earliest_yes`.

    `acts` are what somebody does besides, about `debts` where they pay some. `shut` are instants
    known to bring no yes, which need not be looked at.
    """
    days = horizon_of(policy, now) if horizon_days is None else horizon_days
    end = now + days * DAY
    walk = Walk(
        policy, state, platform, request, now,
        habits=habits, acts=acts, debts=debts, held=held, until=end + _AFTERGLOW_DAYS * DAY,
    )  # fmt: skip
    waiting = _Waiting(walk, habits, acts, shut)
    first = walk.answer(now)
    at: int | None = now
    if first.outcome is not Outcome.APPROVE:
        at = waiting.scan(first, end)
    found = EarliestYes(
        asked_at=now,
        at=at,
        amount=request.amount if at is not None else None,
        horizon_days=days,
        light_changes=tuple(waiting.changes) if at is not None else (),
        cleared=waiting.let_go(),
        standing=waiting.standing() if at is None else (),
        later=late_months_end(policy, report, first, waiting.fixed()) if at is None else (),
        assumed=assumed_of(habits),
    )
    return Outlook(found, waiting.trail, tuple(waiting.changes), waiting.refused_at)


def assumed_of(habits: Sequence[Habit]) -> Assumed:
    """Return what a wait with these habits takes for granted."""
    if not habits:
        return "stillness"
    return "life" if any(habit.income for habit in habits) else "life_without_income"


def unmoved(policy: Policy, habits: Sequence[Habit], acts: Sequence[Act] = STANDS_STILL) -> int:
    """Return the blocking rules that neither time, nor life going on, nor an act can move."""
    lived = {habit.event.type for habit in habits} - REREAD
    for act in acts:
        lived |= act.types
    moving = _MOVING_CONTEXT | ({"own_lock"} if acts else set()) | {
        feature.name
        for feature in policy.book.base
        if feature.window is not None or feature.form != "value" or feature.event in lived
    }  # fmt: skip
    board = board_of(policy)
    return sum(1 << i for i in bits(board.blocking) if not moving & columns_of(policy, i))


def columns_of(policy: Policy, index: int) -> frozenset[str]:
    """Return the columns that the condition of rule `index` rests on, definitions unfolded."""
    compiled = policy.compiled
    return compiled.columns_of(compiled.conditions[policy.rules[index].id])


class _Waiting:
    """One borrower, one request, a clock that moves."""

    def __init__(
        self, walk: Walk, habits: Sequence[Habit], acts: Sequence[Act], shut: Container[int]
    ) -> None:
        self.walk, self.policy, self.habits, self.acts = walk, walk.policy, habits, acts
        self.shut, self.refused_at = shut, walk.now
        self.board = board_of(walk.policy)
        self.changes: list[LightChange] = []
        self.stops = 0
        self.ended: dict[int, int] = {}
        self.trail: Trail = {}
        self.found: int | None = None
        self.lights: Mapping[str, Light] = {}  # as they were before the yes

    def fixed(self) -> int:
        """Return the rules that neither time, nor life going on, nor an act can move."""
        return unmoved(self.policy, self.habits, self.acts)

    def let_go(self) -> tuple[GateEnd, ...]:
        """Return the gates of the first answer that opened and stayed open, earliest first."""
        ends = sorted(self.ended.items(), key=lambda end: (end[1], end[0]))
        return tuple(GateEnd(rule=self.board.rules[index].id, at=at) for index, at in ends)

    def standing(self) -> tuple[str, ...]:
        """Return the rules that stood in the way when last looked at."""
        return tuple(self.board.rules[index].id for index in bits(self.stops))

    def scan(self, first: Decision, end: int) -> int | None:
        """Return when a yes that lasts begins; notes light changes and gates on the way."""
        self.stops = gates = self._stops(first)
        fixed = self.fixed()
        if not gates & ~fixed:
            return None
        until = end
        instants = self._instants(first, end + SHIFT)  # a yes on the last day must last, too
        self.walk.place(first)
        # Asking places holds: that is no change that time brings.
        before, seen = self.walk.answer(first.now) if self.walk.placed else first, first.now
        while instants and instants[0] <= until:
            at = heappop(instants)
            if at <= seen or (at in self.shut and not self._fresh(at)):
                continue
            facts = self.walk.facts(at)
            look = look_at(self.policy, facts, self.walk.request, at)
            self.trail[at] = (look.fired | look.missing) & self.board.blocking
            if (look.fired, look.missing) != (before.fired, before.missing):
                after = decide(self.policy, facts, self.walk.request, at)
                turned = self._sharpen(before, after, seen)
                self.changes += _changes(turned, before.lights, after.lights)
                if self._fresh(turned) and after.outcome is not Outcome.APPROVE:
                    self._take_back(after, turned)
                    until = end
                if self.found is None:
                    self._note_gates(gates, self._stops(after), turned)
                    if after.outcome is Outcome.APPROVE:
                        self.found, self.lights = turned, before.lights
                        self.refused_at = seen
                        until = max(min(end, at + _AFTERGLOW_DAYS * DAY), turned + SHIFT)
                    elif not self.stops & ~fixed:
                        return None
                for reason in after.reasons:
                    if reason.until is not None:
                        heappush(instants, reason.until)
                before = after
            seen = at
        return self.found

    def _fresh(self, at: int) -> bool:
        """Return whether `at` is so soon after a yes that only a gap between what comes each
        month may have let it pass."""
        return self.found is not None and at < self.found + SHIFT

    def _take_back(self, after: Decision, at: int) -> None:
        """Take back a yes that did not last, with the lights that only flickered."""
        kept = (change for change in self.changes if self.found and change.at < self.found)
        self.changes = [*kept, *_changes(at, self.lights, after.lights)]
        self.found = None

    def _note_gates(self, gates: int, stops: int, at: int) -> None:
        for index in bits(gates & self.stops & ~stops):
            self.ended[index] = at
        for index in bits(gates & stops):
            self.ended.pop(index, None)
        self.stops = stops

    def _instants(self, first: Decision, until: int) -> list[int]:
        """Return a heap of the instants after `first.now` at which time may change something."""
        policy, now, state = self.policy, first.now, self.walk.state
        zone = policy.zone
        found = set(policy.kernel.boundaries(state, now, until - now, _HOURS))
        found.update(act.at for act in self.acts)
        found.update(zone.midnight(day) for day in range(zone.day(now) + 1, zone.day(until) + 1))
        found.update(hold.review_at for hold in policy.kernel.holds(state))
        found.update(order.review_at for order in first.holds_to_place)
        found.update(reason.until for reason in first.reasons if reason.until is not None)
        instants = list(found)
        heapify(instants)
        return instants

    def _sharpen(self, before: Decision, after: Decision, seen: int) -> int:
        """Return the minute between `seen` and `after.now` at which the answer turned.

        Rules that compare `now` itself may let go at any time of the day, which no window knows.
        What life has brought by now cannot be unknown again, so nothing before it is looked at.
        """
        changed = (before.fired ^ after.fired) | (before.missing ^ after.missing)
        if not any(_WITHIN_A_DAY & columns_of(self.policy, index) for index in bits(changed)):
            return after.now
        low, high = max(seen, self.walk.state.last_known_at), after.now
        while high - low > MINUTE:
            middle = (low + high) // 2 // MINUTE * MINUTE
            middle = middle if middle > low else low + MINUTE
            look = look_at(self.policy, self.walk.facts(middle), self.walk.request, middle)
            if (look.fired, look.missing) == (after.fired, after.missing):
                high = middle
            else:
                low = middle
        return high

    def _stops(self, decision: Decision) -> int:
        return (decision.fired | decision.missing) & self.board.blocking


def _changes(
    at: int, before: Mapping[str, Light], after: Mapping[str, Light]
) -> Iterator[LightChange]:
    for area, light in after.items():
        if before[area] is not light:
            yield LightChange(at=at, area=area, before=before[area], after=light)
