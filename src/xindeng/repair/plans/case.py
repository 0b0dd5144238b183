"""One request that was not approved, with all that a plan for it may use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from xindeng.decision.answer import Decision, EarliestYes, LightChange
from xindeng.decision.board import bits, board_of
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.decision.trace import events_behind
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.course import STANDS_STILL, Act
from xindeng.repair.ahead.habits import REREAD, Habit, habits
from xindeng.repair.ahead.wait import (
    Outlook,
    Trail,
    columns_of,
    horizon_of,
    look_ahead,
    unmoved,
)
from xindeng.repair.ahead.walk import Walk
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.plan import Checked
from xindeng.servicing.hold_book import StandingHold, standing_holds
from xindeng.servicing.limit_book import Warned, limit_book
from xindeng.servicing.limits import lapsed
from xindeng.servicing.view import View, view

_SETTINGS: Final = {
    "plan_valid_days": 30,
    "plan_enough_percent": 80,
    "plan_smaller_percent": 50,
    "after_hold_trial_amount": 100_000,
    "unlock_wait_hours": 12,
}
"""What a policy may set by a parameter of that name, and what holds where it does not: days,
percent, percent, minor units, hours."""

_OF_HOLDS: Final = frozenset(
    {"block_hold", "overdue_hold", "own_lock", "hold_review_at", "hold_cap"}
)


@dataclass(frozen=True)
class Case:
    """A borrower's request at `now` under a policy; `habits` are what goes on by itself."""

    policy: Policy
    dossier: Dossier
    request: Request
    now: int
    platform: PlatformState
    habits: Sequence[Habit]
    held: tuple[StandingHold, ...]
    offers: tuple[LoanOffer, ...] = ()

    @cached_property
    def walk_now(self) -> Walk:
        """Return a walk that stands at `now`."""
        return self._walk(STANDS_STILL, self.now, self.request)

    @cached_property
    def view(self) -> View:
        """Return the line at `now`, the attempt itself included."""
        return view(self.policy, self.walk_now.facts(self.now), self.now, self.request)

    @cached_property
    def first(self) -> Decision:
        """Return the answer to the request now."""
        return self.walk_now.answer(self.now)

    @cached_property
    def today(self) -> int:
        """Return the local day of `now`."""
        return self.policy.zone.day(self.now)

    @cached_property
    def gates(self) -> tuple[str, ...]:
        """Return the rules in the way now, in the policy's order."""
        return self.stops(self.first)

    def stops(self, decision: Decision) -> tuple[str, ...]:
        """Return the rules in the way of an answer that a borrower may be told."""
        board = board_of(self.policy)
        stopping = (decision.fired | decision.missing) & board.blocking & ~board.withheld
        return tuple(board.rules[index].id for index in bits(stopping))

    def value(self, name: str) -> Value:
        """Return a column of the line now, None where the policy has no such name."""
        return self.view.value(name)

    def setting(self, name: str) -> int:
        """Return a whole-number parameter of that name, or what holds without one."""
        if name in self.policy.parameter_names:
            found = self.policy.parameter(name, self.today)
            if type(found) is int:
                return found
        return _SETTINGS[name]

    def lag(self, action: str) -> int:
        """Return the days until an action shows in the data, as the policy says."""
        known = self.policy.repair.get(action)
        return known.lag_days if known is not None else 0

    def moment(self, day: int) -> int:
        """Return when something done on local `day` happens: at once today, else at nine."""
        return self.now + MINUTE if day <= self.today else self.policy.zone.midnight(day) + 9 * HOUR

    def shows_at(self, action: str, day: int) -> int:
        """Return when something done on local `day` shows (µs): never on the day it is reported
        elsewhere, but at the midnight its lag is over."""
        lag = self.lag(action)
        return self.policy.zone.midnight(day + lag) if lag else self.moment(day)

    @cached_property
    def horizon(self) -> int:
        """Return how many days ahead plans are looked for."""
        return horizon_of(self.policy, self.now)

    def walk(self, acts: Sequence[Act], until: int, *, request: Request | None = None) -> Walk:
        """Return a walk through the days ahead with `acts`, up to `until` (µs).

        The holds that the refusal of now places stand in it, as they do in `yes`.
        """
        walk = self._walk(acts, until, request or self.request)
        walk.place(self.first)
        return walk

    def _walk(self, acts: Sequence[Act], until: int, request: Request) -> Walk:
        return Walk(
            self.policy, self.dossier.state, self.platform, request, self.now,
            habits=self.habits, acts=acts, debts=self.dossier.debts, held=self.held, until=until,
        )  # fmt: skip

    def ahead(self, acts: Sequence[Act], *, days: int | None = None) -> Outlook:
        """Return what comes with `acts`, within `days` (the horizon unless given).

        Days on which a rule stands in the way that the acts cannot touch are passed over, but for
        those on which something is done or a light changes.
        """
        blind = ~self.touched(acts)
        keep = {act.at for act in acts} | {change.at for change in self.outlook.changes}
        shut = {at for at, stops in self.trail.items() if stops & blind} - keep
        return look_ahead(
            self.policy, self.dossier.state, self.platform, self.request, self.now,
            habits=self.habits, acts=acts, debts=self.dossier.debts, held=self.held,
            horizon_days=self.horizon if days is None else days, shut=shut,
        )  # fmt: skip

    @cached_property
    def outlook(self) -> Outlook:
        """Return what doing nothing brings, as far as the horizon."""
        return look_ahead(
            self.policy, self.dossier.state, self.platform, self.request, self.now,
            habits=self.habits, held=self.held, report=self.dossier.report,
        )  # fmt: skip

    @property
    def idle(self) -> EarliestYes:
        """Return the earliest yes by doing nothing."""
        return self.outlook.yes

    @property
    def trail(self) -> Trail:
        """Return the rules in the way by instant while nothing is done, as far as was looked."""
        return self.outlook.trail

    @cached_property
    def unmoved(self) -> int:
        """Return the rules (a bit mask) that time and life alone cannot move."""
        return unmoved(self.policy, self.habits)

    @cached_property
    def reading_rules(self) -> int:
        """Return the blocking rules (a bit mask) that rest on what a credit report says."""
        return self._touched(REREAD)

    def touched(self, acts: Sequence[Act]) -> int:
        """Return the blocking rules (a bit mask) that could be other because of `acts`."""
        types = frozenset[str]().union(*(act.types for act in acts))
        return self._touched(types)

    def _touched(self, types: frozenset[str]) -> int:
        book, board, compiled = self.policy.book.base, board_of(self.policy), self.policy.compiled
        names = {feature.name for feature in book if feature.event in types}
        if any(names & compiled.columns_of(when) for _, when in compiled.segments):
            return board.blocking  # another segment has other parameters, in any rule
        names |= _OF_HOLDS
        return sum(1 << i for i in bits(board.blocking) if names & columns_of(self.policy, i))

    def checked(self, decision: Decision) -> Checked:
        """Return an answer as a plan records it, without what is withheld."""
        return Checked(
            at=decision.now,
            outcome=decision.outcome,
            frontier=decision.frontier,
            gates=self.stops(decision),
            lights={a: light for a, light in decision.lights.items() if a not in self.quiet},
        )

    @cached_property
    def quiet(self) -> frozenset[str]:
        """Return the areas that withhold a reason: their lights are not told ahead of time."""
        return frozenset(rule.area for rule in self.policy.rules if rule.whose == "withheld")

    def told(self, changes: Sequence[LightChange]) -> tuple[LightChange, ...]:
        """Return the changes of lights that may be told.

        That the day of an early warning is over is no relief: on it the limit may have fallen.
        """
        return tuple(
            change for change in changes
            if change.area not in self.quiet and not self._warning_over(change)
        )  # fmt: skip

    def _warning_over(self, change: LightChange) -> bool:
        if self.warned is None or change.at != self.policy.zone.midnight(self.warned.day + 1):
            return False
        return any(
            rule.area == change.area and "limit_warning" in events_behind(self.policy, rule.id)
            for rule in self.policy.rules
        )

    @cached_property
    def warned(self) -> Warned | None:
        """Return the early warning that stands, None where there is none."""
        found = limit_book(self.dossier.events).warned
        return None if found is None or lapsed(self.policy, found, self.today) else found

    def asking(self, request: Request) -> Case:
        """Return the case of the same borrower asking for something else."""
        return replace(self, request=request)

    def days_to(self, at: int) -> int:
        """Return the whole days from now to an instant, rounded up."""
        return -(-(at - self.now) // DAY)


def case_of(
    policy: Policy,
    dossier: Dossier,
    request: Request,
    now: int,
    *,
    platform: PlatformState | None = None,
    offers: Sequence[LoanOffer] = (),
) -> Case:
    """Return the case; `platform` is the dossier's unless given.

    A `now` before the last thing known is lifted to it, as everywhere.
    """
    at = max(now, dossier.state.last_known_at)
    return Case(
        policy=policy,
        dossier=dossier,
        request=request,
        now=at,
        platform=dossier.platform if platform is None else platform,
        habits=habits(dossier.events, at),
        held=standing_holds(dossier.events),
        offers=tuple(offers),
    )
