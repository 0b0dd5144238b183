"""The sequential test of guard rails: its promise holds however often one looks, and it has power."""

from __future__ import annotations

from math import exp, log
from random import Random

import pytest

from xindeng.service import evidence as module
from xindeng.service.evidence import chance, evidence, evidence_of_share

RISK = 0.05
RUNS, LOOKS = 400, 600
MOST_BY_CHANCE = 35
"""Of 400 runs 20 may stop on average; more than 35 has a probability below 0.001."""


def stopped_share(rate: float, bound: float, seed: int) -> int:
    """How many of the runs are ever stopped, looked at after each observation."""
    dice, stopped = Random(seed), 0
    for _ in range(RUNS):
        hits = 0
        for total in range(1, LOOKS + 1):
            hits += dice.random() < rate
            if evidence_of_share(hits, total, bound) >= -log(RISK):
                stopped += 1
                break
    return stopped


def stopped_change(up: float, down: float, bound: float, seed: int) -> int:
    dice, stopped = Random(seed), 0
    for _ in range(RUNS):
        plus = minus = 0
        for total in range(1, LOOKS + 1):
            place = dice.random()
            plus += place < up
            minus += up <= place < up + down
            if evidence(plus, total - plus - minus, minus, bound) >= -log(RISK):
                stopped += 1
                break
    return stopped


@pytest.mark.parametrize("bound", [0.01, 0.1, 0.5])
def test_within_the_bound_looking_each_time_stops_no_more_than_promised(bound: float) -> None:
    assert stopped_share(bound, bound, seed=1) <= MOST_BY_CHANCE


@pytest.mark.parametrize(("up", "down"), [(0.15, 0.05), (0.1, 0.0), (0.4, 0.3)])
def test_a_change_within_the_bound_likewise(up: float, down: float) -> None:
    assert stopped_change(up, down, 0.1, seed=2) <= MOST_BY_CHANCE


def test_beyond_the_bound_it_stops_soon() -> None:
    assert stopped_share(0.25, 0.1, seed=3) == RUNS
    assert stopped_share(0.06, 0.01, seed=4) > RUNS * 0.95
    assert stopped_change(0.4, 0.05, 0.1, seed=5) > RUNS * 0.95


def test_a_wilson_bound_looked_at_each_time_breaks_the_promise() -> None:
    """The rule that this one is used instead of; the check above would catch it."""
    dice, stopped, z = Random(6), 0, 1.645
    for _ in range(RUNS):
        hits = 0
        for total in range(1, LOOKS + 1):
            hits += dice.random() < 0.1
            share = hits / total
            middle = share + z * z / (2 * total)
            width = z * ((share * (1 - share) + z * z / (4 * total)) / total) ** 0.5
            if total >= 20 and (middle - width) / (1 + z * z / total) > 0.1:
                stopped += 1
                break
    assert stopped > MOST_BY_CHANCE


def test_planted_a_stake_that_wins_on_average_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    real = module._mixed
    monkeypatch.setattr(
        module, "_mixed", lambda plus, zero, minus, bound, most: real(plus, zero, minus, bound / 2, most)
    )  # fmt: skip
    assert stopped_share(0.1, 0.1, seed=1) > MOST_BY_CHANCE


def test_it_neither_overflows_nor_depends_on_order() -> None:
    assert evidence_of_share(10**6, 10**6, 0.001) > 10**6
    assert evidence_of_share(0, 10**6, 0.5) < -1_000
    assert evidence(0, 0, 0, 0.3) == pytest.approx(0.0)
    assert chance(evidence_of_share(0, 100, 0.1)) == 1.0
    assert chance(log(1_000)) == pytest.approx(0.001)
    step = sum(exp(evidence(*one, 0.2)) * share for one, share in
               (((1, 0, 0), 0.2), ((0, 1, 0), 0.8)))  # fmt: skip
    assert step == pytest.approx(1.0)  # at the bound one bet wins nothing on average
