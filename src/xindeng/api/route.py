"""A route as data, and a call as its handler sees it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from msgspec import Raw, Struct

from xindeng.access.caller import Caller
from xindeng.access.door import Door
from xindeng.access.oidc import Oidc
from xindeng.access.permit import permit
from xindeng.adapters.ports import Bureau
from xindeng.api.lanes import LaneName
from xindeng.api.lines import Taken
from xindeng.api.logs import LOG, kind_of, tell
from xindeng.api.metrics import Metrics
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.service.disburse import Ports
from xindeng.service.engine import Engine
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import Batch
from xindeng.service.limiter import Limiter
from xindeng.service.trying import engine_of
from xindeng.store import borrowers
from xindeng.store.decisions import StoredDecision

CHECKUPS_PER_HOUR: Final = 20
Method = Literal["GET", "POST", "DELETE"]


@dataclass(frozen=True, slots=True)
class Service:
    """What all requests of a process share."""

    engine: Engine
    door: Door
    ports: Ports | None = None
    oidc: Oidc | None = None
    bureau: Bureau | None = None
    metrics: Metrics = field(default_factory=Metrics)
    checkups: Limiter = field(init=False)

    def __post_init__(self) -> None:
        """Start to count check-ups, which take seconds of work each."""
        guard = Limiter(self.engine.store, self.engine.clock, CHECKUPS_PER_HOUR, "check-ups")
        object.__setattr__(self, "checkups", guard)

    def answered(
        self, number: str, name: str, status: int, caller: Caller | None,
        fault: BaseException | None, seconds: float, *, quiet: bool = False,
    ) -> None:  # fmt: skip
        """Count and log a request that was answered; a `quiet` one is logged only if it failed.

        `name` is the route's or the page's: paths, and what was said, are personal.
        """
        self.metrics.requests.labels(name, str(status)).inc()
        self.metrics.seconds.labels(name).observe(seconds)
        severe = status >= 500
        if quiet and not severe and not LOG.isEnabledFor(logging.DEBUG):
            return
        tell(
            "request", level=logging.ERROR if severe else logging.INFO,
            error=fault if severe else None,
            request=number, route=name, status=status, ms=round(seconds * 1000, 2),
            caller=caller.kind if caller is not None else None,
            code=kind_of(fault) if fault is not None else None,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Call:
    """One request, read and permitted: path names, query and body as the route declares them.

    `key` is the idempotency key, "" where the route takes none; `body` is bytes where the route
    takes lines.
    """

    service: Service
    caller: Caller | None
    names: Mapping[str, str]
    query: Any
    body: Any
    key: str = ""
    bearer: str = ""

    @property
    def engine(self) -> Engine:
        """Return the engine."""
        return self.service.engine

    @property
    def theirs(self) -> Engine:
        """Return the engine under the policy that decides for this borrower; it asks the database
        whether a challenger does."""
        return engine_of(self.service.engine, self.borrower)

    @property
    def borrower(self) -> str:
        """Return whose things it is about; raises NotFoundError for what is no borrower."""
        name = self.names["borrower"]
        if name == PLATFORM:
            raise borrowers.unknown(name)
        return name

    @property
    def by(self) -> str:
        """Return the name under which a caller's deeds are told."""
        return self.caller.actor if self.caller is not None else "nobody"

    @property
    def own(self) -> bool:
        """Say whether a borrower is asking, who is not told what is withheld for safety."""
        return self.caller is not None and self.caller.kind == "borrower"

    def need(self, action: str) -> None:
        """Ask for more than the route does; raises as `permit` does."""
        permit(self.caller, action, self.names.get("borrower"))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with a status of its own, where the route's usual one does not tell it."""

    status: int
    body: Struct


@dataclass(frozen=True, slots=True)
class Drawing:
    """A draw to be decided together with others', and how its decision is told."""

    request: Request
    tell: Callable[[StoredDecision], Struct]


@dataclass(frozen=True, slots=True)
class Taking:
    """Events to be taken in together with others', and how what became of them is told."""

    batch: Batch
    tell: Callable[[IngestReport], Struct]


@dataclass(frozen=True, slots=True)
class TakingLines:
    """Events that come a line at a time: how one is read, and how what became of them is told."""

    read: Callable[[bytes], Event]
    tell: Callable[[Taken], Struct]


Handler = Callable[[Call], Struct | Reply | Raw | Drawing | Taking | TakingLines]
"""Returns the answer, or what is to be done together with others'; raw bytes are sent as they
are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table of routes.

    `once` is None where repeating does no harm by itself; "joined" where the request and its
    answer are one transaction under the Idempotency-Key; "together" where other borrowers'
    requests share that transaction; "outside" where somebody outside is asked in between. `money`
    marks what moves or decides about money. `lines` routes take NDJSON, `large` ones a body with
    files in it. `lane` says whom it shares threads and patience with.
    """

    method: Method
    path: str
    action: str
    handler: Handler
    answer: type[Struct]
    summary: str
    body: type[Struct] | None = None
    query: type[Struct] | None = None
    status: int = 200
    once: Literal["joined", "together", "outside"] | None = None
    money: bool = False
    lines: bool = False
    large: bool = False
    lane: LaneName = "rest"
    example: Struct | None = None

    @property
    def name(self) -> str:
        """Return the route as logs and metrics name it: never with what stood in its place."""
        return f"{self.method} {self.path}"

    @property
    def looks(self) -> bool:
        """Say whether it does nothing but look, so that HEAD may ask for it without its body.

        A cost sheet that was shown counts as read (docs/decisions/0013); by HEAD nobody reads it.
        """
        return self.method == "GET" and self.action != "draw.quote"

    @property
    def brief(self) -> bool:
        """Say whether it must be answered within two seconds: what moves or decides about money,
        is done once under its key, or tells how we are. Others may take their time."""
        return self.once is not None or self.action == "health.read"

    @property
    def parameters(self) -> tuple[str, ...]:
        """Return the names in the path, in order."""
        parts = self.path.split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))
