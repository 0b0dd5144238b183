"""Stepping up after a pause: one small draw first, then the rest (R8).

After a hold one small try is expected. It is asked for as what it is, so it is no probing and no
attempt counts it; the rest comes once the small one has really been lent, and is proven with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from xindeng.decision.answer import Outcome
from xindeng.decision.burden import burden
from xindeng.events.line import Disbursement
from xindeng.kernel.time import DAY
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Option
from xindeng.repair.plans.plan import Plan, Stage
from xindeng.repair.plans.prove import acts_of

_HOLDS: Final = frozenset({"hold", "zero_limit"})


def stages_of(case: Case, plan: Plan, options: tuple[Option, ...]) -> tuple[Stage, ...]:
    """Return the two draws of a plan that ends a pause, () where nothing was paused or the amount
    is small anyway."""
    trial = case.setting("after_hold_trial_amount")
    rest = plan.amount - trial
    least = case.policy.parameter("min_draw", case.today)
    if not _paused(case) or rest < int(least or 1):
        return ()
    small = replace(case.request, amount=trial, after_hold=True)
    acts, at = acts_of(options), plan.yes_at
    if case.walk(acts, at, request=small).answer(at).outcome is not Outcome.APPROVE:
        return ()
    monthly = burden(case.policy, small.product, small.rate_bp, small.term_months)
    drawn = Disbursement(
        draw="first small draw", amount=trial, term_months=small.term_months,
        monthly_due=monthly(trial),
    )  # fmt: skip
    lent = Act(at, (drawn,))
    zone = case.policy.zone
    asked = replace(case.request, amount=rest)
    # From the midnight after: what is drawn in one day counts together in some checks.
    later = zone.midnight(zone.day(at + DAY))
    answer = case.walk((*acts, lent), later, request=asked).answer(later)
    if answer.outcome is not Outcome.APPROVE:
        return ()
    return (Stage(at=at, amount=trial, after_hold=True), Stage(at=later, amount=rest))


def _paused(case: Case) -> bool:
    """Say whether draws are paused or a pause is what this refusal starts."""
    if case.value("block_hold") is True or case.first.holds_to_place:
        return True
    rules = case.policy.rule_by_id
    return any(rules[gate].effect in _HOLDS for gate in case.gates)
