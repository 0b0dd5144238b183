"""Writes the vector as one Python function: every window edge and row is looked up once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from xindeng.events.catalogue import CATALOGUE
from xindeng.features import stores
from xindeng.features.algebra import BLOCK_DAYS, SUM_LIMIT, Axis, Feature, Op, Window
from xindeng.features.columns import payload_columns
from xindeng.features.fold import payload_fields
from xindeng.features.layout import Accumulator, Layout, Store, cells_of
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR, Zone

Vector = Callable[[Any, Any, int], list[Any]]
"""vector(hot, buckets, now) → values in book order."""

_HELPERS: Final = ("bisect_left", "top_share", "top_share_all", "block_variation")


class _Writer:
    """Collects lines; loads each store and each window's first row once."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.lines = ["def vector(hot, buckets, now):", "    today = day_of(now)"]
        self._known: set[str] = set()

    def let(self, name: str, expression: str) -> str:
        """Bind a local once and return its name."""
        if name not in self._known:
            self._known.add(name)
            self.lines.append(f"    {name} = {expression}")
        return name

    def store(self, one: Accumulator) -> str:
        """Return the local that holds a store."""
        part = "hot" if one.hot else "buckets"
        return self.let(f"{part}{one.slot}", f"{part}[{one.slot}]")

    def edge(self, window: Window) -> str:
        """Return the local of the first key inside a window."""
        if window.axis is Axis.DAY:
            return self.let(f"d{window.size}", f"today - {window.size}")
        return self.let(f"h{window.size}", f"now - {window.size * HOUR - 1}")

    def edge_instant(self, window: Window) -> str:
        """Return the local of the first instant inside a window."""
        if window.axis is Axis.HOUR:
            return self.edge(window)
        return self.let(f"m{window.size}", f"midnight({self.edge(window)})")

    def first_row(self, one: Accumulator, window: Window) -> str:
        """Return the local of the first row of a table inside a window."""
        table = self.store(one)
        name = f"{table}_{window}"
        return self.let(name, f"bisect_left({table}[0], {self.edge(window)})")


def compile_vector(
    features: Sequence[Feature], layout: Layout, zone: Zone, types: tuple[list[str], list[str]]
) -> Vector:
    """Return the function from a state's parts to all values; `types` are the slot-0 orders."""
    writer = _Writer(layout)
    names = []
    for number, feature in enumerate(features):
        value = _value(writer, feature) if feature.enabled else "None"
        if feature.requires and feature.enabled:
            hot = CATALOGUE[feature.requires].hot
            place = types[0 if hot else 1].index(feature.requires)
            part = "hot" if hot else "buckets"
            value = f"None if {part}[0][{place}] is None else {value}"
        name = writer.let(f"f{number}", value)
        if feature.default is not None and feature.enabled:
            writer.lines.append(f"    if {name} is None: {name} = {feature.default!r}")
        names.append(name)
    writer.lines.append(f"    return [{', '.join(names)}]")
    scope: dict[str, Any] = {
        "day_of": zone.day,
        "midnight": zone.midnight,
        **{name: getattr(stores, name) for name in _HELPERS},
    }
    exec("\n".join(writer.lines), scope)  # noqa: S102  only our own identifiers and literals
    vector: Vector = scope["vector"]
    return vector


def _value(writer: _Writer, feature: Feature) -> str:
    one = writer.layout.sources[feature.name]
    held, window = writer.store(one), feature.window
    match one.store:
        case Store.TABLE:
            return _table(writer, feature, one)
        case Store.TOTAL:
            return _total(feature, one, held)
        case Store.NEWEST | Store.OLDEST:
            return _edge_event(writer, feature, one)
        case Store.DISTINCT:
            assert window is not None
            return f"len({held}[0]) - bisect_left({held}[0], {writer.edge_instant(window)})"
        case Store.VALUES:
            return f"len({held})"
        case Store.TOP if window is None:
            return f"top_share_all({held})"
        case Store.TOP:
            assert window is not None
            return f"top_share({held}, {writer.edge(window)})"
    if window is None:
        return f"{held}[2]"
    inside = f"{held}[3] >= {writer.edge(window)}"
    if window.axis is Axis.HOUR:
        inside = f"{held}[0][-1] >= {writer.edge(window)}"
    return f"{held}[2] if {held}[0] and {inside} else None"


def _table(writer: _Writer, feature: Feature, one: Accumulator) -> str:
    held, window = writer.store(one), feature.window
    assert window is not None
    columns = [f"{held}[{one.cells.index(cell) + 1}]" for cell in cells_of(feature)]
    first = columns[0]
    if feature.op is Op.CV:
        unit = 100 if payload_columns(one.event)[feature.field or ""].high == MAX_AMOUNT else 1
        blocks = window.size // BLOCK_DAYS
        return f"block_variation({held}[0], {first}, today, {blocks}, {unit})"
    row = writer.first_row(one, window)
    if feature.op in (Op.MIN, Op.MAX):
        rows = f"{first}[{row}:]"
        if payload_columns(one.event)[feature.field or ""].nullable:
            rows = f"[x for x in {rows} if x is not None]"
        return f"{feature.op}({rows}, default=None)"
    if feature.op is Op.FIRST:
        kept = f"{first}[{row}]"
        inside = f"{row} < len({first})"
        return _shaped(feature, f"{kept}[0]", f"day_of({kept}[0])", f"{kept}[1]", inside)
    differences = [f"({name}[-1] - {name}[{row}])" for name in columns]
    return _aggregate(feature, differences)


def _total(feature: Feature, one: Accumulator, held: str) -> str:
    cells = [f"{held}[{one.cells.index(cell)}]" for cell in cells_of(feature)]
    return cells[0] if feature.op in (Op.MIN, Op.MAX) else _aggregate(feature, cells)


def _aggregate(feature: Feature, values: list[str]) -> str:
    if feature.op is Op.SUM:
        return f"max({-SUM_LIMIT}, min({SUM_LIMIT}, {values[0]}))"
    if feature.op is Op.HISTOGRAM:
        return f"{values[0]} / {values[1]} if {values[1]} else None"
    return values[0]


def _edge_event(writer: _Writer, feature: Feature, one: Accumulator) -> str:
    held, window = writer.store(one), feature.window
    inside = f"{held} is not None"
    if window:
        place = 1 if window.axis is Axis.DAY else 0
        inside += f" and {held}[{place}] >= {writer.edge(window)}"
    kept = payload_fields(one)
    value = f"{held}[{kept.index(feature.field) + 2}]" if feature.field in kept else ""
    return _shaped(feature, f"{held}[0]", f"{held}[1]", value, inside)


def _shaped(feature: Feature, at: str, day: str, value: str, inside: str) -> str:
    """Return the expression of a first or last event's field, in the form asked for."""
    shapes = {"hours_since": f"(now - {at}) // {HOUR}", "days_since": f"today - {day}"}
    fields = {"occurred_at": at, "occurred_day": day}
    wanted = shapes.get(feature.form) or fields.get(feature.field or "", value)
    return f"{wanted} if {inside} else None"
