"""Our own book as monthly series: read once after each month, kept in the audit, never guessed.

A reading is an action of the one who steers, so that it cannot be changed and was known exactly
from the day it was made. A month that nobody read in its first days stays missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any, Final

from xindeng.kernel.time import from_date, to_date
from xindeng.policy.policy import Policy
from xindeng.policy.steering.model import SeriesSpec
from xindeng.policy.steering.read import month_of
from xindeng.policy.steering.series import Observed, end_of, month_at, month_text, observed
from xindeng.service.engine import Engine
from xindeng.store import actions, decisions, portfolio
from xindeng.store.connect import Conn

STEERING: Final = "steering"
"""The actor in whose name the book is read and the stance follows series."""
READING: Final = "book.reading"
_FIRST_DAYS: Final = 7
_APPROVED: Final = frozenset({"approve", "approve_less"})
_Figures = Mapping[str, Any]


def read_book(engine: Engine, conn: Conn) -> bool:
    """Read the book for the month that ended last, if nobody has; return whether it was read.

    Within a transaction that whoever steers has to himself.
    """
    now = engine.clock()
    today = engine.policy.zone.day(now)
    month = month_at(today) - 1
    if today > end_of(month) + _FIRST_DAYS or month in dict(_readings(engine.policy, conn)):
        return False
    zone = engine.policy.zone
    first = from_date(to_date(end_of(month)).replace(day=1))
    asked = decisions.grouped(conn, zone.midnight(first), zone.midnight(end_of(month) + 1))
    # What we ourselves put off says nothing of those who asked.
    judged = [one for one in asked if one.outcome != "retry_later"]
    body = {
        "month": month_text(month), **asdict(portfolio.balances(conn)),
        "decided": sum(one.count for one in judged),
        "approved": sum(one.count for one in judged if one.outcome in _APPROVED),
    }  # fmt: skip
    actions.record(conn, STEERING, READING, month_text(month), body, ident=engine.new_id(now),
                   at=now)  # fmt: skip
    return True


def book_series(policy: Policy, conn: Conn) -> dict[str, Observed]:
    """Return the policy's series of our own book, as far as it was read."""
    readings = dict(_readings(policy, conn))
    return {
        name: observed(spec, _values(spec, readings), where="our own book")
        for name, spec in policy.steering.series.items() if spec.portfolio
    }  # fmt: skip


def _readings(policy: Policy, conn: Conn) -> Iterator[tuple[int, tuple[int, _Figures]]]:
    """Yield (month, (day of the reading, figures))."""
    for one in actions.of_actor(conn, STEERING):
        month = month_of(one.subject) if one.kind == READING else None
        if month is not None:
            yield month, (policy.zone.day(one.at), one.unseal(None))


def _values(
    spec: SeriesSpec, readings: Mapping[int, tuple[int, _Figures]]
) -> Iterator[tuple[int, float, int]]:
    for month, (day, now) in readings.items():
        before = readings.get(month - 1, (0, {}))[1]
        part, whole, count = {
            "late_30_share": (now["late_31"], now["balance"], now["loans"]),
            "roll_rate": (now["late_31_60"], before.get("late_1_30", 0),
                          before.get("loans_1_30", 0)),
            "approval_share": (now["approved"], now["decided"], now["decided"]),
        }[spec.portfolio]  # fmt: skip
        if count >= max(spec.least, 1) and whole > 0:
            yield month, 100 * part / whole, day
