"""Every error as `application/problem+json` (RFC 9457), with our code, place and next step.

What a caller sent is not said back: a value in quotes is replaced, so that no personal text gets
into an answer's log at either end. A fault of ours tells its code and the request's number alone.
"""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import Final

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import (
    ExpressionError,
    ImportFileError,
    InputError,
    PolicyError,
    UnauthenticatedError,
    UnavailableError,
    XindengError,
)

MEDIA_TYPE: Final = "application/problem+json"
TYPES: Final = "urn:xindeng:problem:"
_QUOTED: Final = re.compile(r"""(?<!\w)(['"]).*?(?:\1|…)|“[^”]*(?:”|$)""")
# The name of a field may be said back where it is a name, so that a slip can be found.
_NAME: Final = re.compile(r"`([^`]*)`")
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
_ODD_PART: Final = re.compile(r"\.(?![A-Za-z_][A-Za-z0-9_]{0,39}(?:[.\[]|$))[^.]+")

_COMMANDS: Final = {
    r"xindeng line show \S+": "GET /v1/borrowers/{borrower}/line",
    r"xindeng plan BORROWER AMOUNT": "POST /v1/borrowers/{borrower}/plans",
    r"xindeng plan list BORROWER": "GET /v1/borrowers/{borrower}/plans",
    r"xindeng confirm [^\s;]+": "POST /v1/borrowers/{borrower}/confirmations",
    r"; see: xindeng policy products": "",
    r"; the operator runs xindeng reconcile": "",
    r" \(--policy\)": "",
    r"`?xindeng events schema`?": "GET /v1/events/schema",
    r"xindeng policy versions": "GET /v1/policies",
}


class Finding(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One finding in a policy bundle."""

    path: str
    line: int
    code: str
    what: str
    next_step: str = ""


class Problem(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong, where, and what to do next; `instance` is the number of the request."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    instance: str
    where: str = ""
    next_step: str = ""
    problems: tuple[Finding, ...] = ()


class Told(Struct, frozen=True, kw_only=True):
    """One of several things that went wrong, as it may be told."""

    code: str
    detail: str
    where: str
    next_step: str


class RequestError(InputError):
    """A request that is not even well-formed; it has a status of its own."""

    default_code = "request"

    def __init__(
        self, status: int, what: str, *, where: str = "", next_step: str = "", code: str
    ) -> None:
        super().__init__(what, where=where, next_step=next_step, code=code)
        self.http_status = status


def problem(
    error: XindengError, instance: str, *, veiled: bool = False
) -> tuple[int, bytes, dict[str, str]]:
    """Return the status, the body and the headers that tell of an error.

    `veiled` is for borrowers: where one is not told of what they sent, the place may name a kind of
    hold, which they are not told.
    """
    status = error.http_status if isinstance(error, RequestError) else error.status
    hidden = status >= 500 and error.retry_after_s is None
    if isinstance(error, UnavailableError) and error.code.startswith("store."):
        # What the driver says names hosts and files of ours.
        error = UnavailableError(
            "the database is away; nothing was changed",
            next_step="repeat it with the same key after the time said in Retry-After",
            code=error.code,
        )
    told = Problem(
        type=TYPES + error.code,
        title=HTTPStatus(status).phrase,
        status=status,
        detail="this is a fault of ours" if hidden else _detail(error),
        code=error.code,
        instance=f"urn:uuid:{instance}",
        where="" if hidden else _where(error, veiled=veiled),
        next_step="tell the operator the instance" if hidden else _next_step(error),
        problems=tuple(
            Finding(path=p.path, line=p.line, code=p.code, what=p.what, next_step=p.next_step)
            for p in error.problems
        ) if isinstance(error, PolicyError) else (),
    )  # fmt: skip
    headers = {}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, UnauthenticatedError):
        headers["WWW-Authenticate"] = "Bearer"
    return status, msgspec.json.encode(told), headers


def told_of(error: XindengError) -> Told:
    """Return an error as one among several."""
    return Told(
        code=error.code, detail=_detail(error), where=_where(error, veiled=True),
        next_step=_next_step(error),
    )  # fmt: skip


def of_status(status: int) -> RequestError:
    """Return the error of a request that the router turned away."""
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        return RequestError(
            status, "this path does not take this method", where="method",
            next_step="see the methods of the path in /v1/openapi.json", code="request.method",
        )  # fmt: skip
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return RequestError(
            status, "the body is too large", where="body",
            next_step="send less at once; many events go to /v1/events/stream",
            code="request.too_large",
        )  # fmt: skip
    if status == HTTPStatus.NOT_FOUND:
        return RequestError(
            status, "there is nothing at this path", where="path",
            next_step="see the paths in /v1/openapi.json", code="request.path",
        )  # fmt: skip
    if status in (HTTPStatus.REQUEST_URI_TOO_LONG, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE):
        long = "path" if status == HTTPStatus.REQUEST_URI_TOO_LONG else "headers"
        return RequestError(
            status, "the path and the headers are too long together", where=long,
            next_step="send 32 kB at most before the body", code="request.too_long",
        )  # fmt: skip
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return too_slow("request")
    return RequestError(
        status, "this is no HTTP request that can be read", where="request",
        next_step="send HTTP/1.1 as RFC 9112 has it; see /v1/openapi.json",
        code="request.malformed",
    )  # fmt: skip


def too_slow(where: str) -> RequestError:
    """Return the error of a request whose rest did not come."""
    return RequestError(
        408, "the rest of the request did not come", where=where,
        next_step="send it again, whole, under the same key", code="request.too_slow",
    )  # fmt: skip


def _detail(error: XindengError) -> str:
    if isinstance(error, PolicyError):
        count = len(error.problems)
        return f"the policy has {count} problem{'' if count == 1 else 's'}"
    if isinstance(error, ExpressionError):  # of a policy, where the quoted is what it is about
        return error.what
    return _NAME.sub(
        lambda found: found[0] if _PLAIN.fullmatch(found[1]) else "…", _QUOTED.sub("…", error.what)
    )


def _where(error: XindengError, *, veiled: bool) -> str:
    if isinstance(error, ImportFileError):  # the name of a file as it was sent, and a line
        return error.where
    if isinstance(error, InputError):
        return _ODD_PART.sub(".…", error.where)
    return "" if veiled else error.where


def _next_step(error: XindengError) -> str:
    """Return the next step, with a path where the command line would name a command."""
    said = error.next_step
    for command, path in _COMMANDS.items():
        said = re.sub(command, path, said)
    return said
