"""Who comes in at the door, and how it is closed.

While a lane is full, its requests are told so before they are unpacked.
At five times the load four in five answers are refusals. Each that goes through parser, task and
handler takes time from those who were let in; here it costs the look at one line.

When the service ends, whoever has a connection may have sent a request that was not read yet. So a
connection is not cut: its next answer says that it is the last, and only who says nothing for a
while is left.

What is no request at all is told so as a problem, like everything else that is refused.
"""

from __future__ import annotations

import asyncio
import re
from http import HTTPStatus
from math import inf
from typing import Final, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEAD: Final = 32_768
"""Bytes before a request's body: path and headers."""
HEAD_WITHIN_S: Final = 10.0
"""How long they may take to come; also how long a new connection may say nothing."""
LINGER_S: Final = 1.0
"""How long a connection without a request is kept once the service is to end."""
_END: Final = b"\r\n\r\n"
_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+) *\r\n", re.IGNORECASE)
_CLOSING: Final = re.compile(rb"\r\nconnection: *close *\r\n", re.IGNORECASE)


class Refuses(Protocol):
    """An application that knows what it would refuse."""

    @property
    def crowded(self) -> bool:
        """Say whether anybody may be refused now."""

    def refusal(self, method: bytes, target: bytes) -> bytes | None:
        """Return the whole answer that refuses this request now, None where it is let in."""

    def unreadable(self, status: int) -> bytes:
        """Return the whole answer to what could not be read as a request; it is the last one."""


class Turnstile(HttpToolsProtocol):
    """uvicorn's protocol with a look at whole requests while somebody is being refused, and an
    end that cuts nobody off."""

    ending = False
    _head = _pending = _hosts = 0
    _wrong = HTTPStatus.BAD_REQUEST
    _deadline: asyncio.TimerHandle | None = None
    _refused_at = -inf

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection, which has to say something soon."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._head_came()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Begin to read a request."""
        super().on_message_begin()
        self._head = self._pending = self._hosts = 0
        if self._deadline is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """Read (a part of) where it goes; raises ValueError, which refuses it."""
        super().on_url(url)
        self._count(len(url), HTTPStatus.REQUEST_URI_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Read a header; raises ValueError, which refuses the request."""
        super().on_header(name, value)
        if len(name) == 4 and name.lower() == b"host":
            self._hosts += 1
            if self._hosts > 1:  # a proxy before us may have gone by the other one
                raise ValueError("a request to two hosts")
        self._count(len(name) + len(value), HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def _count(self, more: int, wrong: HTTPStatus) -> None:
        self._head += more
        if self._head > MOST_HEAD:
            self._wrong = wrong
            raise ValueError("a request whose head is too long")

    def _await_head(self) -> None:
        self._deadline = self.loop.call_later(HEAD_WITHIN_S, self._too_slow)

    def _too_slow(self) -> None:
        if self._pending:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _head_came(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def shutdown(self) -> None:
        """Answer what is in hand or on its way, each as the last on its connection."""
        self.ending = True
        if self._idle:
            self.loop.call_later(LINGER_S, self._leave)
        else:
            super().shutdown()

    def on_headers_complete(self) -> None:
        """Take a request in hand."""
        super().on_headers_complete()
        self._head_came()
        if self.ending:
            self.cycle.keep_alive = False

    @property
    def _idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _leave(self) -> None:
        if self._idle and not self.transport.is_closing():
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        """Refuse, or let in."""
        refuses = cast(Refuses, self.app)
        # Only a request that is all there, and nothing behind it, may be passed over unread.
        asked = _asked(data) if refuses.crowded and self._idle and not self.ending else None
        answer = None if asked is None else refuses.refusal(*asked)
        if answer is None:
            super().data_received(data)
            if self._deadline is not None and not self.transport.is_closing():
                self._unread(len(data))
            return
        self.transport.write(answer)
        self._refused_at = self.loop.time()
        if self._deadline is not None:
            self._head_came()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_handler()

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection on which nothing has come for a while.

        Refusals set no timer anew, which would be a tenth of their cost; it is found here how long
        ago the last of them was.
        """
        left = self._refused_at + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                left, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()

    def _unread(self, more: int) -> None:
        """End a connection whose head goes on for ever: a header is told only when it is whole."""
        self._pending += more
        if self._pending > 2 * MOST_HEAD:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser could not read."""
        self._refuse(self._wrong)

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why nothing more is read here, and end the connection.

        Whoever still waits for an answer gets that one first, and no other in its place.
        """
        if self.transport.is_closing():
            return
        in_head = self._deadline is not None
        if not self._idle and (in_head or self.pipeline or not self.cycle.more_body):
            self._head_came()
            self.flow.pause_reading()
            self.cycle.keep_alive = False
            return
        if in_head or not (self._idle or self.cycle.response_started):
            self.transport.write(cast(Refuses, self.app).unreadable(status))
        self.transport.close()


def _asked(data: bytes) -> tuple[bytes, bytes] | None:
    """Return method and target of one whole request, None for anything else."""
    end = data.find(_END)
    if end < 0 or _CLOSING.search(data, 0, end + 2):
        return None
    length = _LENGTH.search(data, 0, end + 2)
    if length is None or len(data) != end + len(_END) + int(length[1]):
        return None
    first = data[: data.find(b"\r\n")].split(b" ")
    return (first[0], first[1]) if len(first) == 3 else None
