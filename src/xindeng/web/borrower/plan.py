"""Plans: found for a refusal, shown with their proof, ticked off step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from xindeng.decision.answer import Light, Outcome
from xindeng.kernel.errors import ConflictError, InputError, NotFoundError, TooManyError
from xindeng.repair.plans.plan import Plan, Plans, Step
from xindeng.repair.plans.plan_told import PlanTold, StepTold
from xindeng.repair.plans.told import tell, tell_falls
from xindeng.service import decisions, hardship
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.plan import KeptPlans
from xindeng.service.product import request_of
from xindeng.servicing.three_numbers import area_title
from xindeng.store.plans import OPEN, unknown
from xindeng.web.borrower.amount import minor_of, wrong_amount
from xindeng.web.borrower.frame import shown
from xindeng.web.borrower.home import looked_at
from xindeng.web.borrower.trial import Text, terms
from xindeng.web.route import Go, Shown, Visit

PLACES: Final[Mapping[str, str]] = {
    "borrow_less": "/me/try", "consolidate": "/me/other-ways#debts",
    "spend_less": "/me/check-up", "seek_hardship_help": "/me/help",
    "dispute": "/me/matters/new?way=dispute", "explain_flow": "/me/matters/new?way=review",
    "show_income": "/me/matters/new?way=review", "contact_support": "/me/matters",
    "secure_account": "/me/data#lock",
}  # fmt: skip
"""Where on these pages a step is taken, or somebody is told of it; the others are taken elsewhere,
as the policy says of each."""


class PlanForm(Struct):
    """What the plan is to reach: a decision, or an amount; the last decision without either."""

    decision: Annotated[str, Meta(max_length=64)] | None = None
    amount: Text | None = None
    months: Annotated[int, Meta(ge=1, le=600)] = 12


class StepForm(Struct):
    """A step of one of the plans, both counted from 1."""

    choice: Annotated[int, Meta(ge=1, le=100)]
    step: Annotated[int, Meta(ge=1, le=100)]


def latest(visit: Visit) -> Shown:
    """Show the newest plan that still holds, else how to find one."""
    kept = [one for one in planning.of_borrower(visit.engine, visit.borrower) if one.open]
    return _shown(visit, kept[-1]) if kept else _empty(visit)


def one(visit: Visit) -> Shown:
    """Show stored plans as they were made, and how they stand."""
    return _shown(visit, _own(visit))


def make(visit: Visit) -> Shown | Go:
    """Find what turns a refusal; it leaves no mark, and is kept only where there is a plan."""
    sent: PlanForm = visit.form
    engine = visit.engine
    try:
        if sent.amount:
            wanted = minor_of(visit, sent.amount)
            request = request_of(engine, wanted, sent.months, "consumption")
            kept = planning.make(engine, visit.borrower, request)
        else:
            kept = planning.make_for(engine, sent.decision, visit.borrower)
    except ConflictError as error:
        if error.code != "plan.approved":
            raise
        return _empty(visit, visit.say("That request was approved, so nothing needs turning. "
                                       "Try a larger amount."))  # fmt: skip
    except NotFoundError as error:
        if error.code != "not_found.decision":
            raise
        return _empty(visit, visit.say("Nothing was asked for yet. Say which amount you have in "
                                       "mind."))  # fmt: skip
    except TooManyError as error:
        wait = -(-(error.retry_after_s or 60) // 60)
        return _empty(visit, visit.say("That was often enough for this hour. It changes nothing "
                                       "about any decision; try again in {minutes} minutes.",
                                       minutes=wait), 429)  # fmt: skip
    except InputError:
        return _empty(visit, wrong_amount(visit, sent.amount or ""))
    return Go(f"/me/plans/{kept.made.id}") if kept.kept else _shown(visit, kept)


def tick(visit: Visit) -> Go:
    """Note that the borrower says a step is done; what counts is what the records show."""
    sent: StepForm = visit.form
    kept = _own(visit)
    planning.done(visit.engine, kept.made.id, sent.choice, sent.step)
    return Go(f"/me/plans/{kept.made.id}#plan-{sent.choice}")


def _own(visit: Visit) -> KeptPlans:
    kept = planning.read(visit.engine, visit.names["plan"])
    if kept.made.borrower != visit.borrower:
        raise unknown(visit.names["plan"])
    return kept


def _empty(visit: Visit, problem: str = "", status: int = 422) -> Shown:
    found, _ = decisions.page(visit.engine, visit.borrower, below=None, count=1)
    refused = bool(found) and found[0].decision.outcome is not Outcome.APPROVE
    return shown(visit, "/me/plan", "borrower/plan_ask.html", status if problem else 200,
                 problem=problem, terms=terms(visit), refused=refused)  # fmt: skip


def _shown(visit: Visit, kept: KeptPlans) -> Shown:
    policy, made = planning.told_by(visit.engine, kept), kept.made
    told = tell(policy, made.plans, visit.lang)
    plans: list[dict[str, Any]] = []
    for number, (plan, words) in enumerate(zip(made.plans.plans, told.plans, strict=True), 1):
        look = kept.standing[number]
        plans.append({
            "number": number, "told": words, "verified": not plan.branches,
            "holds": look.fate in OPEN, "fate": look.fate, "yes_at": look.yes_at,
            "done": {step for choice, step in kept.done if choice == number},
            "amount": plan.amount, "hows": _once_each(words.steps),
            "course": _course(visit, plan, words, made.plans, told.warned),
            "expires": plan.expires_day, "steps": plan.steps,
            "places": [_place(step) for step in plan.steps],
        })  # fmt: skip
    months = made.plans.frontier_by_month
    return shown(
        visit, "/me/plan", "borrower/plan.html", kept=kept, told=told, plans=plans,
        months=months, made=made, falls=tell_falls(policy, months, visit.lang),
        helps=list(zip(made.plans.helps, told.helps, strict=True)), terms=terms(visit),
        leads=list(zip(made.plans.leads, told.leads, strict=True)), places=PLACES,
        own=any(plan["verified"] for plan in plans),
        ours=any(one.step is None for plan in made.plans.plans for one in plan.branches),
        asked=hardship.waiting(visit.engine, visit.borrower),
        ahead=looked_at(visit, lines.show(visit.engine, visit.borrower, veil=True)),
    )  # fmt: skip


def _place(step: Step) -> str:
    """Return where on these pages a step is taken, "" of one that is taken elsewhere: what is owed
    to others is paid to them."""
    if step.action in ("pay_down", "settle_overdue"):
        return "/me/repay" if "loan" in step.params or step.params.get("what") == "here" else ""
    return PLACES.get(step.action, "")


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark on a plan's course: a step to do, a light that turns, or the yes itself."""

    when: str
    step: str = ""
    area: str = ""
    before: Light | None = None
    after: Light | None = None


def _course(visit: Visit, plan: Plan, words: PlanTold, plans: Plans, warned: str) -> list[Mark]:
    """Return what is done and which lights turn, by date, with the yes among them, and the day of
    an early warning.

    The lights are those of the proof: areas that withhold a reason are not among them.
    """
    policy, look = visit.engine.policy, visit.look
    marks = [
        (policy.zone.midnight(step.day), 0, Mark(look.day(step.day), step=told.title))
        for step, told in zip(plan.steps, words.steps, strict=True)
    ]
    marks += [
        (one.at, 1, Mark(look.moment(one.at), area=area_title(policy, one.area, visit.lang),
                         before=one.before, after=one.after))
        for one in plan.proof.changes
    ]  # fmt: skip
    if plans.warned is not None:
        day = plans.warned.day
        marks.append((policy.zone.midnight(day), 0, Mark(look.day(day), step=warned)))
    marks.append((plan.yes_at, 2, Mark(look.moment(plan.yes_at))))
    return [mark for _, _, mark in sorted(marks, key=lambda one: one[:2])]


def _once_each(steps: Sequence[StepTold]) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return where and how each step is done, and its notes; what was said of an earlier step is
    left out."""
    seen: set[str] = set()
    found = []
    for step in steps:
        where, how = ("" if said in seen else said for said in (step.channel, step.how))
        found.append((where, how, tuple(line for line in step.notes if line not in seen)))
        seen |= {step.channel, step.how, *step.notes}
    return found
