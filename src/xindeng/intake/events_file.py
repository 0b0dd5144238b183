"""Our own events from a file: newline-delimited JSON, or the wide Parquet table.

One bad line refuses the file, named as file:line, because events of a person that are half stored
are worse than none; callers read a file to its end before they store anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xindeng.events.envelope import Event
from xindeng.events.read import decode, read_event
from xindeng.intake.wide import ENVELOPE, payload_of
from xindeng.kernel.errors import EventError, ImportFileError
from xindeng.kernel.time import Zone

_BATCH_ROWS: Final = 32_768
_PARQUET_MAGIC: Final = b"PAR1"
_ONE_A_LINE: Final = "write one JSON object a line; a bill or a report is told by --format"


def read_events(
    path: Path | str,
    *,
    received_at: int,
    zone: Zone,
    currency: str | None = None,
    known_at: str | None = None,
    borrowers: Collection[str] | None = None,
) -> Iterator[Event]:
    """Yield the events of a file in its order; "-" reads newline-delimited JSON from stdin.

    `known_at`: None takes the event's own `known_at`, else `received_at` (µs); "occurred" says
    that each was known when it happened; any other text names the field or column that holds it.
    `borrowers` keeps only theirs. Raises ImportFileError naming file and line (row, for Parquet).
    """

    def checked(raw: object, place: str) -> Event:
        event = _plain(raw, place)
        if known_at is not None:
            event = _known(event, "occurred_at" if known_at == "occurred" else known_at, place)
        try:
            return read_event(event, received_at=received_at, zone=zone, currency=currency)
        except EventError as error:
            raise ImportFileError(
                f"{error.where}: {error.what}", where=place, next_step=error.next_step,
                code=error.code,
            ) from error  # fmt: skip

    if str(path) == "-":
        yield from _lines(sys.stdin.buffer, "stdin", checked, borrowers)
        return
    path = Path(path)
    try:
        with path.open("rb") as stream:
            parquet = stream.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
            stream.seek(0)
            if not parquet:
                yield from _lines(stream, path.name, checked, borrowers)
                return
    except OSError as error:
        raise ImportFileError(
            f"cannot be read: {error.strerror}", where=str(path), next_step="check the path"
        ) from error
    yield from _rows(path, checked, borrowers, known_at)


def _plain(raw: object, place: str) -> dict[str, Any]:
    if not isinstance(raw, bytes):
        assert isinstance(raw, dict)
        return raw
    try:
        plain = decode(raw)
    except EventError as error:
        raise ImportFileError(
            error.what, where=place, code=error.code,
            next_step=_ONE_A_LINE if error.code == "event.malformed" else error.next_step,
        ) from error  # fmt: skip
    if not isinstance(plain, dict):
        raise ImportFileError("not a JSON object", where=place, next_step=_ONE_A_LINE)
    return plain


def _known(event: dict[str, Any], source: str, place: str) -> dict[str, Any]:
    """Return the event with `known_at` taken from its field or column `source`."""
    if event.get(source) is None:
        raise ImportFileError(
            f"no {source!r} to take known_at from",
            where=place,
            next_step="name a column of the file, or use --known-at occurred",
        )
    kept = event if source in ENVELOPE else {k: v for k, v in event.items() if k != source}
    return {**kept, "known_at": event[source]}


_Check = Callable[[object, str], Event]


def _lines(
    stream: IO[bytes], name: str, checked: _Check, borrowers: Collection[str] | None
) -> Iterator[Event]:
    empty = True
    for number, line in enumerate(stream, start=1):
        if text := line.removeprefix(b"\xef\xbb\xbf").strip():
            empty = False
            event = checked(text, f"{name}:{number}")
            if borrowers is None or event.borrower in borrowers:
                yield event
    if empty:
        raise _empty(name)


def _empty(name: str) -> ImportFileError:
    return ImportFileError(
        "the file is empty: it holds no event", where=name,
        next_step="check that the export was written to its end, and hand it in again",
        code="import.empty",
    )  # fmt: skip


def _rows(
    path: Path, checked: _Check, borrowers: Collection[str] | None, known_at: str | None
) -> Iterator[Event]:
    try:
        file = pq.ParquetFile(path)
        missing = {"borrower", "type", "occurred_at"} - set(file.schema_arrow.names)
        if missing:
            raise ImportFileError(
                f"no column {', '.join(sorted(missing))}", where=path.name,
                next_step="hand in the wide event table, or name the importer of this source",
            )  # fmt: skip
        if file.metadata.num_rows == 0:
            raise _empty(path.name)
        # A column that holds known_at under another name is the only stranger let through.
        kept = {*ENVELOPE, known_at or "known_at"} & set(file.schema_arrow.names)
        start = 0
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            rows = pa.array(range(start + 1, start + batch.num_rows + 1))
            start += batch.num_rows
            part = batch.append_column("_row", rows)
            if borrowers is not None:
                part = part.filter(pc.is_in(part["borrower"], pa.array(sorted(borrowers))))
            yield from _batch(part, path.name, checked, kept)
    except pa.ArrowException as error:
        raise ImportFileError(
            f"not a whole Parquet file: {str(error).splitlines()[0]}", where=path.name,
            next_step="write or copy the file again",
        ) from error  # fmt: skip


def _batch(
    batch: pa.RecordBatch, name: str, checked: _Check, kept: Collection[str]
) -> Iterator[Event]:
    columns = {
        column: values.to_pylist()
        for column, values in zip(batch.schema.names, batch.columns, strict=True)
        if values.null_count < len(values)
    }
    for values in zip(*columns.values(), strict=True):
        row = dict(zip(columns, values, strict=True))
        event = {key: row[key] for key in kept if row.get(key) is not None}
        event["payload"] = payload_of(str(row.get("type")), row)
        yield checked(event, f"{name} row {row['_row']}")
