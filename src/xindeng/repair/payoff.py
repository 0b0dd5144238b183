"""Which debts to pay so that a request passes, with the least cash.

Paying changes only what the next credit report says, so a way to pay is tried by putting its
figures into the features and running the policy's rules on them. All sets of debts to close are
looked at, each with the smallest part payment of one debt more, in order of the least cash they
could need; none that could be cheaper than what was found is left out. Of more than `MOST_DEBTS`
debts those that relieve most for their balance are combined.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import replace as with_values
from itertools import combinations
from typing import Final

from xindeng.decision.board import board_of
from xindeng.decision.decide import look_at
from xindeng.decision.facts import Facts
from xindeng.decision.look import Look
from xindeng.events.credit import BureauSummary, ExternalDebt
from xindeng.features.algebra import Op
from xindeng.language import Value
from xindeng.repair.case import Case
from xindeng.repair.course import Act, reading_after
from xindeng.repair.debt import Debt
from xindeng.repair.payable import counted_after, fee, shows

MOST_DEBTS: Final = 12
_WHOLE: Final = 100  # part payments are whole yuan, or whatever a hundred minor units are
_UNKNOWN: Final = 10**11

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

    def look(self, way: Way, amount: int | None = None) -> Look:
        """Return the rules evaluated as if `way` had been paid and reported."""
        return self._look(self._figures(way), amount)

    def passes(self, way: Way) -> bool:
        """Say whether the request would be approved."""
        return self._free(self.look(way))

    def stops(self, way: Way) -> int:
        """Return the rules in the way (a bit mask)."""
        look = self.look(way)
        return (look.fired | look.missing) & board_of(self.case.policy).blocking

    def least_cut(self, way: Way) -> int | None:
        """Return by how much the counted due must fall at the least, all else being as after
        `way`; None if nothing is enough."""
        figures = self._figures(way)
        debt = next((p for p in self.base if isinstance(p, ExternalDebt)), None)
        if debt is None:
            return None

        def free(due: int) -> bool:
            tried = dict(figures)
            tried.update(
                (index, due) for index, event, field in self.places
                if event == "external_debt" and field == "monthly_due"
            )  # fmt: skip
            return self._free(self._look(tried, None))

        due = debt.monthly_due
        if not free(0):
            return None
        low, high = 0, due  # low passes; high + 1 is out of question
        if free(due):
            return 0
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if free(middle) else (low, middle)
        return due - low

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

    def _look(self, figures: Mapping[int, Value], amount: int | None) -> Look:
        values = list(self.facts.values)
        for index, value in figures.items():
            values[index] = value
        request = self.case.request
        if amount is not None:
            request = with_values(request, amount=amount)
        return look_at(self.case.policy, with_values(self.facts, values=values), request, self.at)


def cheapest_way(readings: Readings) -> Way | None:
    """Return how to pay with the least cash, fees included, so that the request passes.

    None if paying everything is not enough.
    """
    debts = _most_useful(readings.debts)
    everything = {debt.id: debt.balance or 0 for debt in readings.debts}
    if not debts or not readings.passes(everything):
        return None
    need = readings.least_cut(everything) or 0
    best: _Draft | None = None
    for draft in sorted(_drafts(debts, need), key=lambda draft: draft.cash):
        if best is not None and draft.cash >= best.cash:
            break
        found = _completed(readings, draft)
        if found is not None and (best is None or found.cash < best.cash):
            best = found
    return None if best is None else best.way


@dataclass(frozen=True, slots=True)
class _Draft:
    """A way that could do, and what it costs at the least (cash and fees, fen)."""

    way: Way
    cash: int
    part: Debt | None = None


def _most_useful(debts: Sequence[Debt]) -> tuple[Debt, ...]:
    if len(debts) <= MOST_DEBTS:
        return tuple(debts)
    by_relief = sorted(debts, key=lambda d: (d.balance or 0) / max(1, counted_after(d, 0)))
    return tuple(by_relief[:MOST_DEBTS])


def _drafts(debts: Sequence[Debt], need: int) -> list[_Draft]:
    """Return every set of debts to close, alone or with a part of one more, that cuts the counted
    due by `need`."""
    cuts = [counted_after(debt, 0) for debt in debts]
    costs = [(debt.balance or 0) + fee(debt, debt.balance or 0) for debt in debts]
    found = []
    for size in range(len(debts) + 1):
        for chosen in combinations(range(len(debts)), size):
            cut = sum(cuts[i] for i in chosen)
            cash = sum(costs[i] for i in chosen)
            way = {debts[i].id: debts[i].balance or 0 for i in chosen}
            if cut >= need:
                found.append(_Draft(way, cash))
                continue
            for i, debt in enumerate(debts):
                part = None if i in chosen else _part(debt, need - cut)
                if part is not None:
                    more = {**way, debt.id: part}
                    found.append(_Draft(more, cash + part + fee(debt, part), debt))
    return found


def _part(debt: Debt, need: int) -> int | None:
    """Return the least part of a debt, in whole yuan, that cuts its counted due by `need`."""
    full = counted_after(debt, 0)
    balance = debt.balance or 0
    most = (balance - 1) // _WHOLE * _WHOLE
    return _least(most, lambda paid: full - counted_after(debt, paid) >= need)


def _least(most: int, enough: Callable[[int], bool]) -> int | None:
    """Return the least multiple of `_WHOLE` up to `most` that is enough (more stays enough)."""
    if most < _WHOLE or not enough(most):
        return None
    low, high = 0, most // _WHOLE
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle * _WHOLE) else (middle, high)
    return high * _WHOLE


def _completed(readings: Readings, draft: _Draft) -> _Draft | None:
    """Return the draft if it passes, its part payment raised as far as it must be."""
    if readings.passes(draft.way):
        return draft
    debt = draft.part
    if debt is None:
        return None
    least = _least(
        ((debt.balance or 0) - 1) // _WHOLE * _WHOLE,
        lambda paid: readings.passes({**draft.way, debt.id: paid}),
    )
    if least is None:
        return None
    more = least - draft.way[debt.id]
    fees = fee(debt, least) - fee(debt, draft.way[debt.id])
    return _Draft({**draft.way, debt.id: least}, draft.cash + more + fees, debt)
