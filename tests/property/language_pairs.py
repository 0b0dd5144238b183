"""Random expressions and rows for the agreement of the back ends, and the comparison itself.

Uniform random numbers find nothing: the rows are made of ties, halves, both zeros, NULLs, the
neighbours of 2^53 and the edges of each column's bounds.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Callable, Sequence

import duckdb

from xindeng.kernel.errors import ExpressionError
from xindeng.language import EXACT, Column, Expression, Kind, Value, compile_program, parse

BIG = EXACT
SCHEMA = {
    "a": Column(Kind.BIGINT, -1000, 1000),
    "b": Column(Kind.BIGINT, 0, 50, nullable=False),
    "wide": Column(Kind.BIGINT, -BIG, BIG),
    "x": Column(Kind.DOUBLE),
    "y": Column(Kind.DOUBLE, -1e6, 1e6),
    "z": Column(Kind.DOUBLE, 0.0, 1.0, nullable=False),
    "flag": Column(Kind.BOOL),
    "sure": Column(Kind.BOOL, nullable=False),
    "word": Column(Kind.TEXT, values=("red", "green", "it's")),
}
PARAMETERS = {
    "p": Column(Kind.BIGINT, 0, 100, nullable=False),
    "q": Column(Kind.DOUBLE, 0.0, 10.0, nullable=False),
}
PARAMETER_VALUES: dict[str, Value] = {"p": 7, "q": 0.5}
SQL_TYPES = {
    Kind.BIGINT: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.BOOL: "BOOLEAN",
    Kind.TEXT: "VARCHAR",
}

_INTEGERS = [0, 1, -1, 2, 3, 7, 49, 50, 999, 1000, -1000]
_WIDE = [*_INTEGERS, BIG, BIG - 1, -BIG, 1 - BIG, 2**52 + 1]
_DOUBLES = [
    0.0, -0.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.49999999999999994, -0.49999999999999994, 1.0,
    0.1, 0.3, 1 / 3, 5e-324, -5e-324, 1e300, -1e300, 1.7976931348623157e308, float(BIG), BIG - 0.5,
    4503599627370496.5, math.inf, -math.inf, math.nan, 1e-300,
]  # fmt: skip
_LITTLE = [v for v in _DOUBLES if abs(v) <= 1e6]


class Maker:
    """Writes random expressions as text, by type."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def pick(self, *makers: Callable[[int], str], depth: int) -> str:
        return self.rng.choice(makers)(depth - 1)

    def number(self, depth: int) -> str:
        if depth <= 0:
            return self.rng.choice(
                [
                    "a",
                    "b",
                    "wide",
                    "x",
                    "y",
                    "z",
                    "$p",
                    "$q",
                    "0",
                    "1",
                    "2",
                    "7",
                    "0.5",
                    "2.5",
                    "0.1",
                ]
            )
        return self.pick(
            lambda d: f"({self.number(d)} {self.rng.choice('+-*')} {self.number(d)})",
            lambda d: f"{self.number(d)} / ({self.number(d)})",
            lambda d: f"ROUND({self.number(d)})",
            lambda d: f"FLOOR({self.number(d)})",
            lambda d: f"ABS({self.number(d)})",
            lambda d: f"-({self.number(d)})",
            lambda d: f"LEAST({self.number(d)}, {self.number(d)})",
            lambda d: f"GREATEST({self.number(d)}, {self.number(d)}, {self.number(d)})",
            lambda d: f"COALESCE({self.number(d)}, {self.number(d)})",
            lambda d: f"NULLIF({self.number(d)}, {self.number(0)})",
            lambda d: f"CASE WHEN {self.safe(d)} THEN {self.number(d)} ELSE {self.number(d)} END",
            lambda d: (
                f"CASE WHEN ({self.number(0)}) IS NULL THEN 1 WHEN {self.safe(d)} THEN {self.number(d)} END"
            ),
            lambda d: "DATE_DIFF('day', a, b)",
            self.number,
            depth=depth,
        )

    def safe(self, depth: int) -> str:
        return self.rng.choice(
            ["sure", "b > 5", "a IS NULL", "NOT sure", f"({self.condition(depth)}) IS NOT NULL"]
        )

    def condition(self, depth: int) -> str:
        if depth <= 0:
            return self.rng.choice(
                ["flag", "sure", "a > 0", "b = 7", "word = 'red'", "word IN ('green', 'it''s')",
                 "x IS NULL", "TRUE", "a IN (1, 2, 7)", "word <> 'it''s'"]
            )  # fmt: skip
        return self.pick(
            lambda d: (
                f"({self.number(d)} {self.rng.choice(['<', '<=', '>', '>=', '=', '<>'])} "
                f"{self.number(d)})"
            ),
            lambda d: f"({self.condition(d)} AND {self.condition(d)})",
            lambda d: f"({self.condition(d)} OR {self.condition(d)})",
            lambda d: f"NOT ({self.condition(d)})",
            lambda d: f"({self.number(d)}) IS NOT NULL",
            lambda d: f"({self.condition(d)}) IS NULL",
            lambda d: f"{self.number(d)} BETWEEN {self.number(0)} AND {self.number(d)}",
            lambda d: f"{self.number(0)} NOT IN (0, 1, 0.5)",
            lambda d: f"COALESCE({self.condition(d)}, {self.condition(d)})",
            lambda d: f"(a IS NOT NULL AND a > {self.number(0)})",
            self.condition,
            depth=depth,
        )

    def expressions(self, count: int) -> list[Expression]:
        """Return `count` accepted expressions; what the checker refuses is drawn again."""
        made: list[Expression] = []
        while len(made) < count:
            depth = self.rng.choice([1, 2, 2, 3, 3, 4])
            text = self.condition(depth) if self.rng.random() < 0.4 else self.number(depth)
            try:
                made.append(parse(text, SCHEMA, PARAMETERS))
            except ExpressionError:
                continue
        return made

    def row(self) -> tuple[Value, ...]:
        pools: dict[str, Sequence[Value]] = {
            "a": _INTEGERS, "b": [0, 1, 2, 5, 6, 7, 49, 50], "wide": _WIDE, "x": _DOUBLES,
            "y": _LITTLE, "z": [0.0, 1.0, 0.5, 0.1, 0.3], "flag": [True, False],
            "sure": [True, False], "word": ["red", "green", "it's"],
        }  # fmt: skip
        return tuple(
            None if column.nullable and self.rng.random() < 0.2 else self.rng.choice(pools[name])
            for name, column in SCHEMA.items()
        )


def bits(value: Value) -> object:
    """Return something equal only where the value is the same to the last bit, type included."""
    return struct.pack("<d", value) if isinstance(value, float) else (type(value), value)


def disagreements(
    expressions: Sequence[Expression],
    rows: Sequence[tuple[Value, ...]],
    to_sql: Callable[[Expression], str],
) -> list[tuple[str, tuple[Value, ...], Value, Value]]:
    """Return every (text, row, Python's value, DuckDB's value) that differs in a bit."""
    run = compile_program(
        inputs=tuple(SCHEMA),
        parameters=tuple(PARAMETERS),
        definitions=[(f"e{place}", one) for place, one in enumerate(expressions)],
    ).run
    ours = [run(row, tuple(PARAMETER_VALUES.values()))[0] for row in rows]
    connection = duckdb.connect()
    columns = ", ".join(f'"{name}" {SQL_TYPES[c.kind]}' for name, c in SCHEMA.items())
    connection.execute(f"CREATE TABLE facts (line BIGINT, {columns})")
    connection.executemany(
        f"INSERT INTO facts VALUES ({', '.join('?' * (len(SCHEMA) + 1))})",
        [(line, *row) for line, row in enumerate(rows)],
    )
    texts = ", ".join(to_sql(one) for one in expressions)
    theirs = connection.execute(f"SELECT {texts} FROM facts ORDER BY line").fetchall()
    return [
        (one.text, row, mine[place], other[place])
        for row, mine, other in zip(rows, ours, theirs, strict=True)
        for place, one in enumerate(expressions)
        if bits(mine[place]) != bits(other[place])
    ]


def conditions_disagree(
    expressions: Sequence[Expression], rows: Sequence[tuple[Value, ...]]
) -> int:
    """Count rows where the masks of a program contradict the values of the same conditions."""
    tests = [one for one in expressions if one.kind is Kind.BOOL]
    program = compile_program(
        inputs=tuple(SCHEMA),
        parameters=tuple(PARAMETERS),
        definitions=[(f"e{place}", one) for place, one in enumerate(tests)],
        conditions=[(f"c{place}", one) for place, one in enumerate(tests)],
    )
    wrong = 0
    for row in rows:
        values, fired, missing = program.run(row, tuple(PARAMETER_VALUES.values()))
        wrong += fired != sum(1 << k for k, value in enumerate(values) if value is True)
        wrong += missing != sum(1 << k for k, value in enumerate(values) if value is None)
    return wrong
