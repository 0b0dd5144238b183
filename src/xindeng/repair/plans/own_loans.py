"""The loans on this line as the borrower's events tell of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xindeng.events.envelope import Event
from xindeng.events.line import Disbursement, InstalmentDue, Repayment, RepaymentReversed


@dataclass(frozen=True, slots=True)
class OwnLoan:
    """A loan on this line: principal left, its contractual due a month, and what of its
    instalments fell due and is not paid yet; fen. `term_months` is the agreed term."""

    id: str
    principal: int
    left: int
    monthly_due: int
    term_months: int
    unpaid: int


def own_loans(events: Iterable[Event]) -> tuple[OwnLoan, ...]:
    """Return the loans that are not paid off, oldest first, from events in sequence."""
    lent: dict[str, Disbursement] = {}
    left: dict[str, int] = {}
    unpaid: dict[str, int] = {}
    for event in events:
        payload = event.payload
        if isinstance(payload, Disbursement):
            lent[payload.draw] = payload
            left[payload.draw] = left.get(payload.draw, 0) + payload.amount
        elif isinstance(payload, Repayment):
            left[payload.loan] = left.get(payload.loan, 0) - payload.principal
            unpaid[payload.loan] = unpaid.get(payload.loan, 0) - payload.amount
        elif isinstance(payload, RepaymentReversed):
            left[payload.loan] = left.get(payload.loan, 0) + payload.principal
            unpaid[payload.loan] = unpaid.get(payload.loan, 0) + payload.amount
        elif isinstance(payload, InstalmentDue):
            unpaid[payload.loan] = unpaid.get(payload.loan, 0) + payload.amount
    return tuple(
        OwnLoan(
            id=loan, principal=paid_out.amount, left=left[loan], monthly_due=paid_out.monthly_due,
            term_months=paid_out.term_months, unpaid=max(0, unpaid.get(loan, 0)),
        )
        for loan, paid_out in lent.items()
        if left[loan] > 0
    )  # fmt: skip
