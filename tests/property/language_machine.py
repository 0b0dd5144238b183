"""Random expressions, awkward rows, and the comparison of Python and an engine bit for bit."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import duckdb

from xindeng.kernel.errors import ExpressionError
from xindeng.language import (
    EXACT,
    Column,
    Expression,
    Kind,
    Value,
    compile_program,
    parse,
    quote,
    to_sql,
)

CHOICES = ("in", "out", "欠款", "")

COLUMNS = {
    "a": Column(Kind.BIGINT, -3, 3),
    "n": Column(Kind.BIGINT, 0, 10, nullable=False),
    "money": Column(Kind.BIGINT, 0, 10**11),
    "big": Column(Kind.BIGINT, -EXACT, EXACT),
    "x": Column(Kind.DOUBLE),
    "h": Column(Kind.DOUBLE, -10, 10),
    "wide": Column(Kind.DOUBLE, -float(EXACT), float(EXACT)),
    "share": Column(Kind.DOUBLE, 0, 1, nullable=False),
    "b": Column(Kind.BOOL),
    "c": Column(Kind.BOOL),
    "sure": Column(Kind.BOOL, nullable=False),
    "way": Column(Kind.TEXT, values=CHOICES),
    "lambda": Column(Kind.TEXT, nullable=False),
    "def": Column(Kind.BIGINT, -1, 1),
}
PARAMETERS = {
    "k": Column(Kind.BIGINT, -2, 2, nullable=False),
    "q": Column(Kind.DOUBLE, -1, 1, nullable=False),
    "maybe": Column(Kind.DOUBLE),
    "word": Column(Kind.TEXT, values=CHOICES, nullable=False),
}
PARAMETER_ROWS: list[tuple[Value, ...]] = [
    (2, 0.5, None, "in"),
    (0, -0.0, 1e300, "out"),
    (-1, 0.1, float("inf"), "欠款"),
]

INTEGERS = ["0", "1", "2", "3", "7", "100", str(EXACT - 1), str(EXACT)]
DOUBLES = ["0.0", "0.5", "1.5", "2.5", "0.1", "0.2", "0.3", "0.62", "1e308", "1e-320", "0.49999999999999994",
           "9007199254740991.0", "9007199254740993.0", "4503599627370496.5", "1e16", "3.0", "7e0"]  # fmt: skip

_EDGE = float(EXACT)
_HALVES = [0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 0.49999999999999994, -0.49999999999999994]
POOLS: dict[str, list[Value]] = {
    "a": [None, *range(-3, 4)],
    "n": [0, 1, 2, 5, 10],
    "money": [None, 0, 1, 2, 99, 100, 10**11 - 1, 10**11],
    "big": [None, 0, 1, -1, 3, EXACT, -EXACT, EXACT - 1, 1 - EXACT, 2**52 + 1],
    "x": [None, 0.0, -0.0, 0.1, 0.3, 1.0, -1.0, *_HALVES, _EDGE, _EDGE - 1, _EDGE + 2, -_EDGE,
          1e308, -1e308, 1.7976931348623157e308, 5e-324, -5e-324, math.nan, math.inf, -math.inf],
    "h": [None, 0.0, -0.0, *_HALVES, 10.0, -10.0, 9.5, -9.5, 0.1, 5e-324, 1 / 3],
    "wide": [None, 0.0, -0.0, *_HALVES, _EDGE, -_EDGE, _EDGE - 1, 1 - _EDGE, 2.0**52 + 0.5,
             2.0**51 + 0.5, -(2.0**51) - 0.5, 2.0**52 - 0.5, 1e15 + 0.5],
    "share": [0.0, -0.0, 0.5, 1.0, 0.1, 1 / 3, 5e-324],
    "b": [None, True, False],
    "c": [None, True, False],
    "sure": [True, False],
    "way": [None, *CHOICES],
    "lambda": ["in", "x", "'", "o\\ut"],
    "def": [None, -1, 0, 1],
}  # fmt: skip
_TYPES = {Kind.BIGINT: "BIGINT", Kind.DOUBLE: "DOUBLE", Kind.BOOL: "BOOLEAN", Kind.TEXT: "VARCHAR"}


class Generator:
    """Writes random expression texts of a wanted kind; most of them check."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def text(self, kind: Kind, depth: int) -> str:
        """Return the text of an expression nested about `depth` levels."""
        make = {
            Kind.BIGINT: self.integer,
            Kind.DOUBLE: self.double,
            Kind.BOOL: self.condition,
            Kind.TEXT: self.word,
        }
        return make[kind](depth)

    def integer(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.15:
            return self.random.choice(["a", "a", "n", "money", "big", "def", "$k", *INTEGERS])
        deep = [self.integer(depth - 1) for _ in range(3)]
        return self.random.choice([
            f"({deep[0]} + {deep[1]})", f"({deep[0]} - {deep[1]})", f"({deep[0]} * {deep[1]})",
            f"-{deep[0]}", f"ABS({deep[0]})", f"LEAST({deep[0]}, {deep[1]})",
            f"GREATEST({deep[0]}, {deep[1]}, {deep[2]})", f"LEAST(GREATEST({deep[0]}, -9), 9)",
            f"ROUND({self.tame(depth - 1)})", f"FLOOR({self.tame(depth - 1)})",
            f"DATE_DIFF('day', {deep[0]}, {deep[1]})", self.choice(Kind.BIGINT, depth),
            self.choice(Kind.BIGINT, depth),
        ])  # fmt: skip

    def tame(self, depth: int) -> str:
        """Return a DOUBLE that is likely to be bounded."""
        if depth <= 0 or self.random.random() < 0.6:
            return self.random.choice(["h", "wide", "share", "h", "wide", "$q"])
        inner = self.double(depth - 1)
        return f"LEAST(GREATEST({inner}, -4503599627370496.5), 9007199254740991)"

    def double(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.15:
            return self.random.choice(["x", "x", "h", "wide", "share", "$q", "$maybe", *DOUBLES])
        left, right = self.number(depth - 1), self.number(depth - 1)
        deep = self.double(depth - 1)
        return self.random.choice([
            f"({deep} + {right})", f"({left} - {deep})", f"({deep} * {right})", f"({left} / {right})",
            f"({left} / {right})", f"({left} / NULLIF({right}, 0))", f"-{deep}", f"ABS({deep})",
            f"LEAST({deep}, {right})", f"GREATEST({left}, {deep})", self.choice(Kind.DOUBLE, depth),
            self.choice(Kind.DOUBLE, depth),
        ])  # fmt: skip

    def number(self, depth: int) -> str:
        return self.integer(depth) if self.random.random() < 0.4 else self.double(depth)

    def word(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.3:
            return self.random.choice(["way", "lambda", "$word", "'in'", "'欠款'"])
        return self.choice(Kind.TEXT, depth)

    def choice(self, kind: Kind, depth: int) -> str:
        """Return a CASE, COALESCE or NULLIF."""
        parts = [self.text(kind, depth - 1) for _ in range(3)]
        tested = self.number(depth - 2)
        forms = [
            f"COALESCE({parts[0]}, {parts[1]})",
            f"CASE WHEN {self.condition(depth - 1)} THEN {parts[0]} ELSE {parts[1]} END",
            f"CASE WHEN {tested} IS NULL THEN {parts[0]} WHEN {tested} > {self.number(0)}"
            f" THEN {parts[1]} END",
            f"CASE WHEN sure OR {tested} IS NULL THEN {parts[0]} WHEN {tested} <= 0.5 THEN NULL"
            f" ELSE {parts[2]} END",
            f"CASE WHEN {parts[0]} IS NOT NULL THEN {parts[0]} ELSE {parts[1]} END",
        ]
        if kind is not Kind.BOOL:
            forms.append(f"NULLIF({parts[0]}, {parts[1]})")
        return self.random.choice(forms)

    def condition(self, depth: int) -> str:
        if depth <= 0 or self.random.random() < 0.1:
            return self.random.choice(["b", "c", "sure", "TRUE", "FALSE", "b"])
        left, right = self.number(depth - 1), self.number(depth - 1)
        one, two, three = (self.condition(depth - 1) for _ in range(3))
        op = self.random.choice(["=", "<>", "!=", "<", "<=", ">", ">="])
        return self.random.choice([
            f"{left} {op} {right}", f"{left} {op} {right}", f"({one} AND {two} AND {three})",
            f"({one} OR {two})", f"NOT ({one})", f"{left} IS NULL", f"{left} IS NOT NULL",
            f"({one}) IS NULL", f"{left} BETWEEN {right} AND {self.number(depth - 2)}",
            f"{left} NOT BETWEEN {right} AND 2.5", f"{left} IN (0, 1, 2.5)", f"{left} NOT IN (3, -1)",
            f"{left} IN ($k, {right})", f"({one}) = ({two})", f"({one}) <> ({two})",
            f"{self.word(depth - 1)} = $word", f"way {self.random.choice(['IN', 'NOT IN'])} ('in', '')",
            f"lambda <> '{self.random.choice(CHOICES)}'", self.choice(Kind.BOOL, depth),
            f"({left} {op} {right} AND {left} IS NOT NULL)",
            f"({left} IS NULL OR {left} {op} {right})",
        ])  # fmt: skip


def checked(seed: int, count: int) -> list[Expression]:
    """Return that many random expressions that the language accepts."""
    generator = Generator(seed)
    found: list[Expression] = []
    while len(found) < count:
        kind = generator.random.choice(
            [Kind.BIGINT, Kind.DOUBLE, Kind.DOUBLE, Kind.BOOL, Kind.BOOL, Kind.TEXT]
        )
        text = generator.text(kind, generator.random.choice([1, 2, 2, 3, 3, 4]))
        try:
            found.append(parse(text, COLUMNS, PARAMETERS))
        except ExpressionError:
            continue
    return found


def rows(seed: int, count: int) -> list[tuple[Value, ...]]:
    """Return random rows out of the pools of awkward values."""
    random = Random(seed)
    return [tuple(random.choice(POOLS[name]) for name in COLUMNS) for _ in range(count)]


@dataclass(frozen=True)
class Difference:
    """One disagreement."""

    text: str
    row: dict[str, Value]
    python: Value
    engine: Value


def bits(value: Value) -> object:
    """Return what must be equal: the type, and for doubles every bit."""
    if isinstance(value, float):
        return "DOUBLE", struct.pack("<d", value)
    return type(value).__name__, value


def load(table: Sequence[tuple[Value, ...]]) -> duckdb.DuckDBPyConnection:
    """Return a connection whose table `facts` holds the rows, numbered."""
    connection = duckdb.connect()
    shape = ", ".join(f"{quote(name)} {_TYPES[column.kind]}" for name, column in COLUMNS.items())
    connection.execute(f"CREATE TABLE facts (place BIGINT, {shape})")
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    connection.executemany(
        f"INSERT INTO facts VALUES ({marks})", [[place, *row] for place, row in enumerate(table)]
    )
    return connection


Ask = Callable[[Sequence[Expression], dict[str, Value]], list[Sequence[Value]]]
"""Gives the values of expressions under parameters, row by row."""


def in_duckdb(table: Sequence[tuple[Value, ...]]) -> Ask:
    connection = load(table)

    def ask(group, given):
        sql = ", ".join(to_sql(expression, parameters=given) for expression in group)
        return connection.execute(f"SELECT {sql} FROM facts ORDER BY place").fetchall()

    return ask


def differences(
    expressions: Sequence[Expression],
    table: Sequence[tuple[Value, ...]],
    parameters: tuple[Value, ...],
    batch: int = 25,
    engine: Callable[[Sequence[tuple[Value, ...]]], Ask] = in_duckdb,
) -> list[Difference]:
    """Run every expression on every row in Python and there; return where any bit differs."""
    given = dict(zip(PARAMETERS, parameters, strict=True))
    found: list[Difference] = []
    ask = engine(table)
    for start in range(0, len(expressions), batch):
        group = expressions[start : start + batch]
        theirs = ask(group, given)
        ours = in_python(group, table, parameters)
        for row, left, right in zip(table, ours, theirs, strict=True):
            found += [
                Difference(expression.text, dict(zip(COLUMNS, row, strict=True)), mine, other)
                for expression, mine, other in zip(group, left, right, strict=True)
                if bits(mine) != bits(other)
            ]
    return found


def in_python(
    group: Sequence[Expression], table: Sequence[tuple[Value, ...]], parameters: tuple[Value, ...]
) -> list[list[Value]]:
    """Evaluate as definitions; conditions a second time by mask; a clash is a difference."""
    places = [place for place, expression in enumerate(group) if expression.kind is Kind.BOOL]
    program = compile_program(
        inputs=list(COLUMNS),
        parameters=list(PARAMETERS),
        definitions=[(f"r{place}", expression) for place, expression in enumerate(group)],
        conditions=[(f"c{place}", group[place]) for place in places],
    )
    results: list[list[Value]] = []
    for row in table:
        values, fired, missing = program.run(row, parameters)
        for bit, place in enumerate(places):
            by_mask = True if fired >> bit & 1 else None if missing >> bit & 1 else False
            if values[place] is not by_mask:
                values[place] = f"{values[place]} as value, {by_mask} as condition"
        results.append(values)
    return results
