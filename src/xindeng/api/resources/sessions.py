"""Staff sign in with a name and a password and get a bearer token for the working day."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.access import staff
from xindeng.access.oidc import Oidc
from xindeng.access.staff import Session
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, Name, Sent
from xindeng.kernel.errors import NotFoundError


class SignIn(Sent):
    """A name and a password."""

    name: Name
    password: Annotated[str, Meta(min_length=1, max_length=256)]


class SessionAnswer(Struct, frozen=True, kw_only=True):
    """A session; `token` is told this once."""

    token: str
    roles: tuple[str, ...]
    expires_at: Instant


class Done(Struct, frozen=True):
    """It is done; there is nothing more to tell."""

    done: bool = True


def sign_in(call: Call) -> SessionAnswer:
    """Open a session; after ten tries in an hour a name has to wait."""
    sent: SignIn = call.body
    opened = staff.sign_in(call.engine, call.service.door.guesses, sent.name, sent.password)
    return _told(call, opened)


class PasswordSent(Sent):
    """The present password and the one to be."""

    current: Annotated[str, Meta(min_length=1, max_length=256)]
    new: Annotated[str, Meta(min_length=1, max_length=256)]


def change(call: Call) -> Done:
    """Take another password; every session of one's own ends, this one too."""
    sent: PasswordSent = call.body
    assert call.caller is not None
    staff.change_password(
        call.engine, call.service.door.guesses, call.caller.id, sent.current, sent.new
    )
    return Done()


class DoorAnswer(Struct, frozen=True, kw_only=True):
    """Where to send the browser, and the state with which it must come back."""

    url: str
    state: str


class ReturnSent(Sent):
    """What the identity provider sent the browser back with."""

    code: Annotated[str, Meta(min_length=1, max_length=4_096)]
    state: Annotated[str, Meta(min_length=1, max_length=200)]


def begin(call: Call) -> DoorAnswer:
    """Begin a sign-in at the identity provider; keep the state with the browser that begins."""
    url, state = _oidc(call).begin()
    return DoorAnswer(url=url, state=state)


def finish(call: Call) -> SessionAnswer:
    """Open a session for whoever came back from the identity provider; a state works once."""
    sent: ReturnSent = call.body
    return _told(call, _oidc(call).finish(sent.code, sent.state))


def _oidc(call: Call) -> Oidc:
    if call.service.oidc is None:
        raise NotFoundError(
            "no identity provider is configured here",
            next_step="sign in with a name and a password: POST /v1/sessions",
            code="not_found.oidc",
        )
    return call.service.oidc


def _told(call: Call, opened: Session) -> SessionAnswer:
    return SessionAnswer(
        token=opened.token,
        roles=opened.roles,
        expires_at=Instant.of(opened.expires_at, call.engine.policy.zone),
    )


def sign_out(call: Call) -> Done:
    """Close the session whose token this is."""
    staff.sign_out(call.engine, call.bearer)
    return Done()
