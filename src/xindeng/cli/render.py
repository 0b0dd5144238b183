"""Explanations and views as terminal text: symbol, word and colour together."""

from __future__ import annotations

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from xindeng.cli.output import out
from xindeng.cli.styles import STYLES
from xindeng.decision.explanation import Explanation
from xindeng.decision.words import SYMBOLS
from xindeng.kernel.money import Money
from xindeng.language import Value
from xindeng.policy.policy import Policy
from xindeng.service.show import BorrowerView


def yuan(minor: int, currency: str = "CNY") -> str:
    """Return an amount of minor units for people."""
    return str(Money(minor, currency))


def print_explanation(explanation: Explanation) -> None:
    """Print an explanation: headline, figures, lights in a row, reasons, when, notices, ways."""
    head = Panel(Text("\n".join([explanation.headline, *explanation.lead])), expand=False)
    out.print(head, soft_wrap=False)  # soft wrapping would crop the panel to the screen
    if explanation.figures:
        table = Table(show_header=True, header_style="dim", box=None, pad_edge=False)
        for figure in explanation.figures:
            table.add_column(figure.label, justify="right")
        table.add_row(*(figure.text for figure in explanation.figures))
        out.print(table)
    if explanation.gate:
        out.print(f"  ↳ {explanation.gate}", markup=False)
    if explanation.lights:
        out.print(_lights(explanation))
    for line in _after_lights(explanation):
        out.print(line, markup=False)


def _lights(explanation: Explanation) -> Table:
    """Return the lights as a grid: symbol, area and word in the light's colour."""
    grid = Table.grid(padding=(0, 3))
    cells = [
        Text(f"{SYMBOLS[light.light]} {light.title} {light.word}", STYLES[light.light])
        for light in explanation.lights
    ]
    widest = max(cell.cell_len for cell in cells)
    columns = max(1, min(3, (out.width + 3) // (widest + 3)))  # fewer columns, never cropped names
    for start in range(0, len(cells), columns):
        grid.add_row(*cells[start : start + columns])
    return grid


def _after_lights(explanation: Explanation) -> list[str]:
    """Return the plain lines that follow the lights."""
    lines = explanation.lines()
    skipped = 1 + len(explanation.lead) + bool(explanation.figures)
    skipped += 1 + len(explanation.lights) if explanation.lights else 0
    return lines[skipped:]


def print_view(policy: Policy, view: BorrowerView) -> None:
    """Print a borrower's features by value, holds and dates, as staff see them."""
    zone = policy.zone
    out.print(
        f"{view.borrower}: {view.seq} events, as of {zone.local(view.now):%Y-%m-%d %H:%M %Z}",
        markup=False,
    )
    for hold in view.holds:
        until = f"{zone.local(hold.review_at):%Y-%m-%d %H:%M}"
        out.print(f"  hold {hold.kind} {hold.mode}: {hold.reason}, review {until}", markup=False)
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("feature")
    table.add_column("value", justify="right")
    for name, value in view.features.items():
        if value is not None:
            table.add_row(name, _plain(value))
    out.print(table)
    missing = sum(value is None for value in view.features.values())
    out.print(f"[dim]{missing} features without data; last decision {view.last_decision}[/]")


def _plain(value: Value) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
