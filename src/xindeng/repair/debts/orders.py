"""The orders in which people pay debts early, each by a rule that can be said in a sentence.

avalanche: dearest rate first. snowball: smallest balance first. hybrid, "dear and small first":
each debt has a place by rate (1 the dearest) and a place by balance (1 the smallest); the smaller
sum of the two places goes first, of equal sums the dearer. A debt whose rate is not known comes
after all whose rate is, because nothing says that paying it early saves anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.repair.debt import Debt


def payable(debts: Sequence[Debt]) -> list[int]:
    """Return the places of the debts that can be paid early: those whose balance is known."""
    return [place for place, debt in enumerate(debts) if debt.balance]


def _rate(debt: Debt) -> int:
    return -1 if debt.annual_rate_bp is None else debt.annual_rate_bp


def avalanche(debts: Sequence[Debt]) -> tuple[int, ...]:
    """Return the places of the debts, dearest rate first; of equals the smaller balance."""
    return tuple(sorted(payable(debts), key=lambda p: (-_rate(debts[p]), debts[p].balance or 0, p)))


def snowball(debts: Sequence[Debt]) -> tuple[int, ...]:
    """Return the places of the debts, smallest balance first; of equals the dearer."""
    return tuple(sorted(payable(debts), key=lambda p: (debts[p].balance or 0, -_rate(debts[p]), p)))


def hybrid(debts: Sequence[Debt]) -> tuple[int, ...]:
    """Return the places of the debts by the sum of their places by rate and by balance."""
    dear = {place: rank for rank, place in enumerate(avalanche(debts))}
    small = {place: rank for rank, place in enumerate(snowball(debts))}
    unknown = {place: debts[place].annual_rate_bp is None for place in dear}
    return tuple(sorted(dear, key=lambda p: (unknown[p], dear[p] + small[p], dear[p])))
