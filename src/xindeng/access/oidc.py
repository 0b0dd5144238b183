"""Staff sign in at the lender's own identity provider: OpenID Connect, code flow with PKCE.

What goes out is remembered by the digest of its state until it comes back, once and within ten
minutes; the identity token is held against issuer, audience, expiry and nonce. Roles follow the
provider's groups at each sign-in; whoever is disabled here stays out, whatever the provider says.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Final
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from xindeng.access import staff
from xindeng.access.caller import STAFF_ROLES
from xindeng.access.staff import Session
from xindeng.access.tokens import Issuer, Tokens
from xindeng.kernel.errors import (
    InputError,
    TooManyError,
    UnauthenticatedError,
    UnavailableError,
)
from xindeng.kernel.time import DAY, MINUTE
from xindeng.service.engine import Engine
from xindeng.store import callers
from xindeng.store.callers import Staff

LASTS: Final = 10 * MINUTE
MOST_BEGUN: Final = 1_000
"""How many may be on their way to the provider at once: nobody who begins is known yet."""
_KNOWN_FOR: Final = 60 * MINUTE
_ID_TOKEN_LIFE: Final = 31 * DAY
"""As providers have it: such a token opens one sign-in, which its nonce sees to."""
_TIMEOUT_S: Final = 5.0
_NOBODYS: Final = "-"  # fits no password
_LOCAL: Final = ("localhost", "127.0.0.1", "::1")
_PLACES: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Provider:
    """Who signs staff in. `roles` maps the provider's groups to roles here; `groups` and `name`
    are the claims that tell groups and the name a person is known by."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    roles: Mapping[str, str]
    groups: str = "groups"
    name: str = "preferred_username"


class Oidc:
    """Sign-in at one provider; safe for threads."""

    def __init__(self, engine: Engine, provider: Provider) -> None:
        _check(provider)
        self._engine, self._provider = engine, provider
        self._found: tuple[int, Mapping[str, str], Tokens] | None = None
        self._lock = Lock()

    def begin(self) -> tuple[str, str]:
        """Return where to send the browser, and the state it must come back with.

        Raises UnavailableError where the provider cannot be reached, TooManyError where so many
        have begun and not come back that somebody must be filling our table.
        """
        places, _ = self._discovered()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        now = self._engine.clock()
        with self._engine.store.transaction() as conn:
            begun = callers.begin_sign_in(conn, _digest(state), nonce, verifier, now, now + LASTS)
            if begun > MOST_BEGUN:
                raise TooManyError("too many sign in at this moment", retry_after_s=60)
        url = prepare_grant_uri(
            places["authorization_endpoint"], self._provider.client_id, "code",
            redirect_uri=self._provider.redirect_uri, scope="openid profile", state=state,
            nonce=nonce, code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )  # fmt: skip
        return str(url), state

    def finish(self, code: str, state: str) -> Session:
        """Open a session for whoever came back with a code; the same state works once.

        Raises UnauthenticatedError for whatever does not hold, without saying what;
        UnavailableError where the provider cannot be reached.
        """
        now = self._engine.clock()
        with self._engine.store.transaction() as conn:
            begun = callers.end_sign_in(conn, _digest(state), now)
        if begun is None:
            raise _refused()
        nonce, verifier = begun
        claims = self._claims(code, verifier)
        told = claims.get("nonce")
        if not isinstance(told, str) or not hmac.compare_digest(told, nonce):
            raise _refused()
        if claims.get("azp", self._provider.client_id) != self._provider.client_id:
            raise _refused()
        return self._admit(claims)

    def _claims(self, code: str, verifier: str) -> Mapping[str, Any]:
        (places, tokens), provider = self._discovered(), self._provider
        sent = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier,
                "redirect_uri": provider.redirect_uri}  # fmt: skip
        # RFC 6749 section 2.3.1: both are form-encoded before they are put together.
        secret = (quote_plus(provider.client_id), quote_plus(provider.client_secret))
        try:
            answer = httpx.post(
                places["token_endpoint"], data=sent, auth=secret, timeout=_TIMEOUT_S,
                follow_redirects=False, trust_env=False,
            )  # fmt: skip
            if answer.is_client_error:
                raise _refused()
            told = answer.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise _away(error) from error
        found = tokens.claims(str(told.get("id_token", "")) if isinstance(told, dict) else "")
        if found is None:
            raise _refused()
        return found

    def _admit(self, claims: Mapping[str, Any]) -> Session:
        provider, engine = self._provider, self._engine
        name, groups = claims.get(provider.name), claims.get(provider.groups)
        if not isinstance(name, str) or not isinstance(groups, list):
            raise _refused()
        # Never the name of somebody who signs in here: `@` stands in none of theirs.
        host = urlsplit(provider.issuer).hostname
        known_as = f"{name}@{host}"[:64]
        if not known_as.isascii() or not known_as.isprintable() or " " in known_as:
            raise _refused()
        roles = {provider.roles[one] for one in groups if one in provider.roles}
        if not roles:
            raise _refused()
        now = engine.clock()
        with engine.store.transaction() as conn:
            before = callers.staff(conn, known_as)
            if before is not None and before.disabled_at is not None:
                raise _refused()
            callers.save_staff(conn, Staff(known_as, _NOBODYS, tuple(sorted(roles)), now))
        return staff.open_session(engine, known_as, tuple(sorted(roles)))

    def _discovered(self) -> tuple[Mapping[str, str], Tokens]:
        """Return the provider's endpoints and what verifies its tokens, read once an hour."""
        now = self._engine.clock()
        with self._lock:
            if self._found is None or not 0 <= now - self._found[0] < _KNOWN_FOR:
                places = self._fetched()
                issuer = Issuer(places["jwks_uri"], self._provider.issuer, self._provider.client_id,
                                longest=_ID_TOKEN_LIFE)  # fmt: skip
                self._found = (now, places, Tokens(issuer, self._engine.clock))
            return self._found[1], self._found[2]

    def _fetched(self) -> Mapping[str, str]:
        where = self._provider.issuer.rstrip("/") + "/.well-known/openid-configuration"
        try:
            answer = httpx.get(where, timeout=_TIMEOUT_S, follow_redirects=False, trust_env=False)
            answer.raise_for_status()
            told = answer.json()
            places = {name: str(told[name]) for name in _PLACES}
            # A document of another issuer would make us believe another's tokens.
            fits = told["issuer"] == self._provider.issuer
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise _away(error) from error
        if not fits or not all(_safe(place) for place in places.values()):
            raise _away(ValueError("not the document of this issuer"))
        return places


def provider_of(told: Mapping[str, str]) -> Provider | None:
    """Return the provider that an environment tells of, None where it tells of none.

    XINDENG_OIDC_ISSUER, _CLIENT, _SECRET, _REDIRECT and _ROLES ("risk=approver,desk=support");
    raises InputError where one is missing.
    """
    if not told.get("XINDENG_OIDC_ISSUER"):
        return None
    names = ("ISSUER", "CLIENT", "SECRET", "REDIRECT", "ROLES")
    values = [told.get(f"XINDENG_OIDC_{name}", "") for name in names]
    if not all(values):
        raise InputError(
            "the sign-in of staff is told by half",
            where=", ".join(
                f"XINDENG_OIDC_{n}" for n, v in zip(names, values, strict=True) if not v
            ),
            next_step="set all five, or none",
            code="oidc.settings",
        )
    issuer, client, secret, redirect, roles = values
    pairs = (pair.partition("=") for pair in roles.split(","))
    return Provider(
        issuer, client, secret, redirect, {one.strip(): role.strip() for one, _, role in pairs}
    )


def _check(provider: Provider) -> None:
    if not _safe(provider.issuer) or not _safe(provider.redirect_uri):
        raise InputError(
            "staff sign in over https only",
            where="XINDENG_OIDC_ISSUER",
            next_step="give https URLs; plain http is for loopback alone",
            code="oidc.https",
        )
    wrong = set(provider.roles.values()) - {role.value for role in STAFF_ROLES}
    if wrong or not provider.roles:
        raise InputError(
            f"no roles of staff: {', '.join(sorted(wrong)) or 'none given'}",
            where="XINDENG_OIDC_ROLES",
            next_step="map the provider's groups to roles: risk=approver,desk=support",
            code="oidc.roles",
        )


def _safe(url: str) -> bool:
    where = urlsplit(url)
    return where.scheme == "https" or (where.scheme == "http" and where.hostname in _LOCAL)


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()


def _refused() -> UnauthenticatedError:
    return UnauthenticatedError(
        "the sign-in did not hold",
        next_step="begin again; if it goes on, ask an administrator for a group that has a role",
        code="unauthenticated.oidc",
    )


def _away(error: Exception) -> UnavailableError:
    return UnavailableError(
        f"the identity provider cannot be reached: {type(error).__name__}",
        where="XINDENG_OIDC_ISSUER",
        next_step="sign in with a password meanwhile, and check the issuer's address",
        code="oidc.away",
    )
