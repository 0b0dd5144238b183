"""What a check-up's report is made of, whatever it is shown on: a page, a terminal, a document.

A section holds blocks in the order to show them; every text is already in the person's language.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from xindeng.decision.answer import Light


class _Block(Struct, frozen=True, kw_only=True, tag_field="block"):
    """Base of all blocks; the tag names the kind of block."""


class Text(_Block, frozen=True, tag="text"):
    """Plain lines, under a small title if they have one."""

    lines: tuple[str, ...]
    title: str = ""


class Notice(_Block, frozen=True, tag="notice"):
    """Lines that must not be missed: `top` (what matters most), `plain`, `warning` (about
    swindlers) or `first` (do first)."""

    lines: tuple[str, ...]
    tone: Literal["top", "plain", "warning", "first"] = "plain"


class Figure(Struct, frozen=True, kw_only=True):
    """One number with its name and a note on it; `light` where a line is drawn."""

    label: str
    value: str
    note: str = ""
    light: Light | None = None


class Figures(_Block, frozen=True, tag="figures"):
    """Numbers that belong together."""

    items: tuple[Figure, ...]


class LightLine(Struct, frozen=True, kw_only=True):
    """One area: its light, the word for it, its title, and what it rests on or what would tell."""

    light: Light
    word: str
    title: str
    text: str = ""


class Lights(_Block, frozen=True, tag="lights"):
    """How all areas stand."""

    items: tuple[LightLine, ...]


class Entry(Struct, frozen=True, kw_only=True):
    """One finding: what it is, what it means, its source and date, what to do."""

    light: Light
    word: str
    title: str
    lines: tuple[str, ...] = ()
    source: str = ""
    steps: tuple[str, ...] = ()


class Entries(_Block, frozen=True, tag="entries"):
    """Findings, weightiest first. `folded`: of little weight, shown on request."""

    items: tuple[Entry, ...]
    folded: str = ""


class Table(_Block, frozen=True, tag="table"):
    """A table; `numbers` are the columns that hold numbers, `best` the row to mark, if any."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    best: int | None = None
    note: str = ""
    folded: bool = False


class Series(Struct, frozen=True, kw_only=True):
    """One line of a chart: `values` in the chart's unit, one for each of its places; None: gap."""

    name: str
    values: tuple[float | None, ...]


class Chart(_Block, frozen=True, tag="chart"):
    """A chart with its text alternative and the table of the numbers behind it.

    `kind` lines or bars; `labels` name the places on the axis; `line` is a bound to draw, named.
    """

    title: str
    alternative: str
    kind: Literal["lines", "bars"]
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    unit: str
    table: Table
    line: tuple[float, str] | None = None


Block = Text | Notice | Figures | Lights | Entries | Table | Chart


class Section(Struct, frozen=True, kw_only=True):
    """One part of the report; `name` is its stable id."""

    name: str
    title: str
    blocks: tuple[Block, ...]


class Report(Struct, frozen=True, kw_only=True):
    """A whole check-up in one language: `lead` lines first, then the sections."""

    lang: str
    title: str
    day: str
    lead: tuple[str, ...]
    sections: tuple[Section, ...]
