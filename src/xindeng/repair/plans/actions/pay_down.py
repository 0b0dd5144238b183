"""Repay part or all of a debt: elsewhere it shows once reported, here at once.

How much of which debt is the pay-down search's to find (`xindeng.repair.plans.payoff`); here is
what one payment means. A loan on this line is paid with its principal; interest run since the last
payment comes on top and is small, so the step names it and does not guess it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.events.fields import Payload
from xindeng.events.line import InstalmentDue, Repayment
from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.payable import fee, interest_saved, shows
from xindeng.repair.debt import Debt
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.option import Action, Option
from xindeng.repair.plans.own_loans import own_loans
from xindeng.repair.plans.plan import Params, Step

NAME: Final = "pay_down"


def _offers(case: Case) -> Iterator[Params]:
    """Yield each debt to close; of a loan here also the part that makes the room that is lacking.

    Part payments elsewhere are found by the pay-down search.
    """
    for debt in case.dossier.debts:
        if shows(debt) and debt.balance is not None:
            yield {"debt": debt.id, "amount": debt.balance}
    short = _short(case)
    for loan in own_loans(case.dossier.events):
        if 0 < short < loan.left:
            yield {"loan": loan.id, "amount": short}
        yield {"loan": loan.id, "amount": loan.left}


def _short(case: Case) -> int:
    """Return the room on the line that the request lacks, in fen."""
    room = case.value("available")
    return case.request.amount - room if isinstance(room, int) else 0


def _make(case: Case, params: Params, day: int) -> Option | None:
    if "loan" in params:
        return _own(case, str(params["loan"]), int(params["amount"]), day)
    debt = next((one for one in case.dossier.debts if one.id == params["debt"]), None)
    if debt is None or not shows(debt):
        return None
    return elsewhere(case, debt, int(params["amount"]), day)


def elsewhere(case: Case, debt: Debt, amount: int, day: int) -> Option:
    """Return the option of paying `amount` fen off a debt elsewhere on local `day`."""
    paid = min(amount, debt.balance or 0)
    closes = paid == debt.balance
    at = case.shows_at(NAME, day)
    saved = interest_saved(debt, paid)
    step = Step(
        action=NAME,
        day=day,
        shows_at=at,
        cash=paid,
        fees=fee(debt, paid),
        interest_delta=None if saved is None else -saved,
        params={
            "debt": debt.id,
            "lender": debt.lender,
            "card": debt.kind == "card",
            "amount": paid,
            "closes": closes,
            "before": debt.balance or 0,
        },
        side_effects=("shows_after_report",),
    )
    return Option(step, (Act(at, pays={debt.id: paid}),))


def _own(case: Case, loan_id: str, amount: int, day: int) -> Option | None:
    loan = next((one for one in own_loans(case.dossier.events) if one.id == loan_id), None)
    if loan is None:
        return None
    paid, at = min(amount, loan.left), case.moment(day)
    closes = paid == loan.left
    payment = Repayment(loan=loan.id, amount=paid, principal=paid, settled=closes)

    def ended(payload: Payload) -> Payload | None:
        known = isinstance(payload, Repayment | InstalmentDue) and payload.loan == loan.id
        return None if known and closes else payload

    step = Step(
        action=NAME, day=day, shows_at=at, cash=paid, interest_delta=None,
        params={"loan": loan.id, "amount": paid, "closes": closes},
        side_effects=("interest_to_date",),
    )  # fmt: skip
    shapes = frozenset({"repayment", "instalment_due"}) if closes else frozenset()
    return Option(step, (Act(at, (payment,), shapes=shapes, shape=ended if closes else None),))


ACTION: Final = Action(NAME, _offers, _make)
