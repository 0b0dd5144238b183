"""A table of expressions and their values, in Python and in DuckDB."""

from __future__ import annotations

import math

import duckdb
import pytest

from xindeng.kernel.errors import ExpressionError
from xindeng.language import EXACT, Column, Kind, compile_python, parse, to_sql

SCHEMA = {
    "a": Column(Kind.BIGINT, -(10**6), 10**6),
    "n": Column(Kind.BIGINT, 0, 10**6, nullable=False),
    "edge": Column(Kind.BIGINT, -EXACT, EXACT),
    "x": Column(Kind.DOUBLE),
    "h": Column(Kind.DOUBLE, -(2.0**53), 2.0**53),
    "b": Column(Kind.BOOL),
    "sure": Column(Kind.BOOL, nullable=False),
    "way": Column(Kind.TEXT, values=("in", "out", "转账")),
}
PARAMETERS = {
    "max": Column(Kind.DOUBLE, 0, 1, nullable=False),
    "day": Column(Kind.BIGINT, 0, 400, nullable=False),
    "kind": Column(Kind.TEXT, values=("in", "out"), nullable=False),
}
GIVEN = {"max": 0.5, "day": 30, "kind": "in"}
TYPES = {Kind.BIGINT: "BIGINT", Kind.DOUBLE: "DOUBLE", Kind.BOOL: "BOOLEAN", Kind.TEXT: "VARCHAR"}
NAN, INF = math.nan, math.inf

# text, row (what is not given is NULL; n = 0 and sure = FALSE), value
VALUES = [
    # arithmetic and precedence
    ("1 + 2 * 3", {}, 7),
    ("(1 + 2) * 3", {}, 9),
    ("10 - 3 - 2", {}, 5),
    ("-a", {"a": 5}, -5),
    ("- -a", {"a": 5}, 5),
    ("2 - -2", {}, 4),
    ("a - 1", {}, None),
    ("a + 0.5", {"a": 1}, 1.5),
    ("edge - 1", {"edge": EXACT}, "refused"),
    ("edge = 9007199254740992", {"edge": EXACT}, True),
    ("edge > 9007199254740991", {"edge": EXACT}, True),
    ("edge = 9007199254740993.0", {"edge": EXACT}, True),
    # division is DOUBLE, and NULL by zero
    ("7 / 2", {}, 3.5),
    ("a / n", {"a": 1, "n": 3}, 1 / 3),
    ("a / n", {"a": 1}, None),
    ("a / n", {"a": 0}, None),
    ("x / x", {"x": -0.0}, None),
    ("a / NULLIF(a, 0)", {"a": 0}, None),
    ("0 / a", {"a": -5}, 0.0),
    ("x / 1e-300", {"x": 1e10}, None),
    # nothing but finite numbers and one zero
    ("x", {"x": NAN}, None),
    ("x", {"x": INF}, None),
    ("x", {"x": -0.0}, 0.0),
    ("x * 10", {"x": 1e308}, None),
    ("x + x", {"x": -1.7e308}, None),
    ("x - x", {"x": 1e308}, 0.0),
    ("-x", {"x": 0.0}, 0.0),
    ("x * -1", {"x": 0.0}, 0.0),
    ("0.1 + 0.2 = 0.3", {}, False),
    ("0.1 + 0.2", {}, 0.30000000000000004),
    ("x > 1", {"x": NAN}, None),
    ("x IS NULL", {"x": INF}, True),
    # ROUND is half away from zero, FLOOR goes down; both are whole numbers
    ("ROUND(h)", {"h": 0.5}, 1),
    ("ROUND(h)", {"h": 1.5}, 2),
    ("ROUND(h)", {"h": 2.5}, 3),
    ("ROUND(h)", {"h": -0.5}, -1),
    ("ROUND(h)", {"h": -2.5}, -3),
    ("ROUND(h)", {"h": -2.4}, -2),
    ("ROUND(h)", {"h": 0.49999999999999994}, 0),
    ("ROUND(h)", {"h": -0.49999999999999994}, 0),
    ("ROUND(h)", {"h": 4503599627370495.5}, 4503599627370496),
    ("ROUND(h)", {"h": 4503599627370497.0}, 4503599627370497),
    ("ROUND(h)", {"h": 2.0**53}, EXACT),
    ("ROUND(h)", {}, None),
    ("ROUND(a)", {"a": 3}, 3),
    ("FLOOR(h)", {"h": -0.5}, -1),
    ("FLOOR(h)", {"h": 2.9}, 2),
    ("FLOOR(a / 7) * 7", {"a": 20}, 14),
    ("ABS(h)", {"h": -0.0}, 0.0),
    ("ABS(a)", {"a": -7}, 7),
    # LEAST and GREATEST know no NULL
    ("LEAST(a, n)", {"a": -1, "n": 4}, -1),
    ("LEAST(a, n)", {"n": 4}, None),
    ("GREATEST(a, n, 3)", {"n": 4}, None),
    ("GREATEST(a, n, 3)", {"a": 1, "n": 2}, 3),
    ("GREATEST(a, 0.5)", {"a": 1}, 1.0),
    ("LEAST(x, 0)", {"x": -0.0}, 0.0),
    # NULL
    ("COALESCE(a, n)", {"n": 3}, 3),
    ("COALESCE(a, 0.5)", {"a": 2}, 2.0),
    ("COALESCE(n, 5)", {"n": 3}, 3),
    ("COALESCE(b, sure)", {"sure": True}, True),
    ("NULLIF(a, 3)", {"a": 3}, None),
    ("NULLIF(n, a)", {"n": 3}, 3),
    ("NULLIF(way, 'in') IS NULL", {"way": "in"}, True),
    ("a IS NOT NULL", {}, False),
    ("(a > 1) IS NULL", {}, True),
    # three-valued logic
    ("b AND FALSE", {}, False),
    ("b AND TRUE", {}, None),
    ("b OR TRUE", {}, True),
    ("b OR FALSE", {}, None),
    ("NOT b", {}, None),
    ("NOT b", {"b": True}, False),
    ("a > 1 AND x IS NOT NULL", {"a": 2}, False),
    ("a > 1 AND a IS NOT NULL", {}, False),
    ("NOT a > 1 OR b", {"a": 0}, True),
    ("b = sure", {"b": False}, True),
    ("b <> sure", {}, None),
    ("NOT sure AND sure OR TRUE", {}, True),
    # comparison, BETWEEN, IN
    ("a BETWEEN 1 AND 3", {"a": 3}, True),
    ("a NOT BETWEEN 1 AND 3", {"a": 4}, True),
    ("a BETWEEN n AND 3", {"n": 5}, None),
    ("n BETWEEN a AND 3", {"n": 5}, False),
    ("n IN (1, 2, 3)", {"n": 2}, True),
    ("n IN (1.5, 2)", {"n": 2}, True),
    ("n NOT IN (1, a)", {"n": 2}, None),
    ("n NOT IN (1, a)", {"n": 1}, False),
    ("a IN (1)", {}, None),
    ("way IN ('in', '转账')", {"way": "转账"}, True),
    ("way <> 'in'", {}, None),
    ("way = $kind", {"way": "in"}, True),
    ("way NOT IN ($kind, 'out')", {"way": "转账"}, True),
    # CASE
    ("CASE WHEN sure THEN 1 ELSE 2.5 END", {"sure": True}, 1.0),
    ("CASE WHEN n > 5 THEN 1 END", {"n": 3}, None),
    ("CASE WHEN a IS NULL THEN 0 WHEN a > 5 THEN 1 ELSE 2 END", {}, 0),
    ("CASE WHEN a IS NULL THEN 0 WHEN a > 5 THEN 1 ELSE 2 END", {"a": 6}, 1),
    ("CASE WHEN a IS NOT NULL THEN a ELSE n END", {"n": 8}, 8),
    ("CASE WHEN a / n IS NULL THEN 9 WHEN a / n > 1 THEN 1 ELSE 0 END", {"a": 4}, 9),
    ("CASE WHEN b IS NULL OR a IS NULL THEN NULL WHEN b AND a > 1 THEN 'y' ELSE 'n' END", {}, None),
    ("case when sure then 'in' else 'out' end", {}, "out"),
    # days and parameters
    ("DATE_DIFF('day', a, n)", {"a": 20, "n": 50}, 30),
    ("date_diff('day', a, n) <= $day", {"a": 20, "n": 50}, True),
    ("x > $max and x is not null", {"x": 0.6}, True),
    ("x > $max", {"x": 0.5}, False),
    ("n * $max", {"n": 3}, 1.5),
]


@pytest.mark.parametrize(("text", "row", "expected"), VALUES)
def test_value_in_both_engines(text, row, expected):
    if expected == "refused":
        with pytest.raises(ExpressionError):
            parse(text, SCHEMA, PARAMETERS)
        return
    expression = parse(text, SCHEMA, PARAMETERS)
    row = {**dict.fromkeys(SCHEMA), "n": 0, "sure": False, **row}
    ours = compile_python(expression, list(SCHEMA), list(PARAMETERS))(
        list(row.values()), list(GIVEN.values())
    )
    columns = ", ".join(f'CAST(? AS {TYPES[SCHEMA[name].kind]}) AS "{name}"' for name in row)
    theirs = duckdb.execute(
        f"SELECT {to_sql(expression, parameters=GIVEN)} FROM (SELECT {columns})",
        list(row.values()),
    ).fetchone()[0]
    for value in (ours, theirs):
        assert value == expected and type(value) is type(expected)
        assert not isinstance(value, float) or math.copysign(1, value) == math.copysign(1, expected)


# text, kind, low, high, nullable
PROVEN = [
    ("n", Kind.BIGINT, 0, 10**6, False),
    ("n * n", Kind.BIGINT, 0, 10**12, False),
    ("a * n - 1", Kind.BIGINT, -(10**12) - 1, 10**12 - 1, True),
    ("ABS(a)", Kind.BIGINT, 0, 10**6, True),
    ("a / n", Kind.DOUBLE, -1e6, 1e6, True),
    ("n / NULLIF(a, 0)", Kind.DOUBLE, -1e6, 1e6, True),
    ("n / 4", Kind.DOUBLE, 0.0, 250000.0, False),
    ("x", Kind.DOUBLE, None, None, True),
    ("LEAST(GREATEST(x, 0), 1)", Kind.DOUBLE, 0.0, 1.0, True),
    ("COALESCE(a, -5)", Kind.BIGINT, -(10**6), 10**6, False),
    ("ROUND(n / 3)", Kind.BIGINT, 0, 333333, False),
    ("CASE WHEN sure THEN 3 ELSE -1 END", Kind.BIGINT, -1, 3, False),
    ("n < 0", Kind.BOOL, 0, 0, False),
    ("n >= 0", Kind.BOOL, 1, 1, False),
    ("n IN (-1, -2)", Kind.BOOL, 0, 0, False),
    ("n > 5 AND n < 3", Kind.BOOL, 0, 0, False),
    ("n > 5 AND n <= 5", Kind.BOOL, 0, 0, False),
    ("n >= 5 AND n <= 5", Kind.BOOL, 0, 1, False),
    ("n IS NULL", Kind.BOOL, 0, 0, False),
    ("a > 3 AND a IS NOT NULL", Kind.BOOL, 0, 1, False),
    ("a IS NULL OR a > 3", Kind.BOOL, 0, 1, False),
    ("NOT (a IS NULL OR x IS NULL) AND a > x", Kind.BOOL, 0, 1, False),
    ("a > 3 AND x IS NOT NULL", Kind.BOOL, 0, 1, True),
    ("way = 'in'", Kind.BOOL, 0, 1, True),
]


@pytest.mark.parametrize(("text", "kind", "low", "high", "nullable"), PROVEN)
def test_proven(text, kind, low, high, nullable):
    found = parse(text, SCHEMA, PARAMETERS)
    assert (found.kind, found.low, found.high, found.nullable) == (kind, low, high, nullable)


def test_texts_of_a_case_are_its_values():
    found = parse("CASE WHEN n > 9 THEN 'A' WHEN n > 5 THEN 'B' ELSE NULL END", SCHEMA)
    assert found.column == Column(Kind.TEXT, values=("A", "B"), nullable=True)


def test_reads_are_listed():
    found = parse("a / n > $max AND way = $kind", SCHEMA, PARAMETERS)
    assert found.columns == {"a", "n", "way"}
    assert found.parameters == {"max", "kind"}


def test_a_whole_number_is_widened_where_a_double_is_expected():
    assert parse("n", SCHEMA, expect=Kind.DOUBLE).kind is Kind.DOUBLE
    with pytest.raises(ExpressionError, match="BIGINT is expected"):
        parse("x", SCHEMA, expect=Kind.BIGINT)
