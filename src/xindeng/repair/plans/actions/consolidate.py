"""Merge dear debts into one cheaper loan that a lender really offers; that lender decides.

Whether it is worth it is `repair.debts.consolidate`'s to say: all-in rate and total both fall, or
it is not offered. It leaves an enquiry at once, and a new account and a new lender with the next
report.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary, CreditInquiry, ExternalDebt, LoanApplication
from xindeng.events.fields import Payload
from xindeng.kernel.money import divide_half_away
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.payable import shows
from xindeng.repair.debts.consolidate import Consolidation, consolidate, worth_moving
from xindeng.repair.debts.walk import Budget
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.offer import LoanOffer, offer_of
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "consolidate"


def _offers(case: Case) -> Iterator[Params]:
    for offer in case.offers:
        if _judged(case, offer, case.today) is not None:
            yield {"offer": offer.id}


def _judged(
    case: Case, offer: LoanOffer, day: int, named: Container[str] | None = None
) -> Consolidation | None:
    """Return what moving the dear debts into the offer changes, None where it makes none cheaper.

    Only debts whose end anybody can see are moved, and of a plan made before only those `named`.
    """
    budget = Budget(start=day, monthly=0)
    open_ones = [debt for debt in case.dossier.debts if shows(debt)]
    meant = [debt for debt in open_ones if named is None or debt.id in named]
    merged = worth_moving(meant, offer.loan, budget)
    found = consolidate(merged, offer.loan, budget) if merged else None
    return found if found is not None and found.proposed else None


def _make(case: Case, params: Params, day: int) -> Option | None:
    offer = offer_of(str(params["offer"]))
    named = str(params["debts"]).split(",") if "debts" in params else None
    found = _judged(case, offer, day, named)
    if found is None:
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
                "months": offer.months, "rate_bp": divide_half_away(found.new_rate.simple_ppm, 100),
                "debts": ",".join(found.replaces)},
        side_effects=("new_enquiry", "new_account"),
    )  # fmt: skip
    balances = {debt.id: debt.balance or 0 for debt in case.dossier.debts}
    closed = Act(at, pays={debt: balances[debt] for debt in found.replaces}, amends=joined)
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
