"""Random bytes from a source, taken in larger helpings: asking the system for twelve bytes costs as
much as asking it for four thousand.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Final

_HELPING: Final = 4_096


class Helpings:
    """Gives each byte of `source` (bytes of that number, at random) once; safe for threads.

    A child process forgets what its parent had in stock.
    """

    def __init__(self, source: Callable[[int], bytes]) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._stock, self._at = b"", 0
        os.register_at_fork(after_in_child=self._forget)

    def take(self, count: int) -> bytes:
        """Return `count` random bytes, at most 4,096."""
        with self._lock:
            if len(self._stock) - self._at < count:
                self._stock, self._at = self._source(_HELPING), 0
            at = self._at
            self._at = at + count
            return self._stock[at : at + count]

    def bits(self, count: int) -> int:
        """Return a number of `count` random bits."""
        return int.from_bytes(self.take((count + 7) // 8), "big") >> (-count % 8)

    def _forget(self) -> None:
        self._lock = threading.Lock()
        self._stock, self._at = b"", 0


SYSTEM: Final = Helpings(os.urandom)
"""The operating system's own randomness, fit for keys and nonces."""
