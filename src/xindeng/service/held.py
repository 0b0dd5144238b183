"""Take hold of a borrower: lock the row, load the state, and store what was told on leaving."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from xindeng.events.catalogue import PLATFORM
from xindeng.events.line import HoldPlaced, HoldReleased
from xindeng.features.state import State
from xindeng.service import pauses
from xindeng.service.engine import Engine
from xindeng.service.held_line import Held
from xindeng.service.saving import save_states
from xindeng.store import borrowers, events, lines, openings
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn


@contextmanager
def held(engine: Engine, borrower: str) -> Iterator[Held]:
    """Yield the borrower, locked; all that is done to it is stored together or not at all.

    Raises NotFoundError for an unknown borrower, ErasedError, ConflictError where another request
    holds the borrower for 2 s, UnavailableError.
    """
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    with engine.store.transaction() as conn:
        opening = openings.lock_and_read(conn, engine.store.keys, [(borrower, "")]).of(borrower)
        state = engine.state(conn, opening.chain, opening.state)
        now = max(engine.clock(), state.last_known_at)
        line = Held(engine, conn, opening.chain, state, opening.platform_seq, now)
        yield line
        save(line)


def held_with(
    engine: Engine, conn: Conn, chain: Chain, state: State, platform_seq: int | None = None
) -> Held:
    """Return a borrower whose row this transaction has locked; the caller must `save` it.

    `platform_seq` is the present length of the platform's chain where it is known.
    """
    now = max(engine.clock(), state.last_known_at)
    seq = engine.platform.now(conn)[0] if platform_seq is None else platform_seq
    return Held(engine, conn, chain, state, seq, now)


def save(line: Held) -> None:
    """Store the events told, and bring the loans in line with holds that came or went."""
    if not line.told:
        return
    if any(isinstance(event.payload, HoldPlaced | HoldReleased) for event in line.told):
        pauses.follow(line)
    events.insert(line.conn, events.extend(line.chain, line.told, [None] * len(line.told)))
    borrowers.save_heads(line.conn, [line.chain])
    save_states(line.engine, line.conn, [(line.chain, line.state)])
    lines.project(line.conn, line.told)
    line.told = []
