"""The same conditions for two public rule engines: our checked tree printed in their syntax.

Peers have no three-valued logic, so a condition is printed as "certainly true": each comparison
is guarded against null exactly where the analysis cannot rule it out, and nowhere else.
Parameters are printed as constants, which spares the peers a look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cel
import zen

from xindeng.language import Expression, Value
from xindeng.language.nodes import (
    Absolute,
    And,
    Arithmetic,
    Coalesce,
    ColumnRef,
    Compare,
    In,
    IsNull,
    Literal,
    Negate,
    Node,
    Not,
    Or,
    ParameterRef,
    ToDouble,
)
from xindeng.language.nulls import gaps
from xindeng.language.types import Kind

Row = dict[str, Value]
Hits = Callable[[Row], list[bool]]


class Untranslatable(Exception):
    """This construct has no counterpart in a peer; the rule is left out of the comparison."""


class Dialect:
    """How a peer writes operators; `text(expression)` prints a condition."""

    both, either, no = " && ", " || ", "!"
    equal = "=="

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self.parameters = parameters

    def text(self, expression: Expression) -> str:
        """Return the condition "certainly TRUE"; raises Untranslatable."""
        return self.true(expression.tree)

    def literal(self, value: Value, kind: Kind) -> str:
        """Return a constant."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return json.dumps(value)
        return repr(float(value or 0)) if kind is Kind.DOUBLE else str(value)

    def widen(self, text: str) -> str:
        """Return a whole number as a floating one."""
        return text

    def value(self, node: Node) -> str:
        """Return a number, text or truth value that is not null."""
        match node:
            case Literal():
                return self.literal(node.value, node.kind)
            case ParameterRef():
                return self.literal(self.parameters[node.name], node.kind)
            case ColumnRef():
                return node.name
            case ToDouble():
                return self.widen(self.value(node.item))
            case Negate():
                return f"(-{self.value(node.item)})"
            case Arithmetic():
                return f"({self.value(node.left)} {node.op} {self.value(node.right)})"
            case Coalesce() if len(node.items) == 2 and isinstance(node.items[0], ColumnRef):
                first, last = (self.value(item) for item in node.items)
                return f"({first} != null ? {first} : {last})"
            case _:
                raise Untranslatable(type(node).__name__)

    def true(self, node: Node) -> str:
        """Return text that is true where the node is TRUE."""
        match node:
            case And():
                return f"({self.both.join(self.true(item) for item in node.items)})"
            case Or():
                return f"({self.either.join(self.true(item) for item in node.items)})"
            case Not():
                return self.false(node.item)
            case IsNull():
                return f"({self._column(node.item)} {self.equal} null)"
            case Compare() | In():
                return self._guarded(node, self._test(node))
            case ColumnRef():
                return f"({node.name} {self.equal} true)" if node.fails else node.name
            case Coalesce() if isinstance(node.items[0], Compare) and _is_false(node.items[1]):
                return self.true(node.items[0])
            case _:
                return self.value(node)

    def false(self, node: Node) -> str:
        """Return text that is true where the node is FALSE."""
        match node:
            case And():
                return f"({self.either.join(self.false(item) for item in node.items)})"
            case Or():
                return f"({self.both.join(self.false(item) for item in node.items)})"
            case Not():
                return self.true(node.item)
            case IsNull():
                return f"({self._column(node.item)} != null)"
            case Compare() | In():
                return self._guarded(node, f"{self.no}({self._test(node)})")
            case ColumnRef():
                return (
                    f"({node.name} {self.equal} false)" if node.fails else f"{self.no}({node.name})"
                )
            case _:
                return f"{self.no}({self.value(node)})"

    def _column(self, node: Node) -> str:
        if not isinstance(node, ColumnRef):
            raise Untranslatable("IS NULL of an expression")
        return node.name

    def _test(self, node: Compare | In) -> str:
        if isinstance(node, In):
            choices = ", ".join(self.value(choice) for choice in node.choices)
            return f"{self.value(node.item)} in [{choices}]"
        symbol = {"=": self.equal, "<>": "!="}.get(node.op, node.op)
        return f"({self.value(node.left)} {symbol} {self.value(node.right)})"

    def _guarded(self, node: Node, test: str) -> str:
        guards = [f"{self._column(cause)} != null" for cause in sorted(gaps(node), key=repr)]
        return f"({self.both.join([*guards, test])})" if guards else test


def _is_false(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is False


class Zen(Dialect):
    """GoRules ZEN expressions."""

    both, either, no = " and ", " or ", "not "

    def value(self, node: Node) -> str:
        """Return a value; ZEN has abs()."""
        return (
            f"abs({self.value(node.item)})" if isinstance(node, Absolute) else super().value(node)
        )


class Cel(Dialect):
    """Common Expression Language; whole and floating numbers do not mix by themselves."""

    def widen(self, text: str) -> str:
        """Return a whole number as double()."""
        return f"double({text})"


def translatable(expression: Expression, parameters: Mapping[str, Value]) -> bool:
    """Say whether both peers can express the condition."""
    try:
        return bool(Zen(parameters).text(expression) and Cel(parameters).text(expression))
    except Untranslatable:
        return False


def zen_engine(texts: Sequence[str]) -> Hits:
    """Return ZEN's fastest path: one expression node, content precompiled, served by a loader."""
    expressions = [{"id": f"e{k}", "key": f"r{k}", "value": text} for k, text in enumerate(texts)]
    nodes: list[dict[str, Any]] = [
        {"id": "in", "name": "in", "type": "inputNode"},
        {"id": "x", "name": "x", "type": "expressionNode", "content": {"expressions": expressions}},
        {"id": "out", "name": "out", "type": "outputNode"},
    ]
    for node in nodes:
        node["position"] = {"x": 0, "y": 0}
    edges = [
        {"id": "a", "type": "edge", "sourceId": "in", "targetId": "x"},
        {"id": "b", "type": "edge", "sourceId": "x", "targetId": "out"},
    ]
    content = zen.ZenDecisionContent(json.dumps({"nodes": nodes, "edges": edges}))
    engine = zen.ZenEngine({"loader": lambda _: content})
    keys = [f"r{k}" for k in range(len(texts))]

    def hits(row: Row) -> list[bool]:
        result = engine.evaluate("policy", row)["result"]
        return [result[key] is True for key in keys]

    hits.raw = lambda row: engine.evaluate("policy", row)  # type: ignore[attr-defined]
    return hits


def cel_engine(texts: Sequence[str]) -> Hits:
    """Return CEL with programs compiled once and one context a row, shared by all of them."""
    programs = [cel.compile(text) for text in texts]

    def hits(row: Row) -> list[bool]:
        context = cel.Context(row)
        return [program.execute(context) is True for program in programs]

    hits.raw = hits  # type: ignore[attr-defined]
    return hits
