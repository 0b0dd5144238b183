"""The daily review of lines: holds that are due end, are extended or go to a person, by policy."""

from __future__ import annotations

from xindeng.features.state import Hold
from xindeng.service import holds
from xindeng.service.engine import Engine
from xindeng.service.held import held_already
from xindeng.servicing import holds as rules
from xindeng.store import borrowers, states
from xindeng.store.chunks import Chunk
from xindeng.store.connect import Conn


def review(engine: Engine, conn: Conn, chunk: Chunk) -> int:
    """Review the lines of a chunk; returns how many were changed.

    Reviewing again the same day finds nothing more to do. Erased borrowers are passed over.
    """
    names = borrowers.hold_those(conn, "line", chunk.first, chunk.upto)
    chains = borrowers.lock(conn, engine.store.keys, borrowers.readable(conn, names))
    sealed = states.read(conn, list(chains))
    changed = 0
    for name, chain in chains.items():
        line = held_already(engine, conn, chain, sealed.get(name))
        standing: tuple[Hold, ...] = engine.policy.kernel.holds(line.state)
        if not standing:
            continue
        orders = rules.review(line.view(), holds.standing(line))
        if orders:
            line.carry_out(orders)
            line.save()
            changed += 1
    return changed
