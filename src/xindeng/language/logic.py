"""Checked constructors of conditions: comparisons, membership, AND, OR, NOT, IS NULL."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any, Final

from xindeng.language import intervals
from xindeng.language.build import is_null, same_kind
from xindeng.language.nodes import (
    And,
    Compare,
    In,
    IsNull,
    Literal,
    Node,
    Not,
    Or,
    ParameterRef,
)
from xindeng.language.nulls import nullable
from xindeng.language.tokens import refuse
from xindeng.language.types import Kind

_MIRROR: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "<>": "<>"}


def compare(op: Any, left: Node, right: Node) -> Node:
    """Return a comparison; texts and truth values have = and <> only."""
    for side in (left, right):
        if is_null(side):
            refuse(side.at, "null", "a comparison with NULL is never true", "write IS NULL")
    if left.kind in (Kind.BOOL, Kind.TEXT) and op not in ("=", "<>"):
        refuse(left.at, "type", f"{left.kind} has no order, so no {op}", "use = or <>")
    left, right = same_kind([left, right])
    bounds = intervals.compare(op, (left.low, left.high), (right.low, right.high))
    if left.kind is Kind.TEXT:
        bounds = 0, 1
        _check_texts(left, right)
        _check_texts(right, left)
        if not isinstance(left, Literal | ParameterRef) and not isinstance(
            right, Literal | ParameterRef
        ):
            refuse(
                right.at, "type", "a text compares with a 'text' or a $parameter only",
                "write the text itself",
            )  # fmt: skip
    return Compare(
        kind=Kind.BOOL, low=bounds[0], high=bounds[1], at=left.at, op=op, left=left, right=right
    )


def _check_texts(item: Node, other: Node) -> None:
    """Refuse a literal that the other side can never hold."""
    if not isinstance(item, Literal) or not other.values or isinstance(other, Literal):
        return
    text = str(item.value)
    if text not in other.values:
        near = difflib.get_close_matches(text, other.values, 1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(other.values)}"
        refuse(item.at, "text_value", f"'{text[:60]}' is none of its values", hint)


def between(item: Node, low: Node, high: Node) -> Node:
    """Return item ≥ low AND item ≤ high, which is what BETWEEN means, NULLs included."""
    return all_of([compare(">=", item, low), compare("<=", item, high)])


def member(item: Node, choices: Sequence[Node]) -> Node:
    """Return item IN (…); a list with parameters or columns becomes an OR of comparisons."""
    if not choices:
        refuse(item.at, "syntax", "IN needs at least one value", "write IN ('a', 'b')")
    tests = [compare("=", item, choice) for choice in choices]
    if len(tests) > 1 and all(isinstance(choice, Literal) for choice in choices):
        same = same_kind([item, *choices])
        literals = tuple(choice for choice in same[1:] if isinstance(choice, Literal))
        return In(
            kind=Kind.BOOL,
            low=max(test.low for test in tests),
            high=max(test.high for test in tests),
            at=item.at,
            item=same[0],
            choices=literals,
        )
    return any_of(tests)


def is_unknown(item: Node) -> Node:
    """Return item IS NULL."""
    if is_null(item):
        refuse(item.at, "null", "NULL IS NULL is always true", "name a column")
    return IsNull(kind=Kind.BOOL, low=0, high=1 if nullable(item) else 0, at=item.at, item=item)


def opposite(item: Node, at: int) -> Node:
    """Return NOT item."""
    condition(item)
    return Not(kind=Kind.BOOL, low=1 - item.high, high=1 - item.low, at=at, item=item)


def all_of(items: Sequence[Node]) -> Node:
    """Return the AND of all items, flattened."""
    flat = _flat(items, And)
    if len(flat) == 1:
        return flat[0]
    low, high = min(item.low for item in flat), min(item.high for item in flat)
    if _contradict(flat):
        low = high = 0
    return And(kind=Kind.BOOL, low=low, high=high, at=flat[0].at, items=flat)


def any_of(items: Sequence[Node]) -> Node:
    """Return the OR of all items, flattened."""
    flat = _flat(items, Or)
    if len(flat) == 1:
        return flat[0]
    low, high = max(item.low for item in flat), max(item.high for item in flat)
    return Or(kind=Kind.BOOL, low=low, high=high, at=flat[0].at, items=flat)


def condition(item: Node) -> Node:
    """Return the item if it is a condition; raises ExpressionError otherwise."""
    if item.kind is not Kind.BOOL or is_null(item):
        refuse(
            item.at,
            "type",
            f"a condition is needed, this is {item.kind}",
            "compare it with something",
        )
    return item


def _flat(items: Sequence[Node], cls: type[And] | type[Or]) -> tuple[Node, ...]:
    flat: list[Node] = []
    for item in items:
        if isinstance(item, And | Or) and isinstance(item, cls):
            flat.extend(item.items)
        else:
            flat.append(condition(item))
    return tuple(flat)


def _contradict(items: Sequence[Node]) -> bool:
    """Tell whether comparisons of one value with constants leave it no room (x > 5 AND x < 3)."""
    room: dict[Node, tuple[float, bool, float, bool]] = {}
    for item in items:
        if not isinstance(item, Compare) or item.left.kind not in (Kind.BIGINT, Kind.DOUBLE):
            continue
        value, op, bound = item.left, str(item.op), item.right
        if isinstance(value, Literal):
            value, op, bound = bound, _MIRROR[op], value
        if not isinstance(bound, Literal) or op == "<>":
            continue
        limit = bound.low
        low, low_open, high, high_open = room.get(value, (value.low, False, value.high, False))
        if op in (">", ">=", "="):
            low, low_open = max((low, low_open), (limit, op == ">"))
        if op in ("<", "<=", "="):
            high, closed = min((high, not high_open), (limit, op != "<"))
            high_open = not closed
        if low > high or (low == high and (low_open or high_open)):
            return True
        room[value] = (low, low_open, high, high_open)
    return False
