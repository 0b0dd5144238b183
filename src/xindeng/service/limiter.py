"""A guard in memory: at most so many calls an hour of one caller, remembered for a day.

It guards pre-checks (30 an hour of one borrower) and sign-ins.

It stands apart from the store on purpose: no feature, rule, model or staff page can read it, and
borrowers stand in it as keyed hashes whose key lives and dies with the process.
"""

from __future__ import annotations

import hashlib
import os
from collections import deque
from threading import Lock
from typing import Final

from xindeng.kernel.errors import TooManyError
from xindeng.kernel.time import DAY, HOUR, SECOND, Clock

PER_HOUR: Final = 30


class Limiter:
    """Counts calls by keyed hash of their caller; safe for threads."""

    def __init__(
        self, clock: Clock, per_hour: int = PER_HOUR, what: str = "trial calculations"
    ) -> None:
        self.per_hour = per_hour
        self._what = what
        self._clock = clock
        self._key = os.urandom(32)
        self._calls: dict[bytes, deque[int]] = {}
        self._swept = clock()
        self._lock = Lock()

    def enter(self, caller: str) -> None:
        """Count one call; raises TooManyError with the seconds to wait."""
        who = hashlib.blake2b(caller.encode(), key=self._key, digest_size=16).digest()
        now = self._clock()
        with self._lock:
            self._sweep(now)
            calls = self._calls.setdefault(who, deque(maxlen=self.per_hour))
            if len(calls) == self.per_hour and now - calls[0] < HOUR:
                wait = (calls[0] + HOUR - now) // SECOND + 1
                raise TooManyError(
                    f"more than {self.per_hour} {self._what} in an hour",
                    retry_after_s=wait,
                )
            calls.append(now)

    def _sweep(self, now: int) -> None:
        """Forget callers of more than a day ago, once an hour."""
        if now - self._swept < HOUR:
            return
        self._swept = now
        self._calls = {who: calls for who, calls in self._calls.items() if now - calls[-1] < DAY}
