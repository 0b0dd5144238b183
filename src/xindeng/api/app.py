"""The application: every route of the table behind one kind of endpoint, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any, Protocol, cast
from urllib.parse import quote

from litestar import Litestar, Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.types import HTTPScope, LifeSpanScope, Message, Scope, Send

from xindeng.access.caller import STAFF_ROLES
from xindeng.access.table import ACTIONS
from xindeng.api.desk import Desk
from xindeng.api.endpoint import MAX_BODY, Endpoint
from xindeng.api.logs import tell, write_out
from xindeng.api.paths import Paths, sheltered
from xindeng.api.problems import MEDIA_TYPE, of_status, problem
from xindeng.api.route import Route, Service
from xindeng.api.wire import HEADERS, Arrival, leave, whole
from xindeng.kernel.errors import XindengError


class Beside(Protocol):
    """What is served beside the routes: the pages."""

    def handlers(self, service: Service, desk: Desk) -> Sequence[HTTPRouteHandler]:
        """Return its handlers; they do their work at the same desk."""

    def turned_away(
        self, request: Request[Any, Any, Any], service: Service, error: XindengError, number: str
    ) -> Response[bytes] | None:
        """Return its answer to a request that no handler took; None where it has none."""


Tell = Callable[[XindengError], tuple[str, int, bytes, dict[str, str]]]
"""Logs and counts what no route answers; returns its number, status, body and headers."""


class Application(Litestar):
    """The routes of the table go straight to their endpoints, which know all that there is to know
    about them (docs/decisions/0017); everything else is Litestar's."""

    def __init__(
        self, desk: Desk, paths: Paths, told: Tell, handlers: Sequence[HTTPRouteHandler],
        **settings: Any,
    ) -> None:  # fmt: skip
        super().__init__(handlers, **settings)
        self._desk, self._paths, self._told = desk, paths, told

    @property
    def crowded(self) -> bool:
        """Say whether anybody may be refused now."""
        return self._desk.crowded

    def refusal(self, method: bytes, target: bytes) -> bytes | None:
        """Return the whole answer that refuses this request now, None where it is let in."""
        asked = self._paths.endpoint(method.decode("latin-1"), _path(target))
        return None if asked is None else asked.refusal()

    def unreadable(self, status: int) -> bytes:
        """Return the whole answer to what could not be read as a request; it is the last one."""
        number, code, body, headers = self._told(of_status(status))
        return whole(code, body, MEDIA_TYPE, number, {**headers, "Connection": "close"})

    async def __call__(self, scope: Scope | LifeSpanScope, receive: Any, send: Any) -> None:
        """Answer a request, or begin and end the application."""
        asked = cast(HTTPScope, scope)
        found = None
        path = ""
        if scope["type"] == ScopeType.HTTP:
            path = _path(asked.get("raw_path") or quote(asked["path"]).encode())
            found = self._paths.find(asked["method"], path)
        if found is None:
            if path:
                asked["raw_path"] = path.encode("latin-1")
                asked["path"] = sheltered(path)
            await super().__call__(scope, receive, send)
        elif found[0] is None:
            number, code, body, headers = self._told(of_status(HTTPStatus.METHOD_NOT_ALLOWED))
            headers["Allow"] = ", ".join(self._paths.methods(path))
            await leave(send, code, body, MEDIA_TYPE, number, headers)
        else:
            answer = send if asked["method"] != "HEAD" else _without_body(send)
            await found[0].serve(Arrival(asked, receive, found[1]), answer)


def _without_body(send: Send) -> Send:
    """Return what sends the head of an answer alone, with the length its body would have."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return sending


def _path(target: bytes) -> str:
    """Return the path of a request's target, still encoded, without its query."""
    return target.partition(b"?")[0].decode("latin-1")


def create(
    service: Service, routes: Sequence[Route], close: Callable[[], None] = lambda: None,
    beside: Beside | None = None,
) -> Litestar:  # fmt: skip
    """Return the application; raises XindengError "api.route" for a table that is not sound.

    `close` is called when it stops, after the last answer.
    """
    check(routes)
    desk = Desk(service.engine)

    @asynccontextmanager
    async def lifespan(_: Litestar) -> AsyncIterator[None]:
        desk.open()
        tell("started")
        try:
            yield
        finally:
            desk.close()
            close()
            tell("stopped")
            write_out()

    def told(
        found: XindengError, fault: Exception | None = None
    ) -> tuple[str, int, bytes, dict[str, str]]:
        number = service.engine.new_id(service.engine.clock())
        code, body, headers = problem(found, number)
        service.metrics.requests.labels("none", str(code)).inc()
        tell("request", level=20 if fault is None else 40, error=fault,
             request=number, route="none", status=code)  # fmt: skip
        return number, code, body, headers

    def turned_away(asked: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        known = isinstance(error, HTTPException) and error.status_code < 500
        status = error.status_code if isinstance(error, HTTPException) and known else 500
        found: XindengError = of_status(status) if known else XindengError("unexpected")
        number, code, body, headers = told(found, None if known else error)
        page = beside.turned_away(asked, service, found, number) if beside is not None else None
        if page is not None:
            return page
        return Response(body, status_code=code, media_type=MEDIA_TYPE,
                        headers={**HEADERS, **headers, "Request-Id": number})  # fmt: skip

    return Application(
        desk,
        Paths(Endpoint(route, service, desk) for route in routes),
        told,
        beside.handlers(service, desk) if beside is not None else [],
        openapi_config=None,
        exception_handlers={HTTPException: turned_away, Exception: turned_away},
        lifespan=[lifespan],
        logging_config=None,
        debug=False,
        request_max_body_size=MAX_BODY,
    )


def check(routes: Sequence[Route]) -> None:
    """Raise XindengError for a route that the table may not hold: without a known action, twice
    there, or moving money without an idempotency key in a borrower's partition."""
    seen: set[str] = set()
    for route in routes:
        wrong = ""
        if route.action not in ACTIONS:
            wrong = f"names no action of the access table: {route.action!r}"
        elif route.name in seen:
            wrong = "stands in the table twice"
        elif route.money and (route.once is None or route.method != "POST"):
            wrong = "moves money, so it must be a POST under an Idempotency-Key"
        elif route.once == "together" and ACTIONS[route.action].roles & STAFF_ROLES:
            wrong = "is done with others', so it cannot record what staff do"
        elif route.once is not None and "borrower" not in route.parameters:
            wrong = "keeps its answer with a borrower, so its path must name one"
        if wrong:
            raise XindengError(f"{route.name} {wrong}", where="api/routes.py", code="api.route")
        seen.add(route.name)
