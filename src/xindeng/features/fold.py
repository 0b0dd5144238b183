"""Writes the fold of one event type as Python: its `where` clauses once, then its stores.

Generated source holds only our own identifiers, the payload's field names from the catalogue
and literals by repr; texts of the book never reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from xindeng.features import stores
from xindeng.features.algebra import Axis, Op
from xindeng.features.columns import payload_columns, where_columns
from xindeng.features.layout import Accumulator, Cell, Store
from xindeng.kernel.time import HOUR, Zone
from xindeng.language import Kind, compile_program

Fold = Callable[[Any, Any, int], None]
"""fold(part, event, known): `known` is the last known_at of the borrower, in µs."""

_KINDS: Final = {Op.COUNT: "s", Op.SUM: "s", Op.MIN: "<", Op.MAX: ">", Op.FIRST: "f"}


def compile_fold(event: str, accumulators: Sequence[Accumulator], zone: Zone) -> Fold:
    """Return the function that folds one event of type `event` into its part of a state."""
    wheres = list(dict.fromkeys(one.where for one in accumulators if one.where))
    lines = [
        "def fold(part, event, known):",
        "    p = event.payload",
        "    at = event.occurred_at",
        "    day = day_of(at)",
        "    known_day = day_of(known)",
    ]
    scope: dict[str, Any] = {
        "day_of": zone.day,
        "hour_of": zone.hour,
        "midnight": zone.midnight,
        **{name: getattr(stores, name) for name in _HELPERS},
    }
    if wheres:
        scope["run"], inputs = _program(event, accumulators)
        lines.append(f"    fired = run(({inputs}), ())[1]")
    for where in ["", *wheres]:
        body = [line for one in accumulators if one.where == where for line in _update(one)]
        if where:
            lines.append(f"    if fired & {1 << wheres.index(where)}:")
        pad = "        " if where else "    "
        lines += [pad + line for line in body]
    exec("\n".join(lines), scope)  # noqa: S102  source is ours alone, see above
    fold: Fold = scope["fold"]
    return fold


_HELPERS: Final = (
    "row", "bump", "keep", "seen", "collect", "tally", "tally_all", "enter", "digest",
)  # fmt: skip


def _program(event: str, accumulators: Sequence[Accumulator]) -> tuple[Any, str]:
    conditions = {one.where: one.condition for one in accumulators if one.condition is not None}
    used = {name for condition in conditions.values() for name in condition.columns}
    inputs = [name for name in where_columns(event) if name in used]
    numbered = [(f"c{n}", condition) for n, condition in enumerate(conditions.values())]
    program = compile_program(inputs=inputs, parameters=(), definitions=(), conditions=numbered)
    free = {"occurred_day": "day", "hour_of_day": "hour_of(at)"}
    return program.run, "".join(f"{free.get(name, f'p.{name}')}, " for name in inputs)


def _update(one: Accumulator) -> list[str]:
    slot = f"part[{one.slot}]"
    match one.store:
        case Store.TABLE:
            return _table(one)
        case Store.TOTAL:
            cells = [_total(one, cell, place) for place, cell in enumerate(one.cells)]
            return [f"t = {slot}", *cells]
        case Store.NEWEST | Store.OLDEST:
            sign = ">=" if one.store is Store.NEWEST else "<"
            fields = "".join(f", p.{name}" for name in payload_fields(one))
            return [
                f"n = {slot}",
                f"if n is None or at {sign} n[0]:",
                f"    {slot} = [at, day{fields}]",
            ]
    value = f"v = p.{one.field}"
    call = _single(one, slot)
    if payload_columns(one.event)[one.field or ""].nullable:
        return [value, "if v is not None:", f"    {call}"]
    return [value, call]


def _single(one: Accumulator, slot: str) -> str:
    match one.store:
        case Store.DISTINCT:
            text = payload_columns(one.event)[one.field or ""].kind is Kind.TEXT
            value = "digest(v)" if one.hot and text else "v"
            return f"seen({slot}, at, {value}, {_oldest_instant(one)}, {one.cap})"
        case Store.VALUES:
            return f"collect({slot}, v)"
        case Store.RING:
            return f"enter({slot}, at, day, v, {one.over})"
        case Store.TOP if one.axis is None:
            return f"tally_all({slot}, v)"
    return f"tally({slot}, {_key(one)}, v, {_edge(one)})"


def _key(one: Accumulator) -> str:
    return "day" if one.axis is Axis.DAY else "at"


def _edge(one: Accumulator) -> str:
    """Return the expression of the oldest key any window of this table can still see."""
    if one.axis is Axis.DAY:
        return f"known_day - {one.horizon(Axis.DAY)}"
    return f"known - {one.horizon(Axis.HOUR) * HOUR - 1}"


def _oldest_instant(one: Accumulator) -> str:
    days, hours = one.horizon(Axis.DAY), one.horizon(Axis.HOUR)
    by_day, by_hour = f"midnight(known_day - {days})", f"known - {hours * HOUR - 1}"
    if days and hours:
        return f"min({by_day}, {by_hour})"
    return by_day if days else by_hour


def _table(one: Accumulator) -> list[str]:
    key = _key(one)
    kinds = "".join(_KINDS[cell.op] for cell in one.cells)
    new = f"row(t, {key}, {_edge(one)}, {kinds!r}, {one.cap})"
    lines = [
        f"t = part[{one.slot}]",
        "k = t[0]",
        f"i = len(k) - 1 if k and k[-1] == {key} else {new}",
        "if i >= 0:",
    ]
    for place, (kind, cell) in enumerate(zip(kinds, one.cells, strict=True), start=1):
        value = _amount(one, cell)
        if kind == "s":
            lines += [f"    bump(t[{place}], i, {value})"]
        elif kind == "f":
            lines += [f"    keep(t[{place}], i, 'f', [at, {value}])"]
        else:
            guard = f"if {value} is not None: " if _nullable(one, cell) else ""
            lines += [f"    {guard}keep(t[{place}], i, {kind!r}, {value})"]
    return lines


def _total(one: Accumulator, cell: Cell, place: int) -> str:
    value = _amount(one, cell)
    if cell.op in (Op.COUNT, Op.SUM):
        return f"t[{place}] += {value}"
    sign = _KINDS[cell.op]
    guard = f"{value} is not None and " if _nullable(one, cell) else ""
    return f"if {guard}(t[{place}] is None or {value} {sign} t[{place}]): t[{place}] = {value}"


def _amount(one: Accumulator, cell: Cell) -> str:
    """Return the expression of what one event adds to a cell."""
    if cell.field is None:
        return "1"
    field = {"occurred_at": "at", "occurred_day": "day"}.get(cell.field, f"p.{cell.field}")
    if cell.op is Op.COUNT:
        return f"({field} is not None)" if cell.bin is None else f"({field} == {cell.bin!r})"
    return f"({field} or 0)" if cell.op is Op.SUM and _nullable(one, cell) else field


def _nullable(one: Accumulator, cell: Cell) -> bool:
    column = payload_columns(one.event).get(cell.field or "")
    return column is not None and column.nullable


def payload_fields(one: Accumulator) -> list[str]:
    """Return the payload fields an edge store keeps, in order, after its instant and day."""
    return [name for name in one.fields if name not in ("occurred_at", "occurred_day")]
