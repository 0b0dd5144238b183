"""Who can be put right: the parties of a person's papers by name, and what each was read as."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.repair.flows.kinds import Flows, Meaning

MOST: Final = 24
"""So many parties are offered, those of the findings first, then whoever paid most."""
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Party:
    """A party by its name in the papers; `read_as` None where it counted for nothing. `said`: that
    is what the person themselves says, not what was recognised."""

    name: str
    read_as: Meaning | None
    said: bool = False


def parties(flows: Flows, names: Mapping[str, str], events: Iterable[Event]) -> tuple[Party, ...]:
    """Return whom a person may put right, each name once; `names` are those of the papers by id."""
    found: dict[str, Party] = {}
    for identity, meaning, said in _read(flows, events):
        name = names.get(identity, "").strip()
        if name and name.isprintable() and len(name) <= _LONGEST:
            found.setdefault(name, Party(name, meaning, said))
    return tuple(found.values())[:MOST]


def _read(flows: Flows, events: Iterable[Event]) -> Iterator[tuple[str, Meaning | None, bool]]:
    for one in flows.corrections:
        yield one.party or "", one.meaning, True
    for source in flows.income:
        kind: Meaning = "salary" if source.kind == "salary" else "other_income"
        yield source.party or "", kind if source.counted else None, False
    for lender in flows.lenders:
        yield lender.party or "", "lender", False
    for rent in flows.rent:
        yield rent.party or "", "rent", False
    came: Counter[str] = Counter()
    for event in events:
        payment = event.payload
        if isinstance(payment, Payment) and payment.direction == "in" and payment.counterparty:
            came[payment.counterparty] += payment.amount
    for party, _ in came.most_common():
        yield party, None, False
