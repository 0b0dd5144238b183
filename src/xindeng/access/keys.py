"""API keys of programs: shown once, kept as a hash, scoped, expiring, rotated without a gap.

A key reads `xd_ID_SECRET`. The secret holds 256 random bits, so one SHA-256 guards it well.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from xindeng.access.caller import Caller, Role
from xindeng.access.permit import opens
from xindeng.access.table import ACTIONS
from xindeng.kernel.errors import ConflictError, InputError, NotFoundError
from xindeng.kernel.time import DAY, HOUR
from xindeng.service.engine import Engine
from xindeng.store import callers
from xindeng.store.callers import ApiKey

PREFIX: Final = "xd_"
MAX_DAYS: Final = 366
_SHAPE: Final = re.compile(r"xd_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; `text` is shown once and stored nowhere."""

    text: str
    key: ApiKey


def create(engine: Engine, name: str, scopes: Collection[str], days: int) -> NewKey:
    """Make a key for a program; raises InputError for a scope that opens nothing or no term."""
    _check(name, scopes, days)
    now = engine.clock()
    made = _made(name, tuple(sorted(set(scopes))), now, now + days * DAY)
    with engine.store.transaction() as conn:
        callers.add_key(conn, made.key)
    return made


def rotate(engine: Engine, ident: str, *, overlap_hours: int = 24) -> NewKey:
    """Make a key that succeeds another; the old one goes on for the overlap, so nothing stops.

    Raises NotFoundError, ConflictError for a key that is no longer in force.
    """
    if not 0 <= overlap_hours <= 24 * 31:
        raise InputError("an overlap is 0 to 744 hours", where="overlap_hours")
    now = engine.clock()
    with engine.store.transaction() as conn:
        old = _known(callers.key(conn, ident), ident)
        if not old.in_force(now):
            raise ConflictError(
                "this key is no longer in force",
                where=f"key {ident}",
                next_step="create a new one",
                code="key.over",
            )
        made = _made(old.name, old.scopes, now, now + (old.expires_at - old.created_at))
        made = NewKey(made.text, replace(made.key, succeeds=ident))
        callers.add_key(conn, made.key)
        callers.end_key(conn, ident, expires_at=now + overlap_hours * HOUR, revoked_at=None)
    return made


def revoke(engine: Engine, ident: str) -> None:
    """End a key now; raises NotFoundError. A server may remember it for some seconds."""
    now = engine.clock()
    with engine.store.transaction() as conn:
        _known(callers.key(conn, ident), ident)
        callers.end_key(conn, ident, expires_at=now, revoked_at=now)


def listed(engine: Engine) -> list[ApiKey]:
    """Return every key there ever was, oldest first, without its secret."""
    with engine.store.snapshot() as conn:
        return callers.keys(conn)


def read(engine: Engine, text: str) -> tuple[ApiKey, Caller] | None:
    """Return the key that `text` is and whom it makes its holder; None if it is none of ours.

    Whether it is in force is to be asked at each use.
    """
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    with engine.store.snapshot() as conn:
        found = callers.key(conn, shape[1])
    if found is None or not hmac.compare_digest(found.secret, _digest(shape[2])):
        return None
    roles = frozenset({Role.service})
    return found, Caller("service", found.id, roles, scopes=frozenset(found.scopes))


def _made(name: str, scopes: tuple[str, ...], now: int, expires_at: int) -> NewKey:
    ident, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    return NewKey(
        f"{PREFIX}{ident}_{secret}",
        ApiKey(ident, name, _digest(secret), scopes, now, expires_at),
    )


def _check(name: str, scopes: Collection[str], days: int) -> None:
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise InputError("a key needs a name of 1 to 100 characters", where="name")
    idle = [scope for scope in scopes if not any(opens(scope, action) for action in _FOR_KEYS)]
    if idle or not scopes:
        raise InputError(
            f"no such scope: {', '.join(idle) or 'none given'}",
            where="scope",
            next_step=f"use *, a first part such as draw.*, or: {', '.join(_FOR_KEYS)}",
            code="key.scope",
        )
    if not 1 <= days <= MAX_DAYS:
        raise InputError(f"a key lasts 1 to {MAX_DAYS} days", where="days")


def _known(found: ApiKey | None, ident: str) -> ApiKey:
    if found is None:
        raise NotFoundError(
            f"no key {ident[:40]!r}",
            next_step="see: xindeng keys list",
            code="not_found.key",
        )
    return found


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


_FOR_KEYS: Final = tuple(name for name, rule in ACTIONS.items() if Role.service in rule.roles)
