"""Merge dear debts into one cheaper loan that a lender really offers; that lender decides.

Only where the whole of what is still to be paid falls, fees included: a longer term with a smaller
instalment and more interest is no help. It leaves an enquiry at once, and a new account and a new
lender with the next report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.decision.request import instalment
from xindeng.events.credit import BureauSummary, CreditInquiry, ExternalDebt, LoanApplication
from xindeng.events.fields import Payload
from xindeng.kernel.money import divide_half_away
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.payable import fee, shows
from xindeng.repair.debt import Debt
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "consolidate"


def _offers(case: Case) -> Iterator[Params]:
    for offer in case.offers:
        if _merged(case, offer):
            yield {"offer": offer.id}


def _merged(case: Case, offer: LoanOffer) -> tuple[Debt, ...]:
    """Return the debts that cost more to keep than to move into the offer."""
    return tuple(
        debt
        for debt in case.dossier.debts
        if shows(debt) and (kept := _kept(debt, offer)) is not None and _moved(debt, offer) < kept
    )


def _kept(debt: Debt, offer: LoanOffer) -> int | None:
    """Return what is still to be paid on a debt that is kept, None where it is not known.

    A loan by its contract; a card or line as if paid off at its own rate in the offer's months.
    """
    if debt.balance is None:
        return None
    if debt.kind == "instalment" and debt.months_left:
        return max(debt.balance, debt.monthly_due * debt.months_left)
    if debt.annual_rate_bp is None or debt.kind not in ("card", "revolving"):
        return None
    return instalment(debt.balance, debt.annual_rate_bp, offer.months) * offer.months


def _moved(debt: Debt, offer: LoanOffer) -> int:
    """Return what is to be paid in all if the debt is moved into the offer."""
    balance = debt.balance or 0
    paid = instalment(balance, offer.annual_rate_bp, offer.months) * offer.months if balance else 0
    return paid + divide_half_away(balance * offer.fee_bp, 10_000) + fee(debt, balance)


def _make(case: Case, params: Params, day: int) -> Option | None:
    offer = next((one for one in case.offers if one.id == params["offer"]), None)
    if offer is None:
        return None
    merged = _merged(case, offer)
    if not merged:
        return None
    amount = sum(debt.balance or 0 for debt in merged)
    due = instalment(amount, offer.annual_rate_bp, offer.months)
    kept = sum(_kept(debt, offer) or 0 for debt in merged)
    fees = divide_half_away(amount * offer.fee_bp, 10_000)
    fees += sum(fee(debt, debt.balance or 0) for debt in merged)

    def joined(payload: Payload) -> Payload:
        if isinstance(payload, ExternalDebt):
            other = offer.lender_kind != "bank"
            return replace(
                payload, monthly_due=payload.monthly_due + due, balance=payload.balance + amount,
                lenders=payload.lenders + 1, nonbank_lenders=payload.nonbank_lenders + other,
            )  # fmt: skip
        if isinstance(payload, BureauSummary):
            return replace(
                payload, accounts=payload.accounts + 1, open_accounts=payload.open_accounts + 1
            )
        return payload

    asked, at = case.moment(day), case.shows_at(NAME, day)
    step = Step(
        action=NAME, day=day, shows_at=at, fees=fees, decider="lender",
        interest_delta=due * offer.months + fees - kept,
        params={**params, "lender": offer.lender, "amount": amount, "monthly_due": due,
                "months": offer.months, "rate_bp": offer.annual_rate_bp,
                "debts": ",".join(debt.id for debt in merged)},
        side_effects=("new_enquiry", "new_account"),
    )  # fmt: skip
    closed = Act(at, pays={debt.id: debt.balance or 0 for debt in merged}, amends=joined)
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
