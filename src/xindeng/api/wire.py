"""A request as it arrives over ASGI, and its answer as it leaves: bytes, and nothing believed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from http import HTTPStatus
from math import inf
from time import monotonic
from typing import Final
from urllib.parse import parse_qsl

from litestar.types import HTTPScope, Receive, Send

from xindeng.api.problems import RequestError, of_status, too_slow

_SILENT_S: Final = 30
"""How long somebody may say nothing in the middle of a request."""
_WHOLE_S: Final = 300
"""How long the largest body may take that is kept in memory: 32 MB at 1 Mbit/s."""
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
}
"""What every answer of ours bears."""
_HEADERS: Final = tuple((name.lower().encode(), text.encode()) for name, text in HEADERS.items())
_READ: Final = frozenset({
    b"content-type", b"content-encoding", b"authorization", b"idempotency-key", b"content-length",
    b"traceparent",
})  # fmt: skip
_UTF8: Final = ("utf-8", "utf8", "")


_ONCE: Final = ("authorization", "content-type", "idempotency-key")


class Arrival:
    """One request, of which only what our routes look at is read."""

    __slots__ = ("_doubled", "_headers", "_receive", "names", "query_string")

    def __init__(self, scope: HTTPScope, receive: Receive, names: Mapping[str, str]) -> None:
        self.names = names
        self.query_string: bytes = scope["query_string"]
        read = [(name, value) for name, value in scope["headers"] if name in _READ]
        self._headers = dict(read)
        self._doubled = [name for name, _ in read] if len(read) > len(self._headers) else []
        self._receive = receive

    def header(self, name: bytes) -> str | None:
        """Return a header's text, None where it is absent."""
        found = self._headers.get(name)
        return None if found is None else found.decode("latin-1")

    def check_headers(self) -> None:
        """Raise RequestError (400) for a header that stands twice where it must mean one thing."""
        for name in _ONCE if self._doubled else ():
            if self._doubled.count(name.encode()) > 1:
                raise RequestError(
                    400, "this header stands twice", where=name.title(),
                    next_step="send it once", code="request.header",
                )  # fmt: skip

    @property
    def query(self) -> dict[str, str]:
        """Return the query; raises RequestError (400) where a name stands twice."""
        if not self.query_string:
            return {}
        pairs = parse_qsl(self.query_string.decode("latin-1"), keep_blank_values=True)
        told = dict(pairs)
        if len(told) < len(pairs):
            raise RequestError(
                400, "a field stands twice in the query", where="query",
                next_step="send it once: which of the two is meant nobody can know",
                code="request.doubled",
            )  # fmt: skip
        return told

    @property
    def media_type(self) -> str:
        """Return what the body is said to be, in small letters and without parameters.

        Raises RequestError (415) for a body in other letters than UTF-8, or packed.
        """
        packed = self._headers.get(b"content-encoding", b"identity").strip().lower()
        media, _, parameters = (self.header(b"content-type") or "").partition(";")
        if packed != b"identity" or (parameters and _letters(parameters) not in _UTF8):
            raise RequestError(
                415, "the body is taken as plain UTF-8 alone",
                where="Content-Encoding" if packed != b"identity" else "Content-Type",
                next_step="send it unpacked, in UTF-8", code="request.content_type",
            )  # fmt: skip
        return media.strip().lower()

    async def body(self, most: int) -> bytes:
        """Return the whole body; raises RequestError (413) beyond `most` bytes, (408) where it
        comes in drops for longer than anything of that size would take."""
        parts = [part async for part in self.chunks(most, _WHOLE_S)]
        return parts[0] if len(parts) == 1 else b"".join(parts)

    async def chunks(self, most: int, within: float = inf) -> AsyncIterator[bytes]:
        """Yield the body as it comes in; raises RequestError (413) beyond `most` bytes, (408) where
        nothing comes for a while, or not all of it `within` so many seconds of its beginning."""
        told = self._headers.get(b"content-length", b"")
        size, more = int(told) if told.isdigit() else 0, True
        if size > most:
            raise of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        size, began = 0, 0.0
        while more:
            try:
                async with asyncio.timeout(_SILENT_S):
                    message = await self._receive()
            except TimeoutError:
                raise too_slow("body") from None
            if message["type"] != "http.request":
                raise RequestError(
                    400, "the request broke off", where="body",
                    next_step="send it again under the same key", code="request.broken_off",
                )  # fmt: skip
            part, more = message.get("body", b""), message.get("more_body", False)
            size += len(part)
            if size > most:
                raise of_status(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            if part:
                yield part
            if more:
                began = began or monotonic()
                if monotonic() - began > within:
                    raise too_slow("body")


def _letters(parameters: str) -> str:
    """Return the charset among the parameters of a media type, "" where none is told."""
    pairs = (one.partition("=") for one in parameters.lower().split(";"))
    told = [value.strip().strip('"') for name, _, value in pairs if name.strip() == "charset"]
    return told[0] if len(told) == 1 else ",".join(told)


async def leave(
    send: Send, status: int, body: bytes, media: str, number: str, more: Mapping[str, str]
) -> None:
    """Send an answer; `number` is that of the request, `more` are further headers."""
    headers = _headers(body, media, number, more)
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def whole(status: int, body: bytes, media: str, number: str, more: Mapping[str, str]) -> bytes:
    """Return all bytes of such an answer, for whoever writes them by itself."""
    head = [b"HTTP/1.1 %d %s" % (status, HTTPStatus(status).phrase.encode())]
    head += [name + b": " + value for name, value in _headers(body, media, number, more)]
    return b"\r\n".join([*head, b"", body])


def _headers(
    body: bytes, media: str, number: str, more: Mapping[str, str]
) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", media.encode()),
        (b"content-length", b"%d" % len(body)),
        (b"request-id", number.encode()),
        *_HEADERS,
        *((name.lower().encode(), value.encode()) for name, value in more.items()),
    ]
