"""What a feature yields: the type and bounds of its column."""

from __future__ import annotations

from typing import Any, Final

from xindeng.features.algebra import COUNT_LIMIT, MAX_SINCE_HOURS, SUM_LIMIT, Op
from xindeng.language import Column, Kind

_SINCE: Final = {"hours_since": MAX_SINCE_HOURS, "days_since": MAX_SINCE_HOURS // 24}


def result_column(op: Op, field: Column | None, form: str) -> Column:
    """Return the column of an operation over a field (None for count)."""
    if op in (Op.COUNT, Op.DISTINCT):
        return Column(Kind.BIGINT, 0, COUNT_LIMIT, nullable=False)
    if op is Op.SUM:
        low = 0 if field and field.low is not None and field.low >= 0 else -SUM_LIMIT
        return Column(Kind.BIGINT, low, SUM_LIMIT, nullable=False)
    if op is Op.HISTOGRAM:
        return Column(Kind.DOUBLE, 0.0, 1.0)
    if op is Op.CV:
        return Column(Kind.DOUBLE, 0.0, None)
    if op is Op.ROBUST_Z:
        return Column(Kind.DOUBLE)
    if form in _SINCE:
        return Column(Kind.BIGINT, 0, _SINCE[form])
    assert field is not None
    return Column(field.kind, field.low, field.high, field.values)


def fit_default(column: Column, default: Any) -> Column | None:
    """Return the column widened by a default and no longer NULL; None if the kind differs."""
    kinds = {Kind.BOOL: bool, Kind.BIGINT: int, Kind.TEXT: str}
    if column.kind is Kind.DOUBLE:
        if type(default) not in (int, float):
            return None
    elif type(default) is not kinds[column.kind]:
        return None
    low, high, values = column.low, column.high, column.values
    if column.kind in (Kind.BIGINT, Kind.DOUBLE):
        low = None if low is None else min(low, default)
        high = None if high is None else max(high, default)
    if values and default not in values:
        values = (*values, default)
    return Column(column.kind, low, high, values, nullable=False)
