"""A person's own table of debts and their credit report, brought together: each debt once.

A debt of the table is one of the report when it names that account, or when lender and sort (card
or loan) are the same; each account is used once. The table says more (rates, what is left today),
so its row stays. What only the report knows is added, so that no debt is lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xindeng.repair.debt import Debt
from xindeng.repair.flow_kinds import Flows


class Together(NamedTuple):
    """All debts once; `added` are those of the report that the table does not name."""

    debts: tuple[Debt, ...]
    added: tuple[Debt, ...]


def together(declared: Iterable[Debt], reported: Iterable[Debt]) -> Together:
    """Return the declared debts and those of the report that none of them is."""
    own, left = tuple(declared), list(reported)
    for debt in own:
        match = next((one for one in left if debt.account and one.account == debt.account), None)
        match = match or next((one for one in left if _alike(debt, one)), None)
        if match is not None:
            left.remove(match)
    return Together((*own, *left), tuple(left) if own else ())


def _alike(debt: Debt, reported: Debt) -> bool:
    same_lender = debt.lender in reported.lender or reported.lender in debt.lender
    return same_lender and (debt.kind == "card") == (reported.kind == "card")


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
