"""Paying debts down with a sum today so that the counted monthly due falls by what is needed.

The plan search asks this: which debts to close and which to pay down in part, for the least cash.
Beside the cheapest stand the ways that relieve more or end more lenders for more money.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from xindeng.events.dues import DEFAULT_DUES, DueRule
from xindeng.repair.debt import Debt, counted_due
from xindeng.repair.debts.closing import MOST_DEBTS, Closings, closings, fee_on, item_of

MOST_WAYS: Final = 24
"""So many ways are returned unless more are asked for."""


class PayDown(Struct, frozen=True):
    """One way: `cash` fen in all, fees included, lowers the counted monthly due by `relief` fen.

    `closed` are ids of debts paid off; `parts` are (id, fen of principal) paid off others;
    `lenders` the number of lenders to whom nothing is owed afterwards. `exhaustive` False: there
    were too many debts to weigh all together, see `pay_down`.
    """

    cash: int
    relief: int
    closed: tuple[str, ...]
    parts: tuple[tuple[str, int], ...]
    fees: int
    lenders: int
    exhaustive: bool = True


def pay_down(
    debts: Sequence[Debt],
    need: int,
    dues: DueRule = DEFAULT_DUES,
    *,
    cash: int | None = None,
    most: int = MOST_WAYS,
) -> tuple[PayDown, ...]:
    """Return the ways to lower the counted due by at least `need` fen, the `most` cheapest first.

    None of them is beaten in cash, relief and lenders ended at once; () if no sum reaches it, or
    none within `cash`. Debts of unknown balance cannot be priced, and one that nobody can see
    repaid relieves nothing. Of more than `MOST_DEBTS` debts those that relieve most for their
    cost are combined, and each way says so.
    """
    able = [debt for debt in debts if debt.balance and debt.evidenced]
    exhaustive = len(able) <= MOST_DEBTS
    if not exhaustive:
        able.sort(key=lambda debt: (debt.balance or 0) / max(counted_due(debt, dues), 1))
        able = able[:MOST_DEBTS]
    items = [item_of(debt, dues) for debt in able]
    found = closings(items, max(need, 0))
    enough = found.cash >= 0
    if cash is not None:
        enough &= found.cash <= cash
    ended = _lenders_ended(debts, able)
    return tuple(
        _pay_down(able, found, int(number), int(ended[number]), exhaustive)
        for number in _unbeaten(found, np.flatnonzero(enough), ended)[:most]
    )


def _lenders_ended(debts: Sequence[Debt], able: Sequence[Debt]) -> np.ndarray:
    """Return for every subset of `able` how many lenders it leaves with nothing owed."""
    places = {id(debt): 1 << place for place, debt in enumerate(able)}
    masks: dict[str, int] = {}
    for debt in debts:
        if debt.balance is None or debt.balance:
            # A debt that cannot be closed keeps its lender: a bit that no subset has.
            bit = places.get(id(debt), 1 << MOST_DEBTS)
            masks[debt.lender] = masks.get(debt.lender, 0) | bit
    numbers = np.arange(1 << len(able), dtype=np.int64)
    ended = np.zeros(len(numbers), dtype=np.int64)
    for mask in masks.values():
        ended += numbers & mask == mask
    return ended


def _unbeaten(found: Closings, numbers: np.ndarray, ended: np.ndarray) -> np.ndarray:
    """Return the subsets that no other beats in cash, relief and lenders, cheapest first."""
    numbers = numbers[np.lexsort((-ended[numbers], -found.relief[numbers], found.cash[numbers]))]
    relief, lenders = found.relief[numbers], ended[numbers]
    keep = np.zeros(len(numbers), dtype=bool)
    for least in np.unique(lenders):
        # The best relief seen before among those that end at least as many lenders.
        best = np.maximum.accumulate(np.where(lenders >= least, relief, -1))
        before = np.concatenate(([-1], best[:-1]))
        keep |= (lenders == least) & (relief > before)
    return numbers[keep]


def _pay_down(
    able: Sequence[Debt], found: Closings, number: int, lenders: int, exhaustive: bool
) -> PayDown:
    closed = [debt for place, debt in enumerate(able) if number >> place & 1]
    parts = [
        (debt, int(found.principal[place, number]))
        for place, debt in enumerate(able)
        if found.principal[place, number]
    ]
    fees = sum(fee_on(debt.balance or 0, debt.prepayment_fee_bp) for debt in closed)
    fees += sum(fee_on(paid, debt.prepayment_fee_bp) for debt, paid in parts)
    return PayDown(
        cash=int(found.cash[number]),
        relief=int(found.relief[number]),
        closed=tuple(debt.id for debt in closed),
        parts=tuple((debt.id, paid) for debt, paid in parts),
        fees=fees,
        lenders=lenders,
        exhaustive=exhaustive,
    )
