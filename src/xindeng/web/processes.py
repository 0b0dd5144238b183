"""The processes that answer: one or several, replaced when they die, ended in order.

SIGTERM and SIGINT end the service with everything in hand answered, and exit status 0. SIGHUP has
several workers replaced one after another, while the others answer. Workers whose supervisor was
killed end in order too: nobody would replace them, and they would keep the port from the next.
"""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import parent_process
from types import FrameType
from typing import Any, Final

import uvicorn
from litestar import Litestar
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from xindeng.api.turnstile import Turnstile
from xindeng.kernel.errors import InputError

GRACE_S: Final = 30
"""How long what is in hand may take once the service is to end."""
_SILENT_S: Final = 15
"""After so long a worker that says nothing is replaced; starting may take as long."""


def settings() -> dict[str, Any]:
    """Return what every server is told."""
    return {
        "log_config": None, "access_log": False, "lifespan": "on",
        "proxy_headers": False, "server_header": False, "date_header": True,
        "timeout_graceful_shutdown": GRACE_S, "timeout_worker_healthcheck": _SILENT_S,
        "loop": "uvloop" if os.name == "posix" else "asyncio", "http": Turnstile, "ws": "none",
    }  # fmt: skip


@contextmanager
def door(host: str, port: int) -> Iterator[list[socket.socket]]:
    """Yield the sockets of an address, taken but not yet listening, so that nobody knocks in vain.

    Raises InputError "serve.address" where it is another's, not ours to take, or none of this
    machine.
    """
    with ExitStack() as closing:
        taken: list[socket.socket] = []
        try:
            for family, kind, _, _, address in socket.getaddrinfo(
                host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            ):
                one = closing.enter_context(socket.socket(family, kind))
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                try:
                    one.bind(address)
                except OSError as error:
                    # `localhost` has two addresses, of which a machine may have one.
                    if error.errno != errno.EADDRNOTAVAIL or not taken:
                        raise
                else:
                    one.set_inheritable(True)
                    taken.append(one)
        except OSError as error:
            raise _no_door(host, port, error) from error
        yield taken


def _no_door(host: str, port: int, error: OSError) -> InputError:
    what, step = {
        errno.EADDRINUSE: (
            "another program listens there already", "end it, or give another --port",
        ),
        errno.EACCES: (
            "this user may not listen there",
            "give a --port of 1024 or more, and let a proxy stand in front of it",
        ),
    }.get(error.errno or 0, (
        f"nobody can listen there: {(error.strerror or 'no such address').lower()}",
        "give an address of this machine with --host",
    ))  # fmt: skip
    return InputError(what, where=f"{host} port {port}", next_step=step, code="serve.address")


def run_one(application: Litestar, sockets: list[socket.socket]) -> None:
    """Serve in this process until it is told to end; raises SystemExit where it cannot start."""
    server = uvicorn.Server(uvicorn.Config(application, **settings()))
    with suppress(KeyboardInterrupt):  # which the server passes on when it has ended in order
        server.run(sockets)
    if not server.started:
        sys.exit(STARTUP_FAILURE)


def run_several(factory: str, workers: int, sockets: list[socket.socket]) -> None:
    """Serve in processes of their own, each with the application that `factory` ("module:name")
    makes; raises SystemExit where none of them can start."""
    config = uvicorn.Config(factory, factory=True, workers=workers, **settings())
    several = _Several(config, sockets)
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
