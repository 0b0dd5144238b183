"""What keeps a page safe: its headers, the session's cookie, the token that forms must bring."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import Any, Final
from urllib.parse import urlsplit

from litestar import Request

from xindeng.kernel.errors import ForbiddenError
from xindeng.web.settings import Site

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "Cache-Control": "no-store",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
PROOF: Final = "_csrf"
KEY: Final = "_key"
_KEY: Final = re.compile(r"[A-Za-z0-9-]{8,90}")


def session_cookie(site: Site) -> str:
    """Return the name of the cookie that holds a visitor's credential."""
    return "__Host-xindeng" if site.secure else "xindeng"


def visit_cookie(site: Site) -> str:
    """Return the name of the cookie that ties a form to whoever has not signed in."""
    return "__Host-xindeng-visit" if site.secure else "xindeng-visit"


def new_visit() -> str:
    """Return a random value for the cookie of whoever has not signed in."""
    return secrets.token_urlsafe(18)


def form_token(holder: str) -> str:
    """Return the token that a form must bring back, of the session or visit that it was shown to.

    It can be worked out from the cookie alone, which nobody else has, so any worker can check it.
    """
    return hmac.new(holder.encode(), b"xindeng form", hashlib.sha256).hexdigest()[:40]


def check_form(request: Request[Any, Any, Any], brought: str, holder: str) -> None:
    """Raise ForbiddenError unless a form was sent from a page of ours, to this very visitor: with
    the code "forbidden.form_holder" where only the visitor is another one by now."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    foreign = origin is not None and origin != "null" and urlsplit(origin).netloc != host
    crossed = request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
    if foreign or crossed:
        raise ForbiddenError(
            "this form was not sent from a page of ours",
            next_step="open the page again and send it from there; nothing was done",
            code="forbidden.form",
        )
    if not holder or not hmac.compare_digest(brought.encode(), form_token(holder).encode()):
        raise ForbiddenError(
            "this form is from before somebody signed in or out in this browser",
            next_step="open the page again and send it from there; nothing was done",
            code="forbidden.form_holder",
        )


def local_path(text: str, otherwise: str = "/") -> str:
    """Return a path of this site to go to next; `otherwise` for whatever leads elsewhere."""
    fits = text.startswith("/") and not text.startswith(("//", "/\\"))
    return text if fits and text.isprintable() and len(text) <= 500 else otherwise


def key_of(text: str) -> str:
    """Return the key that a form brought, "" where it is none of ours."""
    return text if _KEY.fullmatch(text) else ""
