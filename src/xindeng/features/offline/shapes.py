"""From aggregates to values: clamps, shares, forms and variation, as the online kernel has them."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.features.algebra import BLOCK_LIMIT, BLOCK_MINIMUM, SUM_LIMIT, Feature, Op
from xindeng.features.columns import payload_columns
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR
from xindeng.language import Dialect


def counted(feature: Feature, totals: Sequence[str]) -> str:
    """Return the value of a count, sum or share from its totals, NULL where nothing was seen."""
    found = [f"COALESCE({total}, 0)" for total in totals]
    if feature.op is Op.HISTOGRAM:
        return ratio(*found)
    if feature.op is Op.SUM:
        return f"CAST(GREATEST({-SUM_LIMIT}, LEAST({SUM_LIMIT}, {found[0]})) AS BIGINT)"
    return f"CAST({found[0]} AS BIGINT)"


def ratio(part: str, whole: str) -> str:
    """Return a share as a DOUBLE, NULL of nothing."""
    return f"CAST({part} AS DOUBLE) / NULLIF(CAST({whole} AS DOUBLE), 0)"


def shaped(feature: Feature, at: str, day: str, value: str, dialect: Dialect) -> str:
    """Return the field of a first or last event in the form asked for; `r` is the request."""
    if feature.form == "hours_since":
        return f"(r.now - {at}) {dialect.divide} {HOUR}"
    if feature.form == "days_since":
        return f"CAST(r.today - {day} AS BIGINT)"
    fields = {"occurred_at": at, "occurred_day": f"CAST({day} AS BIGINT)"}
    return fields.get(feature.field or "", value)


def variation(feature: Feature, table: str, sums: Sequence[str], dialect: Dialect) -> str:
    """Return the query of (id, cv) of block sums in a table, newest first."""
    unit = 100 if payload_columns(feature.event)[feature.field or ""].high == MAX_AMOUNT else 1
    places = range(len(sums))
    plain = ", ".join(f"CAST(COALESCE({sums[k]}, 0) AS BIGINT) AS s{k}" for k in places)
    clamped = ", ".join(
        f"GREATEST({-BLOCK_LIMIT}, LEAST({BLOCK_LIMIT},"
        f" (s{k} - (s{k} % {unit} + {unit}) % {unit}) {dialect.divide} {unit})) AS x{k}"
        for k in places  # the floor, also below zero
    )
    used = " ".join(f"WHEN x{k} <> 0 THEN {k + 1}" for k in reversed(places))
    total = " + ".join(f"x{k}" for k in places)
    squares = " + ".join(f"x{k} * x{k}" for k in places)
    return (
        f"SELECT id, CASE WHEN c >= {BLOCK_MINIMUM} AND t > 0 THEN"
        " sqrt(CAST(c * q - t * t AS DOUBLE)) / CAST(t AS DOUBLE) END AS cv"
        f" FROM (SELECT id, CASE {used} ELSE 0 END AS c, {total} AS t, {squares} AS q"
        f" FROM (SELECT id, {clamped} FROM (SELECT id, {plain} FROM {table})))"
    )
