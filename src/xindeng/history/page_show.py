"""How figures are written in a backtest's report, and the chart of two policies side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from xindeng.repair.checkup.blocks import Chart, Series, Table

FORMAT: Final = 3
"""Of the figures; raised when what a report is made of is no longer the same."""
SIDES: Final = ("champion", "challenger")
Found = Mapping[str, Any]
Words = Mapping[str, str]


def compared(
    title: str, labels: Sequence[str], values: Sequence[Sequence[float | None]], unit: str,
    table: Table, words: Words, names: Sequence[str] = SIDES, *, months: bool = False,
) -> Chart:  # fmt: skip
    """Return a chart with a series for each of `names`, a table of the same numbers behind it:
    lines where the places are `months`, else bars."""
    return Chart(
        title=title, alternative=words["chart_alt"].format(what=title), unit=unit, table=table,
        kind="lines" if months else "bars", labels=tuple(labels),
        series=tuple(
            Series(name=words[name], values=tuple(line))
            for name, line in zip(names, values, strict=True)
        ),
    )  # fmt: skip


def short(one: Mapping[str, Any]) -> str:
    """Return a definition of bad as the field writes it: FPD7, 30+ ≤3m, 90+ @12m."""
    if one["kind"] == "fpd":
        return f"FPD{one['dpd']}"
    return f"{one['dpd']}+ {'≤' if one['kind'] == 'ever' else '@'}{one['mob']}m"


def percent(value: float | None) -> str:
    """Return a share as a percentage, a dash for none."""
    return "–" if value is None else f"{value:.1%}"


def hundred(value: float | None) -> float | None:
    """Return a share in percent, for a chart."""
    return None if value is None else 100 * value


def plain(value: float | None) -> str:
    """Return a ratio."""
    return "–" if value is None else f"{value:.2f}"


def rate(one: Mapping[str, Any]) -> str:
    """Return the share of a rate."""
    return percent(one["share"])


def with_total(one: Mapping[str, Any]) -> str:
    """Return the share of a rate and of how many."""
    return f"{rate(one)} / {one['total']:,}"


def between(one: Mapping[str, Any], low: str, high: str) -> str:
    """Return an interval of shares."""
    return f"{percent(one[low])} – {percent(one[high])}"


def shown(one: Mapping[str, Any]) -> dict[str, str]:
    """Return the interval of a rate, for a note."""
    return {"low": percent(one["low"]), "high": percent(one["high"])}


def yuan(fen: float | None) -> str:
    """Return minor units as whole yuan, a dash for none."""
    return "–" if fen is None else f"{'-' if fen < 0 else ''}¥{abs(fen) / 100:,.0f}"
