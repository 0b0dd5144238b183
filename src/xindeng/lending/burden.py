"""What a loan takes out of a month: the figure that affordability counts, whatever the method.

An annuity takes its level payment. Every other method takes the month's interest on all that was
lent and an even share of the principal, so that paying interest first, paying once at the end or
whenever one likes hides no debt: the money for the end has to come out of the months before it.
That is never less than the greater of what falls due in a month and principal ÷ months. Monthly
fees are added, single ones as an even share. A month by actual days counts as 31 of them.

Everything is exact and rounded up, so that the figure never falls as the amount grows.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Final

from xindeng.lending.accrual import runs_by_months
from xindeng.lending.schedule import ANNUITIES
from xindeng.lending.terms import Terms

_LONGEST_MONTH: Final = 31


def monthly_due(terms: Terms, amount: int) -> int:
    """Return what a loan of `amount` takes out of a month, in minor units, rounded up."""
    year = 0 if runs_by_months(terms) else terms.day_count
    top, bottom = _share(terms.method in ANNUITIES, year, terms.rate_ppm, terms.months)
    found = -(-amount * top // bottom)
    for fee in terms.fees:
        whole = 1_000_000 * (1 if fee.every == "month" else terms.months)
        found -= -(amount * fee.ppm + fee.amount * 1_000_000) // whole
    return found


def level(amount: int, rate_ppm: int, months: int) -> int:
    """Return the equal payment over so many months at a yearly rate (ppm), rounded up."""
    top, bottom = _share(True, 0, rate_ppm, months)
    return -(-amount * top // bottom)


@lru_cache(maxsize=4096)
def _share(annuity: bool, year: int, rate_ppm: int, months: int) -> tuple[int, int]:
    """Return the share of the amount that a month takes, exactly: that of an annuity is
    i·(1+i)^n / ((1+i)^n − 1). `year` is its length in days, 0 where interest runs by months."""
    month = Fraction(_LONGEST_MONTH, year) if year else Fraction(1, 12)
    interest = month * rate_ppm / 1_000_000
    share = interest + Fraction(1, months)
    if annuity and interest:
        growth = (1 + interest) ** months
        share = interest * growth / (growth - 1)
    return share.numerator, share.denominator
