"""Interest by the day, in whole grains: no rounding until it is billed.

A year is cut into `YEAR` equal parts, which every convention divides: 360 and 365 days, twelve
months, and months of 28 to 31 days. Interest for some days is then the integer
principal × rate × parts, and sums of it are exact however the days are cut up.
"""

from __future__ import annotations

from calendar import monthrange
from functools import lru_cache
from typing import Final

from xindeng.kernel.time import from_date, to_date
from xindeng.lending.terms import Method, Terms

MONTH: Final = 4 * 3 * 5 * 7 * 29 * 31 * 73
YEAR: Final = 12 * MONTH
GRAIN: Final = YEAR * 10**8
"""Grains in one minor unit: rates are ppm (10^6) times percent of it (10^2)."""
HALF: Final = GRAIN // 2

_BY_MONTHS: Final = (Method.annuity_monthly, Method.equal_principal_monthly)


def runs_by_months(terms: Terms) -> bool:
    """Say whether a whole month costs one twelfth of the yearly rate, however many days it has."""
    return terms.method in _BY_MONTHS


def parts(terms: Terms, dom: int, first: int, last: int) -> int:
    """Return the share of a year from local day `first` to `last`, in parts of `YEAR`.

    Months run from the day-of-month `dom`; a day is an equal part of the month it lies in.
    """
    if runs_by_months(terms):
        return month_position(dom, last) - month_position(dom, first)
    return (last - first) * (YEAR // terms.day_count)


@lru_cache(maxsize=1 << 16)
def month_position(dom: int, day: int) -> int:
    """Return where `day` stands on the axis of months that begin on day-of-month `dom`."""
    date = to_date(day)
    index = date.year * 12 + date.month - 1
    start = nominal_day(index, dom)
    if start > day:
        index -= 1
        start = nominal_day(index, dom)
    length = nominal_day(index + 1, dom) - start
    return index * MONTH + (day - start) * (MONTH // length)


@lru_cache(maxsize=1 << 16)
def nominal_day(index: int, dom: int) -> int:
    """Return the local day of month `index` (year × 12 + month − 1), clipped to its end."""
    year, month = divmod(index, 12)
    clipped = min(dom, monthrange(year, month + 1)[1])
    return from_date(to_date(0).replace(year=year, month=month + 1, day=clipped))


def whole_units(grains: int) -> int:
    """Return grains as minor units, rounded half up (they are never negative)."""
    return (2 * grains + GRAIN) // (2 * GRAIN)
