"""A person's own table of debts and their credit report, brought together: each debt once.

A debt of the table is one of the report when it names that account, or when lender and sort (card
or loan) are the same; where only the names look alike, balance or due must agree as well. Each
account is used once, the nearest balance first. The table says more (rates, what is left today), so
its row stays. What only the report knows is added, so that no debt is lost; one of those that may
be a row of the table all the same is told as such, for the person to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from xindeng.repair.checkup.lender_names import likeness
from xindeng.repair.debt import Debt
from xindeng.repair.flows.kinds import Flows

_NEAR_PERCENT: Final = 3
_TELLING: Final = 10_000
"""Below 100 yuan two equal amounts say nothing."""


class Together(NamedTuple):
    """All debts once; `added` are those of the report that the table does not name, `unsure` pairs
    of a row and one of them that may be the same debt."""

    debts: tuple[Debt, ...]
    added: tuple[Debt, ...]
    unsure: tuple[tuple[Debt, Debt], ...] = ()


def together(declared: Iterable[Debt], reported: Iterable[Debt]) -> Together:
    """Return the declared debts and those of the report that none of them is."""
    own, left = tuple(declared), list(reported)
    matched: set[str] = set()
    # The surest first: a row that fits exactly must not lose its account to one that fits loosely.
    for sure in (_by_account, _by_name_and_amount, _by_name, _by_likeness):
        for debt in own:
            fits = [one for one in left if debt.id not in matched and sure(debt, one)]
            if fits:
                left.remove(min(fits, key=lambda one: _apart(debt, one)))
                matched.add(debt.id)
    free = [debt for debt in own if debt.id not in matched]
    return Together((*own, *left), tuple(left) if own else (), tuple(_unsure(free, left)))


def _by_account(debt: Debt, reported: Debt) -> bool:
    return debt.account is not None and debt.account == reported.account


def _by_name(debt: Debt, reported: Debt) -> bool:
    return _one_sort(debt, reported) and likeness(debt.lender, reported.lender) == "same"


def _by_name_and_amount(debt: Debt, reported: Debt) -> bool:
    return _by_name(debt, reported) and _agree(debt, reported)


def _by_likeness(debt: Debt, reported: Debt) -> bool:
    alike = likeness(debt.lender, reported.lender) == "maybe"
    return alike and _one_sort(debt, reported) and _agree(debt, reported)


def _one_sort(debt: Debt, reported: Debt) -> bool:
    return (debt.kind == "card") == (reported.kind == "card")


def _agree(debt: Debt, reported: Debt) -> bool:
    """Return whether balance or monthly due tell that two are one."""
    due = debt.monthly_due == reported.monthly_due >= _TELLING
    return due or _near(debt, reported)


def _near(debt: Debt, reported: Debt) -> bool:
    if not debt.balance or not reported.balance or debt.balance < _TELLING:
        return False
    return _apart(debt, reported) * 100 <= _NEAR_PERCENT * reported.balance


def _apart(debt: Debt, reported: Debt) -> int:
    return abs((debt.balance or 0) - (reported.balance or 0))


def _unsure(own: Sequence[Debt], left: Sequence[Debt]) -> Iterable[tuple[Debt, Debt]]:
    """Yield what may be one debt: names that look alike, or the same balance under two names."""
    for debt in own:
        for one in left:
            alike = likeness(debt.lender, one.lender) != "other"
            if debt.kind != "person" and (alike or (_one_sort(debt, one) and _near(debt, one))):
                yield debt, one


def debts_of_flows(flows: Flows, names: dict[str, str]) -> tuple[Debt, ...]:
    """Return the lenders that are still being repaid, where no paper tells of debts.

    A flow tells neither balance nor rate: both stay unknown, and only what is paid is counted.
    """
    return tuple(
        Debt(
            id=f"flow {place}",
            lender=names.get(one.party or "", one.party or "—"),
            lender_kind="bank" if one.kind == "card" else "platform",
            kind="card" if one.kind == "card" else "revolving",
            balance=None,
            annual_rate_bp=None,
            monthly_due=one.usual or 0,
            due_dom=one.pay_day,
            source=one.sources[0],
        )
        for place, one in enumerate(flows.lenders, 1)
        if one.ongoing and one.usual
    )
