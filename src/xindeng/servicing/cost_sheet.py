"""The cost sheet (综合融资成本明示表) that is shown and confirmed before a draw is signed.

Every charge with its method and payee, the yearly rate with its convention beside it, what a
default would add, and the caps the price was held against. A price above a cap in force raises
InputError: it can neither be published nor shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from xindeng.lending.accrual import runs_by_months
from xindeng.lending.annual_rate import AnnualRate, Convention, annual_rate, compounded
from xindeng.lending.caps import Cap, Verdict, check_price, default_rate, percent
from xindeng.lending.schedule import Instalment, monthly_fees, table
from xindeng.lending.terms import Terms
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


class Charge(Struct, frozen=True):
    """A charge: its name, how it is reckoned, who receives it, and what it comes to."""

    name: Words
    method: Words
    payee: str
    amount: int


class Contingent(Struct, frozen=True):
    """A cost that arises only in default: the yearly rates of overdue principal, in ppm."""

    name: Words
    method: Words
    payee: str
    simple_ppm: int
    compound_ppm: int


class CostSheet(Struct, frozen=True):
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
    charges = [
        Charge(INTEREST, METHODS["monthly" if runs_by_months(terms) else "daily"], lender, interest)
    ]
    for rule in terms.fees:
        alone = Terms(terms.rate_ppm, terms.months, terms.method, fees=(rule,))
        total = sum(monthly_fees(alone, amount, len(rows)))
        name = Words(rule.name, rule.name_en or rule.name)
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


_LABEL: Final = {"zh": "年化利率 {}（{}）", "en": "{} a year ({})"}


def rate_text(ppm: int, convention: Convention, lang: str) -> str:
    """Return a yearly rate with its convention, e.g. 年化利率 14.60%（单利）; `lang` zh or en."""
    return _LABEL[lang].format(percent(ppm), CONVENTIONS[convention].by(lang))
