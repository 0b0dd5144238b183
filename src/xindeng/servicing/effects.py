"""What each transaction does to a standing of one's own, in place.

Nothing here refuses except where money would be invented: a transaction that was right when it
was booked must still fold after an older one was reversed or back-dated, when its occasion may
be gone. What is refused at booking stands in loan.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from xindeng.kernel.errors import InputError
from xindeng.lending.terms import Early
from xindeng.servicing.allocation import allocate
from xindeng.servicing.replan import absorb_early, replan
from xindeng.servicing.standing import Arrears, Due, Restructured, Standing
from xindeng.servicing.transactions import (
    Defer,
    Fee,
    PauseAccrual,
    Recover,
    Refund,
    Repay,
    Restructure,
    ResumeAccrual,
    Transaction,
    Waive,
    WriteOff,
)


def apply(standing: Standing, transaction: Transaction) -> None:
    """Fold a transaction into a standing that stands on its value day."""
    late = standing.dpd
    if late:
        if standing.arrears_since is None:
            standing.arrears_since = standing.dues[0].day
            standing.arrears_dues = max(0, standing.fallen_due - len(standing.dues))
        standing.arrears_peak = max(standing.arrears_peak, late)
    due = standing.fallen
    _EFFECTS[type(transaction)](standing, transaction)
    if isinstance(transaction, Defer | Restructure | Waive):
        standing.moved += due - standing.fallen
    if standing.status in {"open", "settled"}:
        if standing.credit and standing.payoff:
            money, standing.credit = standing.credit, 0
            _lay(standing, money, standing.terms.early)
        _close_or_reopen(standing)
    if standing.arrears_since is not None and not standing.dpd:
        spell = Arrears(
            standing.arrears_since, standing.arrears_peak, standing.day,
            standing.arrears_dues, standing.fallen_due,
        )  # fmt: skip
        standing.spells = (*standing.spells, spell)
        standing.arrears_since, standing.arrears_peak = None, 0


def _close_or_reopen(standing: Standing) -> None:
    if standing.payoff:
        standing.status = "open"
    else:
        standing.status, standing.plan = "settled", ()


def _repay(standing: Standing, transaction: Repay | Recover) -> None:
    if standing.status == "written_off":
        taken = min(transaction.amount, standing.written_off)
        standing.recovered += taken
        standing.credit += transaction.amount - taken
        if not standing.written_off:
            standing.dues = ()
        return
    early = transaction.early if isinstance(transaction, Repay) else None
    _lay(standing, transaction.amount, early or standing.terms.early)


def _lay(standing: Standing, amount: int, early: Early) -> None:
    """Lay money on what is due, then on interest run, then on principal ahead, else keep it."""
    if not standing.plan:
        _bill_the_rest(standing)
    terms = standing.terms
    impaired = standing.dpd > terms.impaired_after_dpd
    standing.dues, split = allocate(
        standing.dues, standing.day, standing.penalty_owed, amount,
        terms.impaired_order if impaired else terms.order,
    )  # fmt: skip
    ahead = min(split.rest, standing.interest_charged - standing.interest_billed)
    standing.interest_billed += ahead
    standing.penalty.paid += split.penalty
    standing.fee.paid += split.fee
    standing.interest.paid += split.interest + ahead
    rest = split.rest - ahead
    early_principal = min(rest, sum(planned.principal for planned in standing.plan))
    standing.principal -= split.principal + early_principal
    standing.repaid.paid += split.principal + early_principal
    standing.credit += rest - early_principal
    if early_principal:
        absorb_early(standing, early_principal, early)


def _bill_the_rest(standing: Standing) -> None:
    """Past the last due day no instalment bills what still runs: it is due when looked at."""
    unbilled = standing.interest_charged - standing.interest_billed
    if unbilled:
        standing.interest_billed += unbilled
        _add_due(standing, Due(standing.day, 0, unbilled, 0))


def _add_due(standing: Standing, due: Due) -> None:
    standing.dues = tuple(sorted((*standing.dues, due), key=lambda one: one.day))


def _refund(standing: Standing, transaction: Refund) -> None:
    if transaction.amount > standing.credit:
        raise InputError(
            f"a refund of {transaction.amount} exceeds the credit of {standing.credit}",
            where="loan.refund",
            next_step="refund at most the credit, or reverse the refund first",
            code="loan.refund",
        )
    standing.credit -= transaction.amount


def _fee(standing: Standing, transaction: Fee) -> None:
    standing.fee_charged += transaction.amount
    _add_due(standing, Due(standing.day, transaction.amount, 0, 0))


def _waive(standing: Standing, transaction: Waive) -> None:
    """Forgive up to what is owed; of interest and fees the oldest first."""
    standing.penalty.waived += min(transaction.penalty, standing.penalty_owed)
    fee = min(transaction.fee, standing.fee_owed)
    interest = min(transaction.interest, standing.interest_owed)
    standing.fee.waived += fee
    standing.interest.waived += interest
    left = []
    for due in standing.dues:
        less_fee, less_interest = min(fee, due.fee), min(interest, due.interest)
        fee, interest = fee - less_fee, interest - less_interest
        rest = Due(due.day, due.fee - less_fee, due.interest - less_interest, due.principal)
        if rest.fee or rest.interest or rest.principal:
            left.append(rest)
    standing.dues = tuple(left)
    standing.interest_billed += interest  # what is left of it was run and not yet billed


def _write_off(standing: Standing, _: WriteOff) -> None:
    if standing.status != "open":
        return
    # All of it is due from here on: a loan written off is past due until it is recovered.
    ahead = sum(planned.principal for planned in standing.plan)
    unbilled = standing.interest_charged - standing.interest_billed
    if ahead or unbilled:
        _add_due(standing, Due(standing.day, 0, unbilled, ahead))
    standing.interest_billed += unbilled
    standing.repaid.lost += standing.principal
    standing.interest.lost += standing.interest_owed
    standing.penalty.lost += standing.penalty_owed
    standing.fee.lost += standing.fee_owed
    standing.principal = 0
    standing.plan, standing.status = (), "written_off"


def _defer(standing: Standing, transaction: Defer) -> None:
    if standing.principal:
        missed = sum(1 for due in standing.dues if due.principal or due.interest)
        replan(standing, transaction.first_due_day, max(1, missed + len(standing.plan)))


def _restructure(standing: Standing, transaction: Restructure) -> None:
    if not standing.principal:
        return
    found = Restructured(standing.day, transaction.first_due_day, standing.fallen_due)
    standing.restructured = (*standing.restructured, found)
    replan(
        standing, transaction.first_due_day, transaction.months,
        rate_ppm=transaction.rate_ppm, method=transaction.method,
    )  # fmt: skip


def _pause(standing: Standing, _: PauseAccrual) -> None:
    standing.paused = True


def _resume(standing: Standing, _: ResumeAccrual) -> None:
    standing.paused = False


_EFFECTS: Final[dict[type, Callable[[Standing, Any], None]]] = {
    Repay: _repay, Recover: _repay, Refund: _refund, Fee: _fee, Waive: _waive,
    WriteOff: _write_off, Defer: _defer, Restructure: _restructure,
    PauseAccrual: _pause, ResumeAccrual: _resume,
}  # fmt: skip
