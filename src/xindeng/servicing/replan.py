"""Instalments made anew: after an early repayment, a deferral, a restructuring."""

from __future__ import annotations

import msgspec

from xindeng.kernel.time import to_date
from xindeng.lending.accrual import GRAIN
from xindeng.lending.schedule import Planned, days_from, period_shares, principals
from xindeng.lending.terms import Early, Method
from xindeng.servicing.standing import Due, Standing


def absorb_early(standing: Standing, paid: int, early: Early) -> None:
    """Take principal paid ahead out of the plan, in the way agreed. Interest run is billed."""
    if early == Early.next:
        plan = []
        for planned in standing.plan:
            less = min(paid, planned.principal)
            paid -= less
            plan.append(planned._replace(principal=planned.principal - less))
        standing.plan = tuple(plan)
        return
    balance = sum(planned.principal for planned in standing.plan) - paid
    days = [planned.day for planned in standing.plan]
    level = standing.level if early == Early.shorten and standing.level else None
    split, found = _split(standing, balance, days, level)
    if level is None:
        standing.level = found
    standing.plan = tuple(
        Planned(old.day, principal, old.fee)
        for old, principal in zip(standing.plan, split, strict=False)
    )


def replan(
    standing: Standing,
    first_due_day: int,
    count: int,
    *,
    rate_ppm: int | None = None,
    method: Method | None = None,
) -> None:
    """Spread all principal over `count` new instalments from `first_due_day`.

    Interest and fees that fell due and were not paid fall due with the first of them; fees of the
    old plan stay with as many of the last instalments as it had. Penalty stays owed.
    """
    terms = standing.terms
    if rate_ppm is not None:
        terms = msgspec.structs.replace(
            terms, rate_ppm=rate_ppm, months=count, method=method or terms.method
        )
        standing.terms = terms
    date = to_date(first_due_day)
    standing.dom = date.day
    month = date.year * 12 + date.month - 1
    if terms.method == Method.bullet:
        days = days_from(terms, month + count - 1, date.day, 1)
    else:
        days = days_from(terms, month, date.day, count)
    fees = [0] * len(days) + [planned.fee for planned in standing.plan]
    split, standing.level = _split(standing, standing.principal, days, None)
    standing.plan = tuple(map(Planned, days, split, fees[-len(days) :]))
    fee = sum(due.fee for due in standing.dues)
    interest = sum(due.interest for due in standing.dues)
    standing.dues = (Due(days[0], fee, interest, 0),) if fee or interest else ()


def _split(
    standing: Standing, balance: int, days: list[int] | tuple[int, ...], level: int | None
) -> tuple[tuple[int, ...], int]:
    shares = period_shares(standing.terms, standing.dom, standing.day, days)
    rounded_up = standing.interest_charged - standing.interest_run
    residue = standing.interest_grains - rounded_up * GRAIN
    return principals(standing.terms, balance, shares, residue, level)
