"""From steps to a plan: put to the policy, cut down to what is needed, and written down.

A plan is only returned if the policy that refused says yes with it, no without it, no a minute
before, and no without any one of its steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace as with_values
from typing import NamedTuple

from msgspec.structs import replace

from xindeng.decision.answer import Decision, Outcome
from xindeng.kernel.time import MINUTE
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.wait import Outlook
from xindeng.repair.plans.actions import show_income, stop_applying
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Option
from xindeng.repair.plans.plan import Branch, Checked, Goal, Plan, Proof, Step, Without


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
        seen = case.ahead(acts_of(kept), days=days)
        if seen.yes.at is None:
            return None
        at, answers = seen.yes.at, _Answers(case, seen.yes.at)
        if kept and answers.yes(()):
            kept = ()
            continue
        spare = _spare(answers, kept)
        if spare is None:
            break
        kept = tuple(option for place, option in enumerate(kept) if place != spare)
    if not kept and at == case.now:
        return None
    needed = _with_no_new_application(case, answers, kept)
    return Proven(_plan(case, answers, needed, seen, goal), needed)


class _Answers:
    """The policy's answers at one instant, whatever was done until then; each is asked once."""

    def __init__(self, case: Case, at: int) -> None:
        self.case, self.at = case, at
        self._known: dict[tuple[int, ...], Decision] = {}
        self._acts: list[Sequence[Act]] = []  # kept alive, for their identities are the keys

    def __call__(self, acts: Sequence[Act]) -> Decision:
        """Return the answer if these acts were done."""
        key = tuple(map(id, acts))
        if key not in self._known:
            self._acts.append(acts)
            self._known[key] = self.case.walk(acts, self.at).answer(self.at)
        return self._known[key]

    def yes(self, acts: Sequence[Act]) -> bool:
        """Say whether the request would be approved if these acts were done."""
        return self(acts).outcome is Outcome.APPROVE

    def checked(self, acts: Sequence[Act]) -> Checked:
        """Return the answer as a plan records it."""
        return self.case.checked(self(acts))


def acts_of(options: Sequence[Option]) -> tuple[Act, ...]:
    """Return all that follows from the options, in order of time."""
    return tuple(sorted((act for option in options for act in option.acts), key=lambda a: a.at))


def left_out(options: Sequence[Option], place: int) -> tuple[Act, ...]:
    """Return what happens if one of the options is not taken and all others are."""
    others = tuple(option for n, option in enumerate(options) if n != place)
    return (*acts_of(others), *options[place].otherwise)


def _spare(answers: _Answers, options: Sequence[Option]) -> int | None:
    """Return an option without which the answer is yes all the same: the dearest first."""
    by_cost = sorted(
        range(len(options)), key=lambda n: (-options[n].step.cash - options[n].step.fees, n)
    )
    return next((n for n in by_cost if answers.yes(left_out(options, n))), None)


def _with_no_new_application(
    case: Case, answers: _Answers, options: tuple[Option, ...]
) -> tuple[Option, ...]:
    """Return the options and, where one more application would spoil the yes, not to make any."""
    named = {name for gate in case.gates for name in case.policy.rule_by_id[gate].repair}
    option = stop_applying.ACTION.make(case, {}, case.today)
    if stop_applying.NAME not in named or option is None:
        return options
    if any(act.at >= answers.at for act in option.otherwise):
        return options
    wanted = (option, *options)
    return options if answers.yes(left_out(wanted, 0)) else wanted


def _plan(
    case: Case, answers: _Answers, options: tuple[Option, ...], seen: Outlook, goal: Goal
) -> Plan:
    at, zone = answers.at, case.policy.zone
    acts = acts_of(options)
    steps = tuple(_moving(case, option) for option in options)
    ready = max((option.ready for option in options if option.acts), default=case.now)
    if at > ready:
        steps = (*steps, Step(action="wait", day=zone.day(at), shows_at=at))
    deltas = [step.interest_delta for step in steps]
    decided = any(step.decider is not None for step in steps)
    cash = sum(step.cash for step in steps)
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
        assumptions=_assumptions(case, options, seen),
        expires_day=zone.day(at) + case.setting("plan_valid_days"),
        proof=Proof(
            policy_hash=case.policy.hash,
            semantics=case.policy.semantics,
            asked=case.checked(case.first),
            before=case.checked(_before(case, acts, seen)),
            yes=answers.checked(acts),
            idle=answers.checked(()),
            without=tuple(
                Without(step=place, answer=answers.checked(left_out(options, place)))
                for place in range(len(options))
            ),
            changes=case.told(seen.changes),
        ),
        branches=tuple(_branches(case, answers, options)),
        enough=cash * 100 >= case.request.amount * case.setting("plan_enough_percent"),
        after_hold=case.request.after_hold,
        product=case.request.product,
    )


def _before(case: Case, acts: Sequence[Act], seen: Outlook) -> Decision:
    """Return the last refusal before the yes: of the minute before it, unless what life brought on
    that very day had turned the answer already; then of the instant looked at before."""
    at = seen.yes.at or case.now
    minute = max(case.now, at - MINUTE)
    last = case.walk(acts, minute).answer(minute)
    if last.outcome is not Outcome.APPROVE:
        return last
    return case.walk(acts, seen.refused_at).answer(seen.refused_at)


def _moving(case: Case, option: Option) -> Step:
    """Return the step with the rules in the way now that name its action as a repair."""
    rules = case.policy.rule_by_id
    moves = tuple(gate for gate in case.gates if option.step.action in rules[gate].repair)
    return replace(option.step, moves=moves)


def _assumptions(case: Case, options: Sequence[Option], seen: Outlook) -> tuple[str, ...]:
    said: list[str] = [seen.yes.assumed, "platform_as_now"]
    steps = [option.step for option in options]
    if any(step.action == "pay_down" and "debt" in step.params for step in steps):
        said.append("debts_as_known")
    if any("debt" in s.params and s.params.get("closes") is False for s in steps):
        said.append("part_lowers_card_due")
    if any(step.action == "dispute" for step in steps):
        said.append("record_is_wrong")
    if any(step.action == show_income.NAME for step in steps):
        said.append("income_as_shown")
    return tuple(said)


def _branches(case: Case, answers: _Answers, options: tuple[Option, ...]) -> Iterator[Branch]:
    """Yield both ways of each step that somebody else decides, all other steps being taken."""
    for place, option in enumerate(options):
        decider = option.step.decider
        if decider is None:
            continue
        yes = answers.checked(acts_of(options))
        yield Branch(step=place, decider=decider, says="yes", yes_at=answers.at, answer=yes)
        refused = with_values(option, acts=option.refused)
        acts = acts_of((*options[:place], refused, *options[place + 1 :]))
        later = case.ahead(acts).yes.at
        no = answers.checked(acts)
        yield Branch(step=place, decider=decider, says="no", yes_at=later, answer=no)
