"""The lake's table of contents: every file with its rows and digest, and how far the export came.

A file counts once the manifest names it, and the manifest is replaced as a whole. What a killed
export left behind is named nowhere, so the next one writes over it.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Final

import msgspec

from xindeng.kernel.errors import InputError, NotFoundError
from xindeng.store.readers import Place

FILE: Final = "manifest.json"
FORMAT: Final = 1
_BLOCK: Final = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """One file: its path within the lake, its table, rows, bytes and SHA-256; `columns` are
    name → type, `first` and `last` are the instants (µs) it spans."""

    path: str
    table: str
    rows: int
    bytes: int
    sha256: str
    columns: dict[str, str]
    first: int
    last: int


class Manifest(msgspec.Struct, frozen=True):
    """The whole table of contents. `upto` is the instant (µs) up to which the lake tells all that
    is known; `source` says where it came from; `place` is how far an export has read the feed;
    `left_out` counts events of erased borrowers, `erased` is the number of the last tombstone that
    was heeded; `policies` name → hash it was made under."""

    format: int
    zone: str
    currency: str
    source: str
    upto: int
    parts: tuple[Part, ...] = ()
    place: Place = Place()
    left_out: int = 0
    policies: dict[str, str] = {}
    erased: int = 0

    def of(self, table: str) -> list[Part]:
        """Return the files of a table, in the order of writing."""
        return [part for part in self.parts if part.table == table]

    @property
    def rows(self) -> dict[str, int]:
        """Return the number of rows of each table."""
        found: dict[str, int] = {}
        for part in self.parts:
            found[part.table] = found.get(part.table, 0) + part.rows
        return dict(sorted(found.items()))


def read(folder: Path) -> Manifest:
    """Return the manifest; raises NotFoundError for a folder that is no lake, InputError for a
    manifest that is damaged or of another format."""
    place = folder / FILE
    try:
        raw = place.read_bytes()
    except OSError as error:
        raise NotFoundError(
            f"no lake at {str(folder)!r}: it has no {FILE}",
            next_step="write one with: xindeng lake export DIR",
            code="not_found.lake",
        ) from error
    try:
        found = msgspec.json.decode(raw, type=Manifest)
    except msgspec.DecodeError as error:
        raise InputError(
            f"not a manifest: {error}", where=str(place), code="lake.manifest",
            next_step="restore the file, or write the lake again into an empty folder",
        ) from error  # fmt: skip
    if found.format != FORMAT:
        raise InputError(
            f"a lake of format {found.format}, this program reads {FORMAT}", where=str(place),
            next_step="write the lake again into an empty folder", code="lake.format",
        )  # fmt: skip
    return found


def write(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest, whole or not at all."""
    partial = folder / (FILE + ".partial")
    with partial.open("wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        stream.flush()
        os.fsync(stream.fileno())
    partial.replace(folder / FILE)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    found = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            found.update(block)
    return found.hexdigest()
