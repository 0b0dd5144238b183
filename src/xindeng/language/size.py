"""A bound on what an expression grows to when compiled, checked before any back end runs.

SQL has no local names, so ROUND, LEAST over NULLs and overflow checks repeat their operand;
nested, that multiplies.
"""

from __future__ import annotations

from typing import Final

from xindeng.language.nodes import (
    Arithmetic,
    Coalesce,
    Compare,
    Divide,
    Extreme,
    IsNull,
    Node,
    Round,
    children,
)
from xindeng.language.nulls import nullable
from xindeng.language.tokens import refuse
from xindeng.language.types import Kind

MAX_SIZE: Final = 20_000


def check_size(node: Node) -> None:
    """Raise ExpressionError if the compiled expression would be unreasonably large."""
    if size(node) > MAX_SIZE:
        refuse(
            node.at,
            "too_large",
            "compiled, this expression grows beyond reason",
            "split it into derived features",
        )


def size(node: Node) -> int:
    """Return an upper estimate of the number of nodes after expansion."""
    parts = sum(_repeats(node, child) * size(child) for child in children(node))
    return 1 + parts


def _repeats(node: Node, child: Node) -> int:
    match node:
        case Round():
            return 4
        case Arithmetic() if node.fails:
            return 2
        case Divide() if node.overflows:
            return 2
        case Extreme() if nullable(child):
            return 2
        case Compare() | Coalesce() | IsNull() if child.kind is Kind.BOOL:
            return 2
        case _:
            return 1
