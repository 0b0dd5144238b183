"""Paying debts so that the counted monthly due comes under the gate soonest, then at least cost.

Month by month, from today on, every subset of debts that could be closed by then, with partial
payments on others, is found by `closing` at prices that are certainly not too high: interest that
paying early can save is left out. Those that the money could reach are walked through in full, so
the first month in which one succeeds is the soonest. Within a subset the dearest goes first: the
budget of a month is the same whichever debt it goes to, so nothing else can close all of them
sooner. Of the ways that reach the gate in that month the one with least interest is kept, after
trying how long the dearest debts of all may be paid before the aim must begin.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

import numpy as np
from msgspec import Struct, structs

from xindeng.repair.debt import Debt, scales
from xindeng.repair.debts.closing import MOST_DEBTS, Item, by_relief, closings, slope_of
from xindeng.repair.debts.orders import avalanche
from xindeng.repair.debts.walk import Budget, Course, Goal, Order, Walk, follow

MOST_TRIED: Final = 100
"""So many ways to reach the gate in its soonest month are compared by interest."""
_CLOSE_LOOK: Final = 12
_HORIZON: Final = 120
_FINE: Final = 1000


class Aim(Struct, frozen=True):
    """How to pay and how it goes. `reached` False: the gate is not reached within ten years, and
    the order is the dearest first. `exhaustive` False: of more than twelve debts only the twelve
    that relieve most for their balance were combined."""

    order: Order
    course: Course
    reached: bool
    exhaustive: bool = True


def aim_at_gate(debts: Sequence[Debt], budget: Budget) -> Aim:
    """Return the way to pay that brings the counted due to at most `budget.gate` soonest.

    Of several, the one with least interest and fees. Rates and dues are taken as they stand; the
    dues of every month are paid first. A gate is needed.
    """
    assert budget.gate is not None
    search = _Search(debts, budget)
    found = search.soonest()
    exhaustive = len(search.able) == len(search.candidates)
    if found is None:
        order = Order(avalanche(debts))
        return Aim(order, follow(debts, budget, order), False, exhaustive)
    order, course = search.cheapest(*found)
    return Aim(order, course, True, exhaustive)


class _Search:
    def __init__(self, debts: Sequence[Debt], budget: Budget) -> None:
        self.debts, self.budget = debts, budget
        self.root = Walk(debts, budget)
        self.base = avalanche(debts)
        self.able = [place for place in self.base if debts[place].evidenced]
        self.candidates = self.able
        self.rank = {place: rank for rank, place in enumerate(self.base)}
        if len(self.able) > MOST_DEBTS:
            first = self.root.runs
            worth = sorted(self.able, key=lambda p: first[p].balance / max(first[p].counted(), 1))
            self.candidates = sorted(worth[:MOST_DEBTS], key=self.rank.__getitem__)

    def soonest(self) -> tuple[int, list[Order]] | None:
        """Return the first month in which the gate can be reached, and the orders that do."""
        least = self.root.copy()
        paid = [0] * len(self.debts)
        self.balances: list[list[int]] = []
        money = self.budget.lump
        for month in range(_HORIZON):
            least.step(Order(), minimum_only=True)
            self.balances.append([run.balance for run in least.runs])
            money += self.budget.monthly if month else 0
            for place, due in enumerate(least.dues):
                paid[place] += due
            orders = self._orders(least, paid, money - sum(paid))
            good = list(islice((o for o in orders if self._reaches(o, month)), MOST_TRIED))
            if good:
                return month, good
            if least.over:
                return None
        return None

    def _orders(self, least: Walk, paid: Sequence[int], spare: int) -> Iterator[Order]:
        """Yield, cheapest first, what could be paid early so as to be under the gate by now.

        `least` are the debts after their dues alone, `paid` what each has had, `spare` the rest
        of the money. A debt can be closed for no less than its first balance, whenever paid.
        """
        assert self.budget.gate is not None
        need = least.counted() - self.budget.gate
        if need <= 0:
            yield Order(self.base)
            return
        places = [place for place in self.candidates if least.runs[place].open]
        items = [self._item(least, place, paid[place]) for place in places]
        found, parts = closings(items, need), by_relief(items)
        numbers = np.flatnonzero((found.cash >= 0) & (found.cash <= spare))
        for number in numbers[np.argsort(found.cash[numbers], kind="stable")]:
            goals = [Goal(place) for bit, place in enumerate(places) if number >> bit & 1]
            for bit in parts:
                part = int(found.principal[bit, number])
                if part:
                    left = items[bit].balance - part
                    goals.append(Goal(places[bit], self._keep(least, places[bit], left)))
            goals.sort(key=lambda goal: self.rank[goal.place])
            yield Order(self.base, tuple(goals), tuple(places[bit] for bit in parts))

    def _keep(self, least: Walk, place: int, left: int) -> tuple[int, ...]:
        """Return for each month the balance from which dues alone lead to `left` by now."""
        run = least.runs[place]
        now = max(run.balance, 1)
        if scales(run.debt):
            return tuple(-(-left * row[place] // now) for row in self.balances)
        return tuple(left + row[place] - now for row in self.balances)

    def _item(self, least: Walk, place: int, paid: int) -> Item:
        run = least.runs[place]
        counted = run.counted()
        # What was paid as interest might have been saved by paying earlier: never too dear.
        balance = max(run.first - paid, 0)
        slope = slope_of(run.stated(), counted, self.budget.dues)
        return Item(balance, counted, balance, counted, slope)

    def _reaches(self, order: Order, month: int) -> bool:
        """Say whether the gate is reached by `month` and all large dues after it can be met."""
        walk = self.root.copy()
        while walk.month <= month and walk.gate_month is None and walk.going:
            walk.step(order)
        if walk.gate_month is None:
            return False
        while walk.month <= walk.last_large and not walk.over:
            walk.step(order)
        return walk.short is None

    def cheapest(self, month: int, orders: Sequence[Order]) -> tuple[Order, Course]:
        """Return, of the ways to be there by `month`, the one with least interest and fees."""
        plain = self._priced(Order(self.base))
        if plain[1].gate_month == month:
            return plain
        tried = [self._priced(order) for order in orders[:MOST_TRIED]]
        tried.sort(key=lambda way: _cost(way[1]))
        look = [other for order, _ in tried[:_CLOSE_LOOK] for other in self._variants(order)]
        later = [self._priced(self._latest(order, month)) for order in look]
        return min([*later, *tried], key=lambda way: _cost(way[1]))

    def _priced(self, order: Order) -> tuple[Order, Course]:
        walk = self.root.copy()
        while walk.going:
            walk.step(order)
        return order, walk.course()

    def _variants(self, order: Order) -> Iterator[Order]:
        """Yield the same aim with the money it can spare given to others first.

        To the dearest of all, or to the dearest of those whose due falls with their balance.
        """
        named = {goal.place for goal in order.aim}
        falling = tuple(p for p in self.base if p in named or scales(self.debts[p]))
        for first in dict.fromkeys((self.base, falling)):
            yield structs.replace(order, first=first)

    def _latest(self, order: Order, month: int) -> Order:
        """Return the order with as much as can be paid ahead of the aim and still be in time."""
        low, high = 0, self.budget.lump + month * self.budget.monthly
        while high - low > _FINE:
            middle = (low + high) // 2
            if self._reaches(structs.replace(order, ahead=middle), month):
                low = middle
            else:
                high = middle
        return structs.replace(order, ahead=low)


def _cost(course: Course) -> tuple[int, int]:
    return course.interest + course.fees, course.months or 0
