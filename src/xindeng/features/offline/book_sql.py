"""The whole book as one query: a column a base feature, a row a request."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from xindeng.features.algebra import Feature
from xindeng.features.offline.density import dense
from xindeng.features.offline.parts import Parts, fields_of, parts_of
from xindeng.features.offline.since_start import since_start
from xindeng.features.offline.spelling import ON_DUCKDB, Spelling
from xindeng.features.offline.windowed import distinct_values, windowed
from xindeng.language import Dialect, Kind, quote

_TYPES = {Kind.BIGINT: "BIGINT", Kind.DOUBLE: "DOUBLE", Kind.BOOL: "BOOLEAN", Kind.TEXT: "STRING"}


def event_fields(features: Iterable[Feature]) -> dict[str, list[str]]:
    """Return the event types that features read and the payload fields needed of each."""
    found: dict[str, list[Feature]] = {}
    for feature in features:
        if feature.enabled:
            found.setdefault(feature.event, []).append(feature)
            if feature.requires:
                found.setdefault(feature.requires, [])
    return {event: fields_of(mine, wheres=True) for event, mine in sorted(found.items())}


def book_sql(features: Iterable[Feature], dense_types: Collection[str] = ()) -> str:
    """Return the query of all features over the relations described in the package.

    `dense_types` are those for which a relation dense_TYPE lists borrowers to be summed in the
    sorted way. The result has `id` and the features in the order given.
    """
    tables, query = book_tables(features, dense_types)
    lines = ",\n".join(f"{name} AS ({sql})" for name, sql in tables)
    return f"WITH {lines}\n{query}" if lines else query


def book_tables(
    features: Iterable[Feature],
    dense_types: Collection[str] = (),
    spelling: Spelling = ON_DUCKDB,
) -> tuple[list[tuple[str, str]], str]:
    """Return the same in steps: tables in order as (name, query), and the query over them."""
    features = list(features)
    tables: list[tuple[str, str]] = []
    joined: list[str] = []
    values: dict[str, str] = {}
    known: dict[str, str] = {}
    needed = {f.requires for f in features if f.enabled and f.requires}
    for event in event_fields(features):
        mine = [f for f in features if f.enabled and f.event == event]
        parts = _of_type(event, mine, spelling, event in dense_types, event in needed)
        tables += parts.tables
        joined += parts.joined
        known[event] = parts.values.pop("known", "")
        values.update(parts.values)
    columns = [_column(feature, values, known, spelling.dialect) for feature in features]
    joins = "".join(f"\nLEFT JOIN {name} ON {name}.id = r.id" for name in joined)
    return tables, f"SELECT r.id, {', '.join(columns)}\nFROM requests r{joins}"


def _of_type(
    event: str, mine: list[Feature], spelling: Spelling, is_dense: bool, needed: bool
) -> Parts:
    parts = parts_of(event, mine, spelling, dense=is_dense)
    since_start(parts, needed=needed)
    slices = windowed(parts)
    distinct_values(parts)
    if is_dense:
        dense(parts, slices)
    for add in parts.after:
        add()
    for feature in mine:
        if feature.name in parts.counts:
            # The column's bound is what the kernel's store can count to.
            seen = f"COALESCE({', '.join(parts.counts[feature.name])}, 0)"
            parts.values[feature.name] = f"LEAST({feature.column.high}, {seen})"
    return parts


def _column(
    feature: Feature, values: dict[str, str], known: dict[str, str], dialect: Dialect
) -> str:
    kind = _TYPES[feature.column.kind]
    if not feature.enabled:
        return f"CAST(NULL AS {kind}) AS {quote(feature.name)}"
    value = values[feature.name]
    if feature.requires:
        value = f"CASE WHEN {known[feature.requires]} > 0 THEN {value} END"
    if feature.default is not None:
        default = dialect.text(str(feature.default))
        value = f"COALESCE({value}, CAST({default} AS {kind}))"
    return f"CAST({value} AS {kind}) AS {quote(feature.name)}"
