"""Run the service: uvicorn on loopback unless told otherwise, one process or several.

With several, this process keeps the embedded database running and the workers get its address.
"""

from __future__ import annotations

import gc
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import msgspec
import uvicorn
from litestar import Litestar

from xindeng.access.door import Door
from xindeng.access.tokens import Issuer, Tokens
from xindeng.api import logs
from xindeng.api.app import create
from xindeng.api.route import Service
from xindeng.api.routes import ROUTES
from xindeng.kernel.errors import InputError
from xindeng.service.engine import open_engine
from xindeng.service.ports import ports_of

_SETTINGS: Final = "XINDENG_SERVE"
_MOST_WORKERS: Final = 64
_GRACE_S: Final = 30


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a server is told when it starts; it holds no secret, for workers read it as text."""

    policy: str = "consumer_line"
    home: str | None = None
    rail: str | None = None
    funder: str | None = None
    jwks: str | None = None
    issuer: str | None = None
    audience: str = "xindeng"

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
        return Issuer(self.jwks, self.issuer, self.audience)


def run(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; what is in hand is answered first (≤30 s).

    Raises InputError, UnavailableError before anything listens.
    """
    if not 1 <= workers <= _MOST_WORKERS:
        raise InputError(f"1 to {_MOST_WORKERS} workers", where="--workers")
    told: dict[str, Any] = {
        "host": host, "port": port, "log_config": None, "access_log": False, "lifespan": "on",
        "timeout_graceful_shutdown": _GRACE_S, "server_header": False, "date_header": True,
        "loop": "uvloop" if os.name == "posix" else "asyncio", "http": "httptools",
    }  # fmt: skip
    if workers == 1:
        uvicorn.run(_application(settings), **told)
        return
    place = Path(settings.home) if settings.home else None
    with (
        open_engine(settings.policy, home=place) as engine,
        tempfile.TemporaryDirectory(prefix="xindeng-metrics-") as figures,
    ):
        os.environ["XINDENG_DATABASE_URL"] = engine.store.uri
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        os.environ[_SETTINGS] = msgspec.json.encode(settings).decode()
        uvicorn.run("xindeng.api.serve:worker", factory=True, workers=workers, **told)


def worker() -> Litestar:
    """Return the application of one worker process, as `run` has told its environment."""
    settings = msgspec.json.decode(os.environ[_SETTINGS], type=Settings)
    return _application(settings)


def _application(settings: Settings) -> Litestar:
    """Return the application with all it needs open; it closes them when it stops."""
    logs.set_up()
    stack = ExitStack()
    issuer = settings.tokens_of
    place = Path(settings.home) if settings.home else None
    ports = ports_of(settings.rail, settings.funder, place)
    engine = stack.enter_context(open_engine(settings.policy, home=place))
    tokens = None if issuer is None else Tokens(issuer, engine.clock)
    application = create(Service(engine, Door(engine, tokens), ports), ROUTES, stack.close)
    # What is loaded by now stays for good: the collector need never look at it again.
    gc.collect()
    gc.freeze()
    return application
