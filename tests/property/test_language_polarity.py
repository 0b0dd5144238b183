"""Polarity: a table, and every proven direction holds along random growing amounts."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from tests.property.language_machine import COLUMNS, PARAMETERS, POOLS, checked
from xindeng.language import Column, Kind, Polarity, compile_python, parse, polarity
from xindeng.language import polarity as polarity_of

AMOUNT = Column(Kind.BIGINT, 0, 10**11)
SCHEMA = {
    "amount": AMOUNT,
    "instalment": AMOUNT,
    "due": AMOUNT,
    "income": AMOUNT,
    "shift": Column(Kind.BIGINT, -5, 5),
    "held": Column(Kind.BOOL),
    "sure": Column(Kind.BIGINT, 0, 10**6, nullable=False),
    "x": Column(Kind.DOUBLE),
}
VARIABLES = frozenset({"amount", "instalment", "sure"})
UP, DOWN, STILL, MIXED = (
    Polarity.INCREASING,
    Polarity.DECREASING,
    Polarity.CONSTANT,
    Polarity.MIXED,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("due > 5", STILL),
        ("amount > 5", UP),
        ("5 <= amount", UP),
        ("amount < due", DOWN),
        ("amount = 5", MIXED),
        ("NOT amount > 5", DOWN),
        ("(due + instalment) / NULLIF(income, 0) > 0.5", UP),
        ("income / (instalment + 1) < 2", UP),
        ("income / instalment < 2", MIXED),
        ("due - amount", DOWN),
        ("amount * shift > 3", MIXED),
        ("amount * -2", DOWN),
        ("sure * sure", UP),
        ("amount - instalment", MIXED),
        ("LEAST(amount, due) > 5 AND NOT held", UP),
        ("held OR amount > 5", UP),
        ("amount > 5 AND amount < 9", MIXED),
        ("amount BETWEEN 5 AND 9", MIXED),
        ("amount IN (5, 6)", MIXED),
        ("amount IS NULL OR amount > 5", UP),
        ("COALESCE(amount, 0) > due", UP),
        ("NULLIF(amount, 5) > 3", MIXED),
        ("ABS(amount) > 3", UP),
        ("ROUND(amount / 3)", UP),
        ("x * amount", MIXED),
        ("CASE WHEN held IS NULL THEN FALSE WHEN held THEN amount > 5 ELSE amount > 9 END", UP),
        ("CASE WHEN sure > 10 THEN 2 WHEN sure > 5 THEN 1 ELSE 0 END", UP),
        ("CASE WHEN sure < 5 THEN 0 WHEN sure < 10 THEN 1 ELSE 2 END", UP),
        ("CASE WHEN sure > 10 THEN 1 WHEN sure > 5 THEN 2 ELSE 0 END", MIXED),
        ("CASE WHEN sure > 10 THEN 'a' ELSE 'b' END", MIXED),
    ],
)
def test_direction(text, expected):
    assert polarity(parse(text, SCHEMA), VARIABLES) is expected


def test_known_directions_of_derived_columns_are_used():
    schema = {**SCHEMA, "burden": Column(Kind.DOUBLE, 0, 10)}
    found = parse("burden > 0.5 AND burden IS NOT NULL", schema)
    assert polarity(found, VARIABLES) is STILL
    assert polarity(found, VARIABLES, {"burden": UP}) is UP
    assert polarity(found, VARIABLES, {"burden": MIXED}) is MIXED


def order(value):
    """FALSE < NULL < TRUE for conditions."""
    return (
        {False: 0, None: 1, True: 2}[value] if value is None or isinstance(value, bool) else value
    )


def breaks(direction, before, after, kind):
    if kind is not Kind.BOOL and (before is None or after is None):
        return direction is not MIXED and (before is None) is not (after is None)
    if kind is Kind.BOOL:
        before, after = order(before), order(after)
    return {
        STILL: before != after,
        UP: kind is not Kind.TEXT and before > after,
        DOWN: kind is not Kind.TEXT and before < after,
        MIXED: False,
    }[direction]


def violations(seed, judge=polarity_of, count=400):
    """Return proven directions that random growing rows contradict."""
    random = Random(seed)
    variables = frozenset({"n", "wide", "money"})
    found = []
    moving = 0
    for expression in checked(seed, count):
        direction = judge(expression, variables)
        if direction in (STILL, MIXED) and not expression.columns & variables:
            continue
        moving += direction in (UP, DOWN)
        evaluate = compile_python(expression, list(COLUMNS), list(PARAMETERS))
        for _ in range(12):
            row = {name: random.choice(pool) for name, pool in POOLS.items()}
            steps = {
                name: sorted(random.choices([v for v in POOLS[name] if v is not None], k=4))
                for name in variables
                if row[name] is not None
            }
            values = [
                evaluate([{**row, **{n: s[k] for n, s in steps.items()}}[c] for c in COLUMNS],
                         (random_k, 0.5, None, "in"))
                for random_k in (2,)
                for k in range(4)
            ]  # fmt: skip
            if any(
                breaks(direction, before, after, expression.kind)
                for before, after in pairwise(values)
            ):
                found.append((expression.text, direction, values))
    assert moving > 10
    return found


@pytest.mark.parametrize("seed", range(200, 204))
def test_what_is_proven_to_move_one_way_does(seed):
    assert not violations(seed)


def test_a_wrong_direction_is_caught():
    def careless(expression, variables):
        found = polarity_of(expression, variables)
        return UP if found is MIXED else found

    assert violations(200, careless)
