"""Which debts to close, and what to pay off others, so that the counted monthly due falls enough.

All subsets of up to `MOST_DEBTS` debts are weighed at once, in exact integers. A debt that is not
closed may be paid down where its counted due follows its balance; the one whose due falls most
for the money comes first, which makes the partial payments the cheapest for their subset.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from xindeng.events.dues import DueRule
from xindeng.repair.debt import Debt, counted_due, scales

MOST_DEBTS: Final = 12
"""Beyond so many debts only those that relieve most for their cost are combined."""

_Ints = NDArray[np.int64]


class Slope(NamedTuple):
    """How a counted due follows the balance: ceil(balance × up ÷ down), as far as `flat` fen.

    Paying down to a balance of `flat` relieves; further payment does nothing until the debt ends.
    """

    up: int
    down: int
    flat: int


class Item(NamedTuple):
    """A debt that may be closed for `cost` fen, which takes `relief` fen off the counted due.

    `fee_bp` is charged on what is paid down, over and above it.
    """

    cost: int
    relief: int
    balance: int
    counted: int
    slope: Slope | None
    fee_bp: int = 0


class Closings(NamedTuple):
    """Every subset of the items: bit i of a row's number says that item i is closed.

    `cash` is the cheapest that reaches the need, −1 where the subset cannot; `relief` what it
    relieves; `principal[i]` what is paid down on item i.
    """

    cash: _Ints
    relief: _Ints
    principal: _Ints


def slope_of(debt: Debt, counted: int, dues: DueRule) -> Slope | None:
    """Return how the counted due of a debt follows its balance, None where it does not."""
    balance = debt.balance or 0
    if not balance:
        return None
    if debt.kind == "card":
        up, down = dues.card_percent, 100
    else:
        up, down = 1, debt.months_left or dues.open_ended_months
    if scales(debt):
        if debt.monthly_due * down > up * balance:
            up, down = debt.monthly_due, balance
        return Slope(up, down, 0)
    # The contract's due stays, and only what principal ÷ months asks beyond it can go.
    flat = debt.monthly_due * down // up
    return Slope(up, down, flat) if counted > debt.monthly_due and flat < balance else None


def item_of(debt: Debt, dues: DueRule) -> Item:
    """Return what closing a debt today costs and relieves. Its balance must be known."""
    balance, counted = debt.balance or 0, counted_due(debt, dues)
    return Item(
        cost=balance + fee_on(balance, debt.prepayment_fee_bp),
        relief=counted,
        balance=balance,
        counted=counted,
        slope=slope_of(debt, counted, dues),
        fee_bp=debt.prepayment_fee_bp,
    )


def fee_on(principal: int, fee_bp: int) -> int:
    """Return the fee on early principal, rounded half up, in fen."""
    return (2 * principal * fee_bp + 10_000) // 20_000


def subsets(values: Sequence[int]) -> _Ints:
    """Return the sum of `values` over every subset, in the order of its number."""
    sums = np.zeros(1, dtype=np.int64)
    for value in values:
        sums = np.concatenate((sums, sums + value))
    return sums


def closings(items: Sequence[Item], need: int) -> Closings:
    """Return for every subset the cheapest way to relieve at least `need` fen a month."""
    count = len(items)
    cash, relief = subsets([item.cost for item in items]), subsets([item.relief for item in items])
    principal = np.zeros((count, 1 << count), dtype=np.int64)
    lacking = np.maximum(need - relief, 0)
    open_ones = np.flatnonzero(lacking)  # only the subsets that do not suffice yet
    for place in by_relief(items):
        item, slope = items[place], items[place].slope
        assert slope is not None
        here = open_ones[open_ones >> place & 1 == 0]
        most = item.counted - -(-slope.flat * slope.up // slope.down)
        part = np.minimum(lacking[here], most)
        left = (item.counted - part) * slope.down // slope.up
        paid = np.maximum(item.balance - left, 0)
        principal[place, here] = paid
        cash[here] += paid + (2 * paid * item.fee_bp + 10_000) // 20_000
        relief[here] += part
        lacking[here] -= part
        open_ones = open_ones[lacking[open_ones] > 0]
    cash[open_ones] = -1
    return Closings(cash, relief, principal)


def by_relief(items: Sequence[Item]) -> list[int]:
    """Return the items that can be paid down, the one that relieves most for its cost first."""

    def cost(place: int) -> Fraction:
        slope = items[place].slope
        assert slope is not None
        return Fraction(slope.down * (10_000 + items[place].fee_bp), slope.up)

    return sorted((place for place, item in enumerate(items) if item.slope), key=cost)
