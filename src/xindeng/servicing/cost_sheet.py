"""The cost sheet (综合融资成本明示表) that is shown and confirmed before a draw is signed.

Every charge with its method and payee, the yearly rate with its convention beside it, what a
default would add, and the caps the price was held against. A price above a cap in force raises
InputError: it can neither be published nor shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.servicing.accrual import YEAR
from xindeng.servicing.annual_rate import AnnualRate, Convention, annual_rate, compounded, price
from xindeng.servicing.cost_words import (
    CONVENTIONS,
    EARLY,
    FEE_METHODS,
    INTEREST,
    METHODS,
    NO_OTHER,
    PENALTY,
    PENALTY_METHOD,
    Words,
)  # fmt: skip
from xindeng.servicing.schedule import Instalment, monthly_fees, table
from xindeng.servicing.terms import Method, Terms

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


class Charge(NamedTuple):
    """A charge: its name, how it is reckoned, who receives it, and what it comes to."""

    name: Words
    method: Words
    payee: str
    amount: int


class Contingent(NamedTuple):
    """A cost that arises only in default: the yearly rates of overdue principal, in ppm."""

    name: Words
    method: Words
    payee: str
    simple_ppm: int
    compound_ppm: int


class CostSheet(NamedTuple):
    """What a draw costs. Amounts are minor units of `currency`, days local, rates ppm a year."""

    principal: int
    currency: str
    start: int
    months: int
    method: Words
    rate: AnnualRate
    charges: tuple[Charge, ...]
    total_cost: int
    total_repaid: int
    instalments: tuple[Instalment, ...]
    contingent: tuple[Contingent, ...]
    early: Words
    no_other_charges: Words
    caps: tuple[Verdict, ...]
    """Those in force, the strictest for this price first."""
    reading_seconds: int


def cost_sheet(
    terms: Terms,
    amount: int,
    start: int,
    *,
    lender: str,
    caps: Sequence[Cap] = (),
    reading_seconds: int = 10,
) -> CostSheet:
    """Return the cost sheet of a draw of `amount` on local day `start`.

    `reading_seconds` is the least time before it may be confirmed. Raises InputError for a price
    above a cap in force.
    """
    rows = table(terms, amount, start)
    interest = sum(row.interest for row in rows)
    charges = [Charge(INTEREST, METHODS[_clock(terms)], lender, interest)]
    for rule in terms.fees:
        alone = Terms(terms.rate_ppm, terms.months, terms.method, fees=(rule,))
        total = sum(monthly_fees(alone, amount, len(rows)))
        name = Words(rule.name, rule.name)
        charges.append(Charge(name, FEE_METHODS[rule.every], rule.payee, total))
    cost = sum(charge.amount for charge in charges)
    overdue = default_rate(terms)
    return CostSheet(
        principal=amount, currency=terms.currency, start=start, months=terms.months,
        method=METHODS[terms.method], rate=annual_rate(terms, amount, start),
        charges=tuple(charges), total_cost=cost, total_repaid=amount + cost, instalments=rows,
        contingent=(
            Contingent(PENALTY, PENALTY_METHOD, lender, overdue, compounded(overdue)),
        ),
        early=EARLY[terms.early], no_other_charges=NO_OTHER,
        caps=check_price(terms, amount, start, caps), reading_seconds=reading_seconds,
    )  # fmt: skip


def default_rate(terms: Terms) -> int:
    """Return the simple yearly rate of overdue principal in ppm, over 365 days, rounded up."""
    yearly = Fraction(terms.rate_ppm * terms.penalty_percent, 100)
    if _clock(terms) == "daily":
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
    bare = Terms(
        terms.rate_ppm, terms.months, terms.method, day_count=terms.day_count,
        due_dom=terms.due_dom, first_gap_days=terms.first_gap_days,
    )  # fmt: skip
    return price(bare, amount, start).simple_ppm


def _clock(terms: Terms) -> str:
    months = (Method.annuity_monthly, Method.equal_principal_monthly)
    return "monthly" if terms.method in months else "daily"


_LABEL: Final = {"zh": "年化利率 {}（{}）", "en": "{} a year ({})"}


def rate_text(ppm: int, convention: Convention, lang: str) -> str:
    """Return a yearly rate with its convention, e.g. 年化利率 14.60%（单利）; `lang` zh or en."""
    return _LABEL[lang].format(percent(ppm), CONVENTIONS[convention].by(lang))


def percent(ppm: int) -> str:
    """Return e.g. "14.60%", rounded half up to two decimals."""
    hundredths = (ppm + 50) // 100
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
