"""What is still to come of a loan if every due day is met, and what paying off today saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from xindeng.servicing.loan import Loan, standing
from xindeng.servicing.standing import Standing
from xindeng.servicing.transactions import Repay


class Coming(NamedTuple):
    """An instalment to come, minor units; `total` is what falls due on local `day`."""

    day: int
    total: int
    principal: int


def coming(loan: Loan, today: int) -> tuple[Coming, ...]:
    """Return the instalments after `today`, each as if all before it were paid on its day."""
    found = standing(loan, today)
    if found.status != "open":
        return ()
    told: list[Coming] = []
    on = loan
    if found.due_now:
        on = _paid(on, today, found.due_now, found.terms.currency)
    for planned in found.plan:
        before = standing(on, planned.day)
        due = before.due_now
        on = _paid(on, planned.day, due, found.terms.currency)
        told.append(
            Coming(planned.day, due, before.principal - standing(on, planned.day).principal)
        )
    return tuple(told)


def saved(found: Standing, ahead: Sequence[Coming]) -> int:
    """Return the interest and fees that paying off a loan that stands as `found` today would save,
    `ahead` being what is to come of it."""
    if found.status != "open":
        return 0
    return max(found.due_now + sum(one.total for one in ahead) - found.payoff, 0)


def _paid(loan: Loan, day: int, amount: int, currency: str) -> Loan:
    if not amount:
        return loan
    return Loan(loan.terms, (*loan.transactions, Repay(day, amount, currency)))
