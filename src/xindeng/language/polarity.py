"""Which way an expression moves as some variables grow, the others fixed.

Numbers: INCREASING is never falling. Conditions: INCREASING never steps back in the order
FALSE < NULL < TRUE, so once TRUE stays TRUE; AND, OR and NOT keep that order. A number whose
being NULL could change with the variables is MIXED.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from xindeng.language.expression import Expression
from xindeng.language.intervals import Interval
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
    IsNull,
    Negate,
    Node,
    Not,
    Or,
    ParameterRef,
    Round,
    ToDouble,
    children,
)
from xindeng.language.nulls import nullable
from xindeng.language.types import Kind


class Polarity(StrEnum):
    """The direction in which a value moves."""

    CONSTANT = "constant"
    INCREASING = "increasing"
    DECREASING = "decreasing"
    MIXED = "mixed"


_NONE: Final[Mapping[str, Polarity]] = MappingProxyType({})
_FLIP: Final = {
    Polarity.CONSTANT: Polarity.CONSTANT,
    Polarity.INCREASING: Polarity.DECREASING,
    Polarity.DECREASING: Polarity.INCREASING,
    Polarity.MIXED: Polarity.MIXED,
}


def polarity(
    expression: Expression,
    variables: frozenset[str],
    known: Mapping[str, Polarity] = _NONE,
) -> Polarity:
    """Return how the expression moves as `variables` grow together: columns, or `$` parameters.

    `known` holds the polarity of derived columns; everything else stands still.
    """
    return _Mover(variables, known).of(expression.tree)


def _together(parts: Iterable[Polarity]) -> Polarity:
    moving = {part for part in parts if part is not Polarity.CONSTANT}
    if not moving:
        return Polarity.CONSTANT
    return moving.pop() if len(moving) == 1 else Polarity.MIXED


def _scaled(direction: Polarity, factor: Interval) -> Polarity:
    """Return the direction of x · factor where the factor stays within its bounds."""
    if direction is Polarity.CONSTANT or factor[0] >= 0:
        return direction
    return _FLIP[direction] if factor[1] <= 0 else Polarity.MIXED


class _Mover:
    """Walks one tree."""

    def __init__(self, variables: frozenset[str], known: Mapping[str, Polarity]) -> None:
        self._variables = variables
        self._known = known

    def of(self, node: Node) -> Polarity:
        """Return the polarity of a node."""
        if isinstance(node, ColumnRef):
            if node.name in self._variables:
                return Polarity.INCREASING
            return self._known.get(node.name, Polarity.CONSTANT)
        if isinstance(node, ParameterRef) and f"${node.name}" in self._variables:
            return Polarity.INCREASING
        parts = [self.of(child) for child in children(node)]
        if all(part is Polarity.CONSTANT for part in parts):
            return Polarity.CONSTANT
        match node:
            case ToDouble() | Round() | Floor() | Extreme() | And() | Or():
                return _together(parts)
            case Negate() | Not():
                return _FLIP[parts[0]]
            case Arithmetic():
                return self._arithmetic(node, *parts)
            case Divide():
                return self._divide(node, *parts)
            case Absolute():
                return _scaled(parts[0], (node.item.low, node.item.high))
            case Compare():
                return self._compare(node, *parts)
            case IsNull():
                # A number that moves one way is always or never NULL; a condition may turn.
                settled = node.item.kind is not Kind.BOOL and parts[0] is not Polarity.MIXED
                return Polarity.CONSTANT if settled else Polarity.MIXED
            case Coalesce():
                return _together(parts)
            case Case():
                return self._case(node)
            case _:
                return Polarity.MIXED

    def _arithmetic(self, node: Arithmetic, left: Polarity, right: Polarity) -> Polarity:
        if node.fails:
            return Polarity.MIXED
        if node.op == "*":
            first = _scaled(left, (node.right.low, node.right.high))
            return _together((first, _scaled(right, (node.left.low, node.left.high))))
        return _together((left, right if node.op == "+" else _FLIP[right]))

    def _divide(self, node: Divide, left: Polarity, right: Polarity) -> Polarity:
        if node.overflows or (node.by_zero and right is not Polarity.CONSTANT):
            return Polarity.MIXED
        first = _scaled(left, (node.right.low, node.right.high))
        return _together((first, _scaled(_FLIP[right], (node.left.low, node.left.high))))

    def _compare(self, node: Compare, left: Polarity, right: Polarity) -> Polarity:
        if node.op in ("=", "<>"):
            return Polarity.MIXED
        up = _together((left, _FLIP[right]))
        return up if node.op in (">", ">=") else _FLIP[up]

    def _case(self, node: Case) -> Polarity:
        """Steps: a moving condition may switch only between results that lie in order."""
        whole = self.of(node.default)
        low, high = node.default.low, node.default.high
        for condition, result in reversed(node.branches):
            switch = self.of(condition)
            if switch is not Polarity.CONSTANT:
                if node.fails or node.kind is Kind.TEXT or nullable(result):
                    return Polarity.MIXED
                if result.low >= high:
                    step: Polarity = switch
                elif result.high <= low:
                    step = _FLIP[switch]
                else:
                    return Polarity.MIXED
                whole = _together((whole, step))
            whole = _together((whole, self.of(result)))
            low, high = min(low, result.low), max(high, result.high)
        return whole
