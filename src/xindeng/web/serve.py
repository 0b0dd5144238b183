"""Run the service: uvicorn on loopback unless told otherwise, one process or several.

This process keeps the embedded database running, and workers that died replaced; with several,
they get the database's address.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import socket
from typing import Final

import msgspec
from litestar import Litestar

from xindeng.access.door import Door
from xindeng.access.oidc import Oidc, provider_of
from xindeng.access.tokens import Issuer, Tokens
from xindeng.adapters.anchor import ANCHOR, FileAnchor
from xindeng.adapters.otel import open_tracing
from xindeng.api import logs
from xindeng.api.app import create
from xindeng.api.route import Service
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import InputError, UnavailableError, XindengError
from xindeng.kernel.time import HOUR
from xindeng.service.engine import open_engine, system_clock
from xindeng.service.following import following
from xindeng.service.ports import bureau_of, ports_of
from xindeng.service.sealing import Sealer
from xindeng.service.trying import load_live
from xindeng.store.connect import STATEMENT_MS, database_url
from xindeng.store.paths import default_home
from xindeng.store.server import RECOVERY_WAIT_S, open_server
from xindeng.store.store import Store
from xindeng.web import processes
from xindeng.web.app import Pages
from xindeng.web.demo import DAY_OF_DEMO, DemoClock, demo_engine, demo_ports, doors, settle
from xindeng.web.settings import Site

LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
_SETTINGS: Final = "XINDENG_SERVE"
_MOST_WORKERS: Final = 64
_TURN_S: Final = 0.001
"""How long a thread computes before another gets its turn."""
_LOOK_EVERY_S: Final = 0.5
_COLLECT: Final = (20_000, 20, 50)
"""After how many new objects the collector looks for cycles among the young, the older, all."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is told when it starts; it holds no secret, for workers read it as text."""

    policy: str = "consumer_line"
    home: str | None = None
    rail: str | None = None
    funder: str | None = None
    jwks: str | None = None
    issuer: str | None = None
    audience: str = "xindeng"
    token_hours: int = 12
    sign_in_at: str = ""
    anchor: str | None = None
    bureau: str | None = None
    series: str | None = None

    @property
    def tokens_of(self) -> Issuer | None:
        """Return who signs borrowers in; raises InputError where it is told by half."""
        if self.jwks is None and self.issuer is None:
            return None
        if self.jwks is None or self.issuer is None:
            raise InputError(
                "borrowers' tokens need both the keys and the name of who issues them",
                where="--jwks, --issuer",
                next_step="give both, or neither",
                code="serve.tokens",
            )
        return Issuer(self.jwks, self.issuer, self.audience, self.token_hours * HOUR)


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; what is in hand is answered first (≤30 s).

    Raises InputError, UnavailableError before anything listens.
    """
    if not 1 <= workers <= _MOST_WORKERS:
        raise InputError(f"1 to {_MOST_WORKERS} workers", where="--workers")
    if (issuer := settings.tokens_of) is not None:
        Tokens(issuer, system_clock).check()
    place = Path(settings.home) if settings.home else None
    with processes.ended_in_order(), ExitStack() as stack:
        sockets = stack.enter_context(processes.door(host, port))
        if database_url() is None:
            os.environ["XINDENG_DATABASE_URL"] = stack.enter_context(
                open_server(place or default_home())
            )
        # Whatever is wrong is said before anything listens.
        with open_tracing(os.environ), open_engine(settings.policy, home=place):
            pass
        if workers == 1:
            processes.run_one(_application(settings), sockets)
            return
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="xindeng-metrics-")
        )
        os.environ[_SETTINGS] = msgspec.json.encode(settings).decode()
        processes.run_several("xindeng.web.serve:worker", workers, sockets)


@contextmanager
def demo_door(host: str, port: int) -> Iterator[list[socket]]:
    """Yield the sockets of an address of loopback, for in a demo anybody may come in; raises
    InputError for any other, or one that cannot be had."""
    check_host(host)
    with processes.door(host, port) as sockets:
        yield sockets


def check_host(host: str) -> None:
    """Raise InputError for an address that others could reach."""
    if host not in LOOPBACK:
        raise InputError(
            f"a demo lets anybody in, so it does not listen on {host}",
            where="--host",
            next_step="leave --host out, or serve without --demo",
            code="serve.demo",
        )


def run_demo(
    store: Store, clock: DemoClock, *, home: Path, sockets: list[socket],
    ready: Callable[[], None] = lambda: None,
) -> None:  # fmt: skip
    """Settle the demo's borrowers in a store, say so, and serve its pages until SIGTERM or
    SIGINT."""
    ports = demo_ports()
    engine = demo_engine(store, clock)
    settle(engine, clock, ports, engine.policy.zone.parse(DAY_OF_DEMO))
    clock.run()
    with doors(engine, ports, home) as (service, site):
        logs.set_up(logging.WARNING)
        application = create(service, ROUTES, beside=Pages(site))
        ready()
        processes.run_one(application, sockets)


def _not_sealed(error: XindengError) -> None:
    logs.tell("not sealed", level=logging.WARNING, error=error)


def _not_followed(error: XindengError) -> None:
    logs.tell("not taken up", level=logging.ERROR, error=error)


def worker() -> Litestar:
    """Return the application of one worker process, as `run` has told its environment."""
    processes.end_with_supervisor()
    settings = msgspec.json.decode(os.environ[_SETTINGS], type=Settings)
    give_up = time.monotonic() + RECOVERY_WAIT_S
    while True:
        try:
            return _application(settings)
        except UnavailableError as error:
            # A worker that took the place of a killed one meets a database that recovers, too; or
            # one that the next release changed, while the others of this one go on.
            if time.monotonic() > give_up:
                logs.tell("not started", level=logging.ERROR, error=error, next=error.next_step)
                logs.write_out()
                sys.exit(1)
            logs.tell("waiting", level=logging.WARNING, error=error, next=error.next_step)
            time.sleep(_LOOK_EVERY_S)


def _application(settings: Settings) -> Litestar:
    """Return the application with all it needs open; it closes them when it stops."""
    logs.set_up()
    issuer = settings.tokens_of
    place = Path(settings.home) if settings.home else None
    ports = ports_of(settings.rail, settings.funder, place)
    bureau = bureau_of(settings.bureau, os.environ)
    with ExitStack() as opening:
        tracing = opening.enter_context(open_tracing(os.environ))
        engine = opening.enter_context(
            open_engine(settings.policy, home=place, statement_ms=STATEMENT_MS, tracing=tracing)
        )
        load_live(engine)
        tokens = None if issuer is None else Tokens(issuer, engine.clock)
        provider = provider_of(os.environ)
        oidc = None if provider is None else Oidc(engine, provider)
        service = Service(engine, Door(engine, tokens), ports, oidc, bureau)
        series = Path(settings.series) if settings.series else None
        pages = Pages(Site(sign_in_at=settings.sign_in_at, series=series))
        anchor = FileAnchor(Path(settings.anchor or (place or default_home()) / ANCHOR))
        sealer = Sealer(engine, anchor, _not_sealed)
        opening.callback(sealer.stop)
        sealer.start()
        opening.enter_context(following(engine, settings.policy, _not_followed))
        application = create(service, ROUTES, opening.pop_all().close, pages)
    # Whoever commits groups computes for long; the loop that talks to callers must not wait for it.
    sys.setswitchinterval(_TURN_S)
    # What is loaded by now stays for good: the collector need never look at it again. States are
    # many small lists that end by themselves; looked at each 700 of them, they cost twice as much.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT)
    return application
