"""The one program of all rules says what each rule says alone, on facts of every kind."""

from __future__ import annotations

import random

import pytest

from xindeng.language import Column, Kind, Value, compile_python
from xindeng.policy.context import CONTEXT
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy, shipped


def draw(rng: random.Random, column: Column) -> Value:
    """Return a value that the column allows: NULL, its ends, small numbers, anything."""
    if column.nullable and rng.random() < 0.2:
        return None
    if column.kind is Kind.BOOL:
        return rng.random() < 0.5
    if column.kind is Kind.TEXT:
        return rng.choice(column.values or ("a", "b", ""))
    low = -1e6 if column.low is None else column.low
    high = 1e6 if column.high is None else column.high
    if column.kind is Kind.DOUBLE:
        return (
            rng.choice(
                [
                    low,
                    high,
                    min(max(0.0, low), high),
                    rng.uniform(low, high),
                    min(high, max(low, rng.random())),
                ]
            )
            * 1.0
        )
    near = min(high, max(low, rng.randrange(-3, 200)))
    return int(
        rng.choice(
            [
                low,
                high,
                near,
                near,
                near,
                rng.randint(int(low), int(high)),
                min(high, low + rng.randrange(10**6)),
            ]
        )
    )


def alone(policy: Policy, inputs: list[Value], params: tuple[Value, ...]) -> tuple[int, int]:
    """Return the fired and missing masks from each expression run by itself."""
    known = dict(zip(policy.inputs, inputs, strict=True))

    def value(expression):
        columns = sorted(expression.columns)
        function = compile_python(expression, columns, policy.parameter_names)
        return function([known[name] for name in columns], params)

    for name, expression in policy.compiled.definitions:
        known[name] = value(expression)
    fired = missing = 0
    for bit, rule in enumerate(policy.rules):
        verdict = value(policy.compiled.conditions[rule.id])
        fired |= (verdict is True) << bit
        missing |= (verdict is None) << bit
    return fired, missing


@pytest.mark.parametrize("name", shipped())
def test_together_as_alone(name):
    policy = load_policy(name)
    columns = {**policy.book.columns, **{n: entry.column for n, entry in CONTEXT.items()}}
    rng = random.Random(name)
    day = policy.zone.day(policy.zone.parse("2026-07-01"))
    seen = 0
    for _ in range(6):
        stance, segment = rng.choice(list(policy.stances)), rng.choice(policy.segments)
        params = policy.parameters(day, stance, segment)
        inputs = [draw(rng, columns[n]) for n in policy.inputs]
        _, fired, missing = policy.run(inputs, params)
        assert (fired, missing) == alone(policy, inputs, params)
        _, amount_fired, amount_missing = policy.run_amount(inputs, params)
        assert (amount_fired, amount_missing) == (
            fired & policy.amount_mask,
            missing & policy.amount_mask,
        )
        seen |= fired
    assert seen.bit_count() > len(policy.rules) // 4
    assert policy.segment(inputs, day) in policy.segments
