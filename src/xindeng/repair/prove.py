"""From steps to a plan: put to the policy, cut down to what is needed, and written down.

A plan is only returned if the policy that refused says yes with it, no without it, no a minute
before, and no without any one of its steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace as with_values
from typing import Final, NamedTuple

from msgspec.structs import replace

from xindeng.decision.answer import Decision, EarliestYes, Outcome
from xindeng.kernel.time import MINUTE
from xindeng.repair.actions import stop_applying
from xindeng.repair.case import Case
from xindeng.repair.course import Act
from xindeng.repair.option import Option
from xindeng.repair.plan import Branch, Goal, Plan, Proof, Step, Without

_YES: Final = Outcome.APPROVE


class Proven(NamedTuple):
    """A plan and the options that it was made of."""

    plan: Plan
    options: tuple[Option, ...]


def prove(case: Case, options: Sequence[Option], goal: Goal, *, days: int) -> Proven | None:
    """Return the plan of these options if it turns the answer within `days`, else None.

    Options that are not needed are left out of it. The request of `case` is what the plan is for.
    """
    kept = tuple(options)
    while True:
        found = case.yes(acts_of(kept), days=days)
        if found.at is None:
            return None
        if kept and _answer(case, (), found.at).outcome is _YES:
            kept = ()
            continue
        spare = _spare(case, kept, found.at)
        if spare is None:
            break
        kept = tuple(option for place, option in enumerate(kept) if place != spare)
    if not kept and found.at == case.now:
        return None
    needed = _with_no_new_application(case, kept, found.at)
    return Proven(_plan(case, needed, found, goal), needed)


def acts_of(options: Sequence[Option]) -> tuple[Act, ...]:
    """Return all that follows from the options, in order of time."""
    return tuple(sorted((act for option in options for act in option.acts), key=lambda a: a.at))


def left_out(options: Sequence[Option], place: int) -> tuple[Act, ...]:
    """Return what happens if one of the options is not taken and all others are."""
    others = tuple(option for n, option in enumerate(options) if n != place)
    return (*acts_of(others), *options[place].otherwise)


def _answer(case: Case, acts: Sequence[Act], at: int) -> Decision:
    return case.walk(acts, at).answer(at)


def _spare(case: Case, options: Sequence[Option], at: int) -> int | None:
    """Return an option without which the answer at `at` is yes all the same: the dearest first."""
    by_cost = sorted(
        range(len(options)), key=lambda n: (-options[n].step.cash - options[n].step.fees, n)
    )
    for place in by_cost:
        if _answer(case, left_out(options, place), at).outcome is _YES:
            return place
    return None


def _with_no_new_application(
    case: Case, options: tuple[Option, ...], at: int
) -> tuple[Option, ...]:
    """Return the options and, where one more application would spoil the yes, not to make any."""
    named = {name for gate in case.gates for name in case.policy.rule_by_id[gate].repair}
    if stop_applying.NAME not in named or at <= stop_applying.applied(case, case.today + 1).at:
        return options
    option = stop_applying.ACTION.make(case, {}, case.today)
    if option is None:
        return options
    wanted = (option, *options)
    spoilt = _answer(case, left_out(wanted, 0), at).outcome is not _YES
    return wanted if spoilt else options


def _plan(case: Case, options: tuple[Option, ...], found: EarliestYes, goal: Goal) -> Plan:
    at = found.at
    assert at is not None
    acts = acts_of(options)
    steps = tuple(_moving(case, option) for option in options)
    ready = max((option.ready for option in options if option.acts), default=case.now)
    if at > ready:
        zone = case.policy.zone
        steps = (*steps, Step(action="wait", day=zone.day(at), shows_at=at))
    walk = case.walk(acts, at)
    before = walk.answer(max(case.now, at - MINUTE))
    yes = walk.answer(at)
    proof = Proof(
        policy_hash=case.policy.hash,
        semantics=case.policy.semantics,
        asked=case.checked(case.first),
        before=case.checked(before),
        yes=case.checked(yes),
        idle=case.checked(_answer(case, (), at)),
        without=tuple(
            Without(step=place, answer=case.checked(_answer(case, left_out(options, place), at)))
            for place in range(len(options))
        ),
        changes=case.told(found.light_changes),
    )
    cash = sum(step.cash for step in steps)
    deltas = [step.interest_delta for step in steps]
    decided = any(step.decider is not None for step in steps)
    return Plan(
        kind="conditional" if decided else "verified",
        goal=goal,
        steps=steps,
        amount=case.request.amount,
        term_months=case.request.term_months,
        rate_bp=case.request.rate_bp,
        purpose=case.request.purpose,
        yes_at=at,
        cash_total=cash,
        fees=sum(step.fees for step in steps),
        interest_delta=None if None in deltas else sum(filter(None, deltas)),
        assumptions=_assumptions(case, options, found),
        expires_day=case.policy.zone.day(at) + case.setting("plan_valid_days"),
        proof=proof,
        branches=tuple(_branches(case, options, found)),
        enough=cash * 100 >= case.request.amount * case.setting("plan_enough_percent"),
        after_hold=case.request.after_hold,
    )


def _moving(case: Case, option: Option) -> Step:
    """Return the step with the rules in the way now that name its action as a repair."""
    rules = case.policy.rule_by_id
    moves = tuple(gate for gate in case.gates if option.step.action in rules[gate].repair)
    return replace(option.step, moves=moves)


def _assumptions(case: Case, options: Sequence[Option], found: EarliestYes) -> tuple[str, ...]:
    said: list[str] = [found.assumed, "platform_as_now"]
    steps = [option.step for option in options]
    if any(step.action == "pay_down" and "debt" in step.params for step in steps):
        said.append("debts_as_known")
    if any(step.params.get("closes") is False for step in steps):
        said.append("part_lowers_card_due")
    if any(step.action == "dispute" for step in steps):
        said.append("record_is_wrong")
    if case.platform != case.dossier.platform:
        said.append("our_side_lifted")
    return tuple(said)


def _branches(case: Case, options: tuple[Option, ...], found: EarliestYes) -> list[Branch]:
    """Return both ways of each step that somebody else decides, all other steps being taken."""
    at, branches = found.at, []
    for place, option in enumerate(options):
        if option.step.decider is None or at is None:
            continue
        yes = case.checked(_answer(case, acts_of(options), at))
        branches.append(Branch(step=place, says="yes", yes_at=at, answer=yes))
        refused = with_values(option, acts=option.refused)
        otherwise = (*options[:place], refused, *options[place + 1 :])
        later = case.yes(acts_of(otherwise)).at
        no = case.checked(_answer(case, acts_of(otherwise), at))
        branches.append(Branch(step=place, says="no", yes_at=later, answer=no))
    return branches
