"""A report as rows of cells, whatever it came as: PDF, saved text or saved page.

A row knows its page and its line on it (both 1-based), so that every finding can be pointed at.
`gridded` rows come from ruled tables, HTML tables or tabs: their cells stand in columns by number,
empty ones included. In other rows only the horizontal place of a cell tells its column.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from html.parser import HTMLParser
from typing import Final

from xindeng.intake.pboc.values import clean, compact

_GAP: Final = re.compile(r"(?:\s{2,}|\u3000+)")
_BLOCKS: Final = frozenset({
    "p", "div", "li", "br", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "ul", "ol",
    "section", "caption", "thead", "tbody",
})  # fmt: skip
_SILENT: Final = frozenset({"script", "style", "noscript", "template", "head", "title"})


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of text and where it stands: points in a PDF, columns of a terminal in a text."""

    text: str
    left: float
    right: float

    @property
    def middle(self) -> float:
        """Return the horizontal centre."""
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Row:
    """One line, or one row of a table, with its page and line (1-based)."""

    page: int
    line: int
    cells: tuple[Cell, ...]
    gridded: bool = False

    @cached_property
    def text(self) -> str:
        """Return the cleaned text of all cells, one space between."""
        return " ".join(cell.text for cell in self.cells if cell.text)

    @cached_property
    def compact(self) -> str:
        """Return the text without spaces."""
        return compact(self.text)

    @cached_property
    def filled(self) -> tuple[Cell, ...]:
        """Return the cells that hold something."""
        return tuple(cell for cell in self.cells if cell.text)


def text_rows(text: str) -> list[Row]:
    """Return the rows of plain text: tabs make columns, two spaces a gap, form feeds pages."""
    rows = []
    for page, part in enumerate(text.split("\f"), start=1):
        for line, raw in enumerate(part.splitlines(), start=1):
            if raw.strip():
                tabs = "\t" in raw.strip()
                rows.append(Row(page, line, _tabbed(raw) if tabs else _spaced(raw), tabs))
    return rows


def _tabbed(raw: str) -> tuple[Cell, ...]:
    return tuple(
        Cell(clean(part), float(place), place + 1.0) for place, part in enumerate(raw.split("\t"))
    )


def _spaced(raw: str) -> tuple[Cell, ...]:
    cells, start = [], 0
    for gap in [*_GAP.finditer(raw), None]:
        end = gap.start() if gap else len(raw)
        if raw[start:end].strip():
            left = _width(raw[:start])
            cells.append(Cell(clean(raw[start:end]), left, left + _width(raw[start:end])))
        start = gap.end() if gap else end
    return tuple(cells)


def _width(text: str) -> float:
    return float(sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text))


def html_rows(text: str) -> list[Row]:
    """Return the rows of a saved page: table rows by cell, all other text by block."""
    parser = _Page()
    parser.feed(text)
    parser.close()
    parser.flush()
    return parser.rows


class _Page(HTMLParser):
    """Collects text; scripts, styles and the head are never looked at."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Row] = []
        self._text: list[str] = []
        self._cells: list[str] | None = None
        self._silent = ""
        self._line = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a table row or a silent part."""
        if self._silent:
            return
        if tag in _SILENT:
            self._silent = tag
        elif tag == "tr":
            self.flush()
            self._cells = []
        elif tag in {"td", "th"} and self._cells is not None:
            self._text.clear()
        elif tag in _BLOCKS and self._cells is None:
            self.flush()

    def handle_endtag(self, tag: str) -> None:
        """End a block, a cell, a table row or a silent part."""
        if self._silent:
            self._silent = "" if tag == self._silent else self._silent
        elif tag in {"td", "th"} and self._cells is not None:
            self._cells.append(clean("".join(self._text)))
            self._text.clear()
        elif tag == "tr" and self._cells is not None:
            self._add(self._cells, gridded=True)
            self._cells = None
        elif tag in _BLOCKS and self._cells is None:
            self.flush()

    def handle_data(self, data: str) -> None:
        """Take text, unless it is a script's."""
        if not self._silent:
            if not self._text:
                self._line = self.getpos()[0]
            self._text.append(data)

    def flush(self) -> None:
        """Make a row of the text since the last block; cells left open end here."""
        if self._cells:
            self._add(self._cells, gridded=True)
        elif text := clean("".join(self._text)):
            self._add([text], gridded=False)
        self._cells = None
        self._text.clear()

    def _add(self, cells: list[str], *, gridded: bool) -> None:
        if any(cells):
            places = tuple(Cell(text, float(n), n + 1.0) for n, text in enumerate(cells))
            self.rows.append(Row(1, self._line, places, gridded))
