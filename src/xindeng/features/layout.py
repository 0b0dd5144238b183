"""Where each feature's facts are kept: features of one event, `where` and field share them.

TABLE     rows keyed by local day or instant, one column an aggregate (windowed count, sum, …)
TOTAL     the same aggregates over all time, no keys
NEWEST    time and fields of the last event; OLDEST of the first
DISTINCT  each value with the last instant it was seen; VALUES each value ever seen
TOP       a small table for each value
RING      the newest events' log buckets, for robust_z

Each lives in one of two parts: `hot` (types that a draw writes, ≤2 kB) or `buckets`. Rows of
hot stores are capped, in numbers no honest use reaches, and what saturates errs to one side:
a distinct count is min(true count, cap), which its column declares; a table merges its oldest
rows forward, so counts, sums of amounts and extremes are never less than the window holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as having
from enum import StrEnum
from typing import Final

from xindeng.events.catalogue import CATALOGUE
from xindeng.features.algebra import Axis, Feature, Op, Window
from xindeng.features.columns import payload_columns
from xindeng.language import Column, Expression, Kind

HOT_LIMIT: Final = 2048
"""Bytes of the hot part as stored, at most; a draw rewrites all of it."""
FIRST_SLOT: Final = 4
"""Slots 0–3 of a part: last instant by event type, holds, current sitting, holds that ended."""

# Worst case of everything in the hot part that is not an accumulator: header, last instants,
# three holds with names of ≤96 bytes together, a sitting with a name of ≤64.
_HOT_RESERVED: Final = 640
_MAX_CAP: Final = 64
_MIN_CAP: Final = 8
_INT: Final = 9
_DAY_KEY: Final = 5
_DIGEST: Final = 8
_TEXT: Final = 4 * 128 + 3


class Store(StrEnum):
    """The kinds of accumulator."""

    TABLE = "table"
    TOTAL = "total"
    NEWEST = "newest"
    OLDEST = "oldest"
    DISTINCT = "distinct"
    VALUES = "values"
    TOP = "top"
    RING = "ring"


@dataclass(frozen=True, slots=True)
class Cell:
    """One aggregate of a table: `op` of `field`; a count of `field` = `bin` or of not-NULLs."""

    op: Op
    field: str | None = None
    bin: str | None = None


@dataclass(slots=True)
class Accumulator:
    """One shared store; `cap` bounds its rows in the hot part (0: unbounded)."""

    store: Store
    event: str
    where: str
    condition: Expression | None
    hot: bool
    slot: int
    axis: Axis | None = None
    field: str | None = None
    over: int = 0
    cells: list[Cell] = having(default_factory=list)
    fields: list[str] = having(default_factory=list)
    windows: set[Window] = having(default_factory=set)
    cap: int = 0

    def horizon(self, axis: Axis) -> int:
        """Return the largest window on `axis`, 0 if none: what is older may be dropped."""
        return max((window.size for window in self.windows if window.axis is axis), default=0)


@dataclass(frozen=True)
class Layout:
    """All accumulators, and for each feature those it reads."""

    accumulators: Sequence[Accumulator]
    sources: dict[str, Accumulator]
    cap: int
    too_large: tuple[str, str] | None = None

    def bounded(self, feature: Feature) -> Feature:
        """Return the feature with the bound that its store sets: hot distincts stop at `cap`."""
        source = self.sources.get(feature.name)
        if source is None or source.store is not Store.DISTINCT or not source.cap:
            return feature
        column = feature.column
        high = min(source.cap, column.high if column.high is not None else source.cap)
        return replace(
            feature, column=Column(column.kind, column.low, high, column.values, column.nullable)
        )


def plan(features: Iterable[Feature]) -> Layout:
    """Lay out the stores of all enabled features; what is switched off is not kept at all."""
    found: dict[tuple[object, ...], Accumulator] = {}
    sources: dict[str, Accumulator] = {}
    slots = {True: FIRST_SLOT, False: FIRST_SLOT}
    for feature in features:
        if not feature.enabled:
            continue
        store, axis, own = _store_of(feature)
        own_field = feature.field if own else None
        key = (store, feature.event, feature.where, axis, own_field, feature.over)
        if key not in found:
            hot = CATALOGUE[feature.event].hot
            found[key] = Accumulator(
                store, feature.event, feature.where, feature.condition, hot, slots[hot],
                axis, own_field, feature.over,
            )  # fmt: skip
            slots[hot] += 1
        source = sources[feature.name] = found[key]
        _extend(source, feature)
    accumulators = list(found.values())
    cap, too_large = _share_out([source for source in accumulators if source.hot])
    return Layout(accumulators, sources, cap, too_large)


def cells_of(feature: Feature) -> list[Cell]:
    """Return the table cells a feature reads."""
    if feature.op is Op.HISTOGRAM:
        return [Cell(Op.COUNT, feature.field, feature.bin), Cell(Op.COUNT, feature.field)]
    if feature.op is Op.CV:
        return [Cell(Op.SUM, feature.field)]
    return [Cell(feature.op, feature.field)]


def _store_of(feature: Feature) -> tuple[Store, Axis | None, bool]:
    """Return the store, its axis, and whether it belongs to one field alone."""
    axis = feature.window.axis if feature.window else None
    match feature.op:
        case Op.LAST:
            return Store.NEWEST, None, False
        case Op.FIRST if axis is None:
            return Store.OLDEST, None, False
        case Op.DISTINCT:
            return (Store.DISTINCT if axis else Store.VALUES), None, True
        case Op.ROBUST_Z:
            return Store.RING, None, True
        case Op.HISTOGRAM if feature.form == "top_share":
            return Store.TOP, axis, True
    return (Store.TABLE if axis else Store.TOTAL), axis, False


def _extend(source: Accumulator, feature: Feature) -> None:
    if feature.window:
        source.windows.add(feature.window)
    if source.store in (Store.TABLE, Store.TOTAL):
        source.cells += [cell for cell in cells_of(feature) if cell not in source.cells]
        # Running sums stand before the others: they have one entry more than there are rows.
        source.cells.sort(key=lambda cell: cell.op not in (Op.COUNT, Op.SUM))
    elif source.store in (Store.NEWEST, Store.OLDEST) and feature.field not in source.fields:
        source.fields.append(feature.field or "")


def _share_out(hot: Sequence[Accumulator]) -> tuple[int, tuple[str, str] | None]:
    """Give the hot stores equal numbers of rows, so that their worst case fits `HOT_LIMIT`."""
    budget = HOT_LIMIT - _HOT_RESERVED - sum(map(_fixed, hot))
    rows = [source for source in hot if source.store in (Store.TABLE, Store.DISTINCT)]

    def need(source: Accumulator, cap: int) -> int:
        return min(cap, source.horizon(Axis.DAY) + 1) if source.axis is Axis.DAY else cap

    cap = _MAX_CAP
    while cap > 0 and sum(need(source, cap) * _row(source) for source in rows) > budget:
        cap -= 1
    for source in rows:
        source.cap = need(source, cap)
    if cap >= _MIN_CAP:
        return cap, None
    return cap, (
        f"the features over types that a draw writes leave {max(cap, 0)} rows each in "
        f"{HOT_LIMIT} bytes; {_MIN_CAP} are needed",
        "drop some, share one `where`, or use last and all-time totals",
    )


def _row(source: Accumulator) -> int:
    if source.store is Store.DISTINCT:
        text = payload_columns(source.event)[source.field or ""].kind is Kind.TEXT
        return _INT + (_DIGEST if text else _INT)
    return (_DAY_KEY if source.axis is Axis.DAY else _INT) + _INT * len(source.cells)


def _fixed(source: Accumulator) -> int:
    if source.store in (Store.NEWEST, Store.OLDEST):
        return 1 + 3 * _INT + sum(_width(source.event, name) for name in source.fields)
    return 12 + 12 * len(source.cells)


def _width(event: str, name: str) -> int:
    column = payload_columns(event).get(name)
    if column is None or column.kind is not Kind.TEXT:
        return _INT
    return max((len(value) + 2 for value in column.values), default=_TEXT)
