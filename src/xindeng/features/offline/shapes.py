"""From aggregates to values: clamps, shares, forms and variation, as the online kernel has them."""

from __future__ import annotations

from collections.abc import Sequence

from xindeng.features.algebra import BLOCK_LIMIT, BLOCK_MINIMUM, SUM_LIMIT, Feature, Op
from xindeng.features.columns import payload_columns
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import HOUR


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


def shaped(feature: Feature, at: str, day: str, value: str) -> str:
    """Return the field of a first or last event in the form asked for; `r` is the request."""
    if feature.form == "hours_since":
        return f"(r.now - {at}) // {HOUR}"
    if feature.form == "days_since":
        return f"CAST(r.today - {day} AS BIGINT)"
    fields = {"occurred_at": at, "occurred_day": f"CAST({day} AS BIGINT)"}
    return fields.get(feature.field or "", value)


def variation(feature: Feature, sums: Sequence[str]) -> str:
    """Return the coefficient of variation of block sums, newest first."""
    unit = 100 if payload_columns(feature.event)[feature.field or ""].high == MAX_AMOUNT else 1
    blocks = ", ".join(f"CAST(COALESCE({one}, 0) AS BIGINT)" for one in sums)
    whole = f"(s - (s % {unit} + {unit}) % {unit}) // {unit}"  # the floor, also below zero
    clamped = f"list_transform([{blocks}], lambda s: GREATEST({-BLOCK_LIMIT}, LEAST({BLOCK_LIMIT}, {whole})))"  # noqa: E501
    used = f"list_max(list_transform(range(1, {len(sums) + 1}), lambda i: CASE WHEN x[i] <> 0 THEN i ELSE 0 END))"  # noqa: E501
    return (
        f"(SELECT CASE WHEN c >= {BLOCK_MINIMUM} AND t > 0 THEN"
        " sqrt(CAST(CAST(c * q - t * t AS BIGINT) AS DOUBLE)) / CAST(t AS DOUBLE) END"
        f" FROM (SELECT {used} AS c, CAST(list_sum(x) AS BIGINT) AS t,"
        " CAST(list_sum(list_transform(x, lambda v: v * v)) AS BIGINT) AS q"
        f" FROM (SELECT {clamped} AS x)))"
    )
