"""Merge dear debts into one cheaper loan that a lender really offers; that lender decides.

Whether it is worth it is `repair.debts.consolidate`'s to say: all-in rate and total both fall, or
it is not offered. It leaves an enquiry at once, and a new account and a new lender with the next
report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary, CreditInquiry, ExternalDebt, LoanApplication
from xindeng.events.fields import Payload
from xindeng.kernel.money import divide_half_away
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.payable import shows
from xindeng.repair.debt import Debt
from xindeng.repair.debts.consolidate import consolidate, worth_moving
from xindeng.repair.debts.walk import Budget
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.offer import LoanOffer, offer_of
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "consolidate"


def _offers(case: Case) -> Iterator[Params]:
    """Yield for each offer all debts that it makes cheaper, and those it makes lighter as well:
    a long loan moved into a shorter one costs less in all, and more each month."""
    for offer in case.offers:
        budget = Budget(start=case.today, monthly=0)
        open_ones = [debt for debt in case.dossier.debts if shows(debt)]
        cheaper = worth_moving(open_ones, offer.loan, budget)
        lighter = tuple(debt for debt in cheaper if _eases(debt, offer, budget))
        for moved in dict.fromkeys((cheaper, lighter)):
            if moved:
                yield {"offer": offer.id, "debts": ",".join(debt.id for debt in moved)}


def _eases(debt: Debt, offer: LoanOffer, budget: Budget) -> bool:
    found = consolidate((debt,), offer.loan, budget)
    return found.new.counted_due < found.old.counted_due


def _make(case: Case, params: Params, day: int) -> Option | None:
    offer, named = offer_of(str(params["offer"])), str(params["debts"]).split(",")
    moved = [debt for debt in case.dossier.debts if debt.id in named and shows(debt)]
    if not moved:
        return None
    found = consolidate(moved, offer.loan, Budget(start=day, monthly=0))
    if not found.proposed:
        return None
    due = found.new.counted_due

    def joined(payload: Payload) -> Payload:
        if isinstance(payload, ExternalDebt):
            other = offer.lender_kind != "bank"
            return replace(
                payload, monthly_due=payload.monthly_due + due,
                balance=payload.balance + found.amount, lenders=payload.lenders + 1,
                nonbank_lenders=payload.nonbank_lenders + other,
            )  # fmt: skip
        if isinstance(payload, BureauSummary):
            return replace(
                payload, accounts=payload.accounts + 1, open_accounts=payload.open_accounts + 1
            )
        return payload

    asked, at = case.moment(day), case.shows_at(NAME, day)
    step = Step(
        action=NAME, day=day, shows_at=at, decider="lender",
        interest_delta=found.new.total - found.kept,
        params={**params, "lender": offer.lender, "amount": found.amount, "monthly_due": due,
                "months": offer.months,
                "rate_bp": divide_half_away(found.new_rate.simple_ppm, 100)},
        side_effects=("new_enquiry", "new_account"),
    )  # fmt: skip
    closed = Act(at, pays={debt.id: debt.balance or 0 for debt in moved}, amends=joined)
    return Option(
        step,
        (_asked(offer, asked, "approved"), closed),
        refused=(_asked(offer, asked, "refused"),),
    )


def _asked(offer: LoanOffer, at: int, result: str) -> Act:
    enquiry = CreditInquiry(lender=offer.lender, reason="loan_approval")
    applied = LoanApplication(
        lender=offer.lender, lender_kind=offer.lender_kind, result=result,  # type: ignore[arg-type]
    )  # fmt: skip
    return Act(at, (enquiry, applied))


ACTION: Final = Action(NAME, _offers, _make)
