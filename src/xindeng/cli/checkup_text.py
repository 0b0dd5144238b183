"""A check-up's report on a terminal: the same blocks as on the page, folded ones left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from rich.cells import cell_len
from rich.table import Table as Grid
from rich.text import Text as Line

from xindeng.cli.output import out
from xindeng.cli.styles import STYLES
from xindeng.decision.words import SYMBOLS
from xindeng.repair.checkup.blocks import (
    Block,
    Chart,
    Entries,
    Figures,
    Lights,
    Notice,
    Report,
    Table,
    Text,
)
from xindeng.repair.checkup.words import WORDS
from xindeng.repair.review.tell import one_of

_SHORT: Final = 10
_LEAST: Final = 14
"""The cells that a longer text is given at least."""
_GAP: Final = 2


def print_report(report: Report) -> None:
    """Print the whole report; what is folded on the page is only named."""
    out.rule(f"{report.title} {report.day}")
    for line in report.lead:
        out.print(line, markup=False)
    for section in report.sections:
        out.print()
        out.print(Line(f"— {section.title}", "bold"))
        for block in section.blocks:
            _print(block, WORDS["en" if report.lang == "en" else "zh"])


def _print(block: Block, words: Mapping[str, str]) -> None:
    if isinstance(block, Text | Notice):
        if isinstance(block, Text) and block.title:
            out.print(Line(block.title, "bold"))
        for line in block.lines:
            out.print(f"  {line}", markup=False)
    elif isinstance(block, Figures):
        for one in block.items:
            out.print(f"  {one.label}  {one.value}", markup=False, end="")
            out.print(Line(f"  {one.note}", "dim"))
    elif isinstance(block, Lights):
        for row in block.items:
            shown = Line(f"  {SYMBOLS[row.light]} {row.title} {row.word}", STYLES[row.light])
            out.print(shown.append(f"  {row.text}", "dim"))
    elif isinstance(block, Entries):
        _entries(block)
    elif isinstance(block, Table):
        _table(block, words)
    elif isinstance(block, Chart):
        out.print(f"  {block.title}: {block.alternative}", markup=False)


def _entries(block: Entries) -> None:
    if block.folded:
        out.print(f"  {block.folded}", markup=False)
        return
    for one in block.items:
        out.print(Line(f"  {SYMBOLS[one.light]} {one.word} {one.title}", STYLES[one.light]))
        for line in one.lines:
            out.print(f"    {line}", markup=False)
        for step in one.steps:
            out.print(f"    → {step}", markup=False)
        if one.source:
            out.print(Line(f"    {one.source}", "dim"))


def _table(block: Table, words: Mapping[str, str]) -> None:
    if block.folded:
        told = words["t_folded"].format(caption=block.caption, count=len(block.rows))
        out.print(f"  {one_of(told)}", markup=False)
        return
    columns = [[head, *cells] for head, *cells in zip(block.head, *block.rows, strict=True)]
    widths = [max(map(cell_len, column)) for column in columns]
    # A date or an amount is never broken; only longer texts are.
    whole = [max(map(len, column[1:]), default=0) <= _SHORT for column in columns]
    needed = sum(
        width if short else min(width, _LEAST) for width, short in zip(widths, whole, strict=True)
    )
    if needed + _GAP * len(columns) > out.width:
        _listed(block)
    else:
        grid = Grid(title=block.caption, title_justify="left", box=None, header_style="dim")
        for place, name in enumerate(block.head):
            justify: Literal["left", "right"] = "right" if place in block.numbers else "left"
            grid.add_column(Line(name), justify=justify, overflow="fold", no_wrap=whole[place])
        for row in block.rows:
            grid.add_row(*(Line(cell) for cell in row))
        out.print(grid)
    if block.note:
        out.print(Line(f"  {block.note}", "dim"))


def _listed(block: Table) -> None:
    """Print a table that is wider than the terminal row by row: no column may be cut off."""
    out.print(Line(block.caption, "italic"))
    for row in block.rows:
        out.print(f"  · {row[0]}", markup=False)
        told = [
            f"{head} {cell}" for head, cell in zip(block.head[1:], row[1:], strict=True) if cell
        ]
        out.print(Line(f"    {' | '.join(told)}", "dim"))
