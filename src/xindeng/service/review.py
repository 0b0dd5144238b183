"""The daily review of all lines: holds that are due, the limit the policy aims at, and
requests for help that nobody answered."""

from __future__ import annotations

from xindeng.service import holds, limits
from xindeng.service.engine import Engine
from xindeng.service.held import held_already, save
from xindeng.service.held_line import Held
from xindeng.servicing import hardship_clock
from xindeng.servicing import holds as hold_rules
from xindeng.servicing import limits as limit_rules
from xindeng.servicing.orders import NOTHING
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
        if _review(line):
            save(line)
            changed += 1
    return changed


def _review(line: Held) -> bool:
    orders = hold_rules.review(line.view(), holds.standing(line))
    line.carry_out(orders)
    # Looked at again: a hold that has just ended may be what kept the limit where it is.
    further = limit_rules.reevaluate(line.view(), limits.book_of(line))
    line.carry_out(further)
    help_ = NOTHING
    if line.view().value("hardship_open") is True:
        waiting = hardship_clock.open_request(line.history(hardship_clock.TYPES))
        help_ = hardship_clock.review(line.view(), waiting, line.engine.calendar)
        line.carry_out(help_)
    return bool(orders + further + help_)
