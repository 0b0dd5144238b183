"""The days ahead: life going on, and what a borrower does of a plan, as events in order of time.

A debt paid elsewhere is no event of its own: the platform reads of it in the next credit report.
So a payment only changes what every reading from its day on says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.credit import BureauSummary, ExternalDebt
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.repair.ahead.habits import REREAD, Habit, ahead, reread
from xindeng.repair.ahead.payable import counted_after
from xindeng.repair.debt import Debt


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody does, as the platform learns of it at `at` (µs).

    `payloads` happen then. `pays` (debt id → fen) lowers debts elsewhere and `amends` changes the
    report's figures otherwise; both are read at `at`, and by every later reading. `shape` returns
    how an event of ordinary life goes from then on, None for not at all; it is asked for the types
    in `shapes` alone.
    """

    at: int
    payloads: tuple[Payload, ...] = ()
    pays: Mapping[str, int] = field(default_factory=dict)
    amends: Callable[[Payload], Payload] | None = None
    shapes: frozenset[str] = frozenset()
    shape: Callable[[Payload], Payload | None] | None = None

    @property
    def rereads(self) -> bool:
        """Return whether the report says something new because of it."""
        return bool(self.pays) or self.amends is not None

    @property
    def types(self) -> frozenset[str]:
        """Return the types of events that are other than without it."""
        own = {str(payload.__struct_config__.tag) for payload in self.payloads}
        return frozenset(own | self.shapes | (REREAD if self.rereads else frozenset()))


STANDS_STILL: Final[tuple[Act, ...]] = ()


def course(
    known: Sequence[Habit], acts: Sequence[Act], debts: Sequence[Debt], seq: int, until: int
) -> Iterator[Event]:
    """Yield what happens up to `until` in order of time, numbered from `seq` + 1.

    An act of an instant comes before the habits of that instant.
    """
    if not acts:
        yield from ahead(known, seq, until)
        return
    coming = sorted((act for act in acts if act.at <= until), key=lambda act: act.at)
    changed = _Changed(known, debts)
    place = 0
    for event in ahead(known, seq, until):
        while place < len(coming) and coming[place].at <= event.occurred_at:
            for done in changed.take(coming[place], place):
                seq += 1
                yield replace(done, seq=seq)
            place += 1
        lived = changed.shaped(event)
        if lived is not None:
            seq += 1
            yield replace(lived, seq=seq)
    for act in coming[place:]:
        for done in changed.take(act, place):
            seq += 1
            yield replace(done, seq=seq)
        place += 1


class _Changed:
    """What the acts so far have changed about events to come."""

    def __init__(self, known: Sequence[Habit], debts: Sequence[Debt]) -> None:
        self.known, self.debts = known, debts
        self.paid: dict[str, int] = {}
        self.amends: list[Callable[[Payload], Payload]] = []
        self.shapes: list[Act] = []

    def take(self, act: Act, number: int) -> Iterator[Event]:
        """Yield the events of one act, and the reading that shows it."""
        for debt, amount in act.pays.items():
            self.paid[debt] = self.paid.get(debt, 0) + amount
        if act.amends is not None:
            self.amends.append(act.amends)
        if act.shape is not None:
            self.shapes.append(act)
        for place, payload in enumerate(act.payloads):
            name = str(payload.__struct_config__.tag)
            version = CATALOGUE[name].version
            yield Event(f"plan:{number}:{place}", "", name, version, act.at, act.at, payload)
        if act.rereads:
            for event in reread(self.known, act.at):
                read = self.shaped(event)
                if read is not None:
                    yield read

    def shaped(self, event: Event) -> Event | None:
        """Return an event of ordinary life as it goes now, None if it no longer happens."""
        payload: Payload | None = event.payload
        if isinstance(payload, BureauSummary | ExternalDebt):
            payload = self._read(payload)
        for act in self.shapes:
            if payload is None or act.shape is None:
                break
            if event.type in act.shapes:
                payload = act.shape(payload)
        if payload is event.payload:
            return event
        return None if payload is None else replace(event, payload=payload)

    def _read(self, payload: BureauSummary | ExternalDebt) -> Payload:
        read: Payload = payload
        if self.paid:
            read = reading_after(payload, self.debts, self.paid)
        for amend in self.amends:
            read = amend(read)
        return read


def reading_after(
    reading: BureauSummary | ExternalDebt, debts: Sequence[Debt], paid: Mapping[str, int]
) -> BureauSummary | ExternalDebt:
    """Return what a report says once `paid` (debt id → fen) was paid and reported.

    Nothing falls below 0, where a table of debts knows of more than the report. A lender counts
    until the last known debt there is closed.
    """
    touched = [debt for debt in debts if paid.get(debt.id)]
    if isinstance(reading, BureauSummary):
        used = sum(paid[debt.id] for debt in touched if debt.kind == "card")
        closed = sum(1 for debt in touched if debt.kind != "card" and _closed(debt, paid))
        return replace(
            reading,
            card_used=max(0, reading.card_used - used),
            open_accounts=max(0, reading.open_accounts - closed),
        )
    cut = sum(counted_after(debt, 0) - counted_after(debt, paid[debt.id]) for debt in touched)
    gone = _lenders(debts) - _lenders(debt for debt in debts if not _closed(debt, paid))
    return replace(
        reading,
        monthly_due=max(0, reading.monthly_due - cut),
        balance=max(0, reading.balance - sum(paid[debt.id] for debt in touched)),
        lenders=max(0, reading.lenders - len({name for name, _ in gone})),
        nonbank_lenders=max(
            0, reading.nonbank_lenders - len({name for name, kind in gone if kind != "bank"})
        ),
    )


def _closed(debt: Debt, paid: Mapping[str, int]) -> bool:
    return debt.balance is not None and paid.get(debt.id, 0) >= debt.balance


def _lenders(debts: Iterable[Debt]) -> set[tuple[str, str]]:
    return {
        (debt.lender, debt.lender_kind) for debt in debts if debt.balance != 0
        and debt.lender_kind != "person"
    }  # fmt: skip
