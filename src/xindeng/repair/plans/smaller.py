"""A plan for less than was asked: what passes now, or after closing a few small debts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as with_values
from typing import Final

from msgspec.structs import replace

from xindeng.repair.plans.actions import pay_down
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.plan import Plan, Proof, Rung, Step
from xindeng.repair.plans.prove import prove

NAME: Final = "borrow_less"


def smaller_plan(case: Case, ladder: Sequence[Rung]) -> Plan | None:
    """Return a plan for a smaller amount: the frontier of now, else of the cheapest rung of
    `ladder` that lets enough of the request pass; None where there is neither."""
    if case.first.frontier > 0:
        return _now(case, case.first.frontier)
    enough = case.request.amount * case.setting("plan_smaller_percent")
    for rung in ladder:
        if enough <= rung.frontier * 100 and rung.frontier < case.request.amount:
            return _after(case, rung)
    return None


def _now(case: Case, amount: int) -> Plan:
    """Return the plan of asking for `amount` at once."""
    asked = case.checked(case.first)
    less = case.asking(with_values(case.request, amount=amount))
    step = Step(action=NAME, day=case.today, shows_at=case.now, params={"amount": amount},
                moves=case.gates)  # fmt: skip
    return Plan(
        kind="verified",
        goal="smaller",
        steps=(step,),
        amount=amount,
        term_months=case.request.term_months,
        rate_bp=case.request.rate_bp,
        purpose=case.request.purpose,
        yes_at=case.now,
        cash_total=0,
        fees=0,
        interest_delta=0,
        assumptions=("platform_as_now",),
        expires_day=case.today + case.setting("plan_valid_days"),
        proof=Proof(
            policy_hash=case.policy.hash, semantics=case.policy.semantics, asked=asked,
            before=asked, yes=case.checked(less.first), idle=asked,
        ),
    )  # fmt: skip


def _after(case: Case, rung: Rung) -> Plan | None:
    less = case.asking(with_values(case.request, amount=rung.frontier))
    by_id = {debt.id: debt for debt in case.dossier.debts}
    paid = tuple(
        pay_down.elsewhere(less, by_id[debt], by_id[debt].balance or 0, less.today)
        for debt in rung.closes
    )
    proven = prove(less, paid, "smaller", days=less.days_to(paid[0].ready))
    if proven is None:
        return None
    step = Step(action=NAME, day=case.policy.zone.day(proven.plan.yes_at),
                shows_at=proven.plan.yes_at, params={"amount": rung.frontier})  # fmt: skip
    return replace(proven.plan, steps=(*proven.plan.steps, step))
