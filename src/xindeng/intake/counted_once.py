"""A payment by card through a wallet stands in two papers: it is counted once.

The rule: a bank's row that names the wallet, and a card payment in that wallet's bill, are one
payment when direction and amount are the same and the bank booked it from one day before to three
days after the wallet did. Each row is used once, the nearest in time first. The wallet's row stays,
because it says more; the bank's row is left out. Nothing else is ever merged.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.intake.report import ImportReport
from xindeng.kernel.time import DAY

EARLIER: Final = DAY
LATER: Final = 3 * DAY

Paper = tuple[list[Event], ImportReport]


@dataclass(frozen=True, slots=True)
class Twice:
    """The bank's row `left_out` and the wallet's row `kept` are one payment (event ids)."""

    left_out: str
    kept: str
    wallet: str


@dataclass(frozen=True, slots=True)
class Once:
    """All papers' events in order of time, each payment once.

    `repeated` counts rows that the same paper's earlier export had; `unmatched` the bank's rows
    through a wallet whose bill covers that day but does not show them.
    """

    events: list[Event]
    twice: tuple[Twice, ...]
    repeated: int
    unmatched: int


def counted_once(papers: Sequence[Paper]) -> Once:
    """Return the papers' events with each payment once, and what was found twice."""
    every: dict[str, Event] = {}
    through: dict[str, str] = {}
    rows = 0
    for events, report in papers:
        rows += len(events)
        through |= report.through
        for event in events:
            every.setdefault(event.id, event)
    wallets = {wallet: _card_payments(papers, wallet) for wallet in set(through.values())}
    spans = {wallet: _span(papers, wallet) for wallet in wallets}
    twice: list[Twice] = []
    unmatched = 0
    for id_, wallet in sorted(through.items(), key=lambda one: (every[one[0]].occurred_at, one[0])):
        bank = every[id_]
        twin = _twin(bank, wallets[wallet])
        if twin is not None:
            wallets[wallet][_key(twin)].remove(twin)
            twice.append(Twice(bank.id, twin.id, wallet))
        elif not _own(bank) and (span := spans[wallet]) and span[0] <= bank.occurred_at <= span[1]:
            unmatched += 1
    gone = {one.left_out for one in twice}
    left = [event for event in every.values() if event.id not in gone]
    left.sort(key=lambda event: (event.occurred_at, event.id))
    return Once(left, tuple(twice), rows - len(every), unmatched)


def _key(event: Event) -> tuple[str, int]:
    assert isinstance(event.payload, Payment)
    return event.payload.direction, event.payload.amount


def _own(event: Event) -> bool:
    """Return whether the person moved their own money: the wallet then shows the other half."""
    return isinstance(event.payload, Payment) and event.payload.category == "self_transfer"


def _of_wallet(papers: Sequence[Paper], wallet: str) -> list[Event]:
    found = {
        event.id: event
        for events, report in papers
        if report.source == wallet
        for event in events
        if isinstance(event.payload, Payment)
    }
    return list(found.values())


def _card_payments(papers: Sequence[Paper], wallet: str) -> dict[tuple[str, int], list[Event]]:
    found: dict[tuple[str, int], list[Event]] = {}
    for event in _of_wallet(papers, wallet):
        if isinstance(event.payload, Payment) and event.payload.channel == "card":
            found.setdefault(_key(event), []).append(event)
    return found


def _span(papers: Sequence[Paper], wallet: str) -> tuple[int, int] | None:
    times = [event.occurred_at for event in _of_wallet(papers, wallet)]
    return (min(times), max(times)) if times else None


def _twin(bank: Event, cards: dict[tuple[str, int], list[Event]]) -> Event | None:
    near = [
        event
        for event in cards.get(_key(bank), ())
        if -EARLIER <= bank.occurred_at - event.occurred_at <= LATER
    ]
    return min(
        near, key=lambda event: (abs(bank.occurred_at - event.occurred_at), event.id), default=None
    )
