"""The days since a person's bills end, of which no paper tells.

A bill is exported on one day and read on a later one. To take the days between for days without
wages or spending would make up a fall of income that nobody had. So life is taken to go on as in
the month before (`repair.ahead.habits`), and that is said; bills that end too long ago tell nothing
of today, and nothing is said of today by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

from xindeng.events.envelope import Event
from xindeng.events.life import InstalmentPurchase, Payment, Purchase
from xindeng.kernel.time import DAY
from xindeng.policy.policy import Policy
from xindeng.repair.ahead.habits import ahead, habits

QUIET_DAYS: Final = 3
"""So many days without a payment are no sign that the bills end."""
FLOW_TYPES: Final = frozenset({"payment", "purchase", "instalment_purchase"})
_MOST_DAYS: Final = 62
_MOST_NAME: Final = "income_silence_days"
"""Beyond so many days the bills are too old: the policy's own, or two pay days missed."""


class Since(Struct, frozen=True, kw_only=True):
    """How far bills reach on a day. `until` (µs) is their last payment, None without any; `days`
    lie between it and today. `gone_on`: those days are filled with what went on in the month
    before. `old`: so many that the bills tell nothing of today."""

    until: int | None = None
    days: int = 0
    gone_on: bool = False
    old: bool = False

    def seen(self, now: int) -> int:
        """Return the instant (µs) up to which the bills can be read as whole."""
        return now if self.until is None else min(now, self.until + QUIET_DAYS * DAY)


NO_BILLS: Final = Since()


def since_bills(policy: Policy, events: Iterable[Event], now: int) -> Since:
    """Return how far the payments and purchases among the events reach."""
    paid = (Payment, Purchase, InstalmentPurchase)
    past = [e.occurred_at for e in events if isinstance(e.payload, paid) and e.occurred_at <= now]
    if not past:
        return NO_BILLS
    today = policy.zone.day(now)
    days = today - policy.zone.day(max(past))
    most = policy.parameter(_MOST_NAME, today) if _MOST_NAME in policy.parameter_names else None
    old = days > (most if type(most) is int else _MOST_DAYS)
    return Since(until=max(past), days=days, gone_on=days > QUIET_DAYS and not old, old=old)


def gone_on(events: Sequence[Event], since: Since, now: int) -> list[Event]:
    """Return the events of the days since, as the month before the bills' end has them; none where
    none are taken for granted. Sequence numbers are the caller's to give."""
    if not since.gone_on or since.until is None:
        return []
    return list(ahead(habits(events, since.until), 0, now))
