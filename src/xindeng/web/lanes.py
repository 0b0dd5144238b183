"""The stance over the years as one SVG drawing: a lane for each stance, a bar for each stay in it.

It stands alone (its colours are inside, light and dark), and is told apart by lane, not by colour.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Final

from markupsafe import Markup

from xindeng.kernel.time import from_date, to_date

WIDTH: Final = 960
_LEFT, _RIGHT, _TOP, _LANE, _AXIS = 84, 24, 34, 34, 26
_MOST_TICKS: Final = 24
_STYLE: Final = (
    "svg{color:#1b1f24;font:12px system-ui,sans-serif}.ground{fill:#fff}.rule{stroke:#d0d7de}"
    ".bar{fill:#3b6ea8}.title{font-size:14px;font-weight:600}text{fill:currentColor}"
    "@media(prefers-color-scheme:dark){svg{color:#e6e9ec}.ground{fill:#14181d}"
    ".rule{stroke:#3a424c}.bar{fill:#8ab4e8}}"
)

Stay = tuple[str, int, int]
"""A stance, the local day it began, and the day after its last."""


def draw_lanes(
    title: str, lanes: Mapping[str, str], stays: Sequence[Stay], *, alone: bool = True
) -> Markup:
    """Return the drawing: `lanes` names each stance from the top down, `stays` follow on another.

    Each bar carries its stance and days as its title, for a reader of the screen or a pointer.
    One that does not stand `alone` takes its colours from the page.
    """
    first, last = stays[0][1], max(stays[-1][2], stays[0][1] + 1)
    high = _TOP + _LANE * len(lanes) + _AXIS
    tops = {name: _TOP + _LANE * place for place, name in enumerate(lanes)}

    def x(day: int) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * (day - first) / (last - first), 1)

    parts = [
        Markup('<text class="title" x="{x}" y="20">{t}</text>').format(x=_LEFT, t=title),
        *_years(first, last, x, high),
    ]
    for name, label in lanes.items():
        text = Markup('<text x="{x}" y="{y}" text-anchor="end">{t}</text>')
        parts.append(text.format(x=_LEFT - 10, y=tops[name] + 21, t=label))
    bar = Markup(
        '<rect class="bar" x="{x}" y="{y}" width="{w}" height="{h}" rx="2">'
        "<title>{t}</title></rect>"
    )
    for name, begin, end in stays:
        told = f"{lanes[name]}: {to_date(begin)} – {to_date(end - 1)}"
        parts.append(bar.format(x=x(begin), y=tops[name] + 7, w=round(max(x(end) - x(begin), 1), 1),
                                h=_LANE - 14, t=told))  # fmt: skip
    told = "; ".join(
        f"{lanes[name]} {to_date(begin)} – {to_date(end - 1)}" for name, begin, end in stays
    )
    if not alone:
        head = Markup('<svg class="lanes" viewBox="0 0 {w} {h}" role="img" aria-label="{t}">')
        head = head.format(w=WIDTH, h=high, t=told)
        return head + Markup("").join(parts) + Markup("</svg>")
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" role="img" '
        'aria-label="{t}"><style>{s}</style><rect class="ground" width="{w}" height="{h}"/>'
    ).format(w=WIDTH, h=high, t=title, s=Markup(_STYLE))  # noqa: S704 - our own constant
    return head + Markup("").join(parts) + Markup("</svg>\n")


def _years(first: int, last: int, x: Callable[[int], float], high: int) -> list[Markup]:
    begin, end = to_date(first).year, to_date(last).year
    every = max(1, -(-(end - begin + 1) // _MOST_TICKS))
    made = []
    for year in range(begin, end + 1, every):
        day = from_date(date(year, 1, 1))
        if first <= day <= last:
            line = Markup('<line class="rule" x1="{x}" x2="{x}" y1="{a}" y2="{b}"/>')
            made.append(line.format(x=x(day), a=_TOP, b=high - _AXIS))
            text = Markup('<text x="{x}" y="{y}" text-anchor="middle">{t}</text>')
            made.append(text.format(x=x(day), y=high - 8, t=year))
    return made
