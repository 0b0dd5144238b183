"""Keeps the embedded server alive: one that was killed is started again by whoever opened it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from xindeng.kernel.errors import UnavailableError

LOOK_EVERY_S: Final = 0.5


@contextmanager
def kept(gone: Callable[[], bool], revive: Callable[[], None]) -> Iterator[None]:
    """Call `revive` within half a second whenever `gone`, as long as the context lasts.

    Many processes may keep one server: `revive` must take turns and do nothing where it lives.
    """
    leaving = threading.Event()

    def watch() -> None:
        while not leaving.wait(LOOK_EVERY_S):
            # What cannot be revived now (memory still held by the dead, say) is tried again.
            with suppress(UnavailableError, OSError):
                if gone():
                    revive()

    keeper = threading.Thread(target=watch, name="keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        leaving.set()
        keeper.join()
