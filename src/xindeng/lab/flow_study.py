"""How well the flow rules do on the simulated population when the papers say nothing.

Categories of wages, rent and repayments are blinded to "transfer", as if every payment were a plain
one, and what the rules then recognise is held against the categories that were there. It is a
judgement of the patterns alone: papers that name wages and rent need none. Borrowings are simulated
as debts, not as payouts, so nothing can be said about loan proceeds here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.intake.events_file import read_events
from xindeng.kernel.time import DAY, zone
from xindeng.lab.simulate import EVENTS_FILE
from xindeng.repair.flows.recognise import recognise

_BLINDED: Final = frozenset({"salary", "rent", "loan_repayment", "card_repayment"})
_LEAST: Final = 3
"""Payments of one party below which no rule can see a month after month."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class Score:
    """How often one thing was there (and often enough to be seen), found, and found rightly."""

    there: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float | None:
        """Return the share of what was found that is right; None when nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Return the share of what was there that was found; None when nothing was there."""
        return self.right / self.there if self.there else None


@dataclass(frozen=True, slots=True)
class FlowStudy:
    """Scores by (borrower, party): wages by pattern, rent by pattern.

    `false_income` counts borrowers for whom the blinded patterns alone counted an income.
    """

    borrowers: int
    salary: Score
    rent: Score
    false_income: int


def flow_study(folder: Path, *, progress: Progress = lambda done: None) -> FlowStudy:
    """Judge the rules on a folder that `xindeng lab simulate` wrote; raises ImportFileError."""
    salary, rent = Score(), Score()
    people = false_income = 0
    for events in _people(folder):
        people += 1
        now = max(event.occurred_at for event in events) + DAY
        flows = recognise(map(_blind, events), now, zone("Asia/Shanghai"))
        _count(salary, _truth(events, "salary"), {one.party for one in flows.income})
        _count(rent, _truth(events, "rent"), {one.party for one in flows.rent})
        false_income += flows.monthly_income is not None and not any(
            isinstance(event.payload, Payment) and event.payload.category == "other_income"
            for event in events
        )
        progress(people)
    return FlowStudy(people, salary, rent, false_income)


def _people(folder: Path) -> Iterator[list[Event]]:
    events = read_events(
        folder / EVENTS_FILE, received_at=0, zone=zone("Asia/Shanghai"), known_at="occurred"
    )
    for _, some in groupby(events, key=lambda event: event.borrower):
        yield list(some)


def _blind(event: Event) -> Event:
    paid = event.payload
    if isinstance(paid, Payment) and paid.category in _BLINDED:
        return replace(event, payload=replace(paid, category="transfer"))
    return event


def _truth(events: list[Event], category: str) -> set[str | None]:
    times: dict[str | None, int] = {}
    for event in events:
        if isinstance(event.payload, Payment) and event.payload.category == category:
            party = event.payload.counterparty
            times[party] = times.get(party, 0) + 1
    return {party for party, count in times.items() if count >= _LEAST}


def _count(score: Score, there: set[str | None], found: set[str | None]) -> None:
    score.there += len(there)
    score.found += len(found - {None})
    score.right += len(there & found)
