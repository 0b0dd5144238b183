"""What each alternative truly costs for the same amount and the same time.

The yearly rate is over principal really outstanding, simple and compound, fees included. Only
offers that give the amount for the months asked are compared; the cheapest is the one with the
least paid in all.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Literal

from msgspec import Struct, structs

from xindeng.events.dues import DEFAULT_DUES, DueRule
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT, divide_half_away
from xindeng.lending.accrual import YEAR, parts
from xindeng.lending.annual_rate import compounded, simple_rate
from xindeng.lending.schedule import day_of_month, due_days, table
from xindeng.lending.terms import MAX_BULLET_MONTHS, MAX_MONTHS, FeeRule, Method, Terms
from xindeng.repair.alternatives.offers import Offer

Misfit = Literal[
    "amount_too_small", "amount_too_large", "no_such_term", "days_only", "savings_too_small"
]


class Priced(Struct, frozen=True, kw_only=True):
    """One offer for the amount and months asked; amounts in fen, rates in ppm a year.

    `misfit` says why it cannot give that, and then nothing is priced. `total` is all that is paid
    back (of savings: the amount and the interest forgone), `flows` (local day, fen) when. `due` is
    what it would add to the counted monthly due: using any of them more counts too. `cheapest`:
    no other offer here takes less in all for the same amount and months.
    """

    offer: Offer
    misfit: Misfit | None = None
    total: int = 0
    cost: int = 0
    largest: int = 0
    due: int = 0
    simple_ppm: int = 0
    compound_ppm: int = 0
    flows: tuple[tuple[int, int], ...] = ()
    cheapest: bool = False


def price_all(
    offers: Sequence[Offer],
    amount: int,
    months: int,
    day: int,
    dues: DueRule = DEFAULT_DUES,
    *,
    savings: int | None = None,
) -> tuple[Priced, ...]:
    """Return every offer priced for `amount` fen over `months` from local day `day`.

    Those that fit come first, least paid in all first. `savings` are what the person has of their
    own, in fen, None if they did not say. Raises InputError for an amount or a time
    that nobody lends.
    """
    if not 1 <= amount <= MAX_AMOUNT or not 1 <= months <= MAX_MONTHS:
        raise InputError(
            f"{amount} fen over {months} months",
            next_step=f"ask for at least 1 fen and 1 to {MAX_MONTHS} months",
            code="alternatives.asked",
        )
    have = MAX_AMOUNT if savings is None else savings
    found = [
        Priced(offer=offer, misfit="savings_too_small")
        if offer.kind == "savings" and amount > have
        else _priced(offer, amount, months, day, dues)
        for offer in offers
    ]
    fits = sorted((one for one in found if one.misfit is None), key=lambda one: one.total)
    rest = [one for one in found if one.misfit is not None]
    least = fits[0].total if fits else None
    return (*(structs.replace(one, cheapest=one.total == least) for one in fits), *rest)


def _priced(offer: Offer, amount: int, months: int, day: int, dues: DueRule) -> Priced:
    misfit = _misfit(offer, amount, months)
    if misfit is not None:
        return Priced(offer=offer, misfit=misfit)
    flows, shares = _flows(offer, amount, months, day)
    total = sum(flow for _, flow in flows)
    simple = simple_rate(amount, shares, [flow for _, flow in flows])
    return Priced(
        offer=offer,
        total=total,
        cost=total - amount,
        largest=max(flow for _, flow in flows),
        due=_due(offer, amount, months, flows, dues),
        simple_ppm=divide_half_away(simple, 1000),
        compound_ppm=compounded(Fraction(simple, 1000)),
        flows=tuple(flows),
    )


def _misfit(offer: Offer, amount: int, months: int) -> Misfit | None:
    if amount < offer.low:
        return "amount_too_small"
    if amount > offer.high:
        return "amount_too_large"
    if offer.days:
        return "days_only"
    return "no_such_term" if offer.months and months not in offer.months else None


def _flows(
    offer: Offer, amount: int, months: int, day: int
) -> tuple[list[tuple[int, int]], list[int]]:
    """Return the payments with their days, and the shares of a year before each."""
    method = offer.method
    if method == Method.bullet and months > MAX_BULLET_MONTHS:
        method = Method.interest_only
    terms = Terms(rate_ppm=offer.rate_ppm, months=months, method=method, fees=_fees(offer, amount))
    if offer.free_days:
        (end,) = due_days(structs.replace(terms, method=Method.bullet), day)
        charged = max(end - day - offer.free_days, 0)
        interest = divide_half_away(amount * offer.rate_ppm * charged, 365_000_000)
        return [(end, amount + interest)], [(end - day) * (YEAR // 365)]
    rows = table(terms, amount, day)
    dom = day_of_month(terms, day)
    days = [day, *(row.due_day for row in rows)]
    shares = [parts(terms, dom, a, b) for a, b in pairwise(days)]
    return [(row.due_day, row.total) for row in rows], shares


def _fees(offer: Offer, amount: int) -> tuple[FeeRule, ...]:
    """Return the fees, a single one raised to the least that is charged."""
    return tuple(
        structs.replace(fee, ppm=0, amount=offer.fee_at_least)
        if fee.every == "once"
        and divide_half_away(amount * fee.ppm, 1_000_000) + fee.amount < offer.fee_at_least
        else fee
        for fee in offer.fees
    )


def _due(
    offer: Offer, amount: int, months: int, flows: Sequence[tuple[int, int]], dues: DueRule
) -> int:
    if offer.kind == "savings":
        return 0
    card = offer.kind in ("card_instalment", "cash_advance")
    first = flows[0][1] if len(flows) > 1 else 0
    return dues.counted(first, amount, months, card=card)
