"""Show where a large payment came from: the platform looks at the paper and decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.events.life import FlowExplained
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "explain_flow"


def _offers(case: Case) -> Iterator[Params]:
    if case.value("sudden_inflow") is True or any(hold.kind == "cash_flow" for hold in case.held):
        yield {}


def _make(case: Case, params: Params, day: int) -> Option | None:
    at = case.shows_at(NAME, day)
    step = Step(action=NAME, day=day, shows_at=at, params=params, decider="platform")
    accepted = FlowExplained(document="contract", accepted=True)
    refused = FlowExplained(document="contract", accepted=False)
    return Option(step, (Act(at, (accepted,)),), refused=(Act(at, (refused,)),))


ACTION: Final = Action(NAME, _offers, _make)
