"""Python and DuckDB give the same value to the last bit; planted differences are caught."""

from __future__ import annotations

import re

import pytest

from tests.property.language_pairs import (
    PARAMETER_VALUES,
    SCHEMA,
    Maker,
    conditions_disagree,
    disagreements,
)
from xindeng.kernel.errors import ExpressionError
from xindeng.language import Expression, Kind, parse, quote, to_duckdb

BATCHES = 40
EXPRESSIONS, ROWS = 25, 12  # 40 × 25 × 12 = 12,000 pairs


def sql(expression: Expression) -> str:
    return to_duckdb(expression, quote, PARAMETER_VALUES)


@pytest.mark.parametrize("seed", range(BATCHES))
def test_python_and_duckdb_agree_bit_for_bit(seed: int) -> None:
    maker = Maker(seed)
    expressions = maker.expressions(EXPRESSIONS)
    rows = [maker.row() for _ in range(ROWS)]
    assert not disagreements(expressions, rows, sql)
    assert not conditions_disagree(expressions, rows)


def found_with(planted: object, seeds: range = range(30)) -> bool:
    for seed in seeds:
        maker = Maker(seed)
        expressions, rows = maker.expressions(EXPRESSIONS), [maker.row() for _ in range(ROWS)]
        if disagreements(expressions, rows, planted):  # type: ignore[arg-type]
            return True
    return False


def test_the_engines_own_round_is_caught() -> None:
    """ROUND by adding a half and flooring is off for 0.49999999999999994 and negative halves."""

    def planted(expression: Expression) -> str:
        text = sql(expression)
        if "ROUND(" not in expression.text:
            return text
        inner = re.compile(
            r"\(CAST\(FLOOR\((.*)\) AS BIGINT\) \+ CAST\(\(CASE WHEN .* END\) AS BIGINT\)\)"
        )
        return inner.sub(r"CAST(FLOOR(\1 + 0.5) AS BIGINT)", text)

    maker = Maker(1)
    rounding = [parse(text, SCHEMA) for text in ("ROUND(y)", "ROUND(z)", "ROUND(y / 2)")]
    assert disagreements(rounding, [maker.row() for _ in range(200)], planted)
    assert not disagreements(rounding, [maker.row() for _ in range(200)], sql)


def test_least_that_skips_null_is_caught() -> None:
    def planted(expression: Expression) -> str:
        pattern = r"\(CASE WHEN [^()]*(?:\"\w+\" IS NULL(?: OR )?)+ THEN NULL ELSE ((?:LEAST|GREATEST)\([^()]*\)) END\)"
        return re.sub(pattern, r"\1", sql(expression))

    extremes = [parse("LEAST(a, b)", SCHEMA), parse("GREATEST(a, wide)", SCHEMA)]
    maker = Maker(2)
    rows = [maker.row() for _ in range(100)]
    assert disagreements(extremes, rows, planted)
    assert not disagreements(extremes, rows, sql)


def test_a_division_that_keeps_infinity_is_caught() -> None:
    assert found_with(lambda one: sql(one).replace("NULLIF(", "COALESCE("))


def test_a_flipped_comparison_is_caught() -> None:
    assert found_with(lambda one: sql(one).replace(" >= ", " > "))


def test_the_generator_reaches_every_construct() -> None:
    text = " ".join(
        one.text for seed in range(BATCHES) for one in Maker(seed).expressions(EXPRESSIONS)
    )
    for word in ("ROUND", "FLOOR", "LEAST", "GREATEST", "CASE", "COALESCE", "NULLIF", "BETWEEN",
                 "IN (", "IS NULL", "NOT", "AND", "OR", "DATE_DIFF", "/", "*", "ABS", "$p", "$q"):  # fmt: skip
        assert word in text, word


@pytest.mark.parametrize("seed", range(5))
def test_bounds_hold_for_every_value(seed: int) -> None:
    """The interval analysis is sound: no computed value lies outside what it proved."""
    from xindeng.language import compile_program

    maker = Maker(1000 + seed)
    numbers = [one for one in maker.expressions(200) if one.kind in (Kind.BIGINT, Kind.DOUBLE)]
    run = compile_program(
        inputs=tuple(SCHEMA), parameters=("p", "q"),
        definitions=[(f"e{k}", one) for k, one in enumerate(numbers)],
    ).run  # fmt: skip
    for _ in range(100):
        values, _, _ = run(maker.row(), (7, 0.5))
        for one, value in zip(numbers, values, strict=True):
            if value is None:
                assert one.nullable, one.text
            else:
                assert one.low is None or value >= one.low, one.text  # type: ignore[operator]
                assert one.high is None or value <= one.high, one.text  # type: ignore[operator]


def test_deep_and_huge_expressions_are_refused_before_parsing() -> None:
    for text in (
        "(" * 40 + "1" + ")" * 40,
        "1" + "+1" * 1500,
        "NOT " * 60 + "sure",
        "-" * 100 + "1",
    ):
        with pytest.raises(ExpressionError):
            parse(text, SCHEMA)
