"""People who sign in here: argon2 passwords, bearer sessions of a working day, guesses limited."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from threading import BoundedSemaphore
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from xindeng.access import passwords
from xindeng.access.caller import STAFF_ROLES, Caller, Role
from xindeng.kernel.errors import (
    InputError,
    NotFoundError,
    TooManyError,
    UnauthenticatedError,
)
from xindeng.kernel.time import HOUR
from xindeng.service.engine import Engine
from xindeng.service.limiter import Limiter
from xindeng.store import callers
from xindeng.store.callers import Staff

PREFIX: Final = "xs_"
SESSION: Final = 10 * HOUR
GUESSES_PER_HOUR: Final = 10
_HASHER: Final = PasswordHasher()
_NOBODYS: Final = _HASHER.hash(secrets.token_hex(16))
_HANDS: Final = BoundedSemaphore(2)
"""How many passwords a process works out at once: each costs 64 MB and a core for a while, and
nobody who asks for that is known yet, so it must never be all there is."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session just opened; `token` is shown once and stored nowhere."""

    token: str
    expires_at: int
    roles: tuple[str, ...]


def save(engine: Engine, name: str, password: str, roles: Collection[str]) -> None:
    """Add somebody, or give somebody known a new password and roles; their sessions end.

    Raises InputError for a short password, an unfit name, or what is no role of staff.
    """
    known = {role.value for role in STAFF_ROLES}
    if not 1 <= len(name) <= 64 or not name.isascii() or not name.isprintable() or " " in name:
        raise InputError("a name has 1 to 64 printable ASCII characters", where="name")
    if not roles or set(roles) - known:
        raise InputError(
            "no such role of staff", where="role", next_step=f"use {', '.join(sorted(known))}"
        )
    passwords.check(name, password)
    now = engine.clock()
    with engine.store.transaction() as conn:
        one = Staff(name, _HASHER.hash(password), tuple(sorted(set(roles))), now)
        callers.save_staff(conn, one)
        callers.close_sessions(conn, now, name=name)


def change_password(engine: Engine, guard: Limiter, name: str, current: str, new: str) -> None:
    """Give oneself another password; all sessions end. Raises as sign_in, and InputError."""
    found = _known(engine, guard, name, current)
    save(engine, name, new, found.roles)


def disable(engine: Engine, name: str) -> None:
    """Keep somebody out from now on; raises NotFoundError."""
    now = engine.clock()
    with engine.store.transaction() as conn:
        found = callers.staff(conn, name)
        if found is None:
            raise NotFoundError(
                f"nobody is called {name[:64]!r}", next_step="see: xindeng staff list"
            )
        callers.save_staff(conn, replace(found, disabled_at=now))
        callers.close_sessions(conn, now, name=name)


def everybody(engine: Engine) -> list[Staff]:
    """Return all staff by name."""
    with engine.store.snapshot() as conn:
        return callers.everybody(conn)


def sign_in(engine: Engine, guard: Limiter, name: str, password: str) -> Session:
    """Open a session; raises UnauthenticatedError, and TooManyError after ten tries in an hour."""
    found = _known(engine, guard, name, password)
    return open_session(engine, name, found.roles)


def open_session(engine: Engine, name: str, roles: tuple[str, ...]) -> Session:
    """Open a session of somebody who has shown who they are."""
    now = engine.clock()
    token = PREFIX + secrets.token_urlsafe(32)
    with engine.store.transaction() as conn:
        callers.open_session(conn, _digest(token), name, at=now, expires_at=now + SESSION)
    return Session(token, now + SESSION, roles)


def identify(engine: Engine, guard: Limiter, name: str, password: str) -> Caller:
    """Return who has shown to be the one named, for one deed and no session; raises as sign_in."""
    return _caller(_known(engine, guard, name, password))


def _known(engine: Engine, guard: Limiter, name: str, password: str) -> Staff:
    """Return whose password it is. Why it failed is not told, nor by the time it takes."""
    if not _HANDS.acquire(blocking=False):
        raise TooManyError("too many sign in at this moment", retry_after_s=2)
    try:
        return _proven(engine, guard, name, password)
    finally:
        _HANDS.release()


def _proven(engine: Engine, guard: Limiter, name: str, password: str) -> Staff:
    guard.enter(name)
    with engine.store.snapshot() as conn:
        found = callers.staff(conn, name)
    usable = found is not None and found.disabled_at is None
    right = _right(found.password if found is not None else _NOBODYS, password)
    if found is None or not usable or not right:
        raise UnauthenticatedError(
            "the name or the password is not right",
            next_step="try again, or ask an administrator to set a new password",
            code="unauthenticated.sign_in",
        )
    guard.forgive(name)  # a right password is no guess: whoever works much is not kept out
    return found


def sign_out(engine: Engine, token: str) -> None:
    """Close the session of a token; one that is over stays so."""
    with engine.store.transaction() as conn:
        callers.close_sessions(conn, engine.clock(), token=_digest(token))


def read(engine: Engine, token: str) -> Caller | None:
    """Return whose session it is, None if it is not one in force."""
    with engine.store.snapshot() as conn:
        found = callers.session(conn, _digest(token), engine.clock())
    if found is None:
        return None
    return _caller(found)


def _caller(found: Staff) -> Caller:
    return Caller("staff", found.name, frozenset(Role(role) for role in found.roles))


def _right(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
