"""What goes out in an ordinary month, by kind: the mean of the last whole months of the bills.

Whole calendar months, so that each rent and bill counts once a month wherever the bills end. Dues
of debts are not among it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.kernel.time import Zone, to_date
from xindeng.repair.alternatives.spending import Need, Spending
from xindeng.repair.checkup.flow_words import CATEGORIES
from xindeng.repair.flows.kinds import Flows

INSTALMENTS: Final = "instalments"
_MONTHS: Final = 3
_NEEDS: Final[dict[str, Need]] = {
    "rent": "necessary", "utilities": "necessary", "groceries": "necessary",
    "transport": "necessary", "medical": "necessary", "education": "necessary",
    "insurance": "necessary", "tax": "necessary", "dining": "useful", "shopping": "useful",
    "transfer": "useful", "cash": "useful", "unknown": "useful", "fee": "useful",
    "entertainment": "spare", "high_risk": "spare",
}  # fmt: skip
"""How far each kind of spending can be done without; what is necessary is never touched."""


def months_looked_at(flows: Flows) -> tuple[int, ...]:
    """Return the first days of the last whole months, three at most; none if there is none."""
    return flows.whole[-_MONTHS:]


def outgoings(events: Iterable[Event], flows: Flows, zone: Zone, lang: str) -> tuple[Spending, ...]:
    """Return what one such month takes, by kind, in fen; empty without a whole month.

    What was bought in instalments counts when it was bought: its dues are debts.
    """
    months = frozenset(months_looked_at(flows))
    spent: dict[str, int] = defaultdict(int)
    for event in events:
        paid = event.payload
        if not isinstance(paid, Payment) or _month(zone.day(event.occurred_at)) not in months:
            continue
        if paid.direction == "out" and paid.category in _NEEDS:
            spent[paid.category] += paid.amount
    bought = sum(one.amount for one in flows.instalments if _month(one.day) in months)
    count = len(months) or 1
    names = CATEGORIES["zh" if lang == "zh" else "en"]
    found = [
        Spending(category=names[kind], amount=amount // count, need=_NEEDS[kind])
        for kind, amount in sorted(spent.items())
    ]
    if bought:
        part = bought // count
        found.append(Spending(category=names[INSTALMENTS], amount=part, need="useful",
                              instalments=part))  # fmt: skip
    return tuple(found)


def _month(day: int) -> int:
    return day - to_date(day).day + 1
