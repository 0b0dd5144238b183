"""A check-up's report on a terminal: the same blocks as on the page, folded ones left out."""

from __future__ import annotations

from typing import Final

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

_SHORT: Final = 10
_WIDEST: Final = 130


def print_report(report: Report) -> None:
    """Print the whole report; what is folded on the page is only named."""
    out.rule(f"{report.title} {report.day}")
    for line in report.lead:
        out.print(line, markup=False)
    for section in report.sections:
        out.print()
        out.print(Line(f"— {section.title}", "bold"))
        for block in section.blocks:
            _print(block)


def _print(block: Block) -> None:
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
        _table(block)
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


def _table(block: Table) -> None:
    if block.folded:
        out.print(f"  {block.caption}: {len(block.rows)}", markup=False)
        return
    grid = Grid(title=block.caption, title_justify="left", box=None, header_style="dim")
    for place, name in enumerate(block.head):
        # A date or an amount is never broken; longer texts are, and nothing is cropped.
        short = all(len(row[place]) <= _SHORT for row in block.rows)
        grid.add_column(
            Line(name),
            justify="right" if place in block.numbers else "left",
            overflow="fold",
            no_wrap=short,
        )
    for row in block.rows:
        grid.add_row(*(Line(cell) for cell in row))
    # Rich would drop a column that does not fit: rather let the terminal wrap the line.
    wide = min(out.measure(grid).maximum, _WIDEST)
    out.print(grid, soft_wrap=False, crop=False, width=max(out.width, wide))
    if block.note:
        out.print(Line(f"  {block.note}", "dim"))
