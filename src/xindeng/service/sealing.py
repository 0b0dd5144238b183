"""Seal what happened: once a second a Merkle root over every chain that grew, anchored outside.

What was stored since the last seal can be rewritten by whoever owns the database without leaving a
trace; that window, at most a second while the sealer runs, is stated by `xindeng audit verify`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from xindeng.adapters.anchor import Anchored, FileAnchor
from xindeng.service.engine import Engine
from xindeng.store import feed, seals
from xindeng.store.merkle import Leaf
from xindeng.store.seals import Seal

INTERVAL_S: Final = 1.0


def seal(engine: Engine, anchor: FileAnchor) -> Seal | None:
    """Seal everything that became visible since the last seal, then anchor it.

    Returns the new seal; None where nothing grew or another process is sealing. What an earlier
    run sealed and could not anchor is anchored now. Raises UnavailableError where the database or
    the anchor is away; the next call takes it up.
    """
    with engine.store.transaction(pipelined=False) as conn:
        if not seals.only_one(conn):
            return None
        newest = seals.last(conn)
        until, made = feed.horizon(conn), None
        leaves = [Leaf(*row) for row in feed.grown(conn, seals.sealed_upto(newest), until)]
        if leaves:
            made = seals.made(newest, engine.clock(), until, leaves)
            seals.insert(conn, made)
    # After the commit: an anchored seal that the database does not know would look like a loss.
    with engine.store.snapshot() as conn:
        waiting = list(seals.after(conn, anchor.last()))
    if waiting:
        anchor.append([Anchored(s.number, s.at, s.root.hex(), s.hash.hex()) for s in waiting])
    return made


def run(engine: Engine, anchor: FileAnchor, wait: Callable[[float], bool]) -> None:
    """Seal each second until `wait(seconds)` says that it is time to stop."""
    while not wait(INTERVAL_S):
        seal(engine, anchor)
    seal(engine, anchor)
