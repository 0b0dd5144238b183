"""Checked constructors: each takes typed operands, and returns a typed, bounded node or refuses.

Refusals are ExpressionErrors with the column of the operand at fault.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from xindeng.language import intervals
from xindeng.language.intervals import MAX_DOUBLE, Interval
from xindeng.language.nodes import (
    Absolute,
    Arithmetic,
    Case,
    Coalesce,
    ColumnRef,
    Divide,
    Extreme,
    Floor,
    Literal,
    Negate,
    Node,
    NullIf,
    ParameterRef,
    Round,
    ToDouble,
)
from xindeng.language.nulls import (
    NOTHING,
    gaps,
    nonnull_if_false,
    nonnull_if_true,
    nullable,
)
from xindeng.language.tokens import refuse
from xindeng.language.types import EXACT, Column, Kind, Value

NUMBERS: Final = (Kind.BIGINT, Kind.DOUBLE)
_WORDS: Final = {
    Kind.BIGINT: "a whole number",
    Kind.DOUBLE: "a number",
    Kind.BOOL: "true or false",
    Kind.TEXT: "a text",
}


def literal(value: Value, at: int) -> Literal:
    """Return a constant; raises ExpressionError for a number that no engine holds exactly."""
    if value is None:
        return Literal(kind=Kind.BIGINT, fails=True, at=at, value=None)
    if isinstance(value, bool):
        return Literal(kind=Kind.BOOL, low=int(value), high=int(value), at=at, value=value)
    if isinstance(value, str):
        return Literal(kind=Kind.TEXT, values=(value,), at=at, value=value)
    if isinstance(value, int):
        _exact((value, value), at)
        return Literal(kind=Kind.BIGINT, low=value, high=value, at=at, value=value)
    if not math.isfinite(value):
        refuse(at, "number", "a number too large for a double", "write a smaller number")
    return Literal(kind=Kind.DOUBLE, low=value, high=value, at=at, value=value)


def reference(name: str, column: Column, at: int, *, parameter: bool) -> Node:
    """Return a reference to a column or parameter, with the bounds it promises."""
    sigil = "$" if parameter else ""
    low, high = _promised(f"{sigil}{name}", column, at)
    values = column.values if column.kind is Kind.TEXT else ()
    cls: Any = ParameterRef if parameter else ColumnRef
    node: Node = cls(
        kind=column.kind,
        low=low,
        high=high,
        values=values,
        fails=column.nullable,
        at=at,
        name=name,
    )
    return node


def _promised(name: str, column: Column, at: int) -> Interval:
    low, high = column.low, column.high
    if column.kind is Kind.BOOL:
        return (0 if low is None else int(low)), (1 if high is None else int(high))
    if column.kind is Kind.TEXT:
        return 0, 0
    if column.kind is Kind.DOUBLE:
        low = -MAX_DOUBLE if low is None else max(float(low), -MAX_DOUBLE)
        high = MAX_DOUBLE if high is None else min(float(high), MAX_DOUBLE)
        return low, high
    if low is None or high is None:
        refuse(at, "bounds", f"{name} is BIGINT without bounds", "declare its low and high")
    _exact((math.ceil(low), math.floor(high)), at)
    return math.ceil(low), math.floor(high)


def double(item: Node) -> Node:
    """Return the operand as DOUBLE; it must be a number."""
    if item.kind is Kind.DOUBLE:
        return item
    number(item)
    low, high = float(item.low), float(item.high)
    if isinstance(item, Literal):
        value = None if item.value is None else float(item.value)
        return replace(item, kind=Kind.DOUBLE, low=low, high=high, value=value)
    return ToDouble(kind=Kind.DOUBLE, low=low, high=high, at=item.at, item=item)


def number(item: Node) -> Node:
    """Return the operand if it is a number; raises ExpressionError otherwise."""
    if item.kind not in NUMBERS:
        refuse(
            item.at, "type", f"a number is needed, this is {_WORDS[item.kind]}", "compare it first"
        )
    return item


def same_kind(items: Sequence[Node]) -> list[Node]:
    """Bring operands to one type: whole numbers become DOUBLE beside a DOUBLE, NULL follows."""
    typed = [item for item in items if not is_null(item)]
    if not typed:
        refuse(items[0].at, "type", "nothing here has a type", "give at least one value")
    kind = typed[0].kind
    if any(item.kind is Kind.DOUBLE for item in typed) and kind is Kind.BIGINT:
        kind = Kind.DOUBLE
    same: list[Node] = []
    for item in items:
        if is_null(item):
            same.append(replace(item, kind=kind))
        elif kind is Kind.DOUBLE and item.kind is Kind.BIGINT:
            same.append(double(item))
        elif item.kind is kind:
            same.append(item)
        else:
            refuse(
                item.at,
                "type",
                f"{_WORDS[item.kind]} beside {_WORDS[kind]}",
                "bring both to one type",
            )
    return same


def is_null(node: Node) -> bool:
    """Tell whether the node is the literal NULL."""
    return isinstance(node, Literal) and node.value is None


def negate(item: Node, at: int) -> Node:
    """Return −item; a negated literal stays a literal."""
    number(item)
    if isinstance(item, Literal) and isinstance(item.value, int | float):
        # 0.0 rather than -0.0: the language has one zero.
        return literal(-item.value + 0, at)
    return Negate(kind=item.kind, low=-item.high, high=-item.low, at=at, item=item)


def arithmetic(op: Any, left: Node, right: Node) -> Node:
    """Return left op right for + - *; whole numbers are proven to stay within ±2^53."""
    left, right = same_kind([number(left), number(right)])
    rule = {"+": intervals.add, "-": intervals.subtract, "*": intervals.multiply}[op]
    bounds = rule((left.low, left.high), (right.low, right.high))
    overflows = False
    if left.kind is Kind.BIGINT:
        _exact(bounds, left.at)
    else:
        bounds, overflows = intervals.finite(bounds)
    return Arithmetic(
        kind=left.kind,
        low=bounds[0],
        high=bounds[1],
        fails=overflows,
        at=left.at,
        op=op,
        left=left,
        right=right,
    )


def divide(left: Node, right: Node) -> Node:
    """Return left / right, always DOUBLE."""
    integral = right.kind is Kind.BIGINT
    left, right = double(left), double(right)
    raw = intervals.divide((left.low, left.high), (right.low, right.high), integral)
    bounds, overflows = intervals.finite(raw)
    by_zero = right.low <= 0 <= right.high
    return Divide(
        kind=Kind.DOUBLE,
        low=bounds[0],
        high=bounds[1],
        fails=by_zero or overflows,
        at=left.at,
        left=left,
        right=right,
        by_zero=by_zero,
        overflows=overflows,
    )


def absolute(item: Node, at: int) -> Node:
    """Return ABS of a number."""
    number(item)
    low, high = intervals.absolute((item.low, item.high))
    return Absolute(kind=item.kind, low=low, high=high, at=at, item=item)


def whole(item: Node, at: int, *, rounded: bool) -> Node:
    """Return ROUND (half away from zero) or FLOOR as BIGINT; a BIGINT is itself."""
    number(item)
    if item.kind is Kind.BIGINT:
        return item
    down = intervals.round_half_away if rounded else math.floor
    bounds = down(item.low), down(item.high)
    _exact(bounds, at)
    cls: Any = Round if rounded else Floor
    node: Node = cls(kind=Kind.BIGINT, low=bounds[0], high=bounds[1], at=at, item=item)
    return node


def extreme(items: Sequence[Node], at: int, *, least: bool) -> Node:
    """Return LEAST or GREATEST of numbers."""
    same = same_kind([number(item) for item in items])
    pick = min if least else max
    low, high = pick(item.low for item in same), pick(item.high for item in same)
    return Extreme(kind=same[0].kind, low=low, high=high, at=at, least=least, items=tuple(same))


def coalesce(items: Sequence[Node], at: int) -> Node:
    """Return the first item that is not NULL; what stands behind a sure one is left out."""
    same = same_kind(items)
    never_null = [place for place, item in enumerate(same) if not nullable(item)]
    if never_null:
        same = same[: never_null[0] + 1]
    if len(same) == 1:
        return same[0]
    low, high = intervals.union([(item.low, item.high) for item in same])
    return Coalesce(
        kind=same[0].kind,
        low=low,
        high=high,
        values=merge_values(same),
        fails=all(map(nullable, same)),
        at=at,
        items=tuple(same),
    )


def null_if(left: Node, right: Node, at: int) -> Node:
    """Return left, or NULL where it equals right."""
    if left.kind is Kind.BOOL:
        refuse(left.at, "type", "NULLIF takes numbers or texts", "write a CASE")
    whole_numbers = left.kind is Kind.BIGINT
    same, other = same_kind([left, right])
    low, high = same.low, same.high
    if isinstance(other, Literal) and other.value == 0 and low == 0 and high > 0:
        low = min(high, 1 if whole_numbers else 5e-324)
    return NullIf(
        kind=same.kind,
        low=type(high)(low),
        high=high,
        values=same.values,
        fails=True,
        at=at,
        left=same,
        right=other,
    )


def case(branches: Sequence[tuple[Node, Node]], default: Node | None, at: int) -> Node:
    """Return a searched CASE.

    Refused where a condition may be NULL although every earlier condition was FALSE: an earlier
    branch must test IS NULL of what makes it so (the condition's own operand, or any value that
    reads it strictly).
    """
    conditions = [condition for condition, _ in branches]
    last = default if default is not None else literal(None, at)
    results = same_kind([*(result for _, result in branches), last])
    known, fails = NOTHING, False
    for condition, result in zip(conditions, results, strict=False):
        if condition.kind is not Kind.BOOL:
            refuse(
                condition.at,
                "type",
                f"WHEN needs a condition, this is {_WORDS[condition.kind]}",
                "compare it with something",
            )
        if gaps(condition) - known:
            culprit = describe(min(gaps(condition) - known, key=lambda node: (node.at, repr(node))))
            refuse(
                condition.at,
                "case_null",
                f"this condition may be NULL ({culprit}), and CASE would pass it over in silence",
                "put WHEN … IS NULL THEN … before it",
            )
        fails |= nullable(result, known | nonnull_if_true(condition))
        known |= nonnull_if_false(condition)
    fails |= nullable(results[-1], known)
    valued = [result for result in results if not is_null(result)]
    low, high = intervals.union([(result.low, result.high) for result in valued])
    return Case(
        kind=results[0].kind,
        low=low,
        high=high,
        values=merge_values(valued),
        fails=fails,
        at=at,
        branches=tuple(zip(conditions, results, strict=False)),
        default=results[-1],
    )


def describe(node: Node) -> str:
    """Name a cause of NULL for a message."""
    match node:
        case ColumnRef():
            return f"{node.name} may be NULL"
        case ParameterRef():
            return f"${node.name} may be NULL"
        case Divide():
            return "the divisor may be zero" if node.by_zero else "the quotient may overflow"
        case _:
            return f"what stands at column {node.at} may be NULL"


def merge_values(items: Sequence[Node]) -> tuple[str, ...]:
    """Return all texts the items may hold; () if one of them may hold any."""
    texts = [item for item in items if not is_null(item)]
    if any(not item.values for item in texts):
        return ()
    return tuple(dict.fromkeys(value for item in texts for value in item.values))


def _exact(bounds: Interval, at: int) -> None:
    if bounds[0] < -EXACT or bounds[1] > EXACT:
        refuse(
            at,
            "bounds",
            f"a whole number here may reach {max(bounds, key=abs):.3g}, beyond ±2^53",
            "tighten the bounds with LEAST and GREATEST, or divide first",
        )
