"""The do-nothing forecast: which lights change on which day by waiting alone.

Waiting means what `xindeng.repair.ahead.habits` says: life goes on, nothing new is done. Each
midnight is put to the policy's rules. What stays untold is what could teach a thief when a safety
light ends, so areas that withhold a reason are left out.
"""

from __future__ import annotations

from typing import Final

from xindeng.decision.answer import Light, LightChange, Outcome
from xindeng.decision.request import Request
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.wait import assumed_of
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans.case import Case, case_of
from xindeng.repair.plans.plan import Projection

DAYS: Final = 184
"""Half a year and a little: as far as enquiries are counted."""


def project(
    policy: Policy,
    dossier: Dossier,
    now: int,
    *,
    request: Request | None = None,
    days: int = DAYS,
) -> Projection:
    """Return the forecast for a request, or for the smallest draw where none is given."""
    least = policy.parameter("min_draw", policy.zone.day(now))
    smallest = Request(amount=int(least or 1), currency=policy.currency)
    case = case_of(policy, dossier, request or smallest, now)
    return projected(case, days=days)


def projected(case: Case, *, days: int = DAYS) -> Projection:
    """Return the forecast of a case, every midnight of `days` days looked at."""
    zone, until = case.policy.zone, case.today + days
    walk = case.walk((), zone.midnight(until))
    before: dict[str, Light] = case.first.lights
    changes: list[LightChange] = []
    yes = case.now if case.first.outcome is Outcome.APPROVE else None
    last = case.first
    for day in range(case.today + 1, until + 1):
        last = walk.answer(zone.midnight(day))
        changes += [
            LightChange(at=last.now, area=area, before=before[area], after=light)
            for area, light in last.lights.items()
            if before[area] is not light
        ]
        before = last.lights
        if yes is None and last.outcome is Outcome.APPROVE:
            yes = last.now
    return Projection(
        asked_at=case.now,
        until_day=until,
        lights=case.checked(case.first).lights,
        changes=case.told(changes),
        yes_at=yes,
        standing=() if yes is not None else case.stops(last),
        assumed=assumed_of(case.habits),
    )


def foreseen(case: Case) -> Projection:
    """Return what the search for a yes by waiting saw, without looking at every day again.

    It ends a month after the yes, or where only rules are left that time does not move.
    """
    idle = case.idle
    return Projection(
        asked_at=case.now,
        until_day=case.today + idle.horizon_days,
        lights=case.checked(case.first).lights,
        changes=case.told(case.outlook.changes),
        yes_at=idle.at,
        standing=tuple(
            rule for rule in idle.standing if case.policy.rule_by_id[rule].whose != "withheld"
        ),
        assumed=idle.assumed,
        later=idle.later,
    )
