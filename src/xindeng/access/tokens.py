"""Borrowers' tokens: JWTs that the lender's own sign-in issues, verified by its published keys.

Only RS256 and ES256 are taken, and only with issuer, audience, subject and expiry. The subject is
the borrower's id. A token cannot be called back, so it must end soon: one that would be good for
longer than the issuer may give is refused, whoever signed it.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit

import jwt

from xindeng.access.caller import Caller, Role
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import InputError, UnavailableError
from xindeng.kernel.time import HOUR, MINUTE, SECOND, Clock

ALGORITHMS: Final = ("RS256", "ES256")
LEEWAY: Final = MINUTE
"""How far the lender's clock may be from ours."""
LONGEST: Final = 12 * HOUR
"""How long a token may be good for unless the operator says otherwise: a day at a screen, so that
one that was stolen is worth nothing tomorrow (OWASP ASVS 5.0, 7.3.2 and 9.2.1)."""
_REFRESH: Final = 30 * SECOND
_RENEW: Final = 10 * MINUTE
_WAIT_S: Final = 1.5
"""Less than a request waits for its answer."""
_MAX_BYTES: Final = 1_000_000
_END_OF_TIME: Final = 2**40
_WEB: Final = ("http", "https")


@dataclass(frozen=True, slots=True)
class Issuer:
    """Who signs borrowers in: where its keys are, its name, whom its tokens are for, and how long
    they may be good for at most (µs)."""

    jwks: str
    name: str
    audience: str
    longest: int = LONGEST


class Tokens:
    """Verifies borrowers' tokens; safe for threads. Keys are read again when one is unknown."""

    def __init__(self, issuer: Issuer, clock: Clock) -> None:
        self._issuer, self._clock = issuer, clock
        self._keys: Mapping[str | None, jwt.PyJWK] = {}
        self._read_at: int | None = None
        self._failed_at: int | None = None
        self._lock = Lock()
        where = urlsplit(issuer.jwks)
        local = where.hostname in ("localhost", "127.0.0.1", "::1")
        if where.scheme == "http" and not local:
            raise InputError(
                "keys fetched over plain http could be anybody's",
                where="--jwks",
                next_step="give an https URL or a file",
                code="token.jwks",
            )

    def check(self) -> None:
        """Raise InputError where the keys are to be in a file, and are not. Who publishes them may
        be away for now."""
        if urlsplit(self._issuer.jwks).scheme in _WEB:
            return
        try:
            self._keys = self._fetch()
        except UnavailableError as error:
            raise InputError(
                error.what, where=f"--jwks {self._issuer.jwks}", next_step=error.next_step,
                code=error.code,
            ) from error  # fmt: skip

    def read(self, token: str) -> Caller | None:
        """Return the borrower whose token it is, None if it is not one in force.

        Raises UnavailableError where the keys cannot be had.
        """
        told = self.claims(token)
        name = None if told is None else told["sub"]
        if not isinstance(name, str) or name == PLATFORM:
            return None
        if not 1 <= len(name) <= 128 or not name.isprintable():
            return None  # nobody can have this name; the database would not even take it
        return Caller("borrower", name, frozenset({Role.borrower}), borrower=name)

    def claims(self, token: str) -> Mapping[str, Any] | None:
        """Return what a token says, None if it is not one of the issuer's for us, in force.

        Raises UnavailableError where the keys cannot be had.
        """
        try:
            head = jwt.get_unverified_header(token)
            key = self._key(head.get("kid"))
            if key is None or key.algorithm_name not in ALGORITHMS:
                return None
            # Times are held against our own clock below.
            told = jwt.decode(
                token, key, algorithms=[key.algorithm_name], audience=self._issuer.audience,
                issuer=self._issuer.name,
                options={"require": ["exp", "sub", "iss", "aud"], "verify_exp": False,
                         "verify_nbf": False, "verify_iat": False},
            )  # fmt: skip
        except jwt.PyJWTError:
            return None
        return told if self._in_force(told) else None

    def _in_force(self, told: Mapping[str, Any]) -> bool:
        """Say whether it is good now, and for no longer than it may be."""
        times = [told["exp"], told.get("nbf", 0), told.get("iat", 0)]
        # A float that is no number, or more than any clock shows, must not slip through.
        if not all(isinstance(at, int | float) and 0 <= at < _END_OF_TIME for at in times):
            return False
        if any(isinstance(at, bool) for at in times):
            return False
        ends, starts, issued = (int(at * SECOND) for at in times)
        now = self._clock()
        begins = max(starts, issued)
        # Where it does not say when it was issued, what is left of it must be short all the same.
        life = ends - (issued if "iat" in told else now)
        return begins - LEEWAY <= now < ends + LEEWAY and life <= self._issuer.longest + LEEWAY

    def _key(self, kid: str | None) -> jwt.PyJWK | None:
        # One request reads the keys again; those whose key is known go on meanwhile.
        if self._due(kid) and self._lock.acquire(blocking=kid not in self._keys):
            try:
                if self._due(kid):
                    self._keys = self._fetch()
                    self._read_at = self._clock()
            finally:
                self._lock.release()
        return self._keys.get(kid)

    def _due(self, kid: str | None) -> bool:
        """Say whether the keys are to be read (again) for the sake of this one."""
        age = None if self._read_at is None else self._clock() - self._read_at
        return age is None or age >= _RENEW or (kid not in self._keys and age >= _REFRESH)

    def _fetch(self) -> Mapping[str | None, jwt.PyJWK]:
        # Whoever waited for somebody who could not read them need not find it out anew.
        if self._failed_at is not None and 0 <= self._clock() - self._failed_at < SECOND:
            raise _unreadable("they could not be a moment ago")
        try:
            found = jwt.PyJWKSet.from_json(_read(self._issuer.jwks)).keys
        except (OSError, ValueError, jwt.PyJWTError) as error:
            if self._keys:
                return self._keys  # those we have go on; a new one waits until they can be read
            self._failed_at = self._clock()
            raise _unreadable(type(error).__name__) from error
        return {key.key_id: key for key in found if key.public_key_use in (None, "sig")}


def _unreadable(why: str) -> UnavailableError:
    return UnavailableError(
        f"the lender's keys cannot be read: {why}",
        where="--jwks",
        next_step="check the file or URL of the JWKS",
        code="token.jwks",
    )


def _read(place: str) -> str:
    if urlsplit(place).scheme not in _WEB:
        return Path(place).read_text(encoding="utf-8")
    with urllib.request.urlopen(place, timeout=_WAIT_S) as answer:  # noqa: S310 - http(s), above
        return bytes(answer.read(_MAX_BYTES)).decode()
