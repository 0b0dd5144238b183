"""Keep the account alive with purchases that would be made anyway.

Settled, at different merchants, a week apart, each of the usual amount of one's own purchases; no
money is spent for it and none is sent to oneself. Somebody of whom no purchase is known gets no
such step: what they buy elsewhere is not ours to guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median_low
from typing import Final

from xindeng.events.life import Purchase
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "keep_active"
_TIMES: Final = 4
_WEEK: Final = 7


def _usual(case: Case) -> list[Purchase]:
    return [
        event.payload
        for event in case.dossier.events
        if isinstance(event.payload, Purchase) and event.payload.settled
    ]


def _offers(case: Case) -> Iterator[Params]:
    if _usual(case):
        yield {}


def _make(case: Case, params: Params, day: int) -> Option | None:
    usual = _usual(case)
    if not usual:
        return None
    amount = median_low(purchase.amount for purchase in usual)
    merchants = list(dict.fromkeys(purchase.merchant for purchase in reversed(usual)))
    bought = tuple(
        Act(
            case.moment(day + week * _WEEK),
            (Purchase(amount=amount, merchant=merchants[week % len(merchants)]),),
        )
        for week in range(_TIMES)
    )
    step = Step(action=NAME, day=day, shows_at=bought[-1].at, params=params,
                side_effects=("no_extra_spending",))  # fmt: skip
    return Option(step, bought)


ACTION: Final = Action(NAME, _offers, _make)
