"""What is still to come of a loan if every due day is met, and what paying early today saves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from xindeng.kernel.errors import InputError
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


@dataclass(frozen=True, slots=True)
class Early:
    """What a payment today beyond what is due would do: the interest and fees it `saved`, what it
    leaves of the principal, and the instalments then to come. Minor units."""

    amount: int
    saved: int
    principal: int
    coming: tuple[Coming, ...]


def early(loan: Loan, today: int, amount: int) -> Early:
    """Return what paying `amount` today would do; raises InputError unless it is more than is due
    and at most what ends the loan."""
    before = standing(loan, today)
    if before.status != "open" or not before.due_now < amount <= before.payoff:
        raise InputError(
            f"{amount} minor units are no early repayment of this loan",
            where="amount",
            next_step=f"name more than {before.due_now}, which is due, and at most "
            f"{before.payoff}, which ends it",
            code="repay.early",
        )
    after = _paid(loan, today, amount, before.terms.currency)
    left = coming(after, today)
    now = standing(after, today)
    whole = before.due_now + sum(one.total for one in coming(loan, today))
    less = whole - amount - now.due_now - sum(one.total for one in left)
    return Early(amount, max(less, 0), now.principal, left)


def _paid(loan: Loan, day: int, amount: int, currency: str) -> Loan:
    if not amount:
        return loan
    return Loan(loan.terms, (*loan.transactions, Repay(day, amount, currency)))
