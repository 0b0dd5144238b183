"""Spend less on what can be spared, from now on; it shows day by day as old spending drops out.

Rent, bills, food, health and debts are never cut. High-risk spending is only ever cut whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.events.fields import Payload
from xindeng.events.life import Payment, Purchase
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "spend_less"
_SPARED: Final = frozenset({"shopping", "dining", "entertainment"})
_RISKY: Final = "high_risk"
_PERCENT: Final = (20, 35, 50)
_SHAPES: Final = frozenset({"payment", "purchase"})


def _offers(case: Case) -> Iterator[Params]:
    categories = {
        habit.event.payload.category
        for habit in case.habits
        if isinstance(habit.event.payload, Payment | Purchase) and not habit.income
    }
    if categories & _SPARED:
        for percent in _PERCENT:
            yield {"what": "spare", "percent": percent}
    if _RISKY in categories or case.value("high_risk_share"):
        yield {"what": _RISKY, "percent": 100}


def _make(case: Case, params: Params, day: int) -> Option | None:
    cut = int(params.get("percent", 0))
    meant = frozenset({_RISKY}) if params.get("what") == _RISKY else _SPARED

    def less(payload: Payload) -> Payload | None:
        if not isinstance(payload, Payment | Purchase) or payload.category not in meant:
            return payload
        if isinstance(payload, Payment) and payload.direction == "in":
            return payload
        left = -(-payload.amount * (100 - cut) // 100)
        return replace(payload, amount=left) if left > 0 else None

    at = case.moment(day)
    step = Step(action=NAME, day=day, shows_at=at, params=params)
    return Option(step, (Act(at, shapes=_SHAPES, shape=less),))


ACTION: Final = Action(NAME, _offers, _make)
