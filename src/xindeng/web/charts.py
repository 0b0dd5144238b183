"""Charts as small SVG drawings that take their colours from the page, light or dark.

Lines differ by dash and by mark as well as by colour, so that they can be told apart in print and
by people who see colours otherwise. Every text is escaped. Each place on the axis tells its values
to whoever points at it, and to a script that reads them out by keyboard or touch; the numbers
behind a chart are always given as a table beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import ceil, floor, log10
from typing import Final

from markupsafe import Markup, escape

from xindeng.repair.checkup.blocks import Chart

WIDTH: Final = 480
HEIGHT: Final = 240
_LEFT, _RIGHT, _TOP, _BOTTOM = 62, 14, 16, 34
_MOST_LABELS: Final = 7


def draw(chart: Chart) -> Markup:
    """Return the chart as one `<svg>` element, whose size follows its container; "" where every
    value is nothing."""
    values = [value for one in chart.series for value in one.values if value is not None]
    if not any(values):
        return Markup("")
    if chart.line is not None:
        values.append(chart.line[0])
    top = _nice(max([*values, 0.0]))
    plot = _Plot(len(chart.labels), top, bars=chart.kind == "bars")
    parts = [*_grid(plot, top), *_labels(plot, chart.labels)]
    for place, one in enumerate(chart.series):
        if plot.bars:
            parts += _bars(plot, one.values, place, len(chart.series))
        else:
            parts += _line(plot, one.values, place)
    if chart.line is not None:
        parts += _bound(plot, *chart.line)
    parts += _reads(plot, chart)
    head = Markup(
        '<svg class="chart" viewBox="0 0 {w} {h}" role="img" aria-label="{alt}"'
        ' data-title="{name}">'
    )
    return (
        head.format(w=WIDTH, h=HEIGHT, alt=chart.alternative, name=chart.title)
        + Markup("").join(parts)
        + Markup("</svg>")
    )


def told(chart: Chart, place: int) -> str:
    """Return what stands at a place of the axis, e.g. "2026-03 · owed 12,000 · due 900 yuan"; ""
    where nothing does."""
    values = [(one.name, one.values[place]) for one in chart.series if place < len(one.values)]
    known = [(name, value) for name, value in values if value is not None]
    if not known:
        return ""
    alone = len(chart.series) == 1
    said = [_figure(value) if alone else f"{name} {_figure(value)}" for name, value in known]
    return " · ".join([chart.labels[place], *said]) + (f" {chart.unit}" if chart.unit else "")


def _figure(value: float) -> str:
    """Return a value as people read it: whole where it is whole or large."""
    if value == int(value) or abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 1 else f"{value:,.2f}"


def _reads(plot: _Plot, chart: Chart) -> Iterator[Markup]:
    """Draw, over each place, the field that tells its values."""
    wide = plot.wide / max(plot.places - (0 if plot.bars else 1), 1)
    for place in range(len(chart.labels)):
        said = told(chart, place)
        if said:
            left = max(plot.x(place) - wide / 2, _LEFT)
            right = min(plot.x(place) + wide / 2, WIDTH - _RIGHT)
            field = Markup(
                '<rect class="read" x="{x}" y="{y}" width="{w}" height="{h}">'
                "<title>{t}</title></rect>"
            )
            yield field.format(
                x=round(left, 1), y=_TOP, w=round(right - left, 1), h=plot.high, t=said
            )


class _Plot:
    """Where a value and a place stand on the drawing, in its own units."""

    def __init__(self, places: int, top: float, *, bars: bool) -> None:
        self.places, self.top, self.bars = max(places, 1), top or 1.0, bars
        self.wide, self.high = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM

    def x(self, place: int) -> float:
        if self.bars or self.places == 1:
            return _LEFT + self.wide * (place + 0.5) / self.places
        return _LEFT + self.wide * place / (self.places - 1)

    def y(self, value: float) -> float:
        return _TOP + self.high * (1 - value / self.top)


def _nice(most: float) -> float:
    """Return a round number at or above `most`, for the top of an axis."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    # Quarters of these are round numbers, too.
    for step in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8):
        if most <= unit * step:
            return unit * step
    return unit * 12


def _grid(plot: _Plot, top: float) -> Iterator[Markup]:
    for part in range(5):
        value = top * part / 4
        y = round(plot.y(value), 1)
        yield Markup('<line class="grid" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>').format(
            a=_LEFT, b=WIDTH - _RIGHT, y=y
        )
        yield Markup('<text class="tick" x="{x}" y="{y}" text-anchor="end">{t}</text>').format(
            x=_LEFT - 6, y=y + 4, t=f"{value:,.0f}" if top >= 4 else f"{value:,.2f}"
        )


def _labels(plot: _Plot, labels: Sequence[str]) -> Iterator[Markup]:
    every = max(1, ceil(len(labels) / _MOST_LABELS))
    for place, label in enumerate(labels):
        if place % every == 0:
            # The last label of a line stands at the edge, where half of it would be cut off.
            edge = not plot.bars and place == len(labels) - 1 and place > 0
            yield Markup('<text class="tick" x="{x}" y="{y}" text-anchor="{a}">{t}</text>').format(
                x=round(plot.x(place) + (_RIGHT if edge else 0), 1), y=HEIGHT - 12, t=label,
                a="end" if edge else "middle",
            )  # fmt: skip


def _bars(
    plot: _Plot, values: Sequence[float | None], nth: int = 0, series: int = 1
) -> Iterator[Markup]:
    """Draw one series; where there are several, those of one place stand side by side."""
    wide = min(34.0, plot.wide / plot.places * 0.62 / series)
    for place, value in enumerate(values):
        if value:
            y = plot.y(value)
            bar = Markup('<rect class="bar b{n}" x="{x}" y="{y}" width="{w}" height="{h}" rx="2"/>')
            yield bar.format(
                n=nth % 5,
                x=round(plot.x(place) + (nth - series / 2) * wide, 1),
                y=round(y, 1),
                w=round(wide, 1),
                h=round(plot.y(0) - y, 1),
            )


def _line(plot: _Plot, values: Sequence[float | None], nth: int) -> Iterator[Markup]:
    points = [
        (round(plot.x(place), 1), round(plot.y(value), 1))
        for place, value in enumerate(values)
        if value is not None
    ]
    if not points:
        return
    path = " ".join(f"{'M' if i == 0 else 'L'}{x} {y}" for i, (x, y) in enumerate(points))
    style = nth % 5
    yield Markup('<path class="line s{n}" d="{d}"/>').format(n=style, d=path)
    step = max(1, len(points) // 6)
    for x, y in [*points[:-1:step], points[-1]]:
        yield _mark(style, x, y)


def _mark(style: int, x: float, y: float) -> Markup:
    """Return the mark of a series: circle, square, triangle, diamond or a hollow circle."""
    if style == 1:
        shape = Markup('<rect class="mark m{n}" x="{x}" y="{y}" width="7" height="7"/>')
        return shape.format(n=style, x=round(x - 3.5, 1), y=round(y - 3.5, 1))
    if style in (2, 3):
        low = (x, y + 4) if style == 3 else (x, y + 3)
        corners = [(x, y - 4), (x + 4, y if style == 3 else y + 3), low,
                   (x - 4, y if style == 3 else y + 3)]  # fmt: skip
        drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)
        return Markup('<polygon class="mark m{n}" points="{p}"/>').format(n=style, p=drawn)
    return Markup('<circle class="mark m{n}" cx="{x}" cy="{y}" r="3.5"/>').format(n=style, x=x, y=y)


def _bound(plot: _Plot, value: float, name: str) -> Iterator[Markup]:
    y = round(plot.y(value), 1)
    yield Markup('<line class="bound" x1="{a}" x2="{b}" y1="{y}" y2="{y}"/>').format(
        a=_LEFT, b=WIDTH - _RIGHT, y=y
    )
    yield Markup(
        '<text class="tick bound-name" x="{x}" y="{y}" text-anchor="end">{t}</text>'
    ).format(x=WIDTH - _RIGHT, y=y - 5, t=escape(name))
