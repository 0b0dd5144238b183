"""SQL of a checked tree, for DuckDB and for Spark, equal to the Python of it bit for bit.

Every operand is in brackets and every literal is a cast, so neither precedence nor an engine's own
typing (0.62 alone is DECIMAL) decides anything. What the engines do otherwise is written out: LEAST
and GREATEST skip NULLs, x / 0 is infinite or an error, NaN equals itself and is the greatest, FLOOR
of a DOUBLE stays DOUBLE or not, a long IN tells 0.0 from -0.0.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from xindeng.kernel.errors import ExpressionError
from xindeng.language.dialect import DUCKDB, Dialect
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
    Kind.TEXT: "STRING",
}
_ZERO: Final = "CAST('0.0' AS DOUBLE)"
_INFINITE: Final = "CAST('Infinity' AS DOUBLE)"


@dataclass(frozen=True, slots=True)
class Spelled:
    """A parameter whose value stands in a column of the row, as SQL."""

    sql: str


Given = Value | Spelled
_NO_PARAMETERS: Final[Mapping[str, Given]] = MappingProxyType({})


def quote(name: str) -> str:
    """Return a name as a quoted SQL identifier."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def to_sql(
    expression: Expression,
    column: Callable[[str], str] = quote,
    parameters: Mapping[str, Given] = _NO_PARAMETERS,
    dialect: Dialect = DUCKDB,
) -> str:
    """Return one SQL expression; `column` spells a column, `parameters` gives their values, or
    the columns that hold them.

    DOUBLE results have one zero, +0.0. Raises ExpressionError for a parameter without a value.
    """
    text = _Sql(dialect, column, parameters).write(expression.tree)
    return _one_zero(text) if expression.kind is Kind.DOUBLE else text


def constant(value: Value, kind: Kind, dialect: Dialect = DUCKDB) -> str:
    """Return a value as a typed SQL literal; a DOUBLE that is not finite is NULL."""
    name = _TYPES[kind]
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return f"CAST(NULL AS {name})"
    if kind is Kind.TEXT:
        return f"CAST({dialect.text(str(value))} AS {name})"
    if kind is Kind.DOUBLE:
        return f"CAST('{float(value) + 0.0!r}' AS {name})"
    if kind is Kind.BOOL:
        return "TRUE" if value else "FALSE"
    return f"CAST({int(value)} AS {name})"


class _Sql:
    """Writes one expression."""

    def __init__(
        self, dialect: Dialect, column: Callable[[str], str], parameters: Mapping[str, Given]
    ) -> None:
        self._dialect = dialect
        self._column = column
        self._parameters = parameters

    def write(self, node: Node) -> str:
        """Return the SQL of a node, in brackets where anything could bind it otherwise."""
        match node:
            case Literal():
                return constant(node.value, node.kind, self._dialect)
            case ColumnRef():
                return _finite_input(
                    f"CAST({self._column(node.name)} AS {_TYPES[node.kind]})", node
                )
            case ParameterRef():
                return self._parameter(node)
            case ToDouble():
                return f"CAST({self.write(node.item)} AS DOUBLE)"
            case Negate():
                return f"(-{self.write(node.item)})"
            case Arithmetic():
                text = f"({self.write(node.left)} {node.op} {self.write(node.right)})"
                return _finite(text) if node.fails else text
            case Divide():
                return self._divide(node)
            case Absolute():
                return f"ABS({self.write(node.item)})"
            case Floor():
                return f"CAST(FLOOR({self.write(node.item)}) AS BIGINT)"
            case Round():
                return self._round(node)
            case Extreme():
                return self._extreme(node)
            case NullIf():
                return f"NULLIF({self.write(node.left)}, {self.write(node.right)})"
            case Coalesce():
                return f"COALESCE({', '.join(map(self.write, node.items))})"
            case Case():
                return self._case(node)
            case _:
                return self._condition(node)

    def _condition(self, node: Node) -> str:
        match node:
            case Compare():
                return f"({self.write(node.left)} {node.op} {self.write(node.right)})"
            case In():
                item = self.write(node.item)
                choices = ", ".join(map(self.write, node.choices))
                return (
                    f"({_one_zero(item) if node.item.kind is Kind.DOUBLE else item} IN ({choices}))"
                )
            case IsNull():
                return f"({self.write(node.item)} IS NULL)"
            case Not():
                return f"(NOT {self.write(node.item)})"
            case And() | Or():
                word = " AND " if isinstance(node, And) else " OR "
                return f"({word.join(map(self.write, node.items))})"
            case _:
                raise ExpressionError(
                    f"no SQL for {type(node).__name__}", code="expression.construct",
                    column=node.at, next_step="report this as a fault",
                )  # fmt: skip

    def _parameter(self, node: ParameterRef) -> str:
        if node.name not in self._parameters:
            raise ExpressionError(
                f"no value for ${node.name}", code="expression.parameter", column=node.at,
                next_step="pass it in `parameters`",
            )  # fmt: skip
        value = self._parameters[node.name]
        if isinstance(value, Spelled):
            return _finite_input(f"CAST({value.sql} AS {_TYPES[node.kind]})", node)
        return constant(value, node.kind, self._dialect)

    def _divide(self, node: Divide) -> str:
        right = self.write(node.right)
        if node.by_zero:
            right = f"NULLIF({right}, {_ZERO})"
        text = f"({self.write(node.left)} / {right})"
        return _finite(text) if node.overflows else text

    def _round(self, node: Round) -> str:
        item = self.write(node.item)
        whole = f"FLOOR(ABS({item}))"
        up = f"CASE WHEN ABS({item}) - {whole} >= CAST('0.5' AS DOUBLE) THEN 1 ELSE 0 END"
        sign = f"CASE WHEN {item} < {_ZERO} THEN -1 ELSE 1 END"
        return f"((CAST({whole} AS BIGINT) + {up}) * {sign})"

    def _extreme(self, node: Extreme) -> str:
        items = [self.write(item) for item in node.items]
        text = f"{'LEAST' if node.least else 'GREATEST'}({', '.join(items)})"
        missing = [
            f"{sql} IS NULL" for item, sql in zip(node.items, items, strict=True) if nullable(item)
        ]
        return f"CASE WHEN {' OR '.join(missing)} THEN NULL ELSE {text} END" if missing else text

    def _case(self, node: Case) -> str:
        parts = [
            f"WHEN {self.write(condition)} THEN {self.write(result)}"
            for condition, result in node.branches
        ]
        return f"CASE {' '.join(parts)} ELSE {self.write(node.default)} END"


def _finite_input(text: str, node: Node) -> str:
    return _finite(text) if node.kind is Kind.DOUBLE and node.fails else text


def _finite(text: str) -> str:
    # NaN is greater than infinity in both engines.
    return f"CASE WHEN ABS({text}) < {_INFINITE} THEN {text} END"


def _one_zero(text: str) -> str:
    return f"({text} + {_ZERO})"
