"""What the SQL of one event type is made of, and the spelling that its parts share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from xindeng.features.algebra import Axis, Feature, Op, Window
from xindeng.features.columns import payload_columns
from xindeng.features.layout import Cell
from xindeng.features.offline.spelling import Spelling
from xindeng.kernel.time import HOUR
from xindeng.language import quote, to_sql

_SPELLED = {"occurred_at": "occurred_at", "occurred_day": "day", "hour_of_day": "hour"}


@dataclass
class Parts:
    """The SQL of one event type as it grows.

    `tables` are the common table expressions in order; those in `joined` have at most one row for
    each request `id`; `values` gives each feature's expression over them,
    `counts` the columns of a distinct count, of which one at most is not NULL. `after` adds the
    tables that read the joined ones.
    """

    event: str
    features: Sequence[Feature]
    wheres: dict[str, str]
    spelling: Spelling
    dense: bool = False
    tables: list[tuple[str, str]] = field(default_factory=list)
    joined: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    counts: dict[str, list[str]] = field(default_factory=dict)
    after: list[Callable[[], None]] = field(default_factory=list)

    @property
    def base(self) -> str:
        """Return the name of the table of events with their conditions."""
        return f"e_{self.event}"

    def add(self, name: str, sql: str, *, joined: bool = False) -> str:
        """Add a table and return its full name."""
        full = f"{name}_{self.event}"
        self.tables.append((full, sql))
        if joined:
            self.joined.append(full)
        return full

    def holds(self, feature: Feature, alias: str = "") -> str:
        """Return the column that tells whether an event passes the feature's `where`."""
        return alias + self.wheres[feature.where] if feature.where else "TRUE"

    def chosen(self, *ops: Op, windowed: bool) -> list[Feature]:
        """Return the features of these operations, with or without a window."""
        return [f for f in self.features if f.op in ops and (f.window is not None) == windowed]


def parts_of(event: str, features: Sequence[Feature], spelling: Spelling, *, dense: bool) -> Parts:
    """Return the parts with their first table: every event with each `where` once."""
    texts = list(dict.fromkeys(f.where for f in features if f.where))
    parts = Parts(event, features, {text: f"w{k}" for k, text in enumerate(texts)}, spelling, dense)
    conditions = {f.where: f.condition for f in features if f.condition is not None}
    columns = ["who", "seq", "n", "pos", "occurred_at", "day"]
    columns += [quote(name) for name in fields_of(features, wheres=False)]
    columns += [
        f"COALESCE({to_sql(conditions[text], spell, dialect=spelling.dialect)}, FALSE) AS {name}"
        for text, name in parts.wheres.items()
    ]
    parts.add("e", f"SELECT {', '.join(columns)} FROM events_{event}")
    return parts


def fields_of(features: Iterable[Feature], *, wheres: bool) -> list[str]:
    """Return the payload fields that features read, those of their conditions if `wheres`."""
    found: set[str] = set()
    for feature in features:
        columns = payload_columns(feature.event)
        found |= {feature.field} & columns.keys() if feature.field else set()
        if wheres and feature.condition is not None:
            found |= feature.condition.columns & columns.keys()
    return sorted(found)


def spell(name: str) -> str:
    """Return a column of an event as the event tables call it."""
    return _SPELLED.get(name) or quote(name)


def value_of(feature: Feature, alias: str = "") -> str:
    """Return the field that a feature aggregates."""
    return alias + spell(feature.field or "")


def inside(window: Window | None, event: str, request: str) -> str:
    """Return the condition that an event lies in a window that ends at the request."""
    if window is None:
        return "TRUE"
    if window.axis is Axis.DAY:
        return f"{event}day >= {request}today - {window.size}"
    return f"{event}occurred_at > {request}now - {window.size * HOUR}"


def outermost(features: Iterable[Feature]) -> str:
    """Return a condition, `e` events and `r` requests, that no event in any window fails."""
    days = 0
    for feature in features:
        if feature.window is None:
            return "TRUE"
        whole = feature.window.axis is Axis.DAY
        # A local day has at least 23 hours, so one day more than the hours need is enough.
        days = max(days, feature.window.size if whole else feature.window.size // 23 + 2)
    return f"e.day >= r.today - {days}"


def added(cell: Cell, holds: str) -> str:
    """Return what one event adds to a count or a sum."""
    if cell.field is None:
        return f"CASE WHEN {holds} THEN 1 ELSE 0 END"
    value = spell(cell.field)
    if cell.op is Op.SUM:
        return f"CASE WHEN {holds} THEN COALESCE({value}, 0) ELSE 0 END"
    if cell.bin is None:
        return f"CASE WHEN {holds} AND {value} IS NOT NULL THEN 1 ELSE 0 END"
    text = cell.bin.replace("'", "''")
    return f"CASE WHEN {holds} AND {value} = '{text}' THEN 1 ELSE 0 END"
