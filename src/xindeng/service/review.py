"""The daily review of all lines: holds that are due, the limit the policy aims at, and
requests for help that nobody answered."""

from __future__ import annotations

from xindeng.service import holds, limits
from xindeng.service.engine import Engine
from xindeng.service.held import held_with, save
from xindeng.service.held_line import Held
from xindeng.servicing import hardship_clock
from xindeng.servicing import holds as hold_rules
from xindeng.servicing import limits as limit_rules
from xindeng.servicing.limit_book import LimitBook, limit_book
from xindeng.servicing.orders import NOTHING
from xindeng.store import borrowers, events, states
from xindeng.store.chunks import Chunk
from xindeng.store.connect import Conn


def review(engine: Engine, conn: Conn, chunk: Chunk) -> int:
    """Review the lines of a chunk; returns how many were changed.

    Reviewing again the same day finds nothing more to do. Erased borrowers are passed over.
    """
    names = borrowers.hold_those(conn, "line", chunk.first, chunk.upto)
    chains = borrowers.lock(conn, engine.store.keys, borrowers.readable(conn, names))
    sealed = states.read(conn, list(chains))
    # One round trip for all: what limits were told, and how our side stands.
    told = events.read_of_types_for(conn, list(chains), limits.TYPES)
    platform = engine.platform.now(conn)[0]
    changed = 0
    for name, chain in chains.items():
        state = engine.state(conn, chain, sealed.get(name))
        line = held_with(engine, conn, chain, state, platform)
        if _review(line, limit_book(events.unseal(told.get(name, ()), chain.key))):
            save(line)
            changed += 1
    return changed


def _review(line: Held, book: LimitBook) -> bool:
    view = line.view()
    orders = hold_rules.review(view, holds.standing(line))
    if orders:
        line.carry_out(orders)
        # Looked at again: a hold that has just ended may be what kept the limit where it is.
        view = line.view()
    further = limit_rules.reevaluate(view, book)
    if further:
        line.carry_out(further)
        view = line.view()
    help_ = NOTHING
    if view.value("hardship_open") is True:
        waiting = hardship_clock.open_request(line.history(hardship_clock.TYPES))
        help_ = hardship_clock.review(view, waiting)
        line.carry_out(help_)
    return bool(orders + further + help_)
