"""The earliest yes by waiting alone: the clock moves on, nothing else happens.

Only instants at which time can change something are tried: a window lets an event go, a local
midnight passes, a gate opens, a hold comes up for review. Each is put to the very rules that
refused; what is returned was decided, not computed beside the policy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from heapq import heapify, heappop, heappush
from typing import Final

from xindeng.decision.answer import Decision, EarliestYes, Light, LightChange, Outcome
from xindeng.decision.board import bits, board_of
from xindeng.decision.decide import decide, look_at
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.features.state import Hold, State
from xindeng.kernel.time import DAY, MINUTE
from xindeng.policy.policy import Policy

HORIZON_DAYS: Final = 400
# After the yes the lights are followed a little longer, to say until when caution is due.
_AFTERGLOW_DAYS: Final = 30
# Whole hours since an event are followed as long as any cool-down lasts.
_HOURS: Final = 72
_MOVING_CONTEXT: Final = frozenset(
    {"now", "today", "hour_of_day", "block_hold", "overdue_hold", "hold_review_at", "hold_cap"}
)
_WITHIN_A_DAY: Final = frozenset({"now", "hour_of_day"})

WaitResult = EarliestYes


def earliest_yes(
    policy: Policy,
    state: State,
    platform: PlatformState,
    request: Request,
    now: int,
    *,
    horizon_days: int = HORIZON_DAYS,
) -> WaitResult:
    """Return when `request` would first be approved if nothing happened but time.

    `state` is not touched; `platform` is taken to stay as it is, and the holds that a refusal now
    would place are taken to stand. `at` None: not within `horizon_days`, or some gate does not
    depend on time at all.
    """
    waiting = _Waiting(policy, state, platform, request)
    first = waiting.decided(now)
    if first.outcome is Outcome.APPROVE:
        return EarliestYes(asked_at=now, at=now, amount=request.amount, horizon_days=horizon_days)
    if not waiting.can_heal(first):
        return EarliestYes(asked_at=now, at=None, amount=None, horizon_days=horizon_days)
    at, changes = waiting.scan(first, now + horizon_days * DAY)
    return EarliestYes(
        asked_at=now,
        at=at,
        amount=request.amount if at is not None else None,
        horizon_days=horizon_days,
        light_changes=tuple(changes),
    )


class _Waiting:
    """One borrower, one request, a clock that moves."""

    def __init__(
        self, policy: Policy, state: State, platform: PlatformState, request: Request
    ) -> None:
        self.policy, self.state, self.platform, self.request = policy, state, platform, request
        self.board = board_of(policy)
        self.placed: tuple[Hold, ...] = ()

    def facts(self, at: int) -> Facts:
        """Return what would be known if the button were pressed at `at`."""
        kernel = self.policy.kernel
        facts = facts_of_attempt(kernel, self.state, self.platform, self.request, at)
        return replace(facts, holds=(*facts.holds, *self.placed)) if self.placed else facts

    def decided(self, at: int) -> Decision:
        """Return the answer to the request if it were made at `at`."""
        return decide(self.policy, self.facts(at), self.request, at)

    def can_heal(self, decision: Decision) -> bool:
        """Return whether time can move every rule that stands in the way."""
        moving = _MOVING_CONTEXT | {
            feature.name
            for feature in self.policy.book.base
            if feature.window is not None or feature.form != "value"
        }
        return all(moving & self._columns(index) for index in bits(self._stops(decision)))

    def scan(self, first: Decision, until: int) -> tuple[int | None, list[LightChange]]:
        """Return the first instant of a yes, and the light changes up to shortly after it."""
        instants = self._instants(first, until)
        self.placed = tuple(
            Hold(order.rule, order.kind, order.mode, order.rule, order.review_at, order.cap)
            for order in first.holds_to_place
        )
        before, seen = first, first.now
        found: int | None = None
        changes: list[LightChange] = []
        while instants and instants[0] <= until:
            at = heappop(instants)
            if at <= seen:
                continue
            facts = self.facts(at)
            look = look_at(self.policy, facts, self.request, at)
            if (look.fired, look.missing) != (before.fired, before.missing):
                after = decide(self.policy, facts, self.request, at)
                turned = self._sharpen(before, after, seen)
                if found is None and after.outcome is Outcome.APPROVE:
                    found = turned
                    until = min(until, at + _AFTERGLOW_DAYS * DAY)
                changes += _changes(turned, before.lights, after.lights)
                for reason in after.reasons:
                    if reason.until is not None:
                        heappush(instants, reason.until)
                before = after
            seen = at
        return found, changes

    def _instants(self, first: Decision, until: int) -> list[int]:
        """Return a heap of the instants after `first.now` at which time may change something."""
        policy, now = self.policy, first.now
        zone = policy.zone
        found = set(policy.kernel.boundaries(self.state, now, until - now, _HOURS))
        found.update(zone.midnight(day) for day in range(zone.day(now) + 1, zone.day(until) + 1))
        found.update(hold.review_at for hold in policy.kernel.holds(self.state))
        found.update(order.review_at for order in first.holds_to_place)
        found.update(reason.until for reason in first.reasons if reason.until is not None)
        instants = list(found)
        heapify(instants)
        return instants

    def _sharpen(self, before: Decision, after: Decision, seen: int) -> int:
        """Return the minute between `seen` and `after.now` at which the answer turned.

        Rules that compare `now` itself may let go at any time of the day, which no window knows.
        """
        changed = (before.fired ^ after.fired) | (before.missing ^ after.missing)
        if not any(_WITHIN_A_DAY & self._columns(index) for index in bits(changed)):
            return after.now
        low, high = seen, after.now
        while high - low > MINUTE:
            middle = (low + high) // 2 // MINUTE * MINUTE
            middle = middle if middle > low else low + MINUTE
            look = look_at(self.policy, self.facts(middle), self.request, middle)
            if (look.fired, look.missing) == (after.fired, after.missing):
                high = middle
            else:
                low = middle
        return high

    def _columns(self, index: int) -> frozenset[str]:
        compiled = self.policy.compiled
        return compiled.columns_of(compiled.conditions[self.board.rules[index].id])

    def _stops(self, decision: Decision) -> int:
        return (decision.fired | decision.missing) & self.board.blocking


def _changes(
    at: int, before: Mapping[str, Light], after: Mapping[str, Light]
) -> Iterator[LightChange]:
    for area, light in after.items():
        if before[area] is not light:
            yield LightChange(at=at, area=area, before=before[area], after=light)
