"""The best that any way of paying could do: a mixed-integer program solved by HiGHS.

It knows the same months, dues and interest as `repair.debts.walk`, but chooses every payment of
every month freely, in fractions of a fen. Whether a debt is still open is a yes or no up to the
month of the gate and is relaxed after it, so its interest is a lower bound for every strategy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from xindeng.repair.debt import Debt, scales
from xindeng.repair.debts.running import NEVER, Running
from xindeng.repair.debts.walk import Budget


@dataclass(frozen=True)
class Best:
    """The soonest month of the gate and the least interest and fees that go with it, in fen."""

    gate_month: int
    interest: float


class _Program:
    """Rows and columns of one program; columns are named as they are asked for."""

    def __init__(self) -> None:
        self.names: dict[tuple[str, int, int], int] = {}
        self.upper: list[float] = []
        self.whole: list[int] = []
        self.cost: dict[int, float] = {}
        self.rows: list[tuple[dict[int, float], float, float]] = []

    def column(self, name: str, debt: int, month: int, upper: float = np.inf) -> int:
        key = (name, debt, month)
        if key not in self.names:
            self.names[key] = len(self.upper)
            self.upper.append(upper)
            self.whole.append(0)
        return self.names[key]

    def row(self, terms: dict[int, float], low: float, high: float) -> None:
        self.rows.append((terms, low, high))

    def solve(self, seconds: float) -> float | None:
        """Return a proven lower bound of the least cost, or None if there is no way at all."""
        entries = [(r, c, v) for r, (terms, _, _) in enumerate(self.rows) for c, v in terms.items()]
        places, columns, values = zip(*entries, strict=True)
        matrix = coo_matrix((values, (places, columns)), shape=(len(self.rows), len(self.upper)))
        cost = np.zeros(len(self.upper))
        for column, value in self.cost.items():
            cost[column] = value
        found = milp(
            cost,
            constraints=LinearConstraint(
                matrix.tocsr(), [low for _, low, _ in self.rows], [high for *_, high in self.rows]
            ),
            bounds=Bounds(0, np.array(self.upper)),
            integrality=np.array(self.whole),
            options={"time_limit": seconds, "mip_rel_gap": 1e-4},
        )
        if found.status == 2 or found.x is None:
            return None
        bound = found.mip_dual_bound
        return float(found.fun if bound is None else bound)


def best(debts: Sequence[Debt], budget: Budget, months: int, seconds: float = 20.0) -> Best | None:
    """Return the best within `months` months, or None if the gate cannot be reached in them."""
    for gate_month in range(months + 1):
        if _program(debts, budget, gate_month, gate_month).solve(seconds) is None:
            continue
        found = _program(debts, budget, gate_month, max(months, gate_month)).solve(seconds)
        if found is not None:
            return Best(gate_month, found * _UNIT)
    return None


_UNIT = 10_000.0
"""The program counts in hundreds of yuan, which keeps its numbers near one."""


def _program(debts: Sequence[Debt], budget: Budget, gate_month: int, months: int) -> _Program:
    program = _Program()
    whole = months > gate_month
    for place, debt in enumerate(debts):
        _debt(program, place, Running(debt, budget.start, budget.card, budget.dues), gate_month,
              months, must_end=whole)  # fmt: skip
    for month in range(months + 1):
        terms = {program.column("kept", -1, month): 1.0}
        if month:
            terms[program.column("kept", -1, month - 1)] = -1.0
        for place, debt in enumerate(debts):
            terms[program.column("pay", place, month)] = 1.0
            if debt.prepayment_fee_bp:
                early = program.column("early", place, month)
                terms[early] = debt.prepayment_fee_bp / 10_000
                program.cost[early] = debt.prepayment_fee_bp / 10_000
        money = (budget.monthly if month else budget.lump) / _UNIT
        program.row(terms, money, money)
    counted = {program.column("counted", place, gate_month): 1.0 for place in range(len(debts))}
    assert budget.gate is not None
    program.row(counted, -np.inf, budget.gate / _UNIT)
    return program


def _debt(
    program: _Program, place: int, run: Running, gate_month: int, months: int, *, must_end: bool
) -> None:
    """Write the months of one debt: what it grows by, what is due, what counts at the gate."""
    debt, most = run.debt, run.balance / _UNIT
    balance = program.column("balance", place, 0, most)
    pay = program.column("pay", place, 0)
    program.row({balance: 1.0, pay: 1.0}, most, most)
    _early(program, debt, place, 0, {pay: 1.0})
    still = -1
    for month in range(1, months + 1):
        before, balance = balance, program.column("balance", place, month, most * 2)
        up, down = run.share(month)
        rate = up / down
        pay = program.column("pay", place, month)
        program.row({balance: 1.0, pay: 1.0, before: -1 - rate}, 0, 0)
        program.cost[before] = program.cost.get(before, 0.0) + rate
        opened, still = still, program.column("open", place, month, 1.0)
        program.whole[still] = int(month <= gate_month)
        program.row({balance: 1.0, still: -most * 1.05}, -np.inf, 0)
        if opened >= 0:
            program.row({still: 1.0, opened: -1.0}, -np.inf, 0)
        if run.end != NEVER and month >= run.end:
            program.upper[balance] = 0.0
        due = _due(run, rate, before, still)
        program.row({pay: 1.0, **{c: -v for c, v in due.items()}}, 0, np.inf)
        # A due may be less in the last month, so what is early is never counted too high.
        if month < run.end:
            _early(program, debt, place, month, {pay: 1.0, **_most_due(program, run, due)})
    if must_end:
        program.upper[balance] = 0.0
    _counted(program, place, run, gate_month)


def _early(program: _Program, debt: Debt, place: int, month: int, terms: dict[int, float]) -> None:
    if debt.prepayment_fee_bp:
        early = program.column("early", place, month)
        constant = terms.pop(-1, 0.0)
        program.row({early: 1.0, **{c: -v for c, v in terms.items()}}, constant, np.inf)


def _most_due(program: _Program, run: Running, due: dict[int, float]) -> dict[int, float]:
    """Return minus the due as if the debt were open, the constant under −1."""
    if run.debt.kind == "instalment" and run.debt.principal == "level":
        return {-1: -run.level / _UNIT}
    return {column: -value for column, value in due.items()}


def _due(run: Running, rate: float, before: int, still: int) -> dict[int, float]:
    debt = run.debt
    if debt.kind == "instalment":
        due = {still: run.level / _UNIT}
        return {**due, before: rate} if debt.principal == "equal" else due
    if debt.kind == "interest_only":
        return {before: rate}
    if debt.kind == "person":
        return {still: debt.monthly_due / _UNIT}
    share = debt.monthly_due / run.first * (1 + rate)
    return {before: max(share, rate)}


def _counted(program: _Program, place: int, run: Running, month: int) -> None:
    debt = run.debt
    counted = program.column("counted", place, month)
    balance = program.column("balance", place, month)
    if debt.kind == "card":
        share = run.dues.card_percent / 100
    else:
        left = run.dues.open_ended_months if run.end == NEVER else max(run.end - month, 1)
        share = 1 / left
    if scales(debt):
        share = max(share, debt.monthly_due / run.first)
    program.row({counted: 1.0, balance: -share}, 0, np.inf)
    if debt.kind == "instalment" and debt.principal == "level":
        _while_open(program, place, month, counted, run.level / _UNIT)
    elif debt.kind == "person" and debt.monthly_due:
        _while_open(program, place, month, counted, debt.monthly_due / _UNIT)


def _while_open(program: _Program, place: int, month: int, counted: int, due: float) -> None:
    still = program.column("open", place, month, 1.0)
    if month == 0:
        program.whole[still] = 1
        balance = program.column("balance", place, 0)
        program.row({balance: 1.0, still: -program.upper[balance] * 1.05}, -np.inf, 0)
    program.row({counted: 1.0, still: -due}, 0, np.inf)
