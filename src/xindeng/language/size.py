"""A bound on what an expression grows to when compiled, checked before any back end runs.

SQL has no local names, so ROUND, LEAST over NULLs, NULLIF and overflow checks repeat their
operand, some only inside the engine's planner; nested, that multiplies. At the limit DuckDB plans
for about half a second. Python nests at most 200 brackets.
"""

from __future__ import annotations

from typing import Final

from xindeng.language.nodes import (
    Arithmetic,
    Case,
    Coalesce,
    Compare,
    Divide,
    Extreme,
    IsNull,
    Node,
    NullIf,
    Round,
    children,
)
from xindeng.language.nulls import nullable
from xindeng.language.tokens import refuse
from xindeng.language.types import Kind

MAX_SIZE: Final = 2_000
MAX_BRACKETS: Final = 180


def check_size(node: Node) -> None:
    """Raise ExpressionError if the compiled expression would be unreasonably large."""
    if size(node) > MAX_SIZE or brackets(node) > MAX_BRACKETS:
        refuse(
            1,
            "too_large",
            "compiled, this expression grows beyond reason: ROUND, LEAST, GREATEST, NULLIF, / and"
            " CASE inside one another multiply",
            "split it into derived features",
        )


def size(node: Node) -> int:
    """Return an upper estimate of the number of nodes after expansion."""
    return 1 + sum(_repeats(node, child) * size(child) for child in children(node))


def brackets(node: Node) -> int:
    """Return an upper estimate of how deep brackets nest in the generated Python."""
    own = 4 if isinstance(node, Round | Case | Coalesce) else 2
    return own + max(map(brackets, children(node)), default=0)


def _repeats(node: Node, child: Node) -> int:
    match node:
        case Round():
            return 4
        case Arithmetic() if node.fails:
            return 2
        case Divide():
            checked = 2 if node.overflows else 1
            return checked * 2 if node.by_zero and child is node.right else checked
        case NullIf() if child is node.left:
            return 2
        case Extreme() if nullable(child):
            return 2
        case Compare() | Coalesce() | IsNull() if child.kind is Kind.BOOL:
            return 2
        case _:
            return 1
