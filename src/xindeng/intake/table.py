"""What all tables that people hand in have in common: CSV or XLSX, headings found by name.

A table may have a preamble, headings anywhere in its first lines, padding, columns nobody asked
for, a footer. `read_table` finds it by its headings and yields rows by our own column names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from xindeng.intake.files import read_bytes
from xindeng.intake.text_lines import DELIMITERS, cells_of, text_lines
from xindeng.intake.workbook import known_magic, read_workbook
from xindeng.kernel.errors import ImportFileError

_PREAMBLE_LINES: Final = 80
_ANY: Final = (
    "hand in the export of Alipay or WeChat Pay, or of a bank, as it came; for a bank that is not "
    "known write a mapping (--mapping)"
)
_FOOTER: Final = re.compile(r"---|共\s*\d+\s*笔")
_TOTAL: Final = re.compile(r"(人民币|本页)?(合计|总计|小计)|(sub)?total\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Layout:
    """How one source writes its table: our name of each column → the headings it has borne.

    `ragged`: rows may end early, as the source leaves empty cells at the end of a row out.
    `footer`: words of the line that ends the table.
    """

    source: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    next_step: str
    ragged: bool = False
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: file and 1-based line (row of a sheet), and its cells without padding.

    `surplus` is true when the row has more cells than the table has headings; `merged` names the
    merged cells that run over several rows and this one.
    """

    where: str
    line: int
    cells: Mapping[str, str]
    surplus: bool = False
    merged: str = ""

    def __getitem__(self, name: str) -> str:
        """Return a cell, empty where the layout has no such column."""
        return self.cells.get(name, "")


@dataclass(frozen=True, slots=True)
class _Part:
    """One sheet of a workbook, or the whole of a text file."""

    place: str
    lines: Sequence[tuple[int, list[str]]]
    merged: Mapping[int, str]
    spreadsheet: bool


_Found = list[tuple[_Part, int, list[str]]]


@dataclass(slots=True)
class Table:
    """A table: its file name, the lines above it, our columns that it has, and notes."""

    file: str
    preamble: tuple[str, ...]
    columns: frozenset[str]
    notes: list[str]
    layout: Layout
    found: _Found = field(repr=False)

    def headings(self) -> dict[str, str]:
        """Return the headings as this file writes them: column → text."""
        part, at, names = self.found[0]
        cells = part.lines[at][1]
        return {name: cell.strip() for name, cell in zip(names, cells, strict=False) if name}

    def strangers(self) -> list[str]:
        """Return the headings that are none of ours, as this file writes them."""
        part, at, _ = self.found[0]
        ours = _ours(self.layout)
        return [cell.strip() for cell in part.lines[at][1]
                if cell.strip() and _heading(cell) not in ours]  # fmt: skip

    def rows(self) -> Iterator[Row]:
        """Yield the rows; raises ImportFileError at one that is cut off."""
        for part, at, names in self.found:
            yield from _rows(part, at, names, self.layout)


def read_table(
    path: Path,
    *layouts: Layout,
    encoding: str | None = None,
    skip: int = 0,
    head_only: bool = False,
) -> Table:
    """Read a table of one of these layouts, the one that knows most of its headings.

    `encoding` is taken as told instead of found out; `skip` lines at the top are not looked at;
    `head_only` reads no more than is needed to find the table.
    Raises ImportFileError with file and line for what is no such file.
    """
    name = path.name
    data = read_bytes(path)
    notes: list[str] = []
    if known_magic(data, name):
        sheets, notes = read_workbook(data, name, _PREAMBLE_LINES if head_only else None)
        parts = [_Part(f"{name}, sheet {s.title}, row ", s.rows, s.merged, True) for s in sheets]
    else:
        lines = text_lines(data, name, encoding)
        rows = _text_rows(lines[:_PREAMBLE_LINES] if head_only else lines, name, layouts)
        parts = [_Part(f"{name}:", rows, {}, False)]
    if skip:
        parts = [replace(p, lines=[row for row in p.lines if row[0] > skip]) for p in parts]
    best: tuple[int, Layout, _Found] | None = None
    for layout in layouts:
        heads = [(part, _header(part, layout)) for part in parts]
        found = [(part, *head) for part, head in heads if head]
        known = len({column for _, _, names in found for column in names})
        if found and (best is None or known > best[0]):
            best = known, layout, found
    if best is None:
        raise _no_table(parts, layouts, name)
    _, layout, found = best
    first, at, _ = found[0]
    preamble = tuple(" ".join(filter(None, cells)) for _, cells in first.lines[:at])
    columns = frozenset(column for _, _, names in found for column in names if column)
    return Table(name, preamble, columns, notes, layout, found)


def _text_rows(
    lines: Sequence[str], name: str, layouts: Sequence[Layout]
) -> list[tuple[int, list[str]]]:
    ours = {heading for layout in layouts for heading in _ours(layout)}

    def known(delimiter: str) -> int:
        return max(
            (
                sum(
                    _heading(cell) in ours for cell in cells_of(line, delimiter, f"{name}:{number}")
                )
                for number, line in enumerate(lines[:_PREAMBLE_LINES], start=1)
            ),
            default=0,
        )

    delimiter = max(DELIMITERS, key=lambda one: (known(one), one == ","))
    return [
        (number, cells_of(line, delimiter, f"{name}:{number}"))
        for number, line in enumerate(lines, start=1)
    ]


def _heading(cell: str) -> str:
    plain = re.sub(r"[\s*﻿]+", "", cell).replace("（", "(").replace("）", ")")
    return plain.replace("／", "/").lower()


def _ours(layout: Layout) -> dict[str, tuple[str, int]]:
    """Return heading → our name and its rank among the headings of that column."""
    return {
        _heading(alias): (column, rank)
        for column, aliases in layout.columns.items()
        for rank, alias in enumerate(aliases)
    }


def _header(part: _Part, layout: Layout) -> tuple[int, list[str]] | None:
    """Return the index of the heading line and our name of each of its cells ("" if unknown)."""
    for index, (_, cells) in enumerate(part.lines[:_PREAMBLE_LINES]):
        names = _names(cells, layout)
        if all(required in names for required in layout.required):
            while names and not names[-1] and not cells[len(names) - 1].strip():
                names.pop()
            return index, names
    return None


def _names(cells: Sequence[str], layout: Layout) -> list[str]:
    """Return our name of each cell; of two that mean the same, the heading named first stays."""
    ours = _ours(layout)
    known = [ours.get(_heading(cell)) for cell in cells]
    best: dict[str, int] = {}
    for found in known:
        if found:
            best[found[0]] = min(found[1], best.get(found[0], found[1]))
    names: list[str] = []
    for found in known:
        keep = found is not None and best.get(found[0]) == found[1] and found[0] not in names
        names.append(found[0] if found and keep else "")
    return names


def _no_table(parts: Sequence[_Part], layouts: Sequence[Layout], name: str) -> ImportFileError:
    """Return the error that names what the nearest layout still lacks; where none is near, that it
    is none of them."""
    if not any(cell.strip() for part in parts for _, cells in part.lines for cell in cells):
        return ImportFileError(
            "the file is empty", where=f"{name}:1", code="import.layout",
            next_step=layouts[0].next_step if len(layouts) == 1 else _ANY,
        )  # fmt: skip
    near: tuple[int, list[str], Layout] | None = None
    for layout in layouts:
        found: set[str] = set()
        for part in parts:
            for _, cells in part.lines[:_PREAMBLE_LINES]:
                found = max(found, set(_names(cells, layout)) & set(layout.required), key=len)
        missing = [layout.columns[column][0] for column in layout.required if column not in found]
        if near is None or len(found) > near[0]:
            near = len(found), missing, layout
    assert near is not None
    # A heading or two that every table has (日期, 金额) make it none of the many.
    if len(layouts) > 1 and 2 * near[0] < len(near[2].required):
        return ImportFileError(
            "no bill or statement: no line has the headings of any known one",
            where=f"{name}:1", next_step=_ANY, code="import.layout",
        )  # fmt: skip
    return ImportFileError(
        f"no {near[2].source} table: no line has the headings {', '.join(near[1])}",
        where=f"{name}:1", next_step=near[2].next_step, code="import.layout",
    )  # fmt: skip


def _rows(part: _Part, head: int, names: Sequence[str], layout: Layout) -> Iterator[Row]:
    for number, raw in part.lines[head + 1 :]:
        cells = [cell.strip() for cell in raw]
        first = next((cell for cell in cells if cell), "")
        if not first or _TOTAL.match(first):
            continue
        if _FOOTER.match(first) or (layout.footer and layout.footer in " ".join(cells)):
            return
        where = f"{part.place}{number}"
        if len(cells) < len(names) and not (layout.ragged or part.spreadsheet):
            raise ImportFileError(
                f"the row is cut off: {len(cells)} of {len(names)} columns",
                where=where, next_step=layout.next_step, code="import.cut_off",
            )  # fmt: skip
        named = {ours: cell for ours, cell in zip(names, cells, strict=False) if ours}
        yield Row(where, number, named, any(cells[len(names) :]), part.merged.get(number, ""))
