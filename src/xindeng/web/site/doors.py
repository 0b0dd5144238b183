"""Coming in and going out: a borrower with the lender's token, staff with a password, the demo."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from xindeng.access import staff
from xindeng.kernel.errors import ForbiddenError, NotFoundError, UnauthenticatedError, XindengError
from xindeng.kernel.time import SECOND
from xindeng.web.errors import told
from xindeng.web.guard import local_path, session_cookie
from xindeng.web.route import Cookie, Go, Shown, Visit

YEAR_S: Final = 365 * 86_400
HOME: Final = "/me"
DESKS: Final = {"support": "/desk", "approver": "/risk", "analyst": "/risk", "admin": "/risk"}

Path = Annotated[str, Meta(max_length=500)]


class Settings(Struct):
    """How the visitor wants the pages; and where they were."""

    lang: Literal["zh", "en"] | None = None
    theme: Literal["auto", "light", "dark"] | None = None
    back: Path = "/"


class Arrival(Struct):
    """A borrower's token from the lender's sign-in, and where they want to go."""

    token: Annotated[str, Meta(max_length=8_000)]
    next: Path = HOME


class StaffIn(Struct):
    """A name and a password."""

    name: Annotated[str, Meta(max_length=64)] = ""
    password: Annotated[str, Meta(max_length=256)] = ""
    next: Path = ""


class Leaving(Struct):
    """Signing out takes nothing but the press of a button."""


class DemoEnter(Struct):
    """Whom to be in the demo: a borrower's id or a desk."""

    who: Annotated[str, Meta(max_length=64)]
    next: Path = ""


def first(visit: Visit) -> Shown:
    """Show the first page: in a demo whom one may be, else where to sign in."""
    return Shown({"known": visit.caller is not None, "home": home_of(visit),
                  "next": local_path(visit.query.get("next", ""), "")})  # fmt: skip


def home_of(visit: Visit) -> str:
    """Return the first page of whoever is signed in; the very first one for nobody."""
    caller = visit.caller
    if caller is None:
        return "/"
    if caller.kind == "borrower":
        return HOME
    return next((DESKS[role.value] for role in sorted(caller.roles) if role.value in DESKS), "/")


def settings(visit: Visit) -> Go:
    """Keep the language and the theme in cookies, and go back."""
    sent: Settings = visit.form
    chosen = (("xindeng-lang", sent.lang), ("xindeng-theme", sent.theme))
    cookies = tuple(Cookie(name, value, YEAR_S) for name, value in chosen if value is not None)
    return Go(local_path(sent.back), cookies)


def arrive(visit: Visit) -> Go:
    """Take a borrower's token from the lender's page into the session's cookie.

    Nothing else is taken from that form, and it changes nothing for whoever was signed in but who
    is now: its sender must hold a token that the lender signed.
    """
    sent: Arrival = visit.form
    caller = visit.service.door.caller(f"Bearer {sent.token}")
    if caller is None or caller.kind != "borrower":
        raise UnauthenticatedError("no borrower's token", code="unauthenticated.credential")
    return Go(local_path(sent.next, HOME), (Cookie(session_cookie(visit.site), sent.token),))


def staff_door(visit: Visit) -> Shown:
    """Show where staff sign in."""
    return Shown({"problem": None, "name": "", "next": visit.query.get("next", "")})


def staff_in(visit: Visit) -> Shown | Go:
    """Sign a member of staff in; a wrong password shows the form again."""
    sent: StaffIn = visit.form
    try:
        opened = staff.sign_in(visit.engine, visit.service.door.guesses, sent.name, sent.password)
    except XindengError as error:
        if error.status >= 500:
            raise
        said = told(error, visit.say)
        what = {"problem": said, "name": sent.name, "next": sent.next}
        return Shown(what, status=said.status)
    home = next((DESKS[role] for role in opened.roles if role in DESKS), "/")
    left = (opened.expires_at - visit.engine.clock()) // SECOND
    return Go(local_path(sent.next, home),
              (Cookie(session_cookie(visit.site), opened.token, left),))  # fmt: skip


def leave(visit: Visit) -> Go:
    """End the session: staff's at once for good, a borrower's in this browser."""
    if visit.caller is not None and visit.caller.staff:
        staff.sign_out(visit.engine, visit.bearer)
    return Go("/", (Cookie(session_cookie(visit.site), ""),))


def demo_enter(visit: Visit) -> Go:
    """Be somebody of the demo; there is no such door elsewhere."""
    demo, sent = visit.site.demo, visit.form
    if demo is None:
        raise NotFoundError("there is no demo here", code="not_found.demo")
    if sent.who in demo.desks:
        return _as(visit, demo.enter(sent.who), local_path(sent.next, DESKS[sent.who]))
    if sent.who not in {one.borrower for one in demo.personas}:
        raise ForbiddenError("nobody of the demo", code="forbidden.demo")
    return _as(visit, demo.enter(sent.who), local_path(sent.next, HOME))


def _as(visit: Visit, credential: str, to: str) -> Go:
    return Go(to, (Cookie(session_cookie(visit.site), credential),))
