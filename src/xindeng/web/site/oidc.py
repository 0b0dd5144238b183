"""Staff come in by way of the lender's identity provider, and come back from it."""

from __future__ import annotations

import hmac
from typing import Final

from xindeng.access.oidc import LASTS, Oidc
from xindeng.kernel.errors import NotFoundError, UnauthenticatedError
from xindeng.kernel.time import SECOND
from xindeng.web.guard import session_cookie
from xindeng.web.route import Cookie, Go, Visit
from xindeng.web.settings import Site

DESKS: Final = {"support": "/desk", "approver": "/risk", "analyst": "/risk", "admin": "/risk"}


def leave_for(visit: Visit) -> Go:
    """Send the browser to the identity provider; it must bring back the state it is given."""
    url, state = _provider(visit).begin()
    return Go(url, (Cookie(state_cookie(visit.site), state, LASTS // SECOND),))


def come_back(visit: Visit) -> Go:
    """Let in whoever comes back with a code, in the browser that was sent and in no other."""
    state, sent = visit.query.get("state", ""), visit.cookies.get(state_cookie(visit.site), "")
    if not state or not hmac.compare_digest(state.encode(), sent.encode()):
        raise UnauthenticatedError("the sign-in did not hold", code="unauthenticated.oidc")
    opened = _provider(visit).finish(visit.query.get("code", ""), state)
    home = next((DESKS[role] for role in opened.roles if role in DESKS), "/")
    left = (opened.expires_at - visit.engine.clock()) // SECOND
    signed_in = Cookie(session_cookie(visit.site), opened.token, left)
    return Go(home, (signed_in, Cookie(state_cookie(visit.site), "")))


def state_cookie(site: Site) -> str:
    """Return the name of the cookie that ties a sign-in to the browser that began it."""
    return "__Host-xindeng-sign-in" if site.secure else "xindeng-sign-in"


def _provider(visit: Visit) -> Oidc:
    if visit.service.oidc is None:
        raise NotFoundError("no identity provider is configured here", code="not_found.oidc")
    return visit.service.oidc
