"""The application: every route of the table behind one kind of endpoint, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, Protocol

from litestar import Litestar, Request, Response
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler

from xindeng.access.caller import STAFF_ROLES
from xindeng.access.table import ACTIONS
from xindeng.api.endpoint import MAX_BODY, MAX_LINES, Desk, Endpoint
from xindeng.api.logs import tell
from xindeng.api.problems import MEDIA_TYPE, of_status, problem
from xindeng.api.route import Route, Service
from xindeng.kernel.errors import XindengError


class Beside(Protocol):
    """What is served beside the routes: the pages."""

    def handlers(self, service: Service, desk: Desk) -> Sequence[HTTPRouteHandler]:
        """Return its handlers; they do their work at the same desk."""

    def turned_away(
        self, request: Request[Any, Any, Any], service: Service, error: XindengError, number: str
    ) -> Response[bytes] | None:
        """Return its answer to a request that no handler took; None where it has none."""


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

    def turned_away(asked: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        known = isinstance(error, HTTPException) and error.status_code < 500
        status = error.status_code if isinstance(error, HTTPException) and known else 500
        found: XindengError = of_status(status) if known else XindengError("unexpected")
        number = service.engine.new_id(service.engine.clock())
        page = beside.turned_away(asked, service, found, number) if beside is not None else None
        code, body, headers = problem(found, number)
        service.metrics.requests.labels("none", str(code)).inc()
        tell("request", level=20 if known else 40, error=None if known else error,
             request=number, route="none", status=code)  # fmt: skip
        if page is not None:
            return page
        return Response(body, status_code=code, media_type=MEDIA_TYPE,
                        headers={**headers, "Request-Id": number})  # fmt: skip

    return Litestar(
        [
            *(_handler(Endpoint(route, service, desk)) for route in routes),
            *(beside.handlers(service, desk) if beside is not None else ()),
        ],
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


def _handler(endpoint: Endpoint) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await endpoint.answer(request)

    route = endpoint.route
    path = route.path.replace("}", ":str}")
    handle.__name__ = "_".join(part.strip("{}") for part in path.split("/") if part) or "root"
    return HTTPRouteHandler(
        path,
        http_method=route.method,
        status_code=route.status,
        request_max_body_size=MAX_LINES if route.lines or route.large else MAX_BODY,
        include_in_schema=False,
    )(handle)
