"""The processes that answer: one or several, replaced when they die, ended in order.

SIGTERM and SIGINT end the service with everything in hand answered, and exit status 0. SIGHUP has
several workers replaced one after another, while the others answer. Workers whose supervisor was
killed end in order too: nobody would replace them, and they would keep the port from the next.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import parent_process
from types import FrameType
from typing import Any, Final

import uvicorn
from litestar import Litestar
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from xindeng.api.turnstile import Turnstile

GRACE_S: Final = 30
"""How long what is in hand may take once the service is to end."""
_SILENT_S: Final = 15
"""After so long a worker that says nothing is replaced; starting may take as long."""


def settings(host: str, port: int) -> dict[str, Any]:
    """Return what every server is told."""
    return {
        "host": host, "port": port, "log_config": None, "access_log": False, "lifespan": "on",
        "proxy_headers": False, "server_header": False, "date_header": True,
        "timeout_graceful_shutdown": GRACE_S, "timeout_worker_healthcheck": _SILENT_S,
        "loop": "uvloop" if os.name == "posix" else "asyncio", "http": Turnstile,
    }  # fmt: skip


def run_one(application: Litestar, host: str, port: int) -> None:
    """Serve in this process until it is told to end."""
    uvicorn.run(application, **settings(host, port))


def run_several(factory: str, workers: int, host: str, port: int) -> None:
    """Serve in processes of their own, each with the application that `factory` ("module:name")
    makes; raises SystemExit where none of them can start."""
    config = uvicorn.Config(factory, factory=True, workers=workers, **settings(host, port))
    several = _Several(config, [config.bind_socket()])
    several.run()
    if any(one.exitcode == STARTUP_FAILURE for one in several.processes):
        sys.exit(STARTUP_FAILURE)


def end_with_supervisor() -> None:
    """Have this worker end in order when the process that started it is no more."""
    supervisor = parent_process()
    if supervisor is None:
        return

    def follow() -> None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, name="supervisor", daemon=True).start()


@contextmanager
def ended_in_order() -> Iterator[None]:
    """Leave this context, and all around it, in order on SIGTERM, rather than die on the spot.

    Once it serves the server takes the signal itself, and passes it on when it has ended.
    """

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    former = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class _Several(Multiprocess):
    """uvicorn's supervisor, which lets nobody wait at a door that will not open again."""

    def terminate_all(self) -> None:
        """Have the workers end, and close the door they share."""
        super().terminate_all()
        for one in self.sockets:
            one.close()
