"""Refusing at the door: while a lane is full, its requests are told so before they are unpacked.

At five times the load four in five answers are refusals. Each that goes through parser, task and
handler takes time from those who were let in; here it costs the look at one line.
"""

from __future__ import annotations

import re
from typing import Final, Protocol, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

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
    """uvicorn's protocol with a look at whole requests while somebody is being refused."""

    def data_received(self, data: bytes) -> None:
        """Refuse, or let in."""
        refuses = cast(Refuses, self.app)
        idle = self.cycle is None or self.cycle.response_complete
        # Only a request that is all there, and nothing behind it, may be passed over unread.
        asked = _asked(data) if refuses.crowded and idle else None
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
