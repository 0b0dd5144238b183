"""Staff sign in with a name and a password and get a bearer token for the working day."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.access import staff
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, Name, Sent


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
    return SessionAnswer(
        token=opened.token,
        roles=opened.roles,
        expires_at=Instant.of(opened.expires_at, call.engine.policy.zone),
    )


def sign_out(call: Call) -> Done:
    """Close the session whose token this is."""
    staff.sign_out(call.engine, call.bearer)
    return Done()
