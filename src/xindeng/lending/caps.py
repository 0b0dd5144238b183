"""Caps on what lending may cost: each names its convention and scope; a price above is refused."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.lending.accrual import YEAR, runs_by_months
from xindeng.lending.annual_rate import Convention, compounded, price
from xindeng.lending.terms import Terms

Scope = Literal["performing", "default_total"]


class Cap(Struct, frozen=True, forbid_unknown_fields=True):
    """A cap in force on local days `since` ≤ day < `until`: a rate, its convention, its scope.

    `performing` caps what is paid if all goes well; `default_total` caps that with penalty
    interest on overdue principal. `source` names the rule.
    """

    name: str
    ppm: int
    convention: Convention
    source: str
    since: int
    until: int | None = None
    scope: Scope = "performing"


class Verdict(Struct, frozen=True):
    """A cap and the rate it was compared with, in its own convention and scope."""

    cap: Cap
    ppm: int

    @property
    def room(self) -> int:
        """Return how far the price lies below the cap, in ppm; negative above it."""
        return self.cap.ppm - self.ppm


def default_rate(terms: Terms) -> int:
    """Return the simple yearly rate of overdue principal in ppm, over 365 days, rounded up."""
    yearly = Fraction(terms.rate_ppm * terms.penalty_percent, 100)
    if not runs_by_months(terms):
        yearly *= Fraction(365 * (YEAR // terms.day_count), YEAR)
    return -(-yearly.numerator // yearly.denominator)


def check_price(terms: Terms, amount: int, start: int, caps: Sequence[Cap]) -> tuple[Verdict, ...]:
    """Return the caps in force on `start` with the price beside each, the strictest first.

    Raises InputError naming the cap, its convention and scope, if the price is above it.
    """
    in_force = [
        cap for cap in caps if cap.since <= start and (cap.until is None or start < cap.until)
    ]
    if not in_force:
        return ()
    performing = price(terms, amount, start)
    fees = max(0, performing.simple_ppm - _interest_alone(terms, amount, start))
    default = default_rate(terms) + fees
    verdicts = []
    for cap in in_force:
        found = performing.by(cap.convention)
        if cap.scope == "default_total":
            found = default if cap.convention == "simple" else compounded(default)
        verdicts.append(Verdict(cap, found))
    verdicts.sort(key=lambda one: (one.room, one.cap.name))
    worst = verdicts[0]
    if worst.room < 0:
        cap = worst.cap
        raise InputError(
            f"a price of {percent(worst.ppm)} a year ({cap.convention}, {cap.scope}) is above"
            f" {cap.name}: {percent(cap.ppm)} since {to_date(cap.since)} ({cap.source})",
            where="terms.rate_ppm",
            next_step="lower the rate or the fees until the rate is within the cap",
            code="terms.cap",
        )
    return tuple(verdicts)


def _interest_alone(terms: Terms, amount: int, start: int) -> int:
    bare = msgspec.structs.replace(terms, fees=())
    return price(bare, amount, start).simple_ppm


def percent(ppm: int) -> str:
    """Return e.g. "14.60%", rounded half up to two decimals."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
