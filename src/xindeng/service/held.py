"""A borrower's line held still: the row is locked, the state loaded, events told are stored."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from xindeng.events.catalogue import CATALOGUE, PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.line import HoldPlaced, HoldReleased
from xindeng.features.state import State
from xindeng.service import pauses
from xindeng.service.engine import Engine
from xindeng.service.saving import save_states
from xindeng.servicing.orders import Orders
from xindeng.servicing.view import View, view_of
from xindeng.store import borrowers, events, lines, notices, openings
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.states import SealedState


@dataclass(slots=True)
class Held:
    """One borrower, locked until the transaction ends; `now` (µs) is not before what is known.

    What `tell` is given is folded at once and stored with everything else on leaving.
    """

    engine: Engine
    conn: Conn
    chain: Chain
    state: State
    platform_seq: int
    now: int
    told: list[Event] = field(default_factory=list)

    @property
    def borrower(self) -> str:
        """Return the borrower's id."""
        return self.chain.borrower

    @property
    def today(self) -> int:
        """Return the local day of `now`."""
        return self.engine.policy.zone.day(self.now)

    def new_id(self) -> str:
        """Return a fresh identifier for this instant."""
        return self.engine.new_id(self.now)

    def tell(self, *payloads: Payload, at: int | None = None) -> None:
        """Add events that happened now, or at `at` (µs) if that is earlier."""
        occurred = self.now if at is None else min(at, self.now)
        for payload in payloads:
            name = str(payload.__struct_config__.tag)
            event = Event(
                self.new_id(), self.borrower, name, CATALOGUE[name].version, occurred, self.now,
                payload, self.state.seq + 1,
            )  # fmt: skip
            self.engine.policy.kernel.fold(self.state, event)
            self.told.append(event)

    def notify(self, kind: str, texts: dict[str, str], *, old_contact: bool = False) -> None:
        """Have a notice sent once this is stored, to the former contact too if asked."""
        to = notices.contacts(former_too=old_contact)
        notices.insert(self.conn, self.chain, self.new_id(), kind, texts, to, self.now)

    def carry_out(self, orders: Orders) -> None:
        """Do what servicing orders: tell the events, send the notices, ask the people."""
        self.tell(*orders.payloads)
        for notice in orders.notices:
            self.notify(notice.kind, dict(notice.texts), old_contact=notice.old_contact)
        for task in orders.tasks:
            notices.ask_people(
                self.conn, self.chain, self.new_id(), task.kind, task.subject, task.due_day,
                task.note, self.now,
            )  # fmt: skip

    def history(self, types: Collection[str]) -> list[Event]:
        """Return the borrower's events of some types in order, those just told included."""
        links = events.read_of_types(self.conn, self.borrower, types)
        told = [event for event in self.told if event.type in types]
        return [*events.unseal(links, self.chain.key), *told]

    def view(self) -> View:
        """Return the line as the policy sees it now, what was told included."""
        platform = self.engine.platform.at(self.conn, self.platform_seq)
        return view_of(self.engine.policy, self.state, platform, self.now)

    def save(self) -> None:
        """Store the events told; `held` calls it on leaving."""
        if not self.told:
            return
        if any(isinstance(event.payload, HoldPlaced | HoldReleased) for event in self.told):
            pauses.follow(self)
        events.insert(self.conn, events.extend(self.chain, self.told, [None] * len(self.told)))
        borrowers.save_heads(self.conn, [self.chain])
        save_states(self.engine, self.conn, [(self.chain, self.state)])
        lines.project(self.conn, self.told)
        self.told = []


@contextmanager
def held(engine: Engine, borrower: str) -> Iterator[Held]:
    """Yield the borrower, locked; all that is done to it is stored together or not at all.

    Raises NotFoundError for an unknown borrower, ErasedError, ConflictError where another request
    holds the borrower for 2 s, UnavailableError.
    """
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    with engine.store.transaction() as conn:
        opening = openings.lock_and_read(conn, engine.store.keys, [(borrower, "")]).get(borrower)
        if opening is None:
            raise borrowers.unknown(borrower)
        state = engine.state(conn, opening.chain, opening.state)
        now = max(engine.clock(), state.last_known_at)
        line = Held(engine, conn, opening.chain, state, opening.platform_seq, now)
        yield line
        line.save()


def held_already(engine: Engine, conn: Conn, chain: Chain, sealed: SealedState | None) -> Held:
    """Return a borrower whose row this transaction has locked; the caller must `save` it."""
    return held_with(engine, conn, chain, engine.state(conn, chain, sealed))


def held_with(engine: Engine, conn: Conn, chain: Chain, state: State) -> Held:
    """Return `held_already` for a state that is loaded."""
    now = max(engine.clock(), state.last_known_at)
    return Held(engine, conn, chain, state, engine.platform.now(conn)[0], now)
