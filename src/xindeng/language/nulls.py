"""What makes a value NULL, and what a condition tells about it.

`gaps(node)` is the set of nodes of which at least one must be NULL for the node to be NULL: the
nullable columns it reads strictly, divisions that may have a zero divisor, and so on. The facts
are sets of nodes known not to be NULL; they follow from IS NULL tests and true comparisons.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Final

from xindeng.language.nodes import (
    And,
    Case,
    Coalesce,
    Compare,
    In,
    IsNull,
    Node,
    Not,
    NullIf,
    Or,
    children,
)

Facts = frozenset[Node]
NOTHING: Final[Facts] = frozenset()


def gaps(node: Node) -> Facts:
    """Return the possible causes of a NULL; empty means it is never NULL."""
    match node:
        case IsNull():
            return NOTHING
        case Coalesce() | Case():
            return frozenset((node,)) if node.fails else NOTHING
        case NullIf():
            return gaps(node.left) | {node}
        case And():
            return _union(map(gaps, node.items)) - _settling(node, False)
        case Or():
            return _union(map(gaps, node.items)) - _settling(node, True)
        case _:
            inner = _union(map(gaps, children(node)))
            return inner | {node} if node.fails else inner


def nullable(node: Node, known: Facts = NOTHING) -> bool:
    """Tell whether the node may be NULL although everything `known` is not."""
    return not gaps(node) <= known


def implied(node: Node) -> Facts:
    """Return what cannot be NULL when the node is not: itself and what it reads strictly."""
    match node:
        case IsNull():
            return NOTHING
        case Coalesce() | Case() | And() | Or():
            return frozenset((node,))
        case NullIf():
            return implied(node.left) | {node}
        case _:
            return _union(map(implied, children(node))) | {node}


def nonnull_if_true(node: Node) -> Facts:
    """Return what cannot be NULL where the condition is TRUE."""
    match node:
        case Not():
            return nonnull_if_false(node.item)
        case And():
            return _union(map(nonnull_if_true, node.items))
        case Or():
            return reduce(frozenset.intersection, map(nonnull_if_true, node.items))
        case Compare() | In():
            return implied(node)
        case _:
            return NOTHING


def nonnull_if_false(node: Node) -> Facts:
    """Return what cannot be NULL where the condition is FALSE."""
    match node:
        case IsNull():
            return implied(node.item)
        case Not():
            return nonnull_if_true(node.item)
        case Or():
            return _union(map(nonnull_if_false, node.items))
        case And():
            return reduce(frozenset.intersection, map(nonnull_if_false, node.items))
        case Compare() | In():
            return implied(node)
        case _:
            return NOTHING


def _settling(node: Node, value: bool) -> Facts:
    """Return the nodes whose being NULL alone makes the condition `value`."""
    match node:
        case IsNull():
            return implied(node.item) if value else NOTHING
        case Not():
            return _settling(node.item, not value)
        case And():
            return NOTHING if value else _union(_settling(item, False) for item in node.items)
        case Or():
            return _union(_settling(item, True) for item in node.items) if value else NOTHING
        case _:
            return NOTHING


def _union(sets: Iterable[Facts]) -> Facts:
    return NOTHING.union(*sets)
