"""Notices to a file: one JSON line a message, for rehearsals and single machines."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import msgspec

from xindeng.adapters.ports import Message
from xindeng.kernel.errors import UnavailableError


class FileNotifier:
    """Appends each message to `path`; a repeated id is written again and told apart by it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = Lock()

    def deliver(self, message: Message) -> None:
        """Append the message; raises UnavailableError where the file cannot be written."""
        line = msgspec.json.encode(message) + b"\n"
        try:
            with self._lock, self.path.open("ab") as file:
                file.write(line)
        except OSError as error:
            raise UnavailableError(
                f"the notice cannot be written: {error}",
                where=str(self.path),
                next_step="make room or give the file back to this user; it is tried again",
                code="notifier.file",
            ) from error
