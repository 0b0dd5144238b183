"""The DuckDB back end: a checked tree as one SQL expression with the language's own semantics.

Literals are casts (a bare 0.62 would be DECIMAL), ROUND is built from FLOOR, LEAST and GREATEST
give NULL for any NULL, and every DOUBLE that could overflow or divide by zero is made NULL.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from xindeng.kernel.errors import ExpressionError
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
)
from xindeng.language.nulls import nullable
from xindeng.language.types import Kind, Value

_TYPES: Final = {
    Kind.BIGINT: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOL: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
}
_NONE: Final[Mapping[str, Value]] = MappingProxyType({})
_ZERO: Final = "CAST(0 AS DOUBLE)"


def quote(name: str) -> str:
    """Return a column name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def to_duckdb(
    expression: Expression,
    column: Callable[[str], str] = quote,
    parameters: Mapping[str, Value] = _NONE,
) -> str:
    """Return the expression as DuckDB SQL.

    `column` gives the SQL of a column, which must already have the column's type; `parameters`
    gives the value of every `$parameter` the expression reads. Raises ExpressionError for a
    parameter without a value.
    """
    missing = sorted(expression.parameters - parameters.keys())
    if missing:
        raise ExpressionError(
            f"no value for ${missing[0]}", code="expression.parameter", next_step="pass its value"
        )
    return _Sql(column, parameters).of(expression.tree)


class _Sql:
    """Carries the names while the tree is walked."""

    def __init__(self, column: Callable[[str], str], parameters: Mapping[str, Value]) -> None:
        self.column = column
        self.parameters = parameters

    def of(self, node: Node) -> str:
        """Return one node as SQL, always parenthesised or a call."""
        match node:
            case Literal():
                return constant(node.value, node.kind)
            case ParameterRef():
                return constant(self.parameters[node.name], node.kind)
            case ColumnRef():
                return self.reference(node)
            case ToDouble():
                return f"CAST({self.of(node.item)} AS DOUBLE)"
            case Negate():
                zero = constant(0 if node.kind is Kind.BIGINT else 0.0, node.kind)
                return f"({zero} - {self.of(node.item)})"
            case Arithmetic():
                return self.arithmetic(node)
            case Divide():
                return self.divide(node)
            case Absolute():
                return f"ABS({self.of(node.item)})"
            case Floor():
                return f"CAST(FLOOR({self.of(node.item)}) AS BIGINT)"
            case Round():
                return self.round(node)
            case Extreme():
                return self.extreme(node)
            case Coalesce():
                return f"COALESCE({', '.join(map(self.of, node.items))})"
            case NullIf():
                return f"NULLIF({self.of(node.left)}, {self.of(node.right)})"
            case Case():
                branches = " ".join(
                    f"WHEN {self.of(test)} THEN {self.of(result)}" for test, result in node.branches
                )
                return f"(CASE {branches} ELSE {self.of(node.default)} END)"
            case _:
                return self.condition(node)

    def condition(self, node: Node) -> str:
        """Return a condition; SQL's own three-valued logic is the language's."""
        match node:
            case Compare():
                return f"({self.of(node.left)} {node.op} {self.of(node.right)})"
            case In():
                return f"({self.of(node.item)} IN ({', '.join(map(self.of, node.choices))}))"
            case IsNull():
                return f"({self.of(node.item)} IS NULL)"
            case Not():
                return f"(NOT {self.of(node.item)})"
            case And():
                return f"({' AND '.join(map(self.of, node.items))})"
            case Or():
                return f"({' OR '.join(map(self.of, node.items))})"
            case _:
                raise ExpressionError(f"no SQL for {type(node).__name__}", column=node.at)

    def reference(self, node: ColumnRef) -> str:
        """Return a column; a DOUBLE that is not finite counts as NULL, and −0.0 as 0.0."""
        name = self.column(node.name)
        if node.kind is not Kind.DOUBLE:
            return name
        return f"{_finite(name)}" if node.fails else f"({name} + {_ZERO})"

    def arithmetic(self, node: Arithmetic) -> str:
        """Return + - *; products of doubles are rid of −0.0, overflows of infinity."""
        text = f"({self.of(node.left)} {node.op} {self.of(node.right)})"
        if node.kind is not Kind.DOUBLE:
            return text
        if node.fails:
            return _finite(text)
        return f"({text} + {_ZERO})" if node.op == "*" else text

    def divide(self, node: Divide) -> str:
        """Return a quotient of doubles, NULL for a zero divisor."""
        below = self.of(node.right)
        if node.by_zero:
            below = f"NULLIF({below}, {_ZERO})"
        text = f"({self.of(node.left)} / {below})"
        return _finite(text) if node.overflows else f"({text} + {_ZERO})"

    def round(self, node: Round) -> str:
        """Return ROUND, half away from zero; x − FLOOR(x) is exact for |x| ≤ 2^53."""
        item = self.of(node.item)
        part = f"({item} - FLOOR({item}))"
        half = constant(0.5, Kind.DOUBLE)
        up = f"(CASE WHEN {item} >= {_ZERO} THEN {part} >= {half} ELSE {part} > {half} END)"
        return f"(CAST(FLOOR({item}) AS BIGINT) + CAST({up} AS BIGINT))"

    def extreme(self, node: Extreme) -> str:
        """Return LEAST or GREATEST, which DuckDB would compute over NULLs."""
        items = [self.of(item) for item in node.items]
        call = f"{'LEAST' if node.least else 'GREATEST'}({', '.join(items)})"
        gaps = [
            f"{text} IS NULL"
            for text, item in zip(items, node.items, strict=True)
            if nullable(item)
        ]
        return f"(CASE WHEN {' OR '.join(gaps)} THEN NULL ELSE {call} END)" if gaps else call


def constant(value: Value, kind: Kind) -> str:
    """Return a literal as a cast to its type; texts are quoted, numbers keep every bit."""
    if value is None:
        return f"CAST(NULL AS {_TYPES[kind]})"
    if kind is Kind.BOOL:
        return "TRUE" if value else "FALSE"
    if kind is Kind.TEXT:
        return "'" + str(value).replace("'", "''") + "'"
    text = repr(float(value) + 0.0) if kind is Kind.DOUBLE else str(int(value))
    return f"CAST('{text}' AS {_TYPES[kind]})"


def _finite(text: str) -> str:
    return f"(CASE WHEN isfinite({text}) THEN {text} + {_ZERO} END)"
