"""The repayment grid: years down, months across; in the five-year form amounts under each year.

The grid comes out oldest first, one sign a month from the month it begins in to the one it ends in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.values import compact
from xindeng.intake.pboc.words import GRID

Month = tuple[int, int]

_TITLE: Final = re.compile(r"([0-9]{4})年([0-9]{1,2})月-([0-9]{4})年([0-9]{1,2})月的还款记录")
_YEAR: Final = re.compile(r"(?:19|20|21)[0-9]{2}年?")
_LONGEST: Final = 60
UNKNOWN: Final = "#"


def grid_title(row: Row) -> tuple[Month, Month] | None:
    """Return the first and last month of the grid a row announces."""
    match = _TITLE.fullmatch(row.compact)
    if match is None:
        return None
    return (int(match[1]), int(match[2])), (int(match[3]), int(match[4]))


def between(first: Month, last: Month) -> list[Month]:
    """Return all months from first to last, the oldest first; empty when they are turned round."""
    start, end = first[0] * 12 + first[1] - 1, last[0] * 12 + last[1] - 1
    return [(n // 12, n % 12 + 1) for n in range(start, min(end, start + 600) + 1)]


def grid_text(signs: Mapping[Month, str], last: Month) -> str:
    """Return the signs of up to five years to `last` as one text; months not told are unknown."""
    months = sorted(month for month in signs if month <= last)
    if not months:
        return ""
    return "".join(signs.get(month, UNKNOWN) for month in between(months[0], last))[-_LONGEST:]


class Grid:
    """Takes the rows under a grid's title; `unread` tells that a sign was none we know."""

    def __init__(self, first: Month, last: Month) -> None:
        self.first, self.last = first, last
        self.signs: dict[Month, str] = {}
        self.unread: Row | None = None
        self._months: tuple[Cell, ...] = ()
        self._width = 0
        self._year = 0
        self._wanted = set(between(first, last))
        if not self._wanted or len(self._wanted) > _LONGEST:
            raise ValueError("a grid of five years at most, told from the older month")

    def take(self, row: Row) -> bool:
        """Take one row; False when it is no part of a grid."""
        texts = [compact(cell.text) for cell in row.filled]
        if [text for text in texts if text] == [str(n) for n in range(1, 13)]:
            self._months, self._width = row.filled, len(row.cells)
            return True
        if not self._months or not texts:
            return False
        if _YEAR.fullmatch(texts[0]):
            self._year = int(texts[0][:4])
            self._signs(row)
            return True
        # Amounts stand under the signs of their year; what is overdue now is told elsewhere.
        return bool(self._year) and all(re.fullmatch(r"[0-9][0-9,]*|--?", text) for text in texts)

    def _signs(self, row: Row) -> None:
        exact = {(cell.left, cell.right): n for n, cell in enumerate(self._months, start=1)}
        for cell in row.filled[1:]:
            text = compact(cell.text)
            if text in {"-", "--"}:
                continue
            number = exact.get((cell.left, cell.right)) if row.gridded else None
            if number is None:
                nearest = min(self._months, key=lambda one: abs(one.middle - cell.middle))
                number = self._months.index(nearest) + 1
            month = (self._year, number)
            if text not in GRID or month in self.signs or month not in self._wanted:
                self.unread = self.unread or row
            else:
                self.signs[month] = text

    def missing(self) -> int:
        """Return how many months of the title got no sign."""
        return len(self._wanted - self.signs.keys())
