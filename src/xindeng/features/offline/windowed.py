"""Windows by a range join: every pair of a decision and an event it sees, summed by condition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from xindeng.features.algebra import BLOCK_DAYS, Axis, Feature, Op, Window
from xindeng.features.layout import cells_of
from xindeng.features.offline.parts import Parts, added, inside, outermost, value_of
from xindeng.features.offline.shapes import counted, ratio, variation
from xindeng.features.offline.since_start import edge_events

_SUMMED = (Op.COUNT, Op.SUM, Op.HISTOGRAM, Op.CV)


@dataclass(frozen=True, slots=True)
class Slice:
    """One aggregate over a window: sum, min or max of an expression over one event.

    Events of the window's last `skip` days do not count where it is not 0.
    """

    aggregate: str
    value: str
    window: Window
    skip: int = 0

    def condition(self) -> str:
        """Return the condition that an event lies in the slice."""
        when = inside(self.window, "e.", "r.")
        return f"{when} AND e.day < r.today - {self.skip}" if self.skip else when


class Slices:
    """The slices of one event type, each once, and the columns that hold them.

    `values` are the expressions they aggregate, each once, and the columns of the table of events
    in which they stand: computed an event, not a pair.
    """

    def __init__(self) -> None:
        self.columns: dict[Slice, str] = {}
        self.values: dict[str, str] = {}

    def column(self, one: Slice) -> str:
        """Return the column of a slice."""
        self.values.setdefault(one.value, f"x{len(self.values)}")
        return self.columns.setdefault(one, f"y{len(self.columns)}")


def windowed(parts: Parts) -> Slices:
    """Add the range join of a type; return its slices, for the dense borrowers left out of it."""
    slices = Slices()
    firsts: dict[str, list[Feature]] = {}
    table = f"{'s' if parts.dense else 'g'}_{parts.event}"
    sums = [f for f in parts.chosen(*_SUMMED, windowed=True) if f.form != "top_share"]
    ends = parts.chosen(Op.MIN, Op.MAX, Op.FIRST, windowed=True)
    for feature in sums:
        totals = [f"{table}.{slices.column(one)}" for one in _sums(parts, feature)]
        if feature.op is Op.CV:
            parts.after.append(partial(_variation, parts, len(parts.after), feature, table, totals))
        else:
            parts.values[feature.name] = counted(feature, totals)
    for feature in ends:
        column = slices.column(_end(parts, feature))
        parts.values[feature.name] = f"{table}.{column}"
        if feature.op is Op.FIRST:
            firsts.setdefault(column, []).append(feature)
    if slices.columns:
        chosen = "".join(
            f", {one.aggregate}(e.{slices.values[one.value]})"
            f" FILTER (WHERE {one.condition()}) AS {name}"
            for one, name in slices.columns.items()
        )
        values = "".join(f", {sql} AS {name}" for sql, name in slices.values.items())
        parts.add("x", f"SELECT who, seq, n, occurred_at, day{values} FROM {parts.base}")
        who = ", any_value(r.who) AS who" if firsts or parts.dense else ""
        parts.add(
            "g",
            f"SELECT r.id{who}{chosen} FROM {sparse(parts)} r"
            f" JOIN x_{parts.event} e ON e.who = r.who AND e.seq < r.seq"
            f" AND {outermost([*sums, *ends])} GROUP BY r.id",
            joined=not parts.dense,
        )
    parts.after += [
        partial(edge_events, parts, f"f{place}", table, name, mine)
        for place, (name, mine) in enumerate(firsts.items())
    ]
    return slices


def _variation(
    parts: Parts, place: int, feature: Feature, table: str, totals: Sequence[str]
) -> None:
    sql = variation(feature, table, totals, parts.spelling.dialect)
    parts.values[feature.name] = f"{parts.add(f'cv{place}', sql, joined=True)}.cv"


def sparse(parts: Parts) -> str:
    """Return the requests that the range join answers: all, or those of no dense borrower."""
    return (
        f"(FROM requests ANTI JOIN dense_{parts.event} USING (who))" if parts.dense else "requests"
    )


def _sums(parts: Parts, feature: Feature) -> list[Slice]:
    """Return the sums that a feature needs, for cv one a block of 30 days, newest first."""
    assert feature.window is not None
    values = [added(cell, parts.holds(feature)) for cell in cells_of(feature)]
    if feature.op is not Op.CV:
        return [Slice("sum", value, feature.window) for value in values]
    return [
        Slice(
            "sum", values[0], Window(Axis.DAY, BLOCK_DAYS * (n + 1) - 1), n and BLOCK_DAYS * n - 1
        )
        for n in range(feature.window.size // BLOCK_DAYS)
    ]


def _end(parts: Parts, feature: Feature) -> Slice:
    """Return the minimum or maximum of a feature; of a first event it is its place."""
    assert feature.window is not None
    first = feature.op is Op.FIRST
    value = "pos" if first else value_of(feature)
    masked = f"CASE WHEN {parts.holds(feature)} THEN {value} END"
    return Slice("min" if first else str(feature.op), masked, feature.window)


def distinct_values(parts: Parts) -> None:
    """Add windowed distinct counts and largest shares: pairs grouped by decision and value."""
    distinct = parts.chosen(Op.DISTINCT, windowed=True)
    shares = [feature for feature in parts.features if feature.form == "top_share"]
    for place, feature in enumerate(_one_a_field(distinct)):
        mine = [one for one in distinct if one.field == feature.field]
        table = _grouped(parts, f"v{place}", sparse(parts), mine, "bool_or({when})", _seen)
        for column, one in enumerate(mine):
            parts.counts[one.name] = [f"{table}.o{column}"]
    for place, feature in enumerate(_one_a_field(shares)):
        mine = [one for one in shares if one.field == feature.field]
        table = _grouped(
            parts, f"t{place}", "requests", mine, "count(*) FILTER (WHERE {when})", _largest
        )
        for column, one in enumerate(mine):
            parts.values[one.name] = f"{table}.o{column}"


def _seen(column: str) -> str:
    return f"count(*) FILTER (WHERE {column})"


def _largest(column: str) -> str:
    return ratio(f"max({column})", f"sum({column})")


def _grouped(
    parts: Parts, name: str, requests: str, mine: Sequence[Feature], aggregate: str,
    outer: Callable[[str], str],
) -> str:  # fmt: skip
    """Add a table grouped by decision and value, then by decision: i0 … within, o0 … of all."""
    inner = "".join(
        f", {aggregate.format(when=_when(parts, one))} AS i{k}" for k, one in enumerate(mine)
    )
    outers = "".join(f", {outer(f'i{k}')} AS o{k}" for k in range(len(mine)))
    value = value_of(mine[0], "e.")
    # Grouping is what costs, so an event that passes no condition is not paired at all.
    passes = " OR ".join(dict.fromkeys(parts.holds(one, "e.") for one in mine))
    return parts.add(
        name,
        f"SELECT id{outers} FROM (SELECT r.id, {value} AS v{inner} FROM {requests} r"
        f" JOIN (SELECT * FROM {parts.base} e WHERE {value} IS NOT NULL AND ({passes})) e"
        f" ON e.who = r.who AND e.seq < r.seq AND {outermost(mine)}"
        f" GROUP BY r.id, {value}) GROUP BY id",
        joined=True,
    )


def _when(parts: Parts, feature: Feature) -> str:
    return f"{parts.holds(feature, 'e.')} AND {inside(feature.window, 'e.', 'r.')}"


def _one_a_field(features: Iterable[Feature]) -> list[Feature]:
    return list({feature.field: feature for feature in features}.values())
