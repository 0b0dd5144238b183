"""The door: who the bearer of a credential is. One look at its first letters tells the kind."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from xindeng.access import keys, staff
from xindeng.access.caller import Caller
from xindeng.access.tokens import Tokens
from xindeng.kernel.errors import UnauthenticatedError
from xindeng.kernel.time import SECOND
from xindeng.service.engine import Engine
from xindeng.service.limiter import Limiter
from xindeng.store.callers import ApiKey

REMEMBERED: Final = 5 * SECOND
"""How long a key is believed without being read again, and so how late a revocation may work."""
_RENEWED: Final = 4 * SECOND
"""After so long one request reads it again, while the others go on with what is remembered."""
_MOST: Final = 1_000
_MAX_CHARACTERS: Final = 8_192


@dataclass(slots=True)
class Door:
    """Knows callers by what they bear; shared by the threads of a process."""

    engine: Engine
    tokens: Tokens | None = None
    guesses: Limiter = field(init=False)
    _known: OrderedDict[bytes, tuple[int, ApiKey, Caller]] = field(default_factory=OrderedDict)
    _renewing: set[bytes] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Start to count the guesses of passwords."""
        self.guesses = Limiter(
            self.engine.store, self.engine.clock, staff.GUESSES_PER_HOUR, "sign-ins"
        )

    def caller(self, authorization: str | None) -> Caller | None:
        """Return who bears this header, None where there is none.

        Raises UnauthenticatedError for a credential that is not known or no longer in force.
        """
        if authorization is None:
            return None
        bearer = bearer_of(authorization)
        found: Caller | None
        if bearer.startswith(keys.PREFIX):
            found = self._key(bearer)
        elif bearer.startswith(staff.PREFIX):
            found = staff.read(self.engine, bearer)
        else:
            found = self.tokens.read(bearer) if self.tokens is not None and bearer else None
        if found is None:
            raise UnauthenticatedError(
                "this key, session or token is not known or no longer in force",
                where="Authorization",
                next_step="sign in again, or take a key that is in force",
                code="unauthenticated.credential",
            )
        return found

    def remembered(self, authorization: str | None) -> Caller | None:
        """Return the program that bears this header if its key was read a moment ago, else None:
        then ask `caller`, which may have to wait for somebody."""
        bearer = bearer_of(authorization or "")
        now, name = self.engine.clock(), hashlib.sha256(bearer.encode()).digest()
        with self._lock:
            seen = self._known.get(name)
            if seen is None or not 0 <= now - seen[0] < REMEMBERED or not seen[1].in_force(now):
                return None
            if now - seen[0] >= _RENEWED and name not in self._renewing:
                self._renewing.add(name)
                return None
        return seen[2]

    def _key(self, text: str) -> Caller | None:
        now, name = self.engine.clock(), hashlib.sha256(text.encode()).digest()
        with self._lock:
            seen = self._known.get(name)
        if seen is None or not 0 <= now - seen[0] < _RENEWED:
            try:
                read = keys.read(self.engine, text)
            finally:
                with self._lock:
                    self._renewing.discard(name)
            if read is None:
                return None
            seen = (now, *read)
            with self._lock:
                self._known[name] = seen
                self._known.move_to_end(name)
                if len(self._known) > _MOST:
                    self._known.popitem(last=False)
        return seen[2] if seen[1].in_force(now) else None


def bearer_of(authorization: str) -> str:
    """Return the credential of an Authorization header, "" if it is not of the form we take."""
    scheme, _, bearer = authorization.partition(" ")
    fits = scheme.lower() == "bearer" and len(bearer) <= _MAX_CHARACTERS and bearer.isascii()
    return bearer.strip() if fits else ""
