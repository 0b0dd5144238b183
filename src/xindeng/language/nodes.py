"""The checked tree: one frozen class per construct, nothing else exists in the language.

Every node carries its type and the interval [low, high] of its non-NULL values (BOOL: 0 and 1).
Conversions are nodes of their own, so that no back end ever decides about one. Where a node
stands in the text (`at`, 1-based) takes no part in equality: equal nodes have equal values.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as Choice

from xindeng.language.types import Kind, Value

Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What all nodes share; `fails`: may be NULL even if none of its operands is."""

    kind: Kind
    low: Number = 0
    high: Number = 0
    values: tuple[str, ...] = ()
    fails: bool = False
    at: int = field(default=1, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Literal(Node):
    """A constant; None is NULL, which stands only in the branches of CASE."""

    value: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnRef(Node):
    """A column of the row."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRef(Node):
    """A `$parameter`, the same for all rows."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDouble(Node):
    """BIGINT → DOUBLE, exact because of the ±2^53 bound."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Negate(Node):
    """Minus a number."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic(Node):
    """`+ - *` on two BIGINT or two DOUBLE; a DOUBLE that overflows is NULL (`fails`)."""

    op: Choice["+", "-", "*"]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Divide(Node):
    """`/` on two DOUBLE; NULL for a zero divisor (`by_zero`) and on overflow (`overflows`)."""

    left: Node
    right: Node
    by_zero: bool
    overflows: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Absolute(Node):
    """ABS of a number."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Node):
    """ROUND of a DOUBLE to BIGINT, half away from zero."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor(Node):
    """FLOOR of a DOUBLE to BIGINT."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Extreme(Node):
    """LEAST or GREATEST: NULL if any item is."""

    least: bool
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalesce(Node):
    """The first item that is not NULL; `fails` if all items may be NULL."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NullIf(Node):
    """`left`, or NULL where it equals `right`."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(Node):
    """Searched CASE; conditions are never NULL. `fails` if any result may be NULL."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """A comparison of two operands of one type."""

    op: Choice["=", "<>", "<", "<=", ">", ">="]
    left: Node
    right: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class In(Node):
    """Membership in a list of constants."""

    item: Node
    choices: tuple[Literal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IsNull(Node):
    """IS NULL of any value."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    """NOT in three-valued logic."""

    item: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class And(Node):
    """AND of two or more."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Or(Node):
    """OR of two or more."""

    items: tuple[Node, ...]


def children(node: Node) -> tuple[Node, ...]:
    """Return the direct operands of a node, in the order of evaluation."""
    match node:
        case Arithmetic() | Divide() | Compare() | NullIf():
            return (node.left, node.right)
        case Extreme() | Coalesce() | And() | Or():
            return node.items
        case ToDouble() | Negate() | Absolute() | Round() | Floor() | IsNull() | Not():
            return (node.item,)
        case In():
            return (node.item, *node.choices)
        case Case():
            return (*(part for branch in node.branches for part in branch), node.default)
        case _:
            return ()
