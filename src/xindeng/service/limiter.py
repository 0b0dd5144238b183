"""A guard: at most so many calls an hour of one caller, whichever process they come to.

It guards pre-checks (30 an hour of one borrower), sign-ins and check-ups. What it knows is kept for
a day at most, and apart: no feature, rule, model or staff page reads it, and callers stand in it
as hashes under a key of ours, so that nobody can tell from it who called.
"""

from __future__ import annotations

from typing import Final

from xindeng.kernel.errors import TooManyError
from xindeng.kernel.time import DAY, HOUR, SECOND, Clock
from xindeng.store import Store, guards
from xindeng.store.connect import unavailable

PER_HOUR: Final = 30


class Limiter:
    """Counts calls of one kind by keyed hash of their caller; safe for threads and processes."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        per_hour: int = PER_HOUR,
        what: str = "trial calculations",
    ) -> None:
        self.per_hour = per_hour
        self._what = what
        self._store, self._clock = store, clock
        self._swept = 0

    def enter(self, caller: str) -> None:
        """Count one call; raises TooManyError with the seconds to wait, UnavailableError."""
        who = self._store.keys.look_up(f"limiter {self._what}", caller)
        now = self._clock()
        # A transaction of its own, whatever else is being done: a call counts if it fails, too.
        with unavailable("the database went away"), self._store.pool.connection() as conn:
            if not 0 <= now - self._swept < HOUR:
                self._swept = now
                guards.forget(conn, now - DAY)
            called = [at for at in guards.calls(conn, self._what, who, now) if now - at < HOUR]
            if len(called) < self.per_hour:
                guards.keep(conn, self._what, who, [*called, now])
                return
        wait = (min(called) + HOUR - now) // SECOND + 1
        raise TooManyError(f"more than {self.per_hour} {self._what} in an hour", retry_after_s=wait)

    def forgive(self, caller: str) -> None:
        """Take the newest call back, which turned out to be none to guard against."""
        who = self._store.keys.look_up(f"limiter {self._what}", caller)
        with unavailable("the database went away"), self._store.pool.connection() as conn:
            called = guards.calls(conn, self._what, who, self._clock())
            guards.keep(conn, self._what, who, called[:-1])
