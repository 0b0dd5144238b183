"""XLSX workbooks of strangers → sheets of text cells, guarded against what a file can do to us.

A first pass over the packed parts, before any of them is built into objects, refuses bombs: too
many entries, too much unpacked, too high a ratio, a document type with entities, too many rows or
cells. It also finds what a reader of values alone would never see: formulas that were saved without
their result, and merged cells.

A cell becomes the text that Excel shows: dates in ISO form, percentages with their sign, numbers
in Excel's own 15 digits. A formula without a result becomes `NO_RESULT`, which no number is.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final
from xml.parsers import expat

from xindeng.intake.limits import (
    MOST_CELLS,
    MOST_ENTRIES,
    MOST_RATIO,
    MOST_ROWS,
    MOST_UNPACKED_BYTES,
    refused,
)
from xindeng.kernel.errors import ImportFileError, XindengError

ZIP_MAGIC: Final = b"PK\x03\x04"
NO_RESULT: Final = "=?"
_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_BIG: Final = 1_000_000
_CHUNK: Final = 1 << 20
_SAVE_AGAIN: Final = "open it in Excel or WPS and save it as .xlsx or .csv without a password"
_RANGE: Final = re.compile(r"([A-Z]+)(\d+):([A-Z]+)(\d+)")


@dataclass(slots=True)
class Sheet:
    """One visible sheet: its title, its rows, and the row ranges that are merged downwards."""

    title: str
    rows: list[tuple[int, list[str]]]
    merged: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class _Found:
    """What the first pass over one sheet found."""

    merged: dict[int, str] = field(default_factory=dict)
    no_result: set[str] = field(default_factory=set)


def known_magic(data: bytes, name: str) -> bool:
    """Return whether the bytes are a ZIP; raises ImportFileError for kinds that are never read."""
    head = data[:512].lstrip().lower()
    what = ""
    if data.startswith(_OLE_MAGIC):
        what = "an old .xls workbook, or one with a password"
    elif head.startswith(b"%pdf"):
        what = "a PDF, not a table (a credit report is handed in with --report)"
    elif head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        what = "a web page that only bears the name of a table"
    if what:
        raise ImportFileError(what, where=name, next_step=_SAVE_AGAIN, code="import.kind")
    return data.startswith(ZIP_MAGIC)


def read_workbook(
    data: bytes, name: str, first: int | None = None
) -> tuple[list[Sheet], list[str]]:
    """Return the visible sheets with their (`first`) rows, and notes on what was left out.

    Raises ImportFileError for what is no workbook, for bombs, and for damaged files.
    """
    parts = _guarded(data, name)
    with warnings.catch_warnings():
        # Foreign extensions and missing default styles change no value.
        warnings.simplefilter("ignore")
        try:
            return _sheets(data, name, parts, first)
        except XindengError:
            raise
        # The library answers a damaged file with whatever its parser stumbled over.
        except Exception as error:
            raise _damaged(name, error) from error


def _damaged(name: str, error: Exception) -> ImportFileError:
    return ImportFileError(
        f"the workbook is damaged: {type(error).__name__}: {str(error)[:100]}", where=name,
        next_step=_SAVE_AGAIN, code="import.damaged",
    )  # fmt: skip


def _guarded(data: bytes, name: str) -> dict[str, _Found]:
    """Return what the first pass found in each sheet, by the part's path in the workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            entries = packed.infolist()
            _small_enough(entries, len(data), name)
            names = {entry.filename.lstrip("/") for entry in entries}
            if "xl/workbook.xml" not in names:
                raise ImportFileError(
                    "a ZIP that is no workbook", where=name, code="import.kind",
                    next_step="unpack the ZIP (its password came with the message) and hand in "
                    "the CSV or XLSX inside",
                )  # fmt: skip
            found, budget = {}, _Budget(name)
            for entry in entries:
                if entry.filename.endswith((".xml", ".rels")):
                    with packed.open(entry) as stream:
                        found[entry.filename.lstrip("/")] = _scan(stream, budget)
            return found
    except XindengError:
        raise
    # A damaged ZIP shows itself as any of a dozen errors, down to those of zlib and expat.
    except Exception as error:
        raise _damaged(name, error) from error


def _small_enough(entries: list[zipfile.ZipInfo], packed_bytes: int, name: str) -> None:
    if len(entries) > MOST_ENTRIES:
        raise refused(f"{len(entries):,} parts in the file, at most {MOST_ENTRIES:,}", name)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED_BYTES:
        raise refused(f"{unpacked:,} bytes unpacked, at most {MOST_UNPACKED_BYTES:,}", name)
    for entry in entries:
        ratio = entry.file_size // max(1, entry.compress_size)
        if entry.file_size > _BIG and ratio > MOST_RATIO:
            raise refused(f"a part that unpacks {ratio:,} times, at most {MOST_RATIO}", name)
        if entry.flag_bits & 1:
            raise ImportFileError(
                "the file has a password", where=name, next_step=_SAVE_AGAIN, code="import.kind"
            )


@dataclass(slots=True)
class _Budget:
    """Rows and cells of the whole workbook, counted while its parts are scanned."""

    name: str
    rows: int = 0
    cells: int = 0

    def row(self) -> None:
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise refused(f"more than {MOST_ROWS:,} rows: no bill of one person", self.name)

    def cell(self) -> None:
        self.cells += 1
        if self.cells > MOST_CELLS:
            raise refused(f"more than {MOST_CELLS:,} cells: no bill of one person", self.name)


def _scan(stream: Any, budget: _Budget) -> _Found:
    found, place, formula, value, inside = _Found(), "", False, False, False
    parser = expat.ParserCreate()

    def doctype(*_: object) -> None:
        raise ImportFileError(
            "the file declares a document type, as no workbook does", where=budget.name,
            next_step=_SAVE_AGAIN, code="import.kind",
        )  # fmt: skip

    def text(_: str) -> None:
        nonlocal value
        value = value or inside

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal place, formula, value, inside
        match tag.rpartition(":")[2]:
            case "row":
                budget.row()
            case "c":
                budget.cell()
                place, formula, value = attributes.get("r", ""), False, False
            case "f":
                # Text is listened to only where a formula needs its result: it is seldom.
                formula, parser.CharacterDataHandler = True, text
            case "v" | "t":
                inside = True
            case "mergeCell":
                _merge(found, attributes.get("ref", ""))

    def end(tag: str) -> None:
        nonlocal inside
        inside = False
        if formula and tag.rpartition(":")[2] == "c":
            parser.CharacterDataHandler = None
            if not value:
                found.no_result.add(place)

    parser.StartDoctypeDeclHandler = doctype
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    while chunk := stream.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return found


def _merge(found: _Found, ref: str) -> None:
    if match := _RANGE.fullmatch(ref):
        first, last = int(match[2]), int(match[4])
        # A merge over the whole sheet is decoration; one over some rows hides which row it is of.
        for row in range(first, min(last, first + 10_000) + 1) if last > first else ():
            found.merged.setdefault(row, ref)


def _sheets(
    data: bytes, name: str, parts: dict[str, _Found], first: int | None
) -> tuple[list[Sheet], list[str]]:
    import openpyxl

    book = openpyxl.load_workbook(
        io.BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    sheets, notes = [], []
    for sheet in book.worksheets:
        if sheet.sheet_state != "visible":
            notes.append(f"sheet {sheet.title} is hidden and was not read")
            continue
        found = parts.get(sheet._worksheet_path.lstrip("/"), _Found())
        # Many exporters write a wrong extent; what is there counts, not what is said.
        sheet.reset_dimensions()
        rows = list(islice(_rows(sheet, found.no_result, name), first))
        sheets.append(Sheet(sheet.title, rows, found.merged))
    return sheets, notes


def _rows(sheet: Any, no_result: set[str], name: str) -> Iterator[tuple[int, list[str]]]:
    padded = 0
    for number, row in enumerate(sheet.iter_rows(), start=1):
        # A lone cell in the last column makes its row 16,384 cells wide.
        padded += len(row)
        if padded > 4 * MOST_CELLS:
            raise refused("the rows are far too wide for a bill", name)
        texts = [
            NO_RESULT if no_result and getattr(cell, "coordinate", "") in no_result else _text(cell)
            for cell in row
        ]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    match value:
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            percent = "%" in (cell.number_format or "")
            return f"{value * 100:.15g}%" if percent else f"{value:.15g}"
        case datetime():
            # Excel keeps time as a fraction of a day, so 09:30:00 may come as 09:29:59.999997.
            rounded = value + timedelta(microseconds=500_000)
            return rounded.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return value.isoformat()
        case time():
            return value.strftime("%H:%M:%S")
        case timedelta():
            return str(value)
    return str(value)
