"""Where seals are anchored: outside the database, so that whoever rewrites it is found out.

One JSON line a seal in a file that only grows. Put it on another machine, a write-once bucket that
is mounted, or a log that somebody else keeps; copies of its last line are worth something, too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import UnavailableError, XindengError

# A line takes some 220 bytes; the tail holds several.
_TAIL: Final = 4_096
ANCHOR: Final = "anchor.ndjson"
"""The anchor in a home, where no other is named."""


class Anchored(Struct, frozen=True, forbid_unknown_fields=True):
    """A seal as told outside: its number, instant (µs), Merkle root and hash, in hexadecimal."""

    number: int
    at: int
    root: str
    hash: str


class FileAnchor:
    """Anchors seals in the file `path`, each durable before `append` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, seals: list[Anchored]) -> None:
        """Add the seals at the end; raises UnavailableError where the file cannot be written."""
        lines = b"".join(msgspec.json.encode(seal) + b"\n" for seal in seals)
        with self._reachable():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("ab") as file:
                if file.tell() and not self._whole():
                    lines = b"\n" + lines  # a crash left half a line; readers pass over it
                file.write(lines)
                file.flush()
                os.fsync(file.fileno())

    def read(self) -> Iterator[Anchored]:
        """Yield what was anchored, in order of writing.

        Raises XindengError "audit.anchor" naming a line that is none, but for a last line that a
        crash cut short.
        """
        if not self.path.exists():
            return
        with self._reachable():
            text = self.path.read_bytes()
        *whole, rest = text.split(b"\n")
        for number, line in enumerate([*whole, rest], 1):
            try:
                yield msgspec.json.decode(line, type=Anchored)
            except msgspec.MsgspecError as error:
                if not line or _cut_short(line):
                    continue
                raise XindengError(
                    "not an anchored seal",
                    where=f"{self.path}:{number}",
                    next_step="compare with another copy of the anchor",
                    code="audit.anchor",
                ) from error

    def cut(self, number: int) -> Path:
        """Begin the file anew with the seals up to `number`; return where the old one was put.

        After a restore the next seal bears a number that was given before; what the old file
        tells of the lost ones is evidence and stays.
        """
        kept = [seal for seal in self.read() if seal.number <= number]
        with self._reachable():
            turn = 1
            while (old := self.path.with_suffix(f".before-restore-{turn}")).exists():
                turn += 1
            self.path.replace(old)
        self.append(kept)
        return old

    def last(self) -> int:
        """Return the number of the last seal anchored, 0 before the first; reads the end alone."""
        if not self.path.exists():
            return 0
        with self._reachable(), self.path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _TAIL))
            for line in reversed(file.read().split(b"\n")):
                try:
                    return msgspec.json.decode(line, type=Anchored).number
                except msgspec.MsgspecError:
                    continue  # cut short by a crash, or the blank after the last line
        return 0

    @contextmanager
    def _reachable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise UnavailableError(
                f"the seals cannot be anchored: {error}",
                where=str(self.path),
                next_step="make room or give the file back to this user; it is tried again",
                code="anchor.file",
            ) from error

    def _whole(self) -> bool:
        with self.path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            return file.read(1) == b"\n"


def _cut_short(line: bytes) -> bool:
    return line.startswith(b"{") and not line.endswith(b"}")
