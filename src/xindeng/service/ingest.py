"""Take in events: check them all, then store and fold them, all of a group or none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from msgspec.structs import replace

from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.expand import expand
from xindeng.events.read import read_event
from xindeng.events.visibility import Quarantined, admit
from xindeng.features.state import State
from xindeng.kernel.time import Zone
from xindeng.service.engine import Engine
from xindeng.service.held import held_with
from xindeng.service.holds import look_again
from xindeng.service.platform import check_owner
from xindeng.service.same import check_same
from xindeng.service.saving import save_states
from xindeng.service.stood import check_alone
from xindeng.servicing import former_contact
from xindeng.store import borrowers, events, lines, states
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

GROUP: Final = 2_000
"""About how many events share a transaction: enough to share its price, few enough to hold no
borrower's lock for long."""


@dataclass(slots=True)
class IngestReport:
    """What became of the events; a credit report counts with the events it was expanded to."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)

    def add(self, part: IngestReport) -> None:
        """Count in what a transaction has stored."""
        self.accepted += part.accepted
        self.duplicates += part.duplicates
        self.quarantined += part.quarantined


def ingest_raw(
    engine: Engine, raws: Iterable[Mapping[str, Any] | bytes | str], borrower: str | None = None,
    *, agreed: bool = False,
) -> IngestReport:  # fmt: skip
    """Read and take in raw events; EventError for the first bad one, and nothing is stored.

    `borrower` stands in where an event names none. Bare times are local to the policy's zone, and
    amounts must be in its currency. `agreed` as in `ingest`.
    """
    received_at, policy = engine.clock(), engine.policy
    read = [
        read_event(
            raw,
            borrower=borrower,
            received_at=received_at,
            zone=policy.zone,
            currency=policy.currency,
        )
        for raw in raws
    ]
    return ingest(engine, read, agreed=agreed)


def ingest(
    engine: Engine,
    incoming: Iterable[Event],
    *,
    report: IngestReport | None = None,
    compare: bool = True,
    agreed: bool = False,
) -> IngestReport:
    """Store and fold the events, each borrower's in the order given.

    All are checked before the first is stored. Then groups of whole borrowers, some 2,000 events
    each, go into one transaction; `report` counts group by group, for callers that may be
    interrupted. Events known by id are duplicates, and where `compare` they must say the same; ids
    that bills give name the content already. Events from the future are set aside. `agreed` where
    those whom it takes have agreed to a looser stance. Raises EventError, ErasedError,
    UnavailableError, ForbiddenError for a looser stance that nobody agreed to, and ConflictError
    for another event under a known id or a borrower whose amounts are in another currency.
    """
    report = IngestReport() if report is None else report
    arrived = Arrived(engine.clock())
    arrived.add(incoming, 0, engine.policy.zone)
    for group in _groups(arrived.by_borrower):
        part = IngestReport()
        with engine.store.transaction(pipelined=False) as conn:
            take_in(engine, conn, group, arrived, [part], compare=compare, agreed=agreed)
        report.add(part)
    return report


Item = tuple[Event | Quarantined, int]
"""What came in, and the number of the report it is counted in."""


@dataclass(slots=True)
class Arrived:
    """Events checked and sorted by borrower, received at one instant (µs); `derived` are those
    that follow from a credit report."""

    received_at: int
    by_borrower: dict[str, list[Item]] = field(default_factory=dict)
    derived: set[tuple[str, str]] = field(default_factory=set)

    def add(self, incoming: Iterable[Event], number: int, zone: Zone) -> None:
        """Add events that are to be counted in report `number`; raises EventError."""
        for event in incoming:
            check_owner(event)
            if (event.borrower, event.id) in self.derived:
                continue  # a file that holds a report's figures beside it says nothing more by them
            admitted = admit(event, self.received_at)
            found: list[Event | Quarantined] = (
                [admitted] if isinstance(admitted, Quarantined) else [*expand(admitted, zone)]
            )
            self.derived.update((event.borrower, _event(item).id) for item in found[1:])
            self.by_borrower.setdefault(event.borrower, []).extend((item, number) for item in found)


def _groups(by_borrower: Mapping[str, list[Item]]) -> Iterator[dict[str, list[Item]]]:
    """Cut the borrowers, in id order, into groups of about GROUP events."""
    total = 0

    def number(item: tuple[str, list[Item]]) -> int:
        nonlocal total
        total += len(item[1])
        return (total - 1) // GROUP

    for _, items in groupby(sorted(by_borrower.items()), key=number):
        yield dict(items)


def take_in(
    engine: Engine,
    conn: Conn,
    group: Mapping[str, list[Item]],
    arrived: Arrived,
    reports: Sequence[IngestReport],
    *,
    compare: bool = True,
    agreed: bool = False,
) -> None:
    """Store and fold the events of these borrowers in one transaction, and count each in its
    report; raises as `ingest` does."""
    keys, received_at = engine.store.keys, arrived.received_at
    borrowers.create_missing(conn, keys, group, received_at)
    chains = borrowers.lock(conn, keys, group)
    _settle_currency(engine, conn, chains)
    sealed = states.read(conn, group)
    known = events.known_ids(
        conn, [(name, _event(item).id) for name, items in group.items() for item, _ in items]
    )
    if compare:
        told = [_event(item) for items in group.values() for item, _ in items]
        sent = [event for event in told if (event.borrower, event.id) not in arrived.derived]
        check_same(conn, chains, sent, known)
    links, saved, news = [], [], {}
    held: dict[str, frozenset[str]] = {}
    for name, items in group.items():
        chain = chains[name]
        fresh: list[Event] = []
        for item, number in items:
            event, report = _event(item), reports[number]
            if (name, event.id) in known:
                report.duplicates += 1
                continue
            known.add((name, event.id))
            if isinstance(item, Quarantined):
                events.set_aside(conn, chain, item, received_at)
                report.quarantined.append(item)
            else:
                report.accepted += 1
                fresh.append(replace(event, seq=chain.seq + len(fresh) + 1))
        if not fresh:
            continue
        if name == PLATFORM:
            if not agreed:
                today = engine.policy.zone.day(received_at)
                check_alone(engine.history(conn, chain), fresh, engine.policy, today)
        else:
            state = engine.state(conn, chain, sealed.get(name))
            saved.append((chain, state))
            news[name] = fresh
            stood = engine.policy.kernel.holds(state)
            for event in fresh:
                engine.policy.kernel.fold(state, event)
            if stood or engine.policy.kernel.holds(state):
                held[name] = frozenset(hold.id for hold in stood)
        links += events.extend(chain, fresh, [None] * len(fresh))
        lines.project(conn, fresh)
    events.insert(conn, links)
    borrowers.save_heads(conn, list(chains.values()))
    save_states(engine, conn, saved)
    for chain, state in saved:
        if chain.borrower in held:
            look_again(engine, conn, chain, state, held[chain.borrower])
        _tell_of_changes(engine, conn, chain, state, news[chain.borrower])


def _tell_of_changes(
    engine: Engine, conn: Conn, chain: Chain, state: State, fresh: Sequence[Event]
) -> None:
    """Have both contacts told of a contact or payout card that has just been changed."""
    if any(event.type in former_contact.TYPES for event in fresh):
        line = held_with(engine, conn, chain, state)
        line.carry_out(former_contact.news(line.view(), fresh))


def _settle_currency(engine: Engine, conn: Conn, chains: Mapping[str, Chain]) -> None:
    """The first event settles a borrower's currency; the platform's chain holds no amounts."""
    own = [chain for name, chain in chains.items() if name != PLATFORM]
    for chain in own:
        engine.check_currency(chain)
    if fresh := [chain for chain in own if chain.currency is None]:
        borrowers.settle_currency(conn, fresh, engine.policy.currency)


def _event(item: Event | Quarantined) -> Event:
    return item.event if isinstance(item, Quarantined) else item
