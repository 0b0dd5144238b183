"""The lake: events, decisions and outcomes as Parquet files under one manifest.

    DIR/manifest.json
    DIR/events/type=payment/000001.parquet      one folder an event type
    DIR/decisions/000001.parquet
    DIR/outcomes/000001.parquet

Files are written once and never changed. Their numbers are those of the batches that wrote them.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xindeng.events.catalogue import CATALOGUE
from xindeng.history import manifest as contents
from xindeng.history.manifest import Manifest, Part
from xindeng.history.tables import schema_of
from xindeng.kernel.errors import (
    ConflictError,
    ImportFileError,
    InputError,
    UnavailableError,
)
from xindeng.language import quote

DECISIONS: Final = "decisions"
OUTCOMES: Final = "outcomes"
_EVENTS: Final = "events/type="
_ROW_GROUP: Final = 131_072
Reader = Callable[[str, Sequence[Path], bool], str]
"""Makes a relation of (table, its files, whether they differ in columns)."""


class Lake:
    """An open lake; `manifest` is what it holds now."""

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder, self.manifest = folder, manifest

    @classmethod
    def open(cls, folder: Path) -> Lake:
        """Open an existing lake; raises NotFoundError or InputError."""
        return cls(folder, contents.read(folder))

    @classmethod
    def create(cls, folder: Path, *, zone: str, currency: str, source: str) -> Lake:
        """Begin a lake in a new or empty folder; raises ConflictError where there is something."""
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise ConflictError(
                "the folder is not empty", where=str(folder), code="lake.not_empty",
                next_step="choose an empty folder, or go on with the lake that is there",
            )  # fmt: skip
        lake = cls(folder, Manifest(contents.FORMAT, zone, currency, source, 0))
        with _writing(folder):
            contents.write(folder, lake.manifest)
        return lake

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Write alone: wait for whoever is writing, go on with what that one wrote, and keep
        others waiting until this is left."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            self.manifest = contents.read(self.folder)
            yield
        finally:
            os.close(folder)

    def add(self, tables: Mapping[str, pa.Table], **changes: Any) -> None:
        """Write a batch, all of it or nothing: one file a table, then the manifest.

        `tables` are by name: an event type as `events/type=NAME`, decisions, outcomes. `changes`
        are other fields of the manifest that hold from then on. Raises UnavailableError where the
        disk takes no more.
        """
        batch = 1 + max((int(Path(part.path).stem) for part in self.manifest.parts), default=0)
        with _writing(self.folder):
            parts = [
                self._write(name, table, batch) for name, table in tables.items() if table.num_rows
            ]
            kept = changes.pop("parts", self.manifest.parts)
            told = msgspec.structs.replace(self.manifest, parts=(*kept, *parts), **changes)
            contents.write(self.folder, told)
        self.manifest = told

    def replace(self, name: str, table: pa.Table, **changes: Any) -> None:
        """Put one table in the place of all its files; the old ones are removed afterwards."""
        old = self.manifest.of(name)
        self.add(
            {name: table}, parts=tuple(p for p in self.manifest.parts if p not in old), **changes
        )
        for part in old:
            (self.folder / part.path).unlink(missing_ok=True)

    def _write(self, name: str, table: pa.Table, batch: int) -> Part:
        path = self.folder / name / f"{batch:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        pq.write_table(table, partial, compression="zstd", row_group_size=_ROW_GROUP)
        with partial.open("rb") as stream:
            os.fsync(stream.fileno())
        partial.replace(path)
        key = "occurred_at" if name.startswith(_EVENTS) else "now"
        bounds = pc.min_max(table[key]).as_py() if key in table.column_names else {}
        return Part(
            path=path.relative_to(self.folder).as_posix(), table=name, rows=table.num_rows,
            bytes=path.stat().st_size, sha256=contents.digest(path), columns=_columns(table.schema),
            first=bounds.get("min") or 0, last=bounds.get("max") or 0,
        )  # fmt: skip

    def verify(self, *, deep: bool = True) -> Iterator[Part]:
        """Yield each file once it was found to be what the manifest says.

        Raises ImportFileError naming the first that is not: missing, of another length (cut off),
        of another digest (`deep`), or with other columns than this program reads.
        """
        for part in self.manifest.parts:
            path = self.folder / part.path
            where = str(path)
            if not path.is_file():
                raise _damaged("the file is missing", where, "lake.missing")
            size = path.stat().st_size
            if size < part.bytes:
                raise _damaged(
                    f"the file is cut off: {size:,} of {part.bytes:,} bytes",
                    where,
                    "lake.truncated",
                )
            if size != part.bytes or (deep and contents.digest(path) != part.sha256):
                raise _damaged("the file is not the one that was written", where, "lake.checksum")
            strange = _columns_unknown(part)
            if strange:
                raise _damaged(
                    f"column {strange} is not one that this version reads", where, "lake.schema"
                )
            yield part

    def check(self) -> None:
        """Verify lengths and columns, quickly, before reading; raises ImportFileError."""
        for _ in self.verify(deep=False):
            pass

    def relation(self, table: str, more: str = "") -> str | None:
        """Return the SQL relation of a table's files, None where it has none; `more`: options."""
        paths = [
            str(self.folder / part.path).replace("'", "''") for part in self.manifest.of(table)
        ]
        if not paths:
            return None
        files = ", ".join(f"'{path}'" for path in paths)
        return f"read_parquet([{files}], hive_partitioning = false{more})"

    def events(self, read: Reader | None = None) -> dict[str, str]:
        """Return the relation of each event type that occurs, with every column of its schema.

        A field that the type got only after a file was written has its default there, as it has
        in an event stored before. `read` makes the relation of a table's files, DuckDB's unless
        given.
        """
        names = [name for name in self.manifest.rows if name.startswith(_EVENTS)]
        return {name.removeprefix(_EVENTS): self._whole(name, read or self._read) for name in names}

    def _read(self, table: str, paths: Sequence[Path], merged: bool) -> str:
        return self.relation(table, ", union_by_name = true" if merged else "") or ""

    def _whole(self, name: str, read: Reader) -> str:
        schema = schema_of(name.removeprefix(_EVENTS))
        parts = [part.columns for part in self.manifest.of(name)]
        paths = [self.folder / part.path for part in self.manifest.of(name)]
        if all(set(columns) == set(schema.names) for columns in parts):
            return read(name, paths, False)
        anywhere = set().union(*parts)
        columns = ", ".join(
            _with_default(name.removeprefix(_EVENTS), one, one.name in anywhere) for one in schema
        )
        return f"(SELECT {columns} FROM {read(name, paths, True)})"


def events_table(event_type: str) -> str:
    """Return the name of the table of an event type."""
    return _EVENTS + event_type


def _columns_unknown(part: Part) -> str:
    """Return the first column of an events file that is none of its type's, or "" if all are."""
    if not part.table.startswith(_EVENTS):
        return ""
    known = _columns(schema_of(part.table.removeprefix(_EVENTS)))
    return next((name for name, kind in part.columns.items() if known.get(name) != kind), "")


def _columns(schema: pa.Schema) -> dict[str, str]:
    return {one.name: str(one.type) for one in schema}


_SQL: Final = {"int64": "BIGINT", "string": "STRING", "bool": "BOOLEAN", "int32": "INTEGER",
               "int8": "TINYINT"}  # fmt: skip


def _with_default(event_type: str, column: pa.Field, there: bool) -> str:
    fields = msgspec.structs.fields(CATALOGUE[event_type].payload)
    default = next((f.default for f in fields if f.name == column.name), None)
    value = "NULL"
    if isinstance(default, bool | int | str):
        text = str(default).replace("'", "''")
        value = f"'{text}'"
    name, kind = quote(column.name), _SQL[str(column.type)]
    held = f"COALESCE({name}, CAST({value} AS {kind}))" if there else f"CAST({value} AS {kind})"
    return f"{held} AS {name}"


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Say in our words that a folder cannot be written."""
    try:
        yield
    except OSError as error:
        raise UnavailableError(
            f"the lake cannot be written: {error.strerror or error}", where=str(folder),
            code="lake.folder",
            next_step="make room, or give a folder that you may write to, and run it again:"
            " what was written by then is kept",
        ) from error  # fmt: skip


def _damaged(what: str, where: str, code: str) -> ImportFileError:
    return ImportFileError(
        what, where=where, code=code,
        next_step="restore this file, or write the lake again into an empty folder",
    )  # fmt: skip


def same_zone(lake: Lake, zone: str) -> None:
    """Raise InputError where local days in the lake are not those of the policy's zone."""
    if lake.manifest.zone != zone:
        raise InputError(
            f"days in the lake are those of {lake.manifest.zone}, the policy's of {zone}",
            where=str(lake.folder), code="lake.zone",
            next_step="write the lake again with this policy",
        )  # fmt: skip


__all__ = ["DECISIONS", "OUTCOMES", "Lake", "events_table", "same_zone"]
