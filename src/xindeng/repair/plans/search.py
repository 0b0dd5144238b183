"""find_plans(): from a refusal to what turns it, each plan proven by the policy that refused.

What safety withholds is decided first and ends the search before it begins. Then sets of options
are found on the policy's rules (`candidates`), at most `MOST_PROVEN` of them are put to `decide()`
on the folded state (`prove`), and of those that turn the answer a few are chosen (`choose`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as with_values
from typing import Final

from msgspec.structs import replace

from xindeng.decision.answer import Outcome
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import Dossier
from xindeng.repair.plans.candidates import drafts, helps_of
from xindeng.repair.plans.case import Case, case_of
from xindeng.repair.plans.choose import chosen, spread
from xindeng.repair.plans.months import frontier_by_month, need, rungs
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.plan import Branch, Plan, Plans, Status
from xindeng.repair.plans.projection import foreseen
from xindeng.repair.plans.prove import Proven, acts_of, prove
from xindeng.repair.plans.smaller import smaller_plan
from xindeng.repair.plans.stages import stages_of
from xindeng.repair.plans.standing import hardship, leads_of, reviewed_by_person, status_before
from xindeng.servicing.limit_book import limit_book
from xindeng.servicing.way_back import WayBack, way_back

MOST_PROVEN: Final = 20


def find_plans(
    policy: Policy,
    dossier: Dossier,
    request: Request,
    now: int,
    *,
    offers: Sequence[LoanOffer] = (),
) -> Plans:
    """Return what to do about `request`, made at `now` (µs), as of the dossier.

    `offers` are loans that a lender really offers to merge debts into. The dossier is not changed.
    Raises InputError as `decide` does.
    """
    case = case_of(policy, dossier, request, now, offers=offers)
    status = status_before(case)
    if status == "verify_first":
        return Plans(
            status=status, asked_at=case.now, amount=request.amount,
            leads=("verify_identity", "contact_support"), warnings=("repay", "scam"),
        )  # fmt: skip
    if status is not None:
        return _without_plans(case, status)
    return _searched(case, _without_our_side(case))


def _without_plans(case: Case, status: Status) -> Plans:
    return Plans(
        status=status,
        asked_at=case.now,
        amount=case.request.amount,
        gates=case.gates,
        leads=leads_of(case) if status != "our_side" else (),
        review_at=_review(case),
        warnings=() if status == "approved" else ("repay", "scam"),
    )


def _without_our_side(case: Case) -> Case:
    """Return the case as it would be without our own doing, where both stand in the way."""
    first = case.first
    ours = any(reason.gate and reason.whose == "platform" for reason in first.reasons)
    ordinary = PlatformState()
    if not ours or case.platform == ordinary:
        return case
    return with_values(case, platform=ordinary)


def _searched(asked: Case, case: Case) -> Plans:
    """Return what a search finds; `case` is the one `asked` about without our own doing."""
    proven = _proven(case)
    plans = tuple(_staged(case, plan, proven) for plan in chosen([one.plan for one in proven]))
    ladder = rungs(case)
    waiting = any(not _acting(plan) for plan in plans)
    less = smaller_plan(case, () if waiting else ladder)
    cheapest = next((p for p in plans if p.goal == "cheapest" or "cheapest" in p.also), None)
    options = next((one.options for one in proven if _same(one.plan, cheapest)), None)
    back = _way_back(asked)
    status = _status(case, plans, less, back)
    if less is not None:
        plans = (*plans, less)
    if case is not asked:
        plans = tuple(_after_ours(asked, plan, proven) for plan in plans)
    return Plans(
        status=status,
        asked_at=asked.now,
        amount=asked.request.amount,
        plans=plans,
        gates=asked.gates,
        leads=leads_of(asked),
        review_at=_review(asked),
        do_nothing=foreseen(case),
        frontier_by_month=frontier_by_month(case, None if options is None else acts_of(options)),
        rungs=ladder,
        need=None if plans or case.dossier.debts else need(case),
        way_back=back,
        helps=helps_of(case) if status in ("no_plan", "review") else (),
        warned=asked.warned,
        warnings=_warnings(asked, plans),
    )


def _after_ours(asked: Case, plan: Plan, proven: Sequence[Proven]) -> Plan:
    """Return a plan as it is while our own side stands in the way, too: it waits for us."""
    options = next((one.options for one in proven if _same(one.plan, plan)), ())
    no = asked.checked(asked.walk(acts_of(options), plan.yes_at).answer(plan.yes_at))
    ours = (
        Branch(step=None, decider="platform", says="yes", yes_at=plan.yes_at,
               answer=plan.proof.yes),
        Branch(step=None, decider="platform", says="no", yes_at=None, answer=no),
    )  # fmt: skip
    return replace(
        plan,
        kind="conditional",
        branches=(*plan.branches, *ours),
        assumptions=(*plan.assumptions, "our_side_lifted"),
        proof=replace(plan.proof, asked=asked.checked(asked.first)),
    )


def _review(case: Case) -> int | None:
    """Return when a hold, a person or our own side looks again (µs), None where not known."""
    day = case.value("stance_review_day")
    ours = any(reason.gate and reason.whose == "platform" for reason in case.first.reasons)
    if case.first.retry_at is None and ours and isinstance(day, int) and day >= case.today:
        return case.policy.zone.midnight(day)
    return case.first.retry_at


def _proven(case: Case) -> list[Proven]:
    """Return the plans that turn the answer, each once."""
    found: list[Proven] = []
    tried = 0
    known = case.idle.at or case.first.retry_at  # a date of the rules may lie beyond the horizon
    if known is not None:
        _keep(found, prove(case, (), "cheapest", days=case.days_to(known) + 1))
    for options, days in drafts(case):
        for attempt in (options, spread(case, options)):
            if attempt is not None and tried < MOST_PROVEN:
                tried += 1
                ahead = days if attempt is options else case.horizon
                _keep(found, prove(case, attempt, "cheapest", days=ahead))
        if tried >= MOST_PROVEN:
            break
    return found


def _keep(found: list[Proven], new: Proven | None) -> None:
    if new is not None and not any(_same(new.plan, one.plan) for one in found):
        found.append(new)


def _staged(case: Case, plan: Plan, proven: Sequence[Proven]) -> Plan:
    """Return a plan with the way to step up after a pause, where there is one."""
    options = next(one.options for one in proven if _same(one.plan, plan))
    return replace(plan, stages=stages_of(case, plan, options))


def _same(plan: Plan, other: Plan | None) -> bool:
    return other is not None and (plan.steps, plan.yes_at) == (other.steps, other.yes_at)


def _acting(plan: Plan) -> bool:
    """Say whether a plan asks for more than to wait and to apply nowhere."""
    return any(step.action not in ("wait", "stop_applying") for step in plan.steps)


def _status(case: Case, plans: Sequence[Plan], less: Plan | None, back: WayBack | None) -> Status:
    sure = [plan for plan in plans if "record_is_wrong" not in plan.assumptions]
    if any(_acting(plan) for plan in sure) or less is not None:
        return "plan"
    if sure or (back is not None and back.limit >= case.request.amount):
        return "only_time"
    if case.first.outcome is not Outcome.APPROVE_LESS and reviewed_by_person(case):
        return "review"
    # A dispute only helps where the record is wrong: it is shown, but nothing is promised by it.
    return "hardship" if hardship(case) else "no_plan"


def _way_back(case: Case) -> WayBack | None:
    limits = case.policy.line.limits
    book = limit_book(case.dossier.events)
    if limits is None or book.limit != 0 or book.closed or book.changed_at is None:
        return None
    return way_back(case.view, book)


def _warnings(case: Case, plans: Sequence[Plan]) -> tuple[str, ...]:
    """Return the codes of what to do and to avoid meanwhile."""
    held = case.value("block_hold") is True or bool(case.first.holds_to_place)
    watched = ("observe_do", "observe_avoid") if held else ()
    merged = any(step.action == "consolidate" for plan in plans for step in plan.steps)
    no_debt = "no_other_debt" if merged else "no_new_debt"
    return (*watched, "no_hammering", no_debt, "repay", "scam")
