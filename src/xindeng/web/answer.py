"""One visit from its bytes to its page: who, may they, what was filled in, then what is shown."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request, Response

from xindeng.access.caller import Caller
from xindeng.access.noted import note, record_now
from xindeng.access.permit import permit
from xindeng.api.desk import Desk, in_time
from xindeng.api.paths import bared
from xindeng.api.route import Service
from xindeng.kernel.errors import (
    ForbiddenError,
    InputError,
    NotFoundError,
    UnauthenticatedError,
    UnavailableError,
    XindengError,
)
from xindeng.service.engine import Engine
from xindeng.service.once import Wish, once, once_outside
from xindeng.service.trying import engine_of
from xindeng.store.chain import digest
from xindeng.web import guard
from xindeng.web.desk import rooms_of
from xindeng.web.errors import told
from xindeng.web.forms import Filled, fill, read_form
from xindeng.web.look import Look, look_of
from xindeng.web.render import render
from xindeng.web.route import Cookie, File, Go, Page, Shown, Visit
from xindeng.web.settings import Site
from xindeng.web.slips import again_of, words_of

HTML: Final = "text/html; charset=utf-8"
_KEPT: Final = ("amount", "months", "purpose", "product", "way", "decision", "key", "q")
"""What may stand in an address while somebody signs in anew; what they wrote in words may not."""
_FORM_IS_WRONG: Final = (409, 422)
_PATIENCE_S: Final = 20.0
"""How long somebody is left before a page that does not come; then they are told."""
_LONG_S: Final = 60.0
_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Asked:
    """A request for a page as it came."""

    path: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    cookies: Mapping[str, str]
    look: Look


@dataclass(slots=True)
class Answers:
    """Answers the visits of one page."""

    page: Page
    service: Service
    desk: Desk
    site: Site
    form_page: Page | None = None
    """The page that shows this one's form, to be shown again where something in it is wrong."""

    async def answer(self, request: Request[Any, Any, Any]) -> Response[bytes]:
        """Return the page, or the page that says what went wrong; one line of log."""
        started, engine = time.perf_counter(), self.service.engine
        number = engine.new_id(engine.clock())
        asked = asked_of(request, self.service)
        fault: Exception | None = None
        who: list[Caller | None] = [None]
        form = Filled()
        try:
            holder = holder_of(asked.cookies, self.site)
            if self.page.method == "POST":
                form = await read_form(request)
                if not self.page.open_form:
                    await self._check_form(request, asked, form, holder, who)
            work = self.desk.run(lambda: self._work(asked, form, holder, who))
            answer = await in_time(work, _LONG_S if self.page.slow else _PATIENCE_S)
        except XindengError as error:
            fault = error
        except Exception as error:
            if error.__class__.__module__.startswith("litestar."):
                raise
            fault = error
        if fault is not None:
            back = self._back(asked, form)
            answer = wrong(fault, asked, self.site, number, who[0], back=back)
        answer.headers["Request-Id"] = number
        status, seconds = answer.status_code or 200, time.perf_counter() - started
        self.service.answered(number, self.page.name, status, who[0], fault, seconds)
        return answer

    async def _check_form(
        self, request: Request[Any, Any, Any], asked: Asked, form: Filled, holder: str,
        who: list[Caller | None],
    ) -> None:  # fmt: skip
        """Raise ForbiddenError for a form that is not this visitor's own; to whom nobody is signed
        in any more, say that: it can be mended by signing in."""
        try:
            guard.check_form(request, form.token, holder)
        except ForbiddenError as error:
            if error.code == "forbidden.form_holder":
                bearer = asked.cookies.get(guard.session_cookie(self.site), "")
                look = self.desk.run(lambda: self._caller(bearer))
                who[0] = await in_time(look, _PATIENCE_S)
                self._check_room(who[0])
            raise

    def _work(
        self, asked: Asked, form: Filled, holder: str, who: list[Caller | None]
    ) -> Response[bytes]:
        page, bearer = self.page, asked.cookies.get(guard.session_cookie(self.site), "")
        caller = who[0] = self._caller(bearer)
        if any(not 1 <= len(one) <= 128 or not one.isprintable() for one in asked.names.values()):
            raise NotFoundError(
                "no such name", where="path", code="not_found.name",
                next_step="give one of 1 to 128 printable characters",
            )  # fmt: skip
        self._check_room(caller)
        permit(caller, page.action, asked.names.get("borrower"))
        fresh = "" if holder else guard.new_visit()
        visit = Visit(
            self.service, self.site, asked.look, asked.path, caller, asked.names, asked.query,
            None, form.files,
            guard.key_of(form.key or asked.query.get("key", "")), bearer,
            guard.form_token(holder or fresh), asked.cookies, self._under(caller, asked),
        )  # fmt: skip
        try:
            if page.form is not None:
                visit = replace(visit, form=fill(form, page.form))
            self._record(visit)
            made = self._made(visit)
        except XindengError as error:
            made = self._again(visit, form, error)
        answer = sent(made, visit, page)
        if fresh and isinstance(made, Shown):
            put(answer, self.site, Cookie(guard.visit_cookie(self.site), fresh))
        return answer

    def _under(self, caller: Caller | None, asked: Asked) -> Engine | None:
        """Return the engine of the borrower whose page it is; None where it is about nobody."""
        own = caller.borrower if caller is not None and self.page.room == "borrower" else None
        borrower = asked.names.get("borrower", own)
        return None if borrower is None else engine_of(self.service.engine, borrower)

    def _back(self, asked: Asked, form: Filled) -> str:
        """Return where the visitor goes on after a new sign-in, with what they had filled in."""
        page = self.page
        if page.back:
            names = {name: quote(one, safe="") for name, one in asked.names.items()}
            return page.back.format(**names)
        if page.method == "POST" and not page.template:
            return "/me" if page.room == "borrower" else "/"
        given = form.fields if page.method == "POST" else asked.query
        told = {name: one for name in _KEPT if isinstance(one := given.get(name), str)}
        if key := guard.key_of(form.key):
            told["key"] = key
        return asked.path + (f"?{urlencode(told)}" if told else "")

    def _made(self, visit: Visit) -> Shown | Go | File:
        page = self.page
        try:
            return self._once(visit) if page.once is not None else page.handler(visit)
        except XindengError as error:
            answer = page.refused(visit, error) if page.refused is not None else None
            if answer is None:
                raise
            return answer

    def _again(self, visit: Visit, form: Filled, error: XindengError) -> Shown | Go | File:
        """Show the form again with what was typed and what is wrong; raise what no form is to
        blame for."""
        page = self.form_page
        busy = error.retry_after_s is not None
        if page is None or busy or error.status not in _FORM_IS_WRONG:
            raise error
        permit(visit.caller, page.action, visit.names.get("borrower"))
        typed = again_of(visit.path, form.fields, error, visit.say)
        once_more = replace(visit, form=None, again=typed)
        made = page.handler(once_more)
        if not isinstance(made, Shown):
            return made
        what = {**made.what, "visit": once_more}
        return Shown(what, made.template or page.template, error.status)

    def _caller(self, bearer: str) -> Caller | None:
        if not bearer:
            return None
        try:
            return self.service.door.caller(f"Bearer {bearer}")
        except UnauthenticatedError:
            # A session that is over must not keep anybody from the pages that need none.
            return None

    def _check_room(self, caller: Caller | None) -> None:
        """Send nobody through a door that is not theirs, with a page that says which one is."""
        room = self.page.room
        if room == "site":
            return
        if caller is None:
            raise UnauthenticatedError(
                "this page needs a session", next_step="sign in", code=f"unauthenticated.{room}"
            )
        if not (caller.kind == "borrower" if room == "borrower" else caller.staff):
            raise ForbiddenError("this page is not for this caller", code=f"forbidden.{room}")

    def _once(self, visit: Visit) -> Go:
        page = self.page
        if not visit.key:
            raise InputError("a form without its key", where="form", code="request.key")

        def do() -> tuple[int, bytes]:
            made = page.handler(visit)
            assert isinstance(made, Go)
            return 201, made.to.encode()

        names = sorted(visit.names.items())
        wish = Wish(visit.borrower, visit.key, digest(page.name, names, _encode(visit.form)))
        answer = (once if page.once == "joined" else once_outside)(visit.engine, wish, do)
        return Go(answer.body.decode())

    def _record(self, visit: Visit) -> None:
        """Have what a member of staff is about to see or do in their chain before it is done."""
        if visit.caller is None or not visit.caller.staff or self.page.room != "desk":
            return
        if self.page.quiet:
            return
        made = note(
            visit.engine, visit.caller, self.page.action, self.page.name, visit.names, visit.form
        )
        record_now(visit.engine, made, visit.names.get("borrower"))


def asked_of(request: Request[Any, Any, Any], service: Service) -> Asked:
    """Return a request as it came."""
    accepts = request.headers.get("accept-language", "")
    cookies = dict(request.cookies)
    names = {name: bared(str(value)) for name, value in request.path_params.items()}
    look = look_of(cookies, accepts, service.engine.policy.zone)
    sent = request.scope.get("raw_path") or quote(request.url.path).encode()
    return Asked(sent.decode("latin-1"), names, dict(request.query_params), cookies, look)


def holder_of(cookies: Mapping[str, str], site: Site) -> str:
    """Return what the visitor's forms are tied to: the session, else the visit; "" on the first."""
    session = cookies.get(guard.session_cookie(site), "")
    return session or cookies.get(guard.visit_cookie(site), "")


def sent(made: Shown | Go | File, visit: Visit, page: Page) -> Response[bytes]:
    """Return the response of what a handler made."""
    if isinstance(made, Go):
        headers = {**guard.HEADERS, "Location": made.to}
        answer = Response(b"", status_code=303, headers=headers)
        for one in made.cookies:
            put(answer, visit.site, one)
        return answer
    if isinstance(made, File):
        headers = dict(guard.HEADERS)
        if made.name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(made.name)}"
        return Response(made.body, media_type=made.media, headers=headers)
    what = {"look": visit.look, "visit": visit, "room": page.room, **made.what}
    body = render(made.template or page.template, visit.look.lang, what)
    return Response(body, status_code=made.status, media_type=HTML, headers=dict(guard.HEADERS))


def put(answer: Response[bytes], site: Site, one: Cookie) -> None:
    """Set a cookie; an empty value takes it away.

    Lax, not Strict: a borrower comes from the lender's own page.
    """
    answer.set_cookie(
        one.name, one.value, path="/", secure=site.secure, samesite="lax", httponly=True,
        max_age=one.ends if one.value else 0,
    )  # fmt: skip


def wrong(
    error: Exception, asked: Asked, site: Site, number: str, caller: Caller | None,
    *, back: str = "/",
) -> Response[bytes]:  # fmt: skip
    """Return the page that says what went wrong, and what to do; it asks nobody, so it holds."""
    known = error if isinstance(error, XindengError) else XindengError("unexpected")
    desk = caller is not None and caller.staff
    words = told(known, asked.look.say, desk=desk)
    staff = desk and words.status < 500
    away = isinstance(known, UnavailableError)
    what = {
        "look": asked.look, "site": site, "told": words, "number": number, "path": asked.path,
        "query": asked.query, "away": away,
        "said": words_of(known, asked.look.say) if staff else "",
        # Who may not come in, and that nothing is there, is said whole in our own words.
        "detail": known.what[:400] if staff and words.status not in (403, 404) else "",
        "back": guard.local_path(back),
        "known": caller is not None, "desk": desk,
        "rooms": rooms_of(caller, asked.look.say) if desk else [],
    }  # fmt: skip
    headers = dict(guard.HEADERS)
    if known.retry_after_s is not None:
        headers["Retry-After"] = str(known.retry_after_s)
    body = render("site/wrong.html", asked.look.lang, what)
    return Response(body, status_code=words.status, media_type=HTML, headers=headers)
