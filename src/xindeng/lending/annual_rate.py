"""The yearly rate of a loan as the borrower pays it: over the principal really outstanding.

Two conventions are never mixed: *simple*, the yearly rate that times actual time explains every
payment, and *compound*, the same with interest on interest each month. 0.06 % a day is 21.90 %
simple and 24.24 % compound. A third figure, XIRR, is what a spreadsheet says of the dated flows.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

import msgspec
import pyxirr
from msgspec import Struct

from xindeng.kernel.money import MAX_AMOUNT, divide_half_away
from xindeng.kernel.time import to_date
from xindeng.lending.accrual import YEAR, parts
from xindeng.lending.schedule import Instalment, day_of_month, table
from xindeng.lending.terms import Terms

Convention = Literal["simple", "compound"]

_FINE: Final = 1000
_FINEST_RATE: Final = 10**12
"""Rates are sought in thousandths of a ppm, up to a hundred thousand per cent."""


class AnnualRate(Struct, frozen=True):
    """Yearly rates in parts per million; the convention stands beside each wherever shown."""

    simple_ppm: int
    compound_ppm: int
    xirr_ppm: int

    def by(self, convention: Convention) -> int:
        """Return the rate under that convention."""
        return self.simple_ppm if convention == "simple" else self.compound_ppm


def annual_rate(terms: Terms, amount: int, start: int) -> AnnualRate:
    """Return what a loan of `amount` from local day `start` costs a year, fees included, if every
    instalment is paid on its day."""
    rows = table(terms, amount, start)
    simple = _simple(terms, amount, start, rows)
    days = [start, *(row.due_day for row in rows)]
    flows = [-amount, *(row.total for row in rows)]
    xirr = 0.0
    if sum(flows):
        xirr = pyxirr.xirr([to_date(day) for day in days], flows) or 0.0
    return AnnualRate(
        simple_ppm=divide_half_away(simple, _FINE),
        compound_ppm=compounded(Fraction(simple, _FINE)),
        xirr_ppm=round(xirr * 1_000_000),
    )


def price(terms: Terms, amount: int, start: int) -> AnnualRate:
    """Return the yearly rate of the price itself, free of rounding to whole fen.

    A cap judges this one: on a loan of ¥10 the rounding alone moves the paid rate.
    """
    fixed = max((rule.amount for rule in terms.fees), default=0)
    scale = min(1_000_000, MAX_AMOUNT // fixed) if fixed else 1_000_000
    fees = tuple(msgspec.structs.replace(one, amount=one.amount * scale) for one in terms.fees)
    return annual_rate(msgspec.structs.replace(terms, fees=fees), amount * scale, start)


def compounded(simple_ppm: Fraction | int) -> int:
    """Return the compound rate, twelve times a year, of a simple yearly rate; both in ppm."""
    found = (1 + Fraction(simple_ppm) / 12_000_000) ** 12 - 1
    return divide_half_away(found.numerator * 1_000_000, found.denominator)


def _simple(terms: Terms, amount: int, start: int, rows: Sequence[Instalment]) -> int:
    """Return the simple rate of a loan in thousandths of a ppm.

    Time is counted in actual days of a year of 365, or in months where interest runs by months.
    """
    clock = msgspec.structs.replace(terms, day_count=365)
    dom = day_of_month(terms, start)
    days = [start, *(row.due_day for row in rows)]
    shares = [parts(clock, dom, a, b) for a, b in pairwise(days)]
    return simple_rate(amount, shares, [row.total for row in rows])


def simple_rate(amount: int, shares: Sequence[int], flows: Sequence[int]) -> int:
    """Return the simple yearly rate, in thousandths of a ppm, at which `flows` repay `amount`.

    By bisection on exact integers. `shares` are the periods before each flow, in parts of `YEAR`;
    flows that do not even repay the amount cost 0.
    """
    low, high = 0, 10**6
    while high < _FINEST_RATE and not _unpaid(amount, shares, flows, high):
        high *= 4
    while low < high:
        middle = (low + high) // 2
        if _unpaid(amount, shares, flows, middle):
            high = middle
        else:
            low = middle + 1
    return low


def _unpaid(amount: int, shares: Sequence[int], flows: Sequence[int], rate: int) -> bool:
    """Say whether the flows leave a balance, or just none, at a rate in thousandths of a ppm."""
    unit = YEAR * 10**9
    balance, scale = amount, 1
    for share, flow in zip(shares, flows, strict=True):
        scale *= unit
        balance = balance * (unit + rate * share) - flow * scale
    return balance >= 0
