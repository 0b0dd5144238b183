"""What paying part or all of a debt leaves to count, and what it costs to do it."""

from __future__ import annotations

from typing import Final

from xindeng.events.dues import DEFAULT_DUES, DueRule
from xindeng.kernel.money import divide_half_away
from xindeng.repair.debt import Debt, after_payment, counted_due
from xindeng.repair.debts.closing import fee_on

_MONTHS: Final = 12
_BASIS: Final = 10_000


def counted_after(debt: Debt, paid: int, dues: DueRule = DEFAULT_DUES) -> int:
    """Return what the policy counts for the debt a month once `paid` fen were paid."""
    if debt.balance is None or paid <= 0:
        return counted_due(debt, dues)
    return 0 if paid >= debt.balance else counted_due(after_payment(debt, paid), dues)


def shows(debt: Debt) -> bool:
    """Say whether paying it can be seen by anybody: a debt without paper gives no relief."""
    return debt.evidenced and debt.lender_kind != "person" and bool(debt.balance)


def fee(debt: Debt, paid: int) -> int:
    """Return the fee for paying `paid` fen ahead of time."""
    return fee_on(paid, debt.prepayment_fee_bp)


def interest_saved(debt: Debt, paid: int) -> int | None:
    """Return the interest that paying now saves, in fen; None where it cannot be known.

    Of a loan closed for good: what its instalments to come are above its balance. Of a part of a
    card or a line: a year's interest on that part, by its simple rate.
    """
    closes = debt.balance is not None and paid >= debt.balance
    if closes and debt.kind == "instalment" and debt.months_left and debt.balance is not None:
        return max(0, debt.monthly_due * debt.months_left - debt.balance)
    if debt.annual_rate_bp is None:
        return None
    months = min(debt.months_left or _MONTHS, _MONTHS)
    return divide_half_away(paid * debt.annual_rate_bp * months, _BASIS * _MONTHS)
