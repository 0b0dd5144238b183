"""A paper before it has a layout: headings, paragraphs and tables, in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A heading or a paragraph; paragraphs wrap where a layout makes them."""

    text: str
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under each other, all rows as wide as the first."""

    rows: tuple[tuple[str, ...], ...]
    pairs: bool = False
    """True where a label line stands over one value line, so that a layout may print pairs."""


Block = Text | Table


def heading(text: str) -> Text:
    """Return a heading."""
    return Text(text, heading=True)


def fields(labels: str, *values: str) -> Table:
    """Return a label line (labels parted by spaces) over one line of values."""
    names = tuple(labels.split())
    assert len(names) == len(values), (names, values)
    return Table((names, tuple(values)), pairs=True)


def grid(rows: Sequence[Sequence[str]]) -> Table:
    """Return a table with a line of its own for each row."""
    return Table(tuple(tuple(row) for row in rows))
