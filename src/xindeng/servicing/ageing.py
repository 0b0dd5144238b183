"""Time passing over a loan: interest runs, instalments fall due, penalty begins after grace.

Only whole grains are added, so a stretch of days gives the same however it is cut up.
"""

from __future__ import annotations

from xindeng.kernel.errors import InputError
from xindeng.lending.accrual import GRAIN, parts
from xindeng.servicing.standing import Due, Standing


def advance(standing: Standing, to_day: int) -> Standing:
    """Return how the loan stands on `to_day` if nothing but time happens.

    Equal to recomputing it from its transactions. Raises InputError for an earlier day: what
    stood then is `standing(loan, day)`.
    """
    if to_day < standing.day:
        raise InputError(
            f"day {to_day} lies before day {standing.day}, where the loan stands",
            where="loan.day",
            next_step="recompute it from its transactions for the earlier day",
            code="loan.day",
        )
    aged = standing.copy()
    roll_to(aged, to_day)
    return aged


def roll_to(standing: Standing, to_day: int) -> None:
    """Move a standing of one's own forward in place, billing what falls due on the way."""
    while standing.day < to_day:
        if standing.status != "open":
            standing.day = to_day
            return
        stop = to_day
        if standing.plan:
            stop = min(stop, standing.plan[0].day)
        grace = standing.terms.grace_days
        for due in standing.dues:
            if standing.day < due.day + grace < stop:
                stop = due.day + grace
        _accrue(standing, stop)
        standing.day = stop
        while standing.plan and standing.plan[0].day <= stop:
            _fall_due(standing)


def _accrue(standing: Standing, stop: int) -> None:
    if standing.paused or not standing.principal:
        return
    terms = standing.terms
    share = parts(terms, standing.dom, standing.day, stop) * terms.rate_ppm
    grains = standing.interest_grains + standing.principal * share * 100
    run, standing.interest_grains = divmod(grains, GRAIN)
    standing.interest_run += run
    if standing.dues:
        latest = standing.day - terms.grace_days
        overdue = sum(due.principal for due in standing.dues if due.day <= latest)
        grains = standing.penalty_grains + overdue * share * (terms.penalty_percent - 100)
        run, standing.penalty_grains = divmod(grains, GRAIN)
        standing.penalty_run += run


def _fall_due(standing: Standing) -> None:
    """Bill the first planned instalment: its principal and fee, and all interest run so far."""
    planned = standing.plan[0]
    charged = standing.interest_charged
    due = Due(planned.day, planned.fee, charged - standing.interest_billed, planned.principal)
    standing.plan = standing.plan[1:]
    standing.interest_billed = charged
    standing.fee_charged += planned.fee
    standing.fallen_due += 1
    if due.fee or due.interest or due.principal:
        standing.dues = (*standing.dues, due)
