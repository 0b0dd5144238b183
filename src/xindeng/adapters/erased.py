"""Whom to erase again after a restore: kept outside the database, because a backup knows no better.

One JSON line an erasure in a file that only grows; it holds the lender's own pseudonymous id and
the instant, and nothing else. Keep it where the keys of backups are not.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import UnavailableError


class Erased(Struct, frozen=True):
    """Somebody who was erased, at an instant (µs)."""

    borrower: str
    at: int


class ErasedFile:
    """The list in the file `path`; each line is durable before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, one: Erased) -> None:
        """Add somebody; raises UnavailableError where the file cannot be written."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                file.write(msgspec.json.encode(one) + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise UnavailableError(
                f"the list of erasures cannot be written: {error}",
                where=str(self.path),
                next_step="make room or give the file back to this user; nothing was erased",
                code="erasure.file",
            ) from error

    def read(self) -> list[Erased]:
        """Return everybody on the list; a last line that a crash cut short is passed over."""
        if not self.path.exists():
            return []
        found = []
        for line in self.path.read_bytes().split(b"\n"):
            try:
                found.append(msgspec.json.decode(line, type=Erased))
            except msgspec.MsgspecError:
                continue
        return found
