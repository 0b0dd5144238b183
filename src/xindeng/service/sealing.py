"""Seal what happened: once a second a Merkle root over every chain that grew, anchored outside.

What was stored since the last seal can be rewritten by whoever owns the database without leaving a
trace; that window, about a second while a sealer runs, is stated by `xindeng audit verify` and by
`/readyz`. Every server and worker has a sealer; one of them seals, and another takes over when it
ends.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from xindeng.adapters.anchor import Anchored, FileAnchor
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import SECOND
from xindeng.service.engine import Engine
from xindeng.store import feed, seals
from xindeng.store.merkle import Leaf
from xindeng.store.seals import Seal

INTERVAL_S: Final = 1.0
_END_S: Final = 10


def seal(engine: Engine, anchor: FileAnchor) -> Seal | None:
    """Seal everything that became visible since the last seal, then anchor it.

    Returns the new seal; None where nothing grew or another process is sealing. What an earlier
    run sealed and could not anchor is anchored now. Raises UnavailableError where the database or
    the anchor is away; the next call takes it up.
    """
    with engine.store.transaction(pipelined=False) as conn:
        # After a while without a sealer there is much to cover, and no caller waits for it.
        conn.execute("SET LOCAL statement_timeout = 0")
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


def run(
    engine: Engine, anchor: FileAnchor, wait: Callable[[float], bool],
    trouble: Callable[[XindengError], None] = lambda _: None,
) -> None:  # fmt: skip
    """Seal each second, while nobody else does, until `wait(seconds)` says that it is time to stop.

    Whatever is away meanwhile is told to `trouble` and tried again.
    """
    over = False
    while not over:
        try:
            with seals.alone(engine.store.uri) as ours:
                while not over:
                    over = wait(INTERVAL_S)
                    if ours():
                        seal(engine, anchor)
        except XindengError as error:
            trouble(error)
            over = over or wait(INTERVAL_S)


class Sealer:
    """A sealer in a thread of this process."""

    def __init__(
        self, engine: Engine, anchor: FileAnchor, trouble: Callable[[XindengError], None]
    ) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(
            target=run, args=(engine, anchor, self._stop.wait, trouble), name="sealer", daemon=True
        )

    def start(self) -> None:
        """Begin to seal."""
        self._thread.start()

    def stop(self) -> None:
        """Seal what is left and end."""
        self._stop.set()
        self._thread.join(_END_S)


def window(engine: Engine) -> tuple[int | None, float | None]:
    """Return when the last seal was made (µs), and for how many seconds at most something has been
    waiting for the next one: 0.0 where nothing waits. Both None before the first seal."""
    with engine.store.snapshot() as conn:
        at, upto = seals.newest(conn)
        waits = feed.any_since(conn, upto)
    if at is None:
        return None, None
    return at, max(engine.clock() - at, 0) / SECOND if waits else 0.0
