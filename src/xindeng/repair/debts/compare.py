"""The ways to pay debts side by side: what each costs, how long it takes, when the gate is reached.

A way that would miss a payment is not shown. If no budget of the person's covers what is due, the
answer is that, and the amount that is missing: the way on is to ask the lenders for help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from msgspec import Struct, structs

from xindeng.repair.debt import Debt, counted_due
from xindeng.repair.debts.gate import aim_at_gate
from xindeng.repair.debts.orders import avalanche, hybrid, snowball
from xindeng.repair.debts.running import Running
from xindeng.repair.debts.walk import Budget, Course, Order, follow

WayName = Literal["gate", "avalanche", "snowball", "hybrid", "minimum"]
WAYS: Final[tuple[WayName, ...]] = ("gate", "avalanche", "snowball", "hybrid", "minimum")

GuardCode = Literal[
    "budget_below_dues", "minimum_below_interest", "rate_unknown", "balance_unknown",
    "no_evidence", "no_end", "only_twelve", "gate_out_of_reach",
]  # fmt: skip


class Guard(Struct, frozen=True):
    """Something to know before trusting the figures: which debts (ids), and how much (fen)."""

    code: GuardCode
    debts: tuple[str, ...] = ()
    amount: int | None = None
    month: int | None = None

    @property
    def later(self) -> bool:
        """Say whether it is about dues to come, those of the first month being met."""
        return self.code == "budget_below_dues" and (self.month or 0) > 1


class Way(Struct, frozen=True):
    """One way to pay. `dearer` is what it costs in interest and fees beyond the cheapest way
    shown, in fen; `later` how many months after the soonest it reaches the gate, and `longer`
    how many months more it takes in all. None: it never does.
    """

    name: WayName
    order: Order
    course: Course
    dearer: int
    later: int | None
    longer: int | None

    @property
    def cost(self) -> int:
        """Return interest and fees in fen."""
        return self.course.interest + self.course.fees


class Comparison(Struct, frozen=True):
    """All ways for the same debts and money. `ways` is () where the dues cannot be met.

    `counted` is the counted monthly due today. Interest of debts with an unknown rate is not in
    the figures beyond what their dues show; a guard names them.
    """

    budget: Budget
    counted: int
    ways: tuple[Way, ...]
    guards: tuple[Guard, ...]

    def way(self, name: WayName) -> Way | None:
        """Return the way of that name, if it is among those shown."""
        return next((way for way in self.ways if way.name == name), None)

    @property
    def hardship(self) -> bool:
        """Say whether the dues are beyond the budget, so that help is the way and not a plan."""
        return any(one.code == "budget_below_dues" and not one.later for one in self.guards)


def compare(debts: Sequence[Debt], budget: Budget) -> Comparison:
    """Return every way to pay these debts from this budget, month by month.

    The aimed way is there if `budget.gate` is given. Ways are in the order of `WAYS`.
    """
    counted = sum(counted_due(debt, budget.dues) for debt in debts)
    guards = list(_guards(debts, budget))
    orders: dict[WayName, Order] = {
        "avalanche": Order(avalanche(debts)),
        "snowball": Order(snowball(debts)),
        "hybrid": Order(hybrid(debts)),
    }
    found = {name: _follow(debts, budget, order) for name, order in orders.items()}
    if all(course.short for course in found.values()):
        month, missing = max(course.short or (0, 0) for course in found.values())
        guards.insert(0, Guard("budget_below_dues", amount=missing, month=month))
        return Comparison(budget, counted, (), tuple(guards))
    orders["minimum"] = Order()
    found["minimum"] = follow(debts, budget, Order(), minimum_only=True, rows=True)
    if budget.gate is not None:
        aim = aim_at_gate(debts, budget)
        if not aim.exhaustive:
            guards.append(Guard("only_twelve"))
        if aim.reached:
            orders["gate"] = aim.order
            found["gate"] = _follow(debts, budget, aim.order)
        else:
            guards.append(Guard("gate_out_of_reach"))
    shown = {name: course for name, course in found.items() if not course.short}
    return Comparison(budget, counted, _ways(orders, shown), tuple(guards))


def _follow(debts: Sequence[Debt], budget: Budget, order: Order) -> Course:
    """Follow an order; if saving for a large due fails, pay that debt first instead.

    Money put by earns nothing, so paying the debt itself may be enough where saving is not.
    """
    course = follow(debts, budget, order, rows=True)
    if not course.short:
        return course
    large = [place for place in order.base if _ends_large(debts[place])]
    large.sort(key=lambda place: debts[place].months_left or 0)
    base = (*large, *(place for place in order.base if place not in large))
    pressed = follow(debts, budget, Order(base), rows=True, saving=False)
    return course if pressed.short else pressed


def _ends_large(debt: Debt) -> bool:
    return debt.months_left is not None and debt.kind not in ("card", "instalment")


def _ways(orders: dict[WayName, Order], courses: dict[WayName, Course]) -> tuple[Way, ...]:
    ended = [course for course in courses.values() if course.months is not None]
    cheapest = min((course.interest + course.fees for course in ended), default=0)
    quickest = min((course.months for course in ended if course.months is not None), default=None)
    gates = [c.gate_month for c in courses.values() if c.gate_month is not None]
    return tuple(
        Way(
            name=name,
            order=orders[name],
            course=courses[name],
            dearer=courses[name].interest + courses[name].fees - cheapest,
            later=_after(courses[name].gate_month, min(gates, default=None)),
            longer=_after(courses[name].months, quickest),
        )
        for name in WAYS
        if name in courses
    )


def _after(month: int | None, first: int | None) -> int | None:
    return None if month is None or first is None else month - first


def _guards(debts: Sequence[Debt], budget: Budget) -> list[Guard]:
    def ids(found: Sequence[Debt]) -> tuple[str, ...]:
        return tuple(debt.id for debt in found)

    cases: list[tuple[GuardCode, list[Debt]]] = [
        ("minimum_below_interest", [debt for debt in debts if grows(debt, budget)]),
        ("rate_unknown", [debt for debt in debts if debt.annual_rate_bp is None]),
        ("balance_unknown", [debt for debt in debts if debt.balance is None]),
        ("no_evidence", [debt for debt in debts if not debt.evidenced]),
        ("no_end", [debt for debt in debts if _endless(debt)]),
    ]
    return [Guard(code, ids(found)) for code, found in cases if found]


def grows(debt: Debt, budget: Budget) -> bool:
    """Say whether the due of a debt that goes on does not even cover its interest."""
    run = Running(debt, budget.start, structs.replace(budget.card, residual_days=0), budget.dues)
    if not run.balance or (debt.months_left is not None and debt.kind != "instalment"):
        return False
    return run.bill() > run.due()


def _endless(debt: Debt) -> bool:
    return debt.kind in ("interest_only", "bullet", "person") and debt.months_left is None
