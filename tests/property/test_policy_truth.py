"""A condition said never to be TRUE (or FALSE) is so on every row of a small world.

Planted bug: a narrowing that takes `>=` for `>` is caught by the brute force.
"""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xindeng.kernel.errors import ExpressionError
from xindeng.language import Column, Kind, compile_python, parse
from xindeng.policy import truth

SCHEMA = {
    "x": Column(Kind.BIGINT, low=0, high=4),
    "y": Column(Kind.BIGINT, low=0, high=4),
    "f": Column(Kind.BOOL),
    "w": Column(Kind.TEXT, values=("a", "b", "c")),
}
NUMBERS = (None, 0, 1, 2, 3, 4)
WORLD = list(product(NUMBERS, NUMBERS, (None, False, True), (None, "a", "b", "c")))

NUMBER = st.sampled_from(["x", "y", "x + 1", "x - y", "0", "1", "2", "3", "2.5"])
CLAUSE = st.one_of(
    st.tuples(NUMBER, st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]), NUMBER).map(" ".join),
    st.sampled_from(["f", "x IS NULL", "y IS NOT NULL", "f IS NULL", "w = 'a'", "w <> 'b'"]),
    st.sampled_from(["w IN ('a', 'b')", "w NOT IN ('b', 'c')", "x BETWEEN 1 AND 2"]),
)
CONDITION = st.recursive(
    CLAUSE,
    lambda inner: st.one_of(
        inner.map(lambda c: f"NOT ({c})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda c: "(" + ") AND (".join(c) + ")"),
        st.lists(inner, min_size=2, max_size=4).map(lambda c: "(" + ") OR (".join(c) + ")"),
    ),
    max_leaves=6,
)


def contradicted(text: str) -> bool:
    """Say whether some row of the world disproves what `can_be` proves about a condition."""
    try:
        expression = parse(text, SCHEMA, expect=Kind.BOOL)
    except ExpressionError:
        return False  # constants and the like, refused by the language itself
    run = compile_python(expression, list(SCHEMA))
    seen = {run(row, ()) for row in WORLD}
    return any(
        value in seen and not truth.can_be(expression.tree, value) for value in (True, False)
    )


@settings(max_examples=300, deadline=None)
@given(CONDITION)
def test_a_proof_holds_on_every_row(text):
    assert not contradicted(text)


def test_a_planted_mistake_is_found(monkeypatch: pytest.MonkeyPatch):
    condition = "x >= 2 AND x <= 2"
    assert not contradicted(condition)
    monkeypatch.setattr(truth, "_STRICT", frozenset({">", "<", ">=", "<="}))
    assert contradicted(condition)
