"""Which plans are shown: the fastest, the cheapest and the gentlest of those that are proven.

fastest: the earliest yes; then the least cash and fees, then the fewest steps.
cheapest: the least cash and fees, added interest counted with them; then the earliest yes, then
the fewest steps.
gentlest: the least money in any thirty days; then the fewest decisions of others, the fewest
steps, the earliest yes. To that end a plan that pays several debts is also tried with one payment
a month, the smallest first.
Plans that rest on the borrower alone come before those in which somebody else decides; of the
latter the fastest and the cheapest are shown beside them where they are faster, or take less.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from xindeng.repair.plans.actions import ACTIONS
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Option
from xindeng.repair.plans.plan import Goal, Plan

_MONTH = 30


def chosen(proven: Sequence[Plan]) -> tuple[Plan, ...]:
    """Return the plans to show, each once; `also` names the further goals one serves."""
    own = [plan for plan in proven if plan.kind == "verified"]
    shown = _by_goal(own or list(proven))
    others = [plan for plan in proven if plan.kind == "conditional"]
    if own and others:
        quick, cheap = min(others, key=_fastest), min(others, key=_cheapest)
        if quick.yes_at < min(plan.yes_at for plan in own):
            shown.append(replace(quick, goal="fastest", also=()))
        if _outlay(cheap) < min(map(_outlay, own)) and cheap.steps != shown[-1].steps:
            shown.append(replace(cheap, goal="cheapest", also=()))
    return tuple(shown)


def _by_goal(plans: Sequence[Plan]) -> list[Plan]:
    if not plans:
        return []
    shown: list[Plan] = []
    goals: tuple[tuple[Goal, Plan], ...] = (
        ("fastest", min(plans, key=_fastest)),
        ("cheapest", min(plans, key=_cheapest)),
        ("gentlest", min(plans, key=_gentlest)),
    )
    for goal, plan in goals:
        same = next((n for n, one in enumerate(shown) if one.steps == plan.steps), None)
        if same is None:
            shown.append(replace(plan, goal=goal, also=()))
        else:
            shown[same] = replace(shown[same], also=(*shown[same].also, goal))
    return shown


def _outlay(plan: Plan) -> int:
    return plan.cash_total + plan.fees + max(0, plan.interest_delta or 0)


def _fastest(plan: Plan) -> tuple[int, ...]:
    return plan.yes_at, plan.cash_total + plan.fees, len(plan.steps)


def _cheapest(plan: Plan) -> tuple[int, ...]:
    return _outlay(plan), plan.yes_at, len(plan.steps)


def _gentlest(plan: Plan) -> tuple[int, ...]:
    decided = sum(step.decider is not None for step in plan.steps)
    return peak(plan), decided, len(plan.steps), plan.yes_at


def peak(plan: Plan) -> int:
    """Return the most money that any thirty days of the plan ask for."""
    paid = [(step.day, step.cash + step.fees) for step in plan.steps]
    return max(
        (sum(cash for day, cash in paid if start <= day < start + _MONTH) for start, _ in paid),
        default=0,
    )


def spread(case: Case, options: Sequence[Option]) -> tuple[Option, ...] | None:
    """Return the options with one payment in thirty days, the smallest first; None where there
    is only one, or where the months would not do."""
    paying = sorted(
        (option for option in options if option.step.cash > 0), key=lambda o: o.step.cash
    )
    if len(paying) < 2 or (len(paying) - 1) * _MONTH >= case.horizon:
        return None
    found = [option for option in options if option.step.cash == 0]
    for month, option in enumerate(paying):
        step = option.step
        later = ACTIONS[step.action].make(case, step.params, case.today + month * _MONTH)
        if later is None:
            return None
        found.append(later)
    return tuple(found)
