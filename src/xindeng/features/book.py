"""The feature book: reads `features.yaml` (already parsed) into checked features.

    inflow_90d: {event: payment, where: "direction = 'in'", op: sum(amount), window: 90d}

All problems are found and reported together, each with its line and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Final

from xindeng.events.catalogue import CATALOGUE
from xindeng.features.algebra import (
    BLOCK_DAYS,
    BLOCK_MINIMUM,
    MAX_BLOCKS,
    Axis,
    Feature,
    Op,
    Window,
)
from xindeng.features.columns import OCCURRED_AT, OCCURRED_DAY, payload_columns, where_columns
from xindeng.features.layout import Layout, plan
from xindeng.features.result import fit_default, result_column
from xindeng.kernel.errors import ExpressionError, PolicyError, Problem
from xindeng.language import Column, Expression, Kind, Schema, parse

_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_OP: Final = re.compile(r"(\w+)\s*(?:\(\s*(\w+)\s*\))?")
_WINDOW: Final = re.compile(r"(\d{1,5})([dh])")
_KEYS: Final = frozenset({"event", "where", "op", "window", "as", "bin", "over", "by", "requires",
                          "default", "enabled", "label"})  # fmt: skip
MAX_WINDOW: Final = {Axis.DAY: 3_660, Axis.HOUR: 744}
MAX_OVER: Final = 240


@dataclass(frozen=True, slots=True)
class Derived:
    """A feature computed from others by the policy's program; `text` is its expression."""

    name: str
    text: str


@dataclass(frozen=True)
class FeatureBook:
    """The checked book: base features in vector order, then derived ones in file order.

    `columns` are the base features' types and bounds; `labels` name → {"zh": …, "en": …}.
    """

    base: tuple[Feature, ...]
    derived: tuple[Derived, ...]
    columns: Schema
    layout: Layout
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class _Refusal(Exception):
    """Why one feature cannot be: what, next step and code."""

    def __init__(self, what: str, next_step: str = "", code: str = "feature.spec") -> None:
        super().__init__(what)
        self.what, self.next_step, self.code = what, next_step, code


def load_book(
    data: Mapping[str, Any], *, path: str = "features.yaml", lines: Mapping[str, int] | None = None
) -> FeatureBook:
    """Check the mapping name → spec; raises PolicyError with every problem found.

    `lines` gives the line of each feature in `path` for the problems.
    """
    where = lines or {}
    problems: list[Problem] = []
    base: list[Feature] = []
    derived: list[Derived] = []
    labels: dict[str, Mapping[str, str]] = {}
    for name, spec in data.items():
        try:
            _check_name(name, spec)
            if spec.get("label"):
                labels[name] = dict(spec["label"])
            if "derive" in spec:
                derived.append(_derived(name, spec))
            else:
                base.append(_feature(name, spec))
        except (_Refusal, ExpressionError) as error:
            what = f"feature {name}: {error.what}"
            column = f" (column {error.column})" if isinstance(error, ExpressionError) else ""
            problems.append(
                Problem(path, where.get(name, 1), error.code, what + column, error.next_step)
            )
    layout = plan(base)
    if layout.too_large:
        problems.append(Problem(path, 1, "feature.hot_size", *layout.too_large))
    if problems:
        raise PolicyError(problems)
    base = [layout.bounded(feature) for feature in base]
    columns = {feature.name: feature.column for feature in base}
    return FeatureBook(tuple(base), tuple(derived), columns, layout, labels)


def _check_name(name: Any, spec: Any) -> None:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Refusal("not a name", "use lower-case letters, digits and _, from a letter")
    if not isinstance(spec, Mapping):
        raise _Refusal("not a mapping", "write {event: …, op: …, window: …} or {derive: …}")


def _derived(name: str, spec: Mapping[str, Any]) -> Derived:
    extra = set(spec) - {"derive", "label"}
    if extra:
        raise _Refusal(f"{_list(extra)} beside derive", "a derived feature has only its expression")
    if not isinstance(spec["derive"], str) or not spec["derive"].strip():
        raise _Refusal("derive is empty", "write an expression over features and $parameters")
    return Derived(name, spec["derive"])


def _feature(name: str, spec: Mapping[str, Any]) -> Feature:
    unknown = set(map(str, spec)) - _KEYS
    if unknown:
        raise _Refusal(f"unknown key {_list(unknown)}", f"use {_list(_KEYS)}")
    event = _event(spec.get("event"), "event")
    op, source = _operation(spec.get("op"))
    if spec.get("by", "month") != "month" or ("by" in spec and op is not Op.CV):
        raise _Refusal(f"by: {spec['by']!r}", "by: month goes with cv and means 30-day blocks")
    window = _window(spec.get("window", "all"))
    field_column = _field(event, op, source)
    where, condition = _where(name, event, spec.get("where", ""))
    form = _form(spec, op, source)
    requires = _event(spec["requires"], "requires") if "requires" in spec else None
    _check_fit(op, window, CATALOGUE[event].hot, form, field_column)
    column = result_column(op, field_column, form)
    if requires:
        column = _nullable(column)
    default = spec.get("default")
    if default is not None:
        fitted = fit_default(column, default)
        if fitted is None:
            raise _Refusal(f"default {default!r} is not a {column.kind}", "give one of its kind")
        column = fitted
    enabled = spec.get("enabled", True)
    if enabled is not True and enabled is not False:
        raise _Refusal(f"enabled: {enabled!r}", "write true or false")
    if not enabled:
        column = _nullable(column)
    return Feature(
        name=name, event=event, op=op, column=column, field=source, where=where,
        condition=condition, window=window, form=form, bin=_bin(spec, op, field_column),
        over=_over(spec, op), requires=requires, default=default, enabled=enabled,
    )  # fmt: skip


def _nullable(column: Column) -> Column:
    return Column(column.kind, column.low, column.high, column.values, nullable=True)


def _event(value: Any, key: str) -> str:
    if isinstance(value, str) and value in CATALOGUE:
        return value
    near = get_close_matches(str(value), CATALOGUE, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else "see `xindeng events schema`"
    raise _Refusal(f"{key}: unknown event type {value!r}", hint, "feature.event")


def _operation(value: Any) -> tuple[Op, str | None]:
    match = _OP.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or match[1] not in set(Op):
        raise _Refusal(f"op: {value!r}", f"use {', '.join(Op)}", "feature.op")
    op, source = Op(match[1]), match[2]
    if (op is Op.COUNT) != (source is None):
        raise _Refusal(f"op: {value!r}", "write count alone, others with a field: sum(amount)")
    return op, source


def _window(value: Any) -> Window | None:
    if value == "all":
        return None
    match = _WINDOW.fullmatch(str(value))
    if match:
        window = Window(Axis(match[2]), int(match[1]))
        if 1 <= window.size <= MAX_WINDOW[window.axis]:
            return window
    raise _Refusal(f"window: {value!r}", "write 1d to 3660d, 1h to 744h, or all", "feature.window")


def _field(event: str, op: Op, source: str | None) -> Column | None:
    if source is None:
        return None
    columns = payload_columns(event)
    if op in (Op.FIRST, Op.LAST):
        columns = {**columns, "occurred_at": OCCURRED_AT, "occurred_day": OCCURRED_DAY}
    column = columns.get(source)
    if column is None:
        near = get_close_matches(source, columns, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise _Refusal(f"{event} has no field {source}", f"{hint}use {_list(columns)}")
    numeric = (Op.SUM, Op.MIN, Op.MAX, Op.ROBUST_Z, Op.CV)
    if op in numeric and column.kind is not Kind.BIGINT:
        raise _Refusal(f"{op} needs numbers and {source} is {column.kind}", "use count or distinct")
    if op is Op.HISTOGRAM and column.kind is not Kind.TEXT:
        raise _Refusal(f"histogram needs TEXT and {source} is {column.kind}", "use count and sum")
    return column


def _where(name: str, event: str, text: Any) -> tuple[str, Expression | None]:
    if not isinstance(text, str):
        raise _Refusal(f"where: {text!r}", "write a condition, e.g. direction = 'in'")
    text = text.strip()
    if not text:
        return "", None
    return text, parse(text, where_columns(event), {}, expect=Kind.BOOL, where=name)


def _form(spec: Mapping[str, Any], op: Op, source: str | None) -> str:
    form = spec.get("as", "value")
    since = op in (Op.FIRST, Op.LAST) and source == "occurred_at"
    allowed = ["value"]
    if since:
        allowed += ["hours_since", "days_since"]
    if op is Op.HISTOGRAM:
        allowed = ["share", "top_share"]
        form = spec.get("as", "share")
    if form not in allowed:
        raise _Refusal(f"as: {form!r} with {op}", f"use {' or '.join(allowed)}")
    return str(form)


def _bin(spec: Mapping[str, Any], op: Op, column: Column | None) -> str | None:
    wanted = op is Op.HISTOGRAM and spec.get("as", "share") == "share"
    value = spec.get("bin")
    if (value is not None) != wanted:
        raise _Refusal("bin goes with histogram as share", "write bin: 'value' or as: top_share")
    if value is not None and column is not None and column.values and value not in column.values:
        raise _Refusal(f"bin: {value!r} is no value of the field", f"use {_list(column.values)}")
    return None if value is None else str(value)


def _over(spec: Mapping[str, Any], op: Op) -> int:
    if op is not Op.ROBUST_Z:
        if "over" in spec:
            raise _Refusal("over goes with robust_z", "take it away")
        return 0
    over = spec.get("over", 60)
    if type(over) is not int or not 10 <= over <= MAX_OVER:
        raise _Refusal(f"over: {over!r}", f"give 10 to {MAX_OVER} events, usually 60")
    return over


def _check_fit(op: Op, window: Window | None, hot: bool, form: str, field: Column | None) -> None:
    if op is Op.CV:
        whole = window is not None and window.axis is Axis.DAY and window.size % BLOCK_DAYS == 0
        blocks = window.size // BLOCK_DAYS if window is not None else 0
        if not whole or not BLOCK_MINIMUM <= blocks <= MAX_BLOCKS:
            raise _Refusal("cv counts whole 30-day blocks", "use a window of 90d to 900d by 30")
    bulky = op in (Op.CV, Op.ROBUST_Z) or form == "top_share"
    bulky = bulky or (op is Op.DISTINCT and window is None)
    bulky = bulky or (op is Op.FIRST and window is not None)
    if hot and bulky:
        raise _Refusal(
            f"{op} over {window or 'all'} of a type that draws write",
            "its state must stay under 2 kB: use count, sum, last or a windowed distinct",
            "feature.hot_size",
        )


def _list(names: Any) -> str:
    return ", ".join(sorted(map(str, names)))
