"""What a backup says of itself, so that every byte and every row of it can be held against it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import InputError, UnavailableError

NAME: Final = "manifest.json"
DATA: Final = "data"
_FORMAT: Final = 1
_PIECE: Final = 1 << 20


class FileProof(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the backup: its path within, bytes and SHA-256."""

    path: str
    bytes: int
    sha256: str


class Inventory(Struct, frozen=True, forbid_unknown_fields=True):
    """What one instant of a database held: rows by table, chains, and the root over their heads.

    `seal` is the number of the last seal; `keys` the master keys that its data keys lie under;
    `erased` how many tombstones there are, and the root over them ("" in backups from before).
    """

    rows: dict[str, int]
    chains: int
    heads_root: str
    seal: int
    keys: tuple[str, ...]
    erased: int = 0
    erased_root: str = ""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A backup: taken at `at` (µs) of tables of version `schema` by that version of xindeng."""

    format: int
    at: int
    xindeng: str
    schema: str
    postgresql: int
    held: Inventory
    files: tuple[FileProof, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.bytes for file in self.files)


def written(folder: Path, made: Manifest) -> None:
    """Write the manifest, last of all and whole or not at all."""
    draft = folder / f".{NAME}"
    with draft.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(made), indent=2) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / NAME)


def read(folder: Path) -> tuple[Manifest, bytes]:
    """Return the manifest and its SHA-256; raises InputError for what is no finished backup."""
    try:
        text = (folder / NAME).read_bytes()
    except OSError as error:
        raise _refused(
            "no backup is here, or one that was never finished", folder,
            "give the folder that xindeng backup made", "backup.none",
        ) from error  # fmt: skip
    try:
        found = msgspec.json.decode(text, type=Manifest)
    except msgspec.MsgspecError as error:
        raise _refused(
            f"the manifest cannot be read: {error}", folder / NAME,
            "use another copy, or the xindeng that made it", "backup.manifest",
        ) from error  # fmt: skip
    if found.format != _FORMAT:
        raise _refused(
            f"the backup has format {found.format}; this program knows {_FORMAT}", folder,
            "upgrade xindeng", "backup.format",
        )  # fmt: skip
    return found, hashlib.sha256(text).digest()


def prove(path: Path, root: Path, advance: Callable[[int], None]) -> FileProof:
    """Read a file whole and return what it is; `advance` is told of the bytes read."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            advance(len(piece))
    return FileProof(path.relative_to(root).as_posix(), size, digest.hexdigest())


def check(folder: Path, found: Manifest, advance: Callable[[int], None]) -> None:
    """Read every file of a backup; raises InputError naming the first that is not as it was."""
    for told in found.files:
        path = folder / told.path
        if not path.is_file():
            raise _refused("a file of the backup is missing", path,
                           "copy the backup again, whole", "backup.missing")  # fmt: skip
        if path.stat().st_size != told.bytes:
            raise _refused(
                f"the file has {path.stat().st_size:,} bytes and had {told.bytes:,}", path,
                "copy the backup again; this copy is cut short or was changed", "backup.changed",
            )  # fmt: skip
        if prove(path, folder, advance) != told:
            raise _refused(
                "the file was changed after the backup was made", path,
                "use another copy; this one cannot be trusted", "backup.changed",
            )  # fmt: skip


def made(at: int, version: str, schema: str, server: int, held: Inventory,
         files: tuple[FileProof, ...]) -> Manifest:  # fmt: skip
    """Return the manifest of a backup in the present format."""
    return Manifest(format=_FORMAT, at=at, xindeng=version, schema=schema, postgresql=server,
                    held=held, files=files)  # fmt: skip


def prepared(folder: Path) -> Path:
    """Make the folder ready for a backup, closed to others; an unfinished one begins anew.

    Raises InputError where something else, or a finished backup, is there already.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = {path.name for path in folder.iterdir()}
        if names - {DATA, f".{NAME}"}:
            raise _refused("the folder is not empty", folder,
                           "give a new folder for each backup", "backup.taken")  # fmt: skip
        folder.chmod(0o700)
        shutil.rmtree(folder / DATA, ignore_errors=True)
    except OSError as error:
        raise UnavailableError(
            f"the folder cannot be used: {error}", where=str(folder),
            next_step="give another one", code="backup.folder",
        ) from error  # fmt: skip
    return folder / DATA


def _refused(what: str, place: Path, next_step: str, code: str) -> InputError:
    return InputError(what, where=str(place), next_step=next_step, code=code)
