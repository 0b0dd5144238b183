"""What bill exports have in common: an encoding to find out, a preamble, a table, a footer."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import Zone, instant

_MOST_BYTES: Final = 64_000_000
_PREAMBLE_LINES: Final = 80
_DATE: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?"
)
# Three CJK characters in UTF-8 are nine bytes that no GB18030 text forms by accident.
_SURELY_UTF8: Final = re.compile(rb"(?:[\xe4-\xe9][\x80-\xbf]{2}){3}")


@dataclass(frozen=True, slots=True)
class Layout:
    """How one source writes its table: our name of each column → the headings it has borne."""

    source: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    next_step: str


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the 1-based line of the file, and its cells without padding, by our names.

    `surplus` is true when the row has more cells than the table has headings.
    """

    line: int
    cells: Mapping[str, str]
    surplus: bool

    def __getitem__(self, name: str) -> str:
        """Return a cell, empty where the layout has no such column."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill export: its file name, the lines above the table, and the rows."""

    file: str
    preamble: tuple[str, ...]
    rows: tuple[Row, ...]

    def place(self, row: Row) -> str:
        """Return file:line of a row, for errors."""
        return f"{self.file}:{row.line}"


def read_bill(path: Path, layout: Layout) -> Bill:
    """Read a bill export; raises ImportFileError with file and line for what is no such file."""
    name = path.name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImportFileError(
            f"cannot be read: {error.strerror}", where=str(path), next_step="check the path"
        ) from error
    if len(data) > _MOST_BYTES:
        raise ImportFileError(
            f"{len(data):,} bytes is no bill of one person", where=name, next_step=layout.next_step
        )
    lines = _decode(data, name)
    head, headings = _header(lines, layout, name)
    rows = tuple(_rows(lines, head, headings, layout, name))
    return Bill(name, tuple(lines[:head]), rows)


def _decode(data: bytes, name: str) -> list[str]:
    raw = data.removeprefix(b"\xef\xbb\xbf").splitlines()
    utf8 = gb = 0
    for number, line in enumerate(raw, start=1):
        if line.isascii():
            continue
        if _valid(line, "utf-8"):
            utf8 = utf8 or (number if _SURELY_UTF8.search(line) else 0)
        else:
            gb = gb or number
    if utf8 and gb:
        raise ImportFileError(
            "the file changes its encoding here (UTF-8 and GB18030 mixed)",
            where=f"{name}:{max(utf8, gb)}",
            next_step="hand in the file as exported, not edited or joined from two",
        )
    encoding = "gb18030" if gb else "utf-8"
    decoded = []
    for number, line in enumerate(raw, start=1):
        try:
            decoded.append(line.decode(encoding))
        except UnicodeDecodeError as error:
            raise ImportFileError(
                "neither UTF-8 nor GB18030 text", where=f"{name}:{number}",
                next_step="hand in the CSV file as exported; unpack a ZIP first",
            ) from error  # fmt: skip
    return decoded


def _valid(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _heading(cell: str) -> str:
    return re.sub(r"\s+", "", cell).replace("（", "(").replace("）", ")")


def _header(lines: Sequence[str], layout: Layout, name: str) -> tuple[int, list[str]]:
    """Return the index of the heading line and our name of each of its cells ("" if unknown)."""
    ours = {alias: column for column, aliases in layout.columns.items() for alias in aliases}
    best: list[str] = []
    for index, line in enumerate(lines[:_PREAMBLE_LINES]):
        cells = [_heading(cell) for cell in next(csv.reader([line]), [])]
        names = [ours.get(cell, "") for cell in cells]
        if all(required in names for required in layout.required):
            while cells and not cells[-1]:
                cells.pop()
            return index, names[: len(cells)]
        best = max(best, [found for found in names if found], key=len)
    missing = [layout.columns[r][0] for r in layout.required if r not in best]
    raise ImportFileError(
        f"no {layout.source} table: no line has the headings {', '.join(missing)}",
        where=f"{name}:1",
        next_step=layout.next_step,
    )


def _rows(
    lines: Sequence[str], head: int, headings: Sequence[str], layout: Layout, name: str
) -> Iterator[Row]:
    # Each line by itself: no cell spans lines, and a stray quote then harms one row, not the rest.
    for number, line in enumerate(lines[head + 1 :], start=head + 2):
        cells = [cell.strip() for cell in next(csv.reader([line]), [])]
        if not any(cells):
            continue
        if cells[0].startswith("---") or re.match(r"共\s*\d+\s*笔", cells[0]):
            return
        if len(cells) < len(headings):
            raise ImportFileError(
                f"the row is cut off: {len(cells)} of {len(headings)} columns",
                where=f"{name}:{number}", next_step=layout.next_step,
            )  # fmt: skip
        named = {ours: cell for ours, cell in zip(headings, cells, strict=False) if ours}
        yield Row(number, named, any(cells[len(headings) :]))


def when(text: str, zone: Zone, place: str) -> int:
    """Return a bill's local time as µs; raises ImportFileError for an impossible date."""
    match = _DATE.fullmatch(text)
    try:
        if match is None or int(match[1]) < 2004:
            raise ValueError(text)
        parts = [int(part or 0) for part in match.groups()]
        return instant(datetime(*parts, tzinfo=zone.tzinfo))  # type: ignore[misc,arg-type]
    except ValueError as error:
        raise ImportFileError(
            f"not a date and time: {text[:40]!r}", where=place,
            next_step="write 2026-07-01 09:30:00; hand in the file as exported",
        ) from error  # fmt: skip


def money(text: str, place: str) -> int:
    """Return a bill's amount as fen; raises ImportFileError for anything but a plain amount."""
    try:
        minor = Money.parse(text).minor
    except InputError as error:
        raise ImportFileError(error.what, where=place, next_step=error.next_step) from error
    if minor < 0:
        raise ImportFileError(
            f"a negative amount: {text[:40]!r}", where=place,
            next_step="hand in the file as exported; the direction has a column of its own",
        )  # fmt: skip
    return minor


def pseudonym(*parts: str, key: bytes = b"") -> str:
    """Return a keyed hash of 16 hex digits for names that must not enter the store."""
    return hashlib.blake2b("|".join(parts).encode(), digest_size=8, key=key).hexdigest()
