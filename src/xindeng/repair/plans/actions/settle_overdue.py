"""Settle what is overdue: here at once, elsewhere once the lender has reported.

What was late stays late: a settled instalment here counts as a late repayment, and the months
overdue in a credit report remain in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary
from xindeng.events.fields import Payload
from xindeng.events.line import Delinquency, Repayment
from xindeng.repair.ahead.course import Act
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.own_loans import OwnLoan, own_loans
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "settle_overdue"


def _offers(case: Case) -> Iterator[Params]:
    if _late_here(case):
        yield {"what": "here"}
    overdue = case.value("bureau_overdue_amount")
    if isinstance(overdue, int) and overdue > 0:
        yield {"what": "elsewhere"}


def _late_here(case: Case) -> list[OwnLoan]:
    if case.value("in_arrears") is not True:
        return []
    return [loan for loan in own_loans(case.dossier.events) if loan.unpaid > 0]


def _make(case: Case, params: Params, day: int) -> Option | None:
    return _here(case, day) if params.get("what") == "here" else _elsewhere(case, day)


def _here(case: Case, day: int) -> Option | None:
    late = _late_here(case)
    if not late:
        return None
    at = case.moment(day)
    dpd = case.value("line_dpd")
    days_late = max(1, dpd if isinstance(dpd, int) else 0)
    paid: list[Payload] = [
        Repayment(loan=loan.id, amount=loan.unpaid, principal=_principal(loan), days_late=days_late)
        for loan in late
    ]
    # Days past due are counted at the end of the day on which it was paid.
    aged = Act(case.policy.zone.midnight(day + 1), (Delinquency(dpd=0, overdue_amount=0),))
    cash = sum(loan.unpaid for loan in late)
    step = Step(
        action=NAME, day=day, shows_at=aged.at, cash=cash,
        params={"what": "here", "amount": cash}, side_effects=("late_repayment",),
    )  # fmt: skip
    return Option(step, (Act(at, tuple(paid)), aged))


def _principal(loan: OwnLoan) -> int:
    """Return the principal in what is unpaid: its share of all instalments, rounded down."""
    planned = loan.monthly_due * loan.term_months
    share = loan.unpaid * loan.principal // planned if planned > loan.principal else loan.unpaid
    return min(loan.left, share)


def _elsewhere(case: Case, day: int) -> Option | None:
    overdue = case.value("bureau_overdue_amount")
    if not isinstance(overdue, int) or overdue <= 0:
        return None

    def settled(payload: Payload) -> Payload:
        if isinstance(payload, BureauSummary):
            return replace(payload, overdue_accounts=0, overdue_amount=0)
        return payload

    at = case.shows_at(NAME, day)
    step = Step(
        action=NAME, day=day, shows_at=at, cash=overdue,
        params={"what": "elsewhere", "amount": overdue},
        side_effects=("shows_after_report", "late_months_stay"),
    )  # fmt: skip
    return Option(step, (Act(at, amends=settled),))


ACTION: Final = Action(NAME, _offers, _make)
