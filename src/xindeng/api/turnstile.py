"""Who comes in at the door, and how it is closed.

While a lane is full, its requests are told so before they are unpacked.
At five times the load four in five answers are refusals. Each that goes through parser, task and
handler takes time from those who were let in; here it costs the look at one line.

When the service ends, whoever has a connection may have sent a request that was not read yet. So a
connection is not cut: its next answer says that it is the last, and only who says nothing for a
while is left.
"""

from __future__ import annotations

import re
from typing import Final, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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


class Turnstile(HttpToolsProtocol):
    """uvicorn's protocol with a look at whole requests while somebody is being refused, and an
    end that cuts nobody off."""

    ending = False

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
            return
        self._unset_keepalive_if_required()
        self.transport.write(answer)
        self.timeout_keep_alive_task = self.loop.call_later(
            self.timeout_keep_alive, self.timeout_keep_alive_handler
        )


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
