"""An old plan looked at again: under a new policy, or once something has happened.

What was done already shows in the facts and is not done twice; what is still open is moved to
today where its day is over. Then the policy of today decides, as it did for the first proof.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from xindeng.decision.request import Request
from xindeng.events.credit import CreditInquiry, LoanApplication
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans.actions import ACTIONS, pay_down, stop_applying
from xindeng.repair.plans.case import Case, case_of
from xindeng.repair.plans.option import Option
from xindeng.repair.plans.plan import Checked, Plan, Step
from xindeng.repair.plans.prove import acts_of
from xindeng.repair.plans.standing import status_before

Fate = Literal["kept", "good", "moved", "broken", "expired"]
"""kept: all was done and the yes holds. good: some is still to do and the yes holds. moved: there
is a yes, but later. broken: no yes within the horizon. expired: its last day is over."""

Because = Literal["", "policy", "not_done", "applied_again", "facts", "verify_first"]


class Reproved(Struct, frozen=True, kw_only=True):
    """How an old plan stands. `yes_at` (µs) is the yes as of now, `answer` the policy's then, or
    now without one; `open_steps` the steps not done yet. `to_person`: the borrower did their part
    and a new policy broke the plan, so a person looks at it."""

    fate: Fate
    because: Because
    policy_hash: str
    yes_at: int | None
    answer: Checked | None
    open_steps: tuple[int, ...] = ()
    to_person: bool = False


def reprove(
    policy: Policy,
    plan: Plan,
    dossier: Dossier,
    now: int,
) -> Reproved:
    """Return how `plan` stands at `now` (µs) under `policy`, on the facts of the dossier."""
    case = case_of(policy, dossier, request_of(policy, plan), now)
    if case.today > plan.expires_day:
        return Reproved(fate="expired", because="", policy_hash=policy.hash, yes_at=None,
                        answer=None)  # fmt: skip
    if status_before(case) == "verify_first":
        return Reproved(fate="broken", because="verify_first", policy_hash=policy.hash,
                        yes_at=None, answer=None)  # fmt: skip
    options = options_again(case, plan)
    acts = acts_of(tuple(options.values()))
    found = case.ahead(acts).yes.at
    answer = case.first if found is None else case.walk(acts, found).answer(found)
    fate = _fate(plan, options, found, case.now)
    because = _because(case, plan, options) if fate in ("moved", "broken") else ""
    return Reproved(
        fate=fate,
        because=because,
        policy_hash=policy.hash,
        yes_at=found,
        answer=case.checked(answer),
        open_steps=tuple(options),
        to_person=because == "policy",
    )


def request_of(policy: Policy, plan: Plan) -> Request:
    """Return what a plan is for, as it is asked on the day of its yes.

    A product that the policy offers no longer over that term is left out.
    """
    offered = plan.product is not None and policy.products.offers(plan.product, plan.term_months)
    return Request(
        amount=plan.amount, term_months=plan.term_months, purpose=plan.purpose,
        rate_bp=plan.rate_bp, currency=policy.currency, after_hold=plan.after_hold,
        product=plan.product if offered else None,
    )  # fmt: skip


def options_again(case: Case, plan: Plan) -> dict[int, Option]:
    """Return the options of the steps that are not done yet, by the step's place in the plan."""
    found: dict[int, Option] = {}
    for place, step in enumerate(plan.steps):
        action = ACTIONS.get(step.action)
        if action is None or step.action == stop_applying.NAME or _paid(case, step):
            continue
        option = action.make(case, step.params, max(step.day, case.today))
        if option is not None:
            found[place] = option
    return found


def _paid(case: Case, step: Step) -> bool:
    """Say whether a part payment shows already: the balance is as low as the step made it."""
    if step.action != pay_down.NAME or "before" not in step.params:
        return False
    left = int(step.params["before"]) - int(step.params["amount"])
    debt = next((d for d in case.dossier.debts if d.id == step.params.get("debt")), None)
    return debt is not None and debt.balance is not None and debt.balance <= left


def _fate(plan: Plan, options: dict[int, Option], found: int | None, now: int) -> Fate:
    if found is None:
        return "broken"
    if found > max(plan.yes_at, now):
        return "moved"
    return "good" if options else "kept"


def _because(case: Case, plan: Plan, options: dict[int, Option]) -> Because:
    """Return why the yes is gone: what the borrower did or left undone comes before the policy."""
    if _applied(case, plan):
        return "applied_again"
    if any(plan.steps[place].day < case.today for place in options):
        return "not_done"
    return "policy" if case.policy.hash != plan.proof.policy_hash else "facts"


def _applied(case: Case, plan: Plan) -> bool:
    since = plan.proof.asked.at
    return any(
        event.occurred_at > since
        and isinstance(event.payload, CreditInquiry | LoanApplication)
        and not (isinstance(event.payload, CreditInquiry) and event.payload.reason in _SOFT)
        for event in case.dossier.events
    )


_SOFT = frozenset({"own", "post_loan", "guarantee_post", "special_merchant", "other"})
