"""Take up what is published while the process runs: at its time, in every process, by itself.

Each process looks once a second. A version is loaded beside the work and then takes over at once;
requests in hand end under the version they began with. One that this process cannot load, being
older than what it was written for, is told and left: it goes on deciding as before.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from xindeng.kernel.errors import XindengError
from xindeng.service.engine import PUBLISHED, Engine
from xindeng.store import proposals

INTERVAL_S: Final = 1.0
_END_S: Final = 10


def follow(engine: Engine) -> bool:
    """Take up the publication in force, if it is another than decides here; return whether it was.

    Raises XindengError for a version that cannot be loaded here, UnavailableError.
    """
    with engine.store.snapshot() as conn:
        found = proposals.in_force(conn, engine.clock())
        if found is None or found == engine.policy.hash:
            return False
        policy = engine.policy_of(conn, found)
    engine.take_up(policy)
    return True


def following(
    engine: Engine, policy: str, trouble: Callable[[XindengError], None]
) -> AbstractContextManager[None]:
    """Follow the publications within the block where `policy`, as the process was told, says so."""
    return Follower(engine, trouble) if policy == PUBLISHED else nullcontext()


class Follower:
    """Follows the publications in a thread of this process; `trouble` is told once of each."""

    def __init__(self, engine: Engine, trouble: Callable[[XindengError], None]) -> None:
        self._engine, self._trouble = engine, trouble
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def __enter__(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """End; what decides then goes on deciding."""
        self._stop.set()
        self._thread.join(_END_S)

    def _run(self) -> None:
        told = ""
        while not self._stop.wait(INTERVAL_S):
            try:
                follow(self._engine)
                told = ""
            except XindengError as error:
                if str(error) != told:
                    self._trouble(error)
                told = str(error)
