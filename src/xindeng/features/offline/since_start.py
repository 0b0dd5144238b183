"""Features over all time, and the newest event: running totals in order of arrival.

What is visible to a decision is a prefix of a borrower's events by `seq`, so a running aggregate
by `seq`, read at the last event before the decision, is exact however late events arrive.
"""

from __future__ import annotations

from xindeng.features.algebra import DISTINCT_ALL_LIMIT, Feature, Op
from xindeng.features.layout import cells_of
from xindeng.features.offline.parts import Parts, added, fields_of, inside, value_of
from xindeng.features.offline.ring import ring
from xindeng.features.offline.shapes import counted, shaped
from xindeng.language import quote


class Running:
    """The running columns of one type: `inner` are computed per event, `outer` run over them."""

    def __init__(self) -> None:
        self.inner: dict[str, str] = {}
        self.outer: dict[str, str] = {}

    def total(self, aggregate: str, per_event: str) -> str:
        """Return the name of a running aggregate of an expression over one event."""
        for name, known in self.inner.items():
            if known == per_event and self.outer.get(f"{aggregate}_{name}"):
                return f"{aggregate}_{name}"
        name = f"x{len(self.inner)}"
        self.inner[name] = per_event
        self.outer[f"{aggregate}_{name}"] = f"{aggregate}({name})"
        return f"{aggregate}_{name}"


def since_start(parts: Parts, *, needed: bool = False) -> None:
    """Add what needs no window but the newest event's; `needed` asks whether there is any."""
    running, edges = Running(), {}
    for feature in parts.features:
        holds = parts.holds(feature)
        if feature.op is Op.LAST:
            edges[feature.name] = running.total("max", f"CASE WHEN {holds} THEN pos END")
        elif feature.op is Op.FIRST and feature.window is None:
            edges[feature.name] = running.total("min", f"CASE WHEN {holds} THEN pos END")
        elif feature.op is Op.ROBUST_Z:
            ring(parts, feature, running.total)
        elif feature.window is None:
            _total(parts, running, feature)
    if needed:
        parts.values["known"] = f"a_{parts.event}.{running.total('count', 'seq')}"
    if not running.outer:
        return
    inner = ", ".join(f"{sql} AS {name}" for name, sql in running.inner.items())
    outer = ", ".join(f"{sql} OVER w AS {name}" for name, sql in running.outer.items())
    # The running table stands before what reads it, though it is written last.
    waiting = parts.tables[1:]
    del parts.tables[1:]
    parts.add(
        "c",
        f"SELECT who, seq, {outer} FROM (SELECT who, seq, {inner} FROM {parts.base})"
        " WINDOW w AS (PARTITION BY who ORDER BY seq ROWS UNBOUNDED PRECEDING)",
    )
    parts.add("a", parts.spelling.before(f"c_{parts.event}", list(running.outer)), joined=True)
    parts.tables += waiting
    for place, column in enumerate(dict.fromkeys(edges.values())):
        mine = [f for f in parts.features if edges.get(f.name) == column]
        edge_events(parts, f"l{place}", f"a_{parts.event}", column, mine)


def edge_events(parts: Parts, name: str, source: str, column: str, mine: list[Feature]) -> None:
    """Join back the events whose place `source` has in `column`, and read the features off them."""
    fields = "".join(f", e.{quote(field)}" for field in fields_of(mine, wheres=False))
    table = parts.add(
        name,
        f"SELECT a.id, e.occurred_at, e.day{fields} FROM {source} a"
        f" JOIN {parts.base} e ON e.who = a.who AND e.pos = a.{column}",
        joined=True,
    )
    for feature in mine:
        at, day = f"{table}.occurred_at", f"{table}.day"
        found = shaped(feature, at, day, value_of(feature, f"{table}."), parts.spelling.dialect)
        if feature.op is Op.LAST and feature.window is not None:
            found = f"CASE WHEN {inside(feature.window, f'{table}.', 'r.')} THEN {found} END"
        parts.values[feature.name] = found


def _total(parts: Parts, running: Running, feature: Feature) -> None:
    holds, value = parts.holds(feature), value_of(feature) if feature.field else ""
    read = f"a_{parts.event}."
    if feature.op in (Op.MIN, Op.MAX):
        column = running.total(str(feature.op), f"CASE WHEN {holds} THEN {value} END")
        parts.values[feature.name] = read + column
    elif feature.op is Op.DISTINCT:
        known = f"{holds} AND {value} IS NOT NULL"
        first = f"row_number() OVER (PARTITION BY who, {known}, {value} ORDER BY seq) = 1"
        column = running.total("sum", f"CASE WHEN {known} AND {first} THEN 1 ELSE 0 END")
        seen = f"COALESCE({read}{column}, 0)"
        parts.values[feature.name] = f"CAST(LEAST({DISTINCT_ALL_LIMIT}, {seen}) AS BIGINT)"
    elif feature.form != "top_share":
        columns = [running.total("sum", added(cell, holds)) for cell in cells_of(feature)]
        parts.values[feature.name] = counted(feature, [read + column for column in columns])
