"""How much would pass: month by month, and by which debts are closed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from xindeng.repair.ahead.course import Act
from xindeng.repair.ahead.payable import fee, shows
from xindeng.repair.plans.actions import pay_down
from xindeng.repair.plans.case import Case
from xindeng.repair.plans.payoff import Readings
from xindeng.repair.plans.plan import MonthFrontier, Need, Rung

MONTHS: Final = 6
_MONTH: Final = 30
_MOST_RUNGS: Final = 6
_MOST_CLOSED: Final = 8


def frontier_by_month(case: Case, acts: Sequence[Act] | None) -> tuple[MonthFrontier, ...]:
    """Return the largest amounts today and each thirty days after it, up to half a year.

    `acts` are those of a plan, None where there is none. The first day of a month counts, midnight;
    of today, what has been done by its end of what can be done today.
    """
    zone = case.policy.zone
    days = [case.today + _MONTH * month for month in range(MONTHS + 1)]
    end = zone.midnight(days[-1])
    idle = case.walk((), end)
    planned = None if acts is None else case.walk(acts, end)
    found = []
    for day in days:
        at = max(case.now, zone.midnight(day))
        done = [act.at for act in acts or () if day == case.today == zone.day(act.at)]
        alone = idle.answer(at)
        acting = None if planned is None else planned.answer(max([at, *done]))
        better = alone if acting is None or acting.frontier < alone.frontier else acting
        found.append(
            MonthFrontier(
                day=day,
                idle=alone.frontier,
                planned=None if acting is None else acting.frontier,
                gate=_told(case, better.gate),
            )
        )
    return tuple(found)


def _told(case: Case, gate: str | None) -> str:
    """Return a gate that may be named, else ""."""
    if gate is None or case.policy.rule_by_id[gate].whose == "withheld":
        return ""
    return gate


def rungs(case: Case) -> tuple[Rung, ...]:
    """Return what closing debts lets pass: the sets of which no other lets more pass for less.

    Only whole debts, only as of the first day on which they show, cheapest first; none where
    something else stands in the way of every amount.
    """
    debts = [debt for debt in case.dossier.debts if shows(debt)]
    debts = sorted(debts, key=lambda debt: debt.balance or 0)[:_MOST_CLOSED]
    at = case.shows_at(pay_down.NAME, case.today)
    readings = Readings(case, case.walk((), at).facts(at), (), at)
    everything = {debt.id: debt.balance or 0 for debt in debts}
    if not debts or not _frontier(readings, everything):
        return ()
    by_cash = []
    for size in range(1, len(debts) + 1):
        for chosen in combinations(debts, size):
            cash = sum((debt.balance or 0) + fee(debt, debt.balance or 0) for debt in chosen)
            lenders = tuple(dict.fromkeys(debt.lender for debt in chosen))
            by_cash.append((cash, tuple(debt.id for debt in chosen), lenders))
    best, found = _frontier(readings, {}), list[Rung]()
    for cash, closes, lenders in sorted(by_cash):
        frontier = _frontier(readings, {debt: everything[debt] for debt in closes})
        if frontier > best:
            best = frontier
            day = case.policy.zone.day(at)
            found.append(
                Rung(cash=cash, closes=closes, lenders=lenders, frontier=frontier, day=day)
            )
        if len(found) >= _MOST_RUNGS or best >= case.request.amount:
            break
    return tuple(found)


def _frontier(readings: Readings, way: dict[str, int]) -> int:
    return readings.look(way).judge(0).frontier.amount


def need(case: Case) -> Need | None:
    """Return by how much the counted due must fall where debts are not known one by one.

    None where that is not what stands in the way, or where it would not be enough.
    """
    due = case.value("ext_monthly_due")
    if not isinstance(due, int) or due <= 0:
        return None
    at = case.shows_at(pay_down.NAME, case.today)
    readings = Readings(case, case.walk((), at).facts(at), (), at)
    cut = readings.least_cut({})
    if not cut:
        return None
    return Need(due_now=due, due_most=due - cut, cut=cut)
