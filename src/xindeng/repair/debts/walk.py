"""Debts paid month by month under one rule; every fen that leaves is written down.

A month: interest is billed, every contractual due is paid, and what is left of the budget goes to
one debt after another in the order asked for. Money that a later month will need because a loan
ends with a large payment is kept back for it. Nothing is ever borrowed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from xindeng.events.dues import DEFAULT_DUES, DueRule
from xindeng.repair.debt import Debt
from xindeng.repair.debts.running import NEVER, CardRule, Running, due_day

MOST_MONTHS: Final = 1200
"""A hundred years: debts that are not over by then are never over."""


class Budget(Struct, frozen=True, kw_only=True):
    """What there is to pay with: `monthly` fen each month, dues included, and `lump` fen today.

    `start` is the local day today; `gate` the counted monthly due to come under, None for none.
    """

    start: int
    monthly: int
    lump: int = 0
    gate: int | None = None
    card: CardRule = CardRule()
    dues: DueRule = DEFAULT_DUES


class Goal(Struct, frozen=True):
    """A debt to pay early, but in month m not below a balance of `keep[m]` fen (0 later on):
    what lies below it the dues to come will see to."""

    place: int
    keep: tuple[int, ...] = ()


class Order(Struct, frozen=True):
    """Which debts are paid early. Numbers are places in the list of debts.

    The first `ahead` fen go to the debts `first`. Then, until the gate is reached, the goals of
    `aim` are met one after another, and what is over goes to `more`. All else, and all money
    afterwards, goes to `base`. A debt named nowhere gets its due.
    """

    base: tuple[int, ...] = ()
    aim: tuple[Goal, ...] = ()
    more: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    ahead: int = 0


class Row(Struct, frozen=True):
    """What one month looks like; amounts in fen, one entry a debt in the order given.

    Month 0 is today: only the lump sum is paid. `kept` is put by for a large due to come.
    """

    month: int
    days: tuple[int, ...]
    paid: tuple[int, ...]
    early: tuple[int, ...]
    balances: tuple[int, ...]
    interest: int
    fees: int
    counted: int
    kept: int


class Course(Struct, frozen=True, kw_only=True):
    """How a way of paying went. Amounts in fen over the whole course.

    `months` None: not over within a hundred years. `short` (month, fen): the dues of that month
    are beyond the budget and the course stops there. `closed` gives each debt's last month.
    """

    months: int | None
    gate_month: int | None
    paid: int
    principal: int
    interest: int
    fees: int
    closed: tuple[int | None, ...]
    short: tuple[int, int] | None = None
    rows: tuple[Row, ...] = ()


class Walk:
    """Debts under way; `copy()` branches, so that a search need not start over."""

    def __init__(self, debts: Sequence[Debt], budget: Budget, *, saving: bool = True) -> None:
        self.budget = budget
        self.saving = saving
        self.runs = [Running(debt, budget.start, budget.card, budget.dues) for debt in debts]
        self.month = 0
        self.cash = budget.lump
        self.early_total = 0
        self.paid = self.principal = self.interest = self.fees = 0
        self.gate_month: int | None = None
        self.closed: list[int | None] = [None] * len(self.runs)
        self.short: tuple[int, int] | None = None
        self.early = [0] * len(self.runs)
        self.dues = [0] * len(self.runs)
        self.paths: dict[tuple[int, ...], list[int]] = {}
        self.last_large = self._last_large()

    def _last_large(self) -> int:
        """Return the last month whose dues are beyond the budget if nothing is paid early."""
        ends = max((run.end for run in self.runs if run.end < NEVER), default=0)
        dues = map(sum, zip(*(run.ahead(ends) for run in self.runs), strict=True))
        beyond = (month for month, due in enumerate(dues, 1) if due > self.budget.monthly)
        return max(beyond, default=0)

    def copy(self) -> Walk:
        """Return the same debts, to go on by another way."""
        twin = object.__new__(Walk)
        twin.__dict__.update(self.__dict__)
        twin.runs = [run.copy() for run in self.runs]
        twin.closed, twin.early, twin.dues = self.closed[:], self.early[:], self.dues[:]
        return twin

    @property
    def over(self) -> bool:
        """Say whether nothing is owed any more, or the dues cannot be met."""
        return self.short is not None or not any(run.open for run in self.runs)

    @property
    def going(self) -> bool:
        """Say whether there is another month to walk."""
        return self.month == 0 or (self.month <= MOST_MONTHS and not self.over)

    def counted(self) -> int:
        """Return the counted monthly due from here on, in fen."""
        return sum(run.counted() for run in self.runs)

    def step(self, order: Order, *, minimum_only: bool = False) -> None:
        """Pay this month by `order` (at first: today's lump sum) and pass to the next."""
        self.early = [0] * len(self.runs)
        self.dues = [0] * len(self.runs)
        if self.month:
            self._pay_dues(minimum_only)
            if self.short:
                return
        if not minimum_only:
            self._pay_early(order)
        for place, run in enumerate(self.runs):
            run.close_month()
            if self.closed[place] is None and not run.open:
                self.closed[place] = self.month
        gate = self.budget.gate
        if self.gate_month is None and gate is not None and self.counted() <= gate:
            self.gate_month = self.month
        self.month += 1

    def _pay_dues(self, minimum_only: bool) -> None:
        dues = []
        for run in self.runs:
            due = 0
            if run.open:
                run.bill()
                due = run.due()
            dues.append(due)
        total = sum(dues)
        self.cash += total if minimum_only else self.budget.monthly
        if total > self.cash:
            self.short = (self.month, total - self.cash)
            return
        for place, due in enumerate(dues):
            self._lay(*self.runs[place].pay(due), 0)
        self.cash -= total
        self.dues = dues

    def _lay(self, interest: int, principal: int, fee: int) -> int:
        self.interest += interest
        self.principal += principal
        self.fees += fee
        self.paid += interest + principal + fee
        return interest + principal + fee

    def _pay_early(self, order: Order) -> None:
        while True:
            before = self.early_total
            self._round(order)
            # Ending a debt may set money free that was kept for its dues.
            if self.early_total == before or self.last_large <= self.month:
                return

    def _round(self, order: Order) -> None:
        free = self.cash - self.reserve()
        if self.gate_month is None and order.aim:
            ahead = max(min(free, order.ahead - self.early_total), 0)
            left = ahead
            for place in order.first:
                left = self._early(place, left, all_of_it=False)
            free -= ahead - left
            for goal in order.aim:
                keep = goal.keep[self.month] if self.month < len(goal.keep) else 0
                free = self._early(goal.place, free, keep)
            for place in order.more:
                free = self._early(place, free)
        for place in order.base:
            if self.runs[place].worth_early():
                free = self._early(place, free)

    def _early(self, place: int, free: int, keep: int = 0, *, all_of_it: bool = True) -> int:
        """Pay up to `free` fen off one debt, down to a balance of `keep`; return what is left.

        To end the debt (if `all_of_it` may go), money kept back is used too where what is then
        left bears the dues of the others.
        """
        run = self.runs[place]
        excess = run.balance - keep
        if excess <= 0 and not (run.owed and not keep):
            return free
        most = excess + run.owed + run.fee(excess)
        ends = all_of_it and not keep and free < most <= self.cash and self._can_end(place, most)
        if free <= 0 and not ends:
            return free
        used = self._lay(*run.pay_early(most if ends else min(free, most)))
        self.early[place] += used
        self.early_total += used
        self.cash -= used
        return max(free - used, 0)

    def _can_end(self, place: int, cost: int) -> bool:
        return self.cash - cost >= self.reserve(without=place)

    def reserve(self, without: int | None = None) -> int:
        """Return what must be kept of today's cash so that all later dues can be met, in fen.

        Found backwards from the last large due, if nothing more is paid early until then; as if
        the debt `without` had ended.
        """
        if self.last_large <= self.month or not self.saving:
            return 0
        months = self.last_large - self.month
        paths = [
            self._ahead(place, run, months)
            for place, run in enumerate(self.runs)
            if run.open and place != without
        ]
        keep = 0
        for dues in reversed(list(zip(*paths, strict=True))):
            keep = max(0, keep + sum(dues) - self.budget.monthly)
        return keep

    def _ahead(self, place: int, run: Running, months: int) -> list[int]:
        """Return the dues of a debt to come; a search asks for the same state again and again."""
        key = (place, run.month, run.balance, run.owed, run.level, run.rest, run.unbilled)
        found = self.paths.get(key)
        if found is None:
            found = self.paths[key] = run.ahead(months)
        return found

    def row(self, billed: int, fees: int) -> Row:
        """Return what the month just paid looks like."""
        month = self.month - 1
        return Row(
            month=month,
            days=tuple(
                due_day(run.debt, self.budget.start, month) if month else self.budget.start
                for run in self.runs
            ),
            paid=tuple(due + more for due, more in zip(self.dues, self.early, strict=True)),
            early=tuple(self.early),
            balances=tuple(run.balance + run.owed for run in self.runs),
            interest=billed,
            fees=fees,
            counted=self.counted(),
            kept=self.cash,
        )

    def course(self, rows: Sequence[Row] = ()) -> Course:
        """Return the course so far as it went."""
        ended = self.short is None and not any(run.open for run in self.runs)
        return Course(
            months=self.month - 1 if ended else None,
            gate_month=self.gate_month,
            paid=self.paid,
            principal=self.principal,
            interest=self.interest,
            fees=self.fees,
            closed=tuple(self.closed),
            short=self.short,
            rows=tuple(rows),
        )


def follow(
    debts: Sequence[Debt],
    budget: Budget,
    order: Order,
    *,
    minimum_only: bool = False,
    rows: bool = False,
    saving: bool = True,
) -> Course:
    """Return how the debts go if paid by `order` until nothing is owed.

    `minimum_only` pays every due whatever the budget, and nothing early: what the debts ask.
    `saving` False keeps nothing back for large dues to come.
    """
    walk = Walk(debts, budget, saving=saving)
    found: list[Row] = []
    while walk.going:
        interest, fees = walk.interest, walk.fees
        walk.step(order, minimum_only=minimum_only)
        if rows and walk.short is None:
            found.append(walk.row(walk.interest - interest, walk.fees - fees))
    return walk.course(found)
