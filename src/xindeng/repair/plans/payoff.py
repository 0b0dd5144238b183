"""Which debts to pay so that a request passes, with the least cash.

Paying changes only what the next credit report says, so a way to pay is tried by putting its
figures into the features and running the policy's rules on them. Every set of debts to close is
priced at once, with the part payments that its counted due still lacks; those that end too few
lenders are dropped, and the others tried, the cheapest first, until none left could be cheaper
than what was found. Of more than `MOST_DEBTS` debts those that relieve most for their balance are
combined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace as with_values
from typing import Final

import numpy as np
from numpy.typing import NDArray

from xindeng.decision.board import board_of
from xindeng.decision.decide import look_at
from xindeng.decision.facts import Facts
from xindeng.decision.look import Look
from xindeng.events.credit import BureauSummary, ExternalDebt
from xindeng.events.dues import DEFAULT_DUES
from xindeng.features.algebra import Op
from xindeng.language import Value
from xindeng.repair.ahead.course import Act, reading_after
from xindeng.repair.ahead.payable import counted_after, fee, shows
from xindeng.repair.debt import Debt
from xindeng.repair.debts.closing import MOST_DEBTS, closings, item_of
from xindeng.repair.plans.case import Case

MOST_TRIED: Final = 400
_WHOLE: Final = 100  # part payments are whole yuan, or whatever a hundred minor units are
_DEBT: Final = "external_debt"

Way = Mapping[str, int]
"""Debt id → fen to pay."""


class Readings:
    """A borrower's facts on one day with the credit report's figures still open."""

    def __init__(self, case: Case, facts: Facts, acts: Sequence[Act], at: int) -> None:
        self.case, self.facts, self.at = case, facts, at
        self.debts = tuple(debt for debt in case.dossier.debts if shows(debt))
        last = [habit.event.payload for habit in case.habits]
        self.base = [p for p in last if isinstance(p, BureauSummary | ExternalDebt)]
        self.amends = [act.amends for act in acts if act.amends is not None and act.at <= at]
        self.paid = {debt: fen for act in acts for debt, fen in act.pays.items() if act.at <= at}
        tags = {str(p.__struct_config__.tag): p for p in self.base}
        self.places = [
            (index, feature.event, feature.field)
            for index, feature in enumerate(case.policy.book.base)
            if feature.event in tags and feature.op is Op.LAST and not feature.where
            and feature.field in type(tags[feature.event]).__struct_fields__
            and feature.field != "report_day"
        ]  # fmt: skip

    def look(self, way: Way) -> Look:
        """Return the rules evaluated as if `way` had been paid and reported."""
        return self._look(self._figures(way))

    def passes(self, way: Way) -> bool:
        """Say whether the request would be approved."""
        return self._free(self.look(way))

    def stops(self, way: Way) -> int:
        """Return the rules in the way (a bit mask)."""
        look = self.look(way)
        return (look.fired | look.missing) & board_of(self.case.policy).blocking

    def least_cut(self, way: Way, field: str = "monthly_due") -> int | None:
        """Return by how much a figure of the debts must fall at the least, all else being as after
        `way`; None if nothing is enough, or nothing is known of debts."""
        debt = next((p for p in self.base if isinstance(p, ExternalDebt)), None)
        if debt is None:
            return None
        figures = self._figures(way)
        places = [i for i, event, name in self.places if (event, name) == (_DEBT, field)]

        def free(value: int) -> bool:
            return self._free(self._look({**figures, **dict.fromkeys(places, value)}))

        now: int = getattr(debt, field)
        if free(now):
            return 0
        low, high = 0, now  # `high` does not pass
        if not free(low):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if free(middle) else (low, middle)
        return now - low

    def _free(self, look: Look) -> bool:
        board = board_of(self.case.policy)
        if (look.fired | look.missing) & board.blocking:
            return False
        room = look.whole("available") if board.limited else None
        return room is None or look.request.amount <= room

    def _figures(self, way: Way) -> dict[int, Value]:
        paid = {**self.paid, **way}
        told: dict[str, BureauSummary | ExternalDebt] = {}
        for payload in self.base:
            read = reading_after(payload, self.case.dossier.debts, paid)
            for amend in self.amends:
                read = amend(read)  # type: ignore[assignment]
            told[str(payload.__struct_config__.tag)] = read
        return {index: getattr(told[event], field or "") for index, event, field in self.places}

    def _look(self, figures: Mapping[int, Value]) -> Look:
        values = list(self.facts.values)
        for index, value in figures.items():
            values[index] = value
        facts = with_values(self.facts, values=values)
        return look_at(self.case.policy, facts, self.case.request, self.at)


def cheapest_way(readings: Readings) -> Way | None:
    """Return how to pay with the least cash, fees included, so that the request passes.

    None if paying everything is not enough.
    """
    debts = _most_useful(readings.debts)
    everything = {debt.id: debt.balance or 0 for debt in readings.debts}
    if not debts or not readings.passes(everything):
        return None
    best: tuple[int, Way] | None = None
    for cash, way, part in _drafts(readings, debts, everything):
        if best is not None and cash >= best[0]:
            break
        found = _completed(readings, way, part)
        if found is not None:
            price = _price(debts, found)
            best = (price, found) if best is None or price < best[0] else best
    return None if best is None else best[1]


def _most_useful(debts: Sequence[Debt]) -> tuple[Debt, ...]:
    if len(debts) <= MOST_DEBTS:
        return tuple(debts)
    by_relief = sorted(debts, key=lambda d: (d.balance or 0) / max(1, counted_after(d, 0)))
    return tuple(by_relief[:MOST_DEBTS])


def _drafts(
    readings: Readings, debts: Sequence[Debt], everything: Way
) -> Iterator[tuple[int, Way, str | None]]:
    """Yield ways that could do, cheapest first: cash in fen at the least, the way, and the debt
    whose part payment may be raised."""
    need = readings.least_cut(everything) or 0
    found = closings([item_of(debt, DEFAULT_DUES) for debt in debts], need)
    able = found.cash >= 0
    for field, banks in (("lenders", True), ("nonbank_lenders", False)):
        ended = _ended(readings.case.dossier.debts, debts, banks=banks)
        able &= ended >= (readings.least_cut(everything, field) or 0)
    numbers = np.flatnonzero(able)
    for number in map(int, numbers[np.argsort(found.cash[numbers], kind="stable")][:MOST_TRIED]):
        way: dict[str, int] = {}
        part = None
        for place, debt in enumerate(debts):
            balance, paid = debt.balance or 0, int(found.principal[place, number])
            if number >> place & 1:
                way[debt.id] = balance
            elif paid:
                way[debt.id] = min(balance, -(-paid // _WHOLE) * _WHOLE)
                part = debt.id
        if part is None:
            part = next((d.id for d in debts if d.id not in way and d.kind == "card"), None)
        yield int(found.cash[number]), way, part


def _ended(known: Sequence[Debt], able: Sequence[Debt], *, banks: bool) -> NDArray[np.int64]:
    """Return for every subset of `able` how many lenders it leaves with nothing owed."""
    place = {debt.id: 1 << n for n, debt in enumerate(able)}
    masks: dict[str, int] = {}
    for debt in known:
        counts = debt.lender_kind != "person" and (banks or debt.lender_kind != "bank")
        if debt.balance != 0 and counts:
            # A debt that cannot be closed keeps its lender: a bit that no subset has.
            masks[debt.lender] = masks.get(debt.lender, 0) | place.get(debt.id, 1 << MOST_DEBTS)
    numbers = np.arange(1 << len(able), dtype=np.int64)
    ended = np.zeros(len(numbers), dtype=np.int64)
    for mask in masks.values():
        ended += (numbers & mask) == mask
    return ended


def _completed(readings: Readings, way: Way, part: str | None) -> Way | None:
    """Return the way if it passes, a part payment raised as far as it must be; else None."""
    if readings.passes(way):
        return way
    debt = next((debt for debt in readings.debts if debt.id == part), None)
    if debt is None:
        return None
    most = ((debt.balance or 0) - 1) // _WHOLE
    low, high = way.get(debt.id, 0) // _WHOLE, most
    if high <= low or not readings.passes({**way, debt.id: high * _WHOLE}):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        passes = readings.passes({**way, debt.id: middle * _WHOLE})
        low, high = (low, middle) if passes else (middle, high)
    return {**way, debt.id: high * _WHOLE}


def _price(debts: Sequence[Debt], way: Way) -> int:
    return sum(way[d.id] + fee(d, way[d.id]) for d in debts if d.id in way)
