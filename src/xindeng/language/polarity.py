"""Which way an expression moves as the amount grows.

The amount frontier is found by bisection, which is only right if a rule that fires at some amount
fires at every larger one. That is proven here, on the tree, or the rule is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from xindeng.language.expression import Expression
from xindeng.language.nodes import (
    Absolute,
    And,
    Arithmetic,
    Case,
    Coalesce,
    ColumnRef,
    Compare,
    Divide,
    Extreme,
    Floor,
    In,
    IsNull,
    Literal,
    Negate,
    Node,
    Not,
    NullIf,
    Or,
    ParameterRef,
    Round,
    ToDouble,
    children,
)
from xindeng.language.nulls import nullable


class Polarity(StrEnum):
    """How a value changes as the variables grow; BOOL counts FALSE below TRUE."""

    CONSTANT = "constant"
    INCREASING = "increasing"
    DECREASING = "decreasing"
    MIXED = "mixed"


_FLIPPED: Final = {
    Polarity.CONSTANT: Polarity.CONSTANT,
    Polarity.INCREASING: Polarity.DECREASING,
    Polarity.DECREASING: Polarity.INCREASING,
    Polarity.MIXED: Polarity.MIXED,
}
_NONE: Final[Mapping[str, Polarity]] = MappingProxyType({})


def polarity(
    expression: Expression,
    variables: frozenset[str],
    known: Mapping[str, Polarity] = _NONE,
) -> Polarity:
    """Return how the expression moves as the `variables` grow together, never decreasing.

    `known` gives the polarity of derived columns. MIXED means "not proven", also where growing
    might turn the value into NULL or back.
    """
    columns = {**dict.fromkeys(variables, Polarity.INCREASING), **known}
    return _of(expression.tree, columns)


def _of(node: Node, columns: Mapping[str, Polarity]) -> Polarity:
    match node:
        case Literal() | ParameterRef():
            return Polarity.CONSTANT
        case ColumnRef():
            return columns.get(node.name, Polarity.CONSTANT)
        case ToDouble() | Round() | Floor():
            return _of(node.item, columns)
        case Negate() | Not():
            return _FLIPPED[_of(node.item, columns)]
        case Absolute():
            return _signed(node.item, _of(node.item, columns))
        case Arithmetic() if node.fails:
            return _constant_or_mixed(node, columns)  # may overflow into NULL
        case Arithmetic() if node.op == "+":
            return _together([_of(node.left, columns), _of(node.right, columns)])
        case Arithmetic() if node.op == "-":
            return _together([_of(node.left, columns), _FLIPPED[_of(node.right, columns)]])
        case Arithmetic():
            return _product(node.left, node.right, columns)
        case Divide():
            return _quotient(node, columns)
        case Extreme() | And() | Or():
            return _together(_of(item, columns) for item in node.items)
        case Compare():
            return _comparison(node, columns)
        case Case():
            return _case(node, columns)
        case Coalesce():
            return _coalesce(node, columns)
        case NullIf() | In() | IsNull():
            return _constant_or_mixed(node, columns)
        case _:
            return Polarity.MIXED


def _together(parts: Iterable[Polarity]) -> Polarity:
    moving = {part for part in parts if part is not Polarity.CONSTANT}
    if not moving:
        return Polarity.CONSTANT
    return moving.pop() if len(moving) == 1 else Polarity.MIXED


def _signed(factor: Node, moved: Polarity) -> Polarity:
    """Return `moved` as seen through a factor of known sign."""
    if moved is Polarity.CONSTANT or factor.low >= 0:
        return moved
    return _FLIPPED[moved] if factor.high <= 0 else Polarity.MIXED


def _product(left: Node, right: Node, columns: Mapping[str, Polarity]) -> Polarity:
    return _together([_signed(right, _of(left, columns)), _signed(left, _of(right, columns))])


def _quotient(node: Divide, columns: Mapping[str, Polarity]) -> Polarity:
    above, below = _of(node.left, columns), _of(node.right, columns)
    if below is not Polarity.CONSTANT and (node.by_zero or node.overflows):
        return Polarity.MIXED
    return _together([_signed(node.right, above), _signed(node.left, _FLIPPED[below])])


def _comparison(node: Compare, columns: Mapping[str, Polarity]) -> Polarity:
    left, right = _of(node.left, columns), _of(node.right, columns)
    if left is right is Polarity.CONSTANT:
        return Polarity.CONSTANT
    if node.op in (">", ">="):
        return _together([left, _FLIPPED[right]])
    if node.op in ("<", "<="):
        return _together([_FLIPPED[left], right])
    return Polarity.MIXED


def _case(node: Case, columns: Mapping[str, Polarity]) -> Polarity:
    if any(_of(condition, columns) is not Polarity.CONSTANT for condition, _ in node.branches):
        return Polarity.MIXED
    return _together(
        [_of(result, columns) for _, result in node.branches] + [_of(node.default, columns)]
    )


def _coalesce(node: Coalesce, columns: Mapping[str, Polarity]) -> Polarity:
    # Which item is taken depends on which is NULL; a moving item that may be NULL settles nothing.
    *firsts, _ = node.items
    if any(_of(item, columns) is not Polarity.CONSTANT and _may_turn_null(item, columns)
           for item in firsts):  # fmt: skip
        return Polarity.MIXED
    return _together(_of(item, columns) for item in node.items)


def _may_turn_null(node: Node, columns: Mapping[str, Polarity]) -> bool:
    """Tell whether moving the variables could make the node NULL or not NULL."""
    if not nullable(node):
        return False
    if isinstance(node, ColumnRef):
        return columns.get(node.name, Polarity.CONSTANT) is not Polarity.CONSTANT and node.fails
    if isinstance(node, Divide) and node.fails:
        return True
    return any(_may_turn_null(child, columns) for child in children(node))


def _constant_or_mixed(node: Node, columns: Mapping[str, Polarity]) -> Polarity:
    still = all(_of(child, columns) is Polarity.CONSTANT for child in children(node))
    if isinstance(node, IsNull) and not still:
        return Polarity.MIXED if _may_turn_null(node.item, columns) else Polarity.CONSTANT
    return Polarity.CONSTANT if still else Polarity.MIXED
