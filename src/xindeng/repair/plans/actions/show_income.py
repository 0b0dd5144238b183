"""Show one's income, where the data have none: a person of the platform looks at the paper.

How much the paper says nobody knows yet. So the step names the least income with which nothing of
it stands in the way any more, in whole steps of `_STEP`: whoever earns that much is helped by it,
and whoever earns less learns so before asking.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.decision.board import board_of
from xindeng.decision.decide import look_at
from xindeng.events.life import IncomeEvidence
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "show_income"
_STEP: Final = 10_000
_MOST: Final = 10_000
"""Minor units of a step, and how many steps at most: an income of a million a month helps no more
than a smaller one."""


def _offers(case: Case) -> Iterator[Params]:
    if case.value("monthly_income") is not None:
        return
    least = _least(case, case.today)
    if least is not None:
        yield {"income": least}


def _least(case: Case, day: int) -> int | None:
    """Return the least income that takes all out of the way that an income can, None if none does.

    What an income cannot move stays for other steps.
    """
    best = _stops(case, day, _MOST)
    if best >> case.policy.rule_index[_gate(case)] & 1:
        return None
    low, high = 1, _MOST
    while low < high:
        middle = (low + high) // 2
        if _stops(case, day, middle) == best:
            high = middle
        else:
            low = middle + 1
    return low * _STEP


def _gate(case: Case) -> str:
    return next(gate for gate in case.gates if NAME in case.policy.rule_by_id[gate].repair)


def _stops(case: Case, day: int, steps: int) -> int:
    """Return the rules (a bit mask) in the way, of those that an income touches, once it shows."""
    acts = (_shown(case, day, steps * _STEP),)
    at = acts[0].at
    look = look_at(case.policy, case.walk(acts, at).facts(at), case.request, at)
    return (look.fired | look.missing) & board_of(case.policy).blocking & case.touched(acts)


def _shown(case: Case, day: int, income: int) -> Act:
    paper = IncomeEvidence(
        monthly_income=income, source="payslip", months=3, verified=True,
        currency=case.policy.currency,  # type: ignore[arg-type]
    )  # fmt: skip
    return Act(case.shows_at(NAME, day), (paper,))


def _make(case: Case, params: Params, day: int) -> Option | None:
    if case.value("monthly_income") is not None:
        return None
    shown = _shown(case, day, int(params["income"]))
    step = Step(action=NAME, day=day, shows_at=shown.at, decider="platform", params=params)
    return Option(step, (shown,))


ACTION: Final = Action(NAME, _offers, _make)
