"""Tell many borrowers at once what a job found, each on their own chain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.service.engine import Engine
from xindeng.service.saving import save_states
from xindeng.store import borrowers, events, lines, states
from xindeng.store.connect import Conn


def tell_many(engine: Engine, conn: Conn, news: Mapping[str, Sequence[Payload]], now: int) -> None:
    """Append the payloads to the chains of borrowers who are locked already, and fold them.

    Borrowers whose data were erased have no chain to add to and are passed over.
    """
    names = [name for name in news if news[name]]
    if not names:
        return
    names = borrowers.readable(conn, names)
    chains = borrowers.lock(conn, engine.store.keys, names)
    sealed = states.read(conn, names)
    links, saved = [], []
    for name in names:
        chain = chains[name]
        state = engine.state(conn, chain, sealed.get(name))
        at = max(now, state.last_known_at)
        told = []
        for payload in news[name]:
            kind = str(payload.__struct_config__.tag)
            event = Event(
                engine.new_id(at), name, kind, CATALOGUE[kind].version, at, at, payload,
                state.seq + 1,
            )  # fmt: skip
            engine.policy.kernel.fold(state, event)
            told.append(event)
        links += events.extend(chain, told, [None] * len(told))
        lines.project(conn, told)
        saved.append((chain, state))
    events.insert(conn, links)
    borrowers.save_heads(conn, list(chains.values()))
    save_states(engine, conn, saved)
