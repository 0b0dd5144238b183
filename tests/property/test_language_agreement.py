"""Python and DuckDB agree bit for bit, and the comparison would notice if they did not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.property.language_machine import (
    COLUMNS,
    PARAMETER_ROWS,
    PARAMETERS,
    checked,
    differences,
    in_python,
    rows,
)
from xindeng.language import Kind, parse
from xindeng.language import program as program_module
from xindeng.language import python as python_backend
from xindeng.language import sql as sql_backend
from xindeng.language.python import Writer
from xindeng.language.sql import _Sql

SEEDS, EXPRESSIONS, ROWS = 5, 250, 120  # 150,000 pairs


@pytest.mark.parametrize("seed", range(SEEDS))
def test_python_and_duckdb_agree_on_every_bit(seed):
    expressions = checked(seed, EXPRESSIONS)
    found = differences(expressions, rows(seed, ROWS), PARAMETER_ROWS[seed % len(PARAMETER_ROWS)])
    assert not found, found[:5]


@pytest.mark.parametrize("seed", range(100, 104))
def test_what_is_proven_is_true(seed):
    """Results never leave their interval, and are NULL only where they may be."""
    expressions = checked(seed, EXPRESSIONS)
    for values in in_python(expressions, rows(seed, ROWS), PARAMETER_ROWS[0]):
        for value, expression in zip(values, expressions, strict=True):
            if value is None:
                assert expression.nullable, expression.text
            elif expression.kind is Kind.TEXT:
                assert not expression.column.values or value in expression.column.values
            else:
                assert expression.low is None or expression.low <= value, expression.text
                assert expression.high is None or value <= expression.high, expression.text


def test_the_generator_reaches_every_construct():
    expressions = [one for seed in range(SEEDS) for one in checked(seed, EXPRESSIONS)]
    text = " ".join(one.text for one in expressions)
    constructs = (
        "+ - * / ABS ROUND FLOOR LEAST GREATEST COALESCE NULLIF CASE DATE_DIFF BETWEEN IN NOT AND OR"
        " $k $q $maybe $word <> != >= <="
    )
    for word in constructs.split():
        assert word in text, word
    nullable = sum(one.nullable for one in expressions)
    assert len(expressions) * 0.2 < nullable < len(expressions) * 0.9
    assert {one.kind for one in expressions} == set(Kind)


def _bankers(sql, node):
    return f"CAST({sql.write(node.item)} AS BIGINT)"


def _half_up(sql, node):
    return f"CAST(FLOOR({sql.write(node.item)} + CAST('0.5' AS DOUBLE)) AS BIGINT)"


def _skips_nulls(sql, node):
    name = "LEAST" if node.least else "GREATEST"
    return f"{name}({', '.join(map(sql.write, node.items))})"


def _keeps_infinity(sql, node):
    return f"({sql.write(node.left)} / {sql.write(node.right)})"


def _bare(value, kind, dialect=None):
    return "NULL" if value is None else repr(value)


def _unguarded(writer, node, known):
    guards, text = _EXTREME(writer, node, known)
    return guards[:1], text


_EXTREME = Writer._extreme
_FLIPPED = {**python_backend._COMPARE, ">=": ">"}

PLANTED = {
    "DuckDB rounds as its own cast does": (_Sql, "_round", _bankers),
    "DuckDB rounds by adding a half": (_Sql, "_round", _half_up),
    "DuckDB skips NULLs in LEAST and GREATEST": (_Sql, "_extreme", _skips_nulls),
    "DuckDB divides by zero": (_Sql, "_divide", _keeps_infinity),
    "DuckDB keeps infinities and NaN": (sql_backend, "_finite", lambda text: text),
    "DuckDB types bare literals itself": (sql_backend, "constant", _bare),
    "DuckDB keeps -0.0": (sql_backend, "_ZERO", "CAST('-0.0' AS DOUBLE)"),
    "Python compares the wrong way at a tie": (python_backend, "_COMPARE", _FLIPPED),
}
DIRECTED = [
    parse(text, COLUMNS, PARAMETERS)
    for text in ("0.1 + 0.2 = 0.3", "ROUND(h)", "ROUND(wide)", "LEAST(a, money)", "h * x")
]


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_difference_is_caught(name, monkeypatch):
    owner, attribute, planted = PLANTED[name]
    expressions = [*DIRECTED, *checked(1, 60)]
    table = rows(1, 60)
    assert not differences(expressions, table, PARAMETER_ROWS[0])
    monkeypatch.setattr(owner, attribute, planted)
    assert differences(expressions, table, PARAMETER_ROWS[0])


def test_pythons_own_round_is_caught(monkeypatch):
    """Half to even; DuckDB's ROUND happens to be ours, yet is not relied upon."""

    def planted(writer, node, known):
        guards, text = writer.value(node.item, known)
        return guards, f"floor({text})"

    monkeypatch.setattr(Writer, "_shape", planted)
    monkeypatch.setattr(program_module, "math", SimpleNamespace(floor=round))
    found = differences(DIRECTED, rows(2, 60), PARAMETER_ROWS[0])
    assert {difference.text for difference in found} == {"ROUND(h)", "ROUND(wide)"}


def test_a_least_that_skips_a_null_in_python_fails_too(monkeypatch):
    monkeypatch.setattr(Writer, "_extreme", _unguarded)
    with pytest.raises(TypeError):
        differences(DIRECTED, rows(3, 60), PARAMETER_ROWS[0])
