"""A borrower's line held still: what is told of it is folded at once and waits to be stored."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.features.state import State
from xindeng.service.engine import Engine
from xindeng.servicing.former_contact import hears_too
from xindeng.servicing.orders import Orders
from xindeng.servicing.view import View, view_of
from xindeng.store import events, notices
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn


@dataclass(slots=True)
class Held:
    """One borrower, locked until the transaction ends; `now` (µs) is not before what is known.

    What `tell` is given is folded at once; `service.held` stores it with everything else.
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
        to = notices.contacts(former_too=old_contact or hears_too(self.view()))
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
