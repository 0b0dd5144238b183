"""The pages as handlers of the application, and the page for whatever no route answers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler

from xindeng.access.table import ACTIONS
from xindeng.api.desk import Desk
from xindeng.api.route import Service
from xindeng.kernel.errors import XindengError
from xindeng.web.answer import Answers, asked_of, wrong
from xindeng.web.assets import PREFIX, assets
from xindeng.web.guard import HEADERS
from xindeng.web.route import Page
from xindeng.web.settings import Site
from xindeng.web.site.doors import DESKS
from xindeng.web.table import PAGES

_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


class Pages:
    """The site: what `api.app.create` serves beside /v1."""

    def __init__(self, site: Site, pages: Sequence[Page] = PAGES) -> None:
        check(pages)
        self.site, self.pages = _with_open_desks(site, {page.path for page in pages}), pages

    def handlers(self, service: Service, desk: Desk) -> list[HTTPRouteHandler]:
        """Return a handler for each page, and one for the files that pages load."""
        shown = {page.path: page for page in self.pages if page.method == "GET"}
        made = [_handler(Answers(page, service, desk, self.site, shown.get(page.again)))
                for page in self.pages]  # fmt: skip
        return [*made, _files()]

    def turned_away(
        self, request: Request[Any, Any, Any], service: Service, error: XindengError, number: str
    ) -> Response[bytes] | None:
        """Return the page for a request that no handler answered; None where a program asked."""
        if request.url.path.startswith("/v1") or "text/html" not in request.headers.get(
            "accept", ""
        ):
            return None
        return wrong(error, asked_of(request, service), self.site, number, None)


def _with_open_desks(site: Site, paths: Collection[str]) -> Site:
    """Return the site with no more desks in its demo than have a first page."""
    if site.demo is None:
        return site
    desks = tuple(desk for desk in site.demo.desks if DESKS[desk] in paths)
    return replace(site, demo=replace(site.demo, desks=desks))


def check(pages: Sequence[Page]) -> None:
    """Raise XindengError for a page that the table may not hold."""
    seen: set[str] = set()
    shown = {page.path for page in pages if page.method == "GET" and page.template}
    for page in pages:
        wrong_ = ""
        if page.action not in ACTIONS:
            wrong_ = f"names no action of the access table: {page.action!r}"
        elif page.name in seen:
            wrong_ = "stands in the table twice"
        elif page.room != "site" and ACTIONS[page.action].public:
            wrong_ = "is not for everybody, so its action may not be"
        elif page.room == "borrower" and "{borrower}" in page.path:
            wrong_ = "is a borrower's own, so its path names none"
        elif page.again and not (page.method == "POST" and page.again in shown):
            wrong_ = f"shows its form again on {page.again}, which is no page that can be looked at"
        elif page.room == "desk" and page.method == "POST" and not page.again:
            wrong_ = "does not say which page shows its form again when something in it is wrong"
        elif page.open_form and page.room != "site":
            wrong_ = "takes forms from elsewhere, so it may do nothing for whoever is signed in"
        elif page.quiet and ("{" in page.path or page.once is not None):
            wrong_ = "is about somebody or something, so it is to be kept who did it"
        if wrong_:
            raise XindengError(f"{page.name} {wrong_}", where="web/table.py", code="web.page")
        seen.add(page.name)


def _handler(answers: Answers) -> HTTPRouteHandler:
    async def handle(request: Request[Any, Any, Any]) -> Response[bytes]:
        return await answers.answer(request)

    page = answers.page
    path = page.path.replace("}", ":str}")
    handle.__name__ = "page_" + "_".join(one.strip("{}") for one in path.split("/") if one)
    # Whoever watches whether the site is there may ask for its head alone; in the rooms behind it,
    # to be shown something may count as having read it.
    methods: list[Any] = (
        ["GET", "HEAD"] if page.method == "GET" and page.room == "site" else [page.method]
    )
    return HTTPRouteHandler(
        path, http_method=methods, status_code=200, request_max_body_size=page.largest,
        include_in_schema=False,
    )(handle)  # fmt: skip


def _files() -> HTTPRouteHandler:
    async def asset(request: Request[Any, Any, Any]) -> Response[bytes]:
        found = assets().get(str(request.path_params["name"]))
        if found is None:
            return Response(b"", status_code=404, headers=dict(HEADERS))
        return Response(found.body, media_type=found.media, headers={**HEADERS, **_FOR_GOOD})

    return HTTPRouteHandler(
        PREFIX + "{name:str}", http_method="GET", status_code=200, include_in_schema=False
    )(asset)
