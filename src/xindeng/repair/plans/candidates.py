"""Which sets of steps could turn the answer, found on the policy's rules before anything is proven.

From each gate's own repair actions come the options; every small set of them is looked at from the
day on which all of it shows. Rules that nothing in a set can touch are known from the days on
which nothing is done, so a day is only looked at once those have let go. Where paying debts may
help, the cheapest way to pay on that day completes the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, product
from typing import Final

from msgspec.structs import replace

from xindeng.decision.board import board_of
from xindeng.decision.decide import look_at
from xindeng.kernel.time import DAY
from xindeng.repair.ahead.payable import shows
from xindeng.repair.plans.actions import ACTIONS, dispute, pay_down, stop_applying
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Option
from xindeng.repair.plans.payoff import Readings, Way, cheapest_way
from xindeng.repair.plans.plan import Step
from xindeng.repair.plans.prove import acts_of

MOST_KINDS: Final = 3
"""At most so many different actions besides paying debts elsewhere are combined."""

Draft = tuple[tuple[Option, ...], int]
"""Options and the day offset by which they should turn the answer."""


def options_of(case: Case) -> list[list[Option]]:
    """Return the options of the gates' own repair actions, in groups that exclude each other."""
    rules = case.policy.rule_by_id
    named = dict.fromkeys(name for gate in case.gates for name in rules[gate].repair)
    groups: list[list[Option]] = []
    for name in named:
        action = ACTIONS.get(name)
        if action is None or name == stop_applying.NAME:
            continue
        by_kind: dict[object, list[Option]] = {}
        for params in action.offers(case):
            if name == pay_down.NAME and "debt" in params:
                continue  # which debts elsewhere to pay is found by `cheapest_way`
            made = action.make(case, params, case.today)
            if made is not None:
                kind = params.get("what", params.get("loan", params.get("offer")))
                by_kind.setdefault(kind, []).append(made)
        groups += by_kind.values()
    return groups


def helps_of(case: Case) -> tuple[Step, ...]:
    """Return the steps that end some of what stands in the way by themselves, each put to the
    policy; a dispute is none, for it ends only what is wrong."""
    found = []
    for option in (one for group in options_of(case) for one in group):
        if option.step.action == dispute.NAME or option.step.decider is not None:
            continue
        after = case.walk(acts_of((option,)), option.ready).answer(option.ready)
        idle = case.walk((), option.ready).answer(option.ready)
        moved = tuple(rule for rule in case.stops(idle) if rule not in case.stops(after))
        if moved:
            found.append(replace(option.step, moves=moved))
    return tuple(found)


def may_pay(case: Case) -> bool:
    """Say whether paying debts elsewhere is a way that the gates name and the debts allow."""
    rules = case.policy.rule_by_id
    named = any(pay_down.NAME in rules[gate].repair for gate in case.gates)
    return named and any(shows(debt) for debt in case.dossier.debts)


def drafts(case: Case) -> Iterator[Draft]:
    """Yield the sets of options that turn the answer on the policy's rules, small sets first."""
    groups = options_of(case)
    paying = may_pay(case)
    for size in range(min(len(groups), MOST_KINDS) + 1):
        for picked in combinations(groups, size):
            for chosen in product(*picked):
                if _odd(chosen):
                    continue
                yield from _turning(case, chosen, paying)


def _odd(chosen: Sequence[Option]) -> bool:
    """Say whether a set makes no sense: a dispute is tried alone, not beside paying the record."""
    names = [option.step.action for option in chosen]
    return dispute.NAME in names and len(names) > 1


def _turning(case: Case, chosen: tuple[Option, ...], paying: bool) -> Iterator[Draft]:
    """Yield the set as it is, and completed by paying debts, each on its first day of a yes."""
    acts = acts_of(chosen)
    ready = max((option.ready for option in chosen), default=case.now)
    if chosen:
        at = _first(case, chosen, max(ready, case.now))
        if at is not None:
            yield chosen, case.days_to(at)
    if not paying:
        return
    shown = case.shows_at(pay_down.NAME, case.today)
    zone, board = case.policy.zone, board_of(case.policy)
    walk = case.walk(acts, case.now + (case.horizon + 1) * DAY)
    blind = ~(case.touched(acts) | case.reading_rules)
    for day in range(zone.day(max(ready, shown)), case.today + case.horizon):
        at = max(zone.midnight(day), ready, shown)
        if case.trail.get(zone.midnight(day), 0) & blind:
            continue
        readings = Readings(case, walk.facts(at), acts, at)
        everything = {debt.id: debt.balance or 0 for debt in readings.debts}
        stops = readings.stops(everything)
        if not stops:
            way = cheapest_way(readings)
            if way is not None:
                yield (*chosen, *_payments(case, way)), case.days_to(at)
            return
        if stops & case.unmoved & board.blocking:
            return


def _payments(case: Case, way: Way) -> tuple[Option, ...]:
    """Return the payments of a way: debts that close before parts, the smallest first."""
    by_id = {debt.id: debt for debt in case.dossier.debts}
    paid = [
        pay_down.elsewhere(case, by_id[debt], amount, case.today) for debt, amount in way.items()
    ]
    paid.sort(key=lambda option: (not option.step.params["closes"], option.step.cash))
    return tuple(paid)


def _first(case: Case, chosen: tuple[Option, ...], ready: int) -> int | None:
    """Return the first instant from `ready` on, or midnight after it, at which nothing stands in
    the way."""
    acts = acts_of(chosen)
    zone, board = case.policy.zone, board_of(case.policy)
    walk = case.walk(acts, case.now + (case.horizon + 1) * DAY)
    blind = ~case.touched(acts)
    today = zone.day(ready)
    for day in range(today, case.today + case.horizon):
        at = max(zone.midnight(day), ready)
        if case.trail.get(zone.midnight(day), 0) & blind and day > today:
            continue
        look = look_at(case.policy, walk.facts(at), case.request, at)
        stops = (look.fired | look.missing) & board.blocking
        if not stops:
            return at
        if stops & case.unmoved:
            return None
    return None
