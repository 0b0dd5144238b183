"""Instalments: due days, and the principal of each so that the last absorbs the rounding."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate, pairwise
from math import gcd
from typing import NamedTuple

from xindeng.kernel.money import divide_half_away
from xindeng.kernel.time import to_date
from xindeng.lending.accrual import GRAIN, nominal_day, parts, whole_units
from xindeng.lending.terms import Method, Terms

ANNUITIES = (Method.annuity_monthly, Method.annuity_daily)
EQUAL = (Method.equal_principal, Method.equal_principal_monthly)


class Planned(NamedTuple):
    """An instalment to come: what principal and fee fall due on `day`, beside the interest."""

    day: int
    principal: int
    fee: int


class Instalment(NamedTuple):
    """A row of the table shown before signing; `balance` is the principal left after it."""

    number: int
    due_day: int
    principal: int
    interest: int
    fee: int
    balance: int

    @property
    def total(self) -> int:
        """Return what is to be paid on the due day."""
        return self.principal + self.interest + self.fee


def day_of_month(terms: Terms, start: int) -> int:
    """Return the day of the month on which instalments nominally fall due."""
    return terms.due_dom or to_date(start).day


def due_days(terms: Terms, start: int) -> tuple[int, ...]:
    """Return the due days of a loan paid out on `start`."""
    dom = day_of_month(terms, start)
    date = to_date(start)
    month = date.year * 12 + date.month
    if terms.due_dom is not None:
        month -= 1
        while nominal_day(month, dom) < start + terms.first_gap_days:
            month += 1
    if terms.method == Method.bullet:
        return (_shifted(terms, nominal_day(month + terms.months - 1, dom)),)
    return days_from(terms, month, dom, terms.months)


def days_from(terms: Terms, month: int, dom: int, count: int) -> tuple[int, ...]:
    """Return `count` due days from month `month` (year × 12 + month − 1) on, clipped, shifted."""
    return tuple(_shifted(terms, nominal_day(month + n, dom)) for n in range(count))


def _shifted(terms: Terms, day: int) -> int:
    if terms.shift == "following":
        while day in terms.holidays:
            day += 1
    return day


def principals(
    terms: Terms, balance: int, shares: Sequence[int], residue: int, level: int | None = None
) -> tuple[tuple[int, ...], int]:
    """Split `balance` over periods; return the principal of each, and the level it was split at.

    `shares` are the periods' parts of a year, `residue` the grains of interest already run and
    not billed. The level is the instalment of an annuity and the principal of 等额本金; one that
    is given is kept, and periods are dropped from the end once the balance is gone.
    """
    count = len(shares)
    if terms.method in EQUAL:
        step = balance // count if level is None else max(level, 1)
        found = _equal(balance, count, step)
    elif terms.method in ANNUITIES:
        step = level_payment(balance, terms.rate_ppm, tuple(shares)) if level is None else level
        found = _annuity(balance, shares, residue, terms.rate_ppm * 100, step)
    else:
        return (*[0] * (count - 1), balance), 0
    if level is not None:
        while len(found) > 1 and found[-1] == 0:
            found.pop()
    return tuple(found), step


def _equal(balance: int, count: int, step: int) -> list[int]:
    found = []
    for _ in range(count - 1):
        found.append(min(step, balance))
        balance -= found[-1]
    return [*found, balance]


def _annuity(balance: int, shares: Sequence[int], residue: int, rate: int, level: int) -> list[int]:
    """Follow the balance at a level payment with interest rounded as it will be billed."""
    found, grains, billed = [], residue, 0
    for share in shares[:-1]:
        grains += balance * rate * share
        interest = _round(grains) - billed
        billed += interest
        principal = min(max(level - interest, 0), balance)
        found.append(principal)
        balance -= principal
    return [*found, balance]


def _round(grains: int) -> int:
    return divide_half_away(grains, GRAIN)


def level_payment(balance: int, rate_ppm: int, shares: tuple[int, ...]) -> int:
    """Return the equal payment that ends `balance` over the periods, exact before one rounding."""
    growth, annuity = _factors(rate_ppm, shares)
    return divide_half_away(balance * growth, annuity)


@lru_cache(maxsize=4096)
def _factors(rate_ppm: int, shares: tuple[int, ...]) -> tuple[int, int]:
    """Return u, v with payment = balance × u ÷ v, where B(k) = B(k−1) × g(k) − payment."""
    steps = [rate_ppm * 100 * share for share in shares]
    common = gcd(GRAIN, *steps)
    unit = GRAIN // common
    growth, annuity, scale = 1, 0, 1
    for step in steps:
        factor = unit + step // common
        scale *= unit
        growth *= factor
        annuity = annuity * factor + scale
    return growth, annuity


def monthly_fees(terms: Terms, amount: int, count: int) -> tuple[int, ...]:
    """Return the fee of each instalment: cumulative and rounded, single fees with the first."""
    if not terms.fees:
        return (0,) * count
    fees = [0] * count
    for rule in terms.fees:
        if rule.every == "once":
            fees[0] += divide_half_away(amount * rule.ppm, 1_000_000) + rule.amount
            continue
        # A bullet loan has one instalment and still owes the fee of each month.
        months = terms.months if terms.method == Method.bullet else count
        for n in range(count):
            upto, before = (n + 1) * months // count, n * months // count
            fees[n] += divide_half_away(amount * rule.ppm * upto, 1_000_000)
            fees[n] -= divide_half_away(amount * rule.ppm * before, 1_000_000)
            fees[n] += rule.amount * (upto - before)
    return tuple(fees)


def period_shares(terms: Terms, dom: int, start: int, days: Sequence[int]) -> list[int]:
    """Return each period's part of a year, from `start` over the due days."""
    return [parts(terms, dom, a, b) for a, b in pairwise((start, *days))]


def first_plan(terms: Terms, amount: int, start: int) -> tuple[tuple[Planned, ...], int]:
    """Return the plan of a loan paid out on `start`, and its level."""
    days = due_days(terms, start)
    shares = period_shares(terms, day_of_month(terms, start), start, days)
    split, level = principals(terms, amount, shares, 0)
    fees = monthly_fees(terms, amount, len(days))
    return tuple(map(Planned, days, split, fees)), level


def table(terms: Terms, amount: int, start: int) -> tuple[Instalment, ...]:
    """Return the instalments of a loan of `amount` paid out on local day `start`, if all are paid
    on their due days. Amounts are minor units."""
    plan, _ = first_plan(terms, amount, start)
    shares = period_shares(
        terms, day_of_month(terms, start), start, [planned.day for planned in plan]
    )
    balances = [amount, *(amount - done for done in accumulate(p.principal for p in plan))]
    rows, grains, billed = [], 0, 0
    for number, (planned, share) in enumerate(zip(plan, shares, strict=True), 1):
        grains += balances[number - 1] * terms.rate_ppm * 100 * share
        interest = whole_units(grains) - billed
        billed += interest
        rows.append(
            Instalment(
                number, planned.day, planned.principal, interest, planned.fee, balances[number]
            )
        )
    return tuple(rows)
