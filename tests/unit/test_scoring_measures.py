"""AUC, KS and PSI against their definitions, counted out one by one."""

from __future__ import annotations

import random
from itertools import product
from math import log

import pytest

from xindeng.scoring.measures import auc, ks, shift

SEED = 20261125


def samples(*sizes: int) -> list[list[int]]:
    rng = random.Random(SEED)
    return [[rng.randrange(0, 12) + place * 3 for _ in range(n)] for place, n in enumerate(sizes)]


def test_auc_is_the_share_of_pairs_in_the_right_order():
    bad, good = samples(23, 31)
    pairs = [1.0 if g > b else 0.5 if g == b else 0.0 for g, b in product(good, bad)]
    assert auc(good, bad) == pytest.approx(sum(pairs) / len(pairs))
    assert auc(bad, good) == pytest.approx(1 - sum(pairs) / len(pairs))
    assert auc([], bad) is None and ks(good, []) is None


def test_ks_is_the_greatest_distance():
    bad, good = samples(23, 31)
    most = max(
        abs(sum(one <= at for one in good) / 31 - sum(one <= at for one in bad) / 23)
        for at in range(-1, 20)
    )
    assert ks(good, bad) == pytest.approx(most)
    assert ks([5, 6], [1, 2]) == 1.0 == auc([5, 6], [1, 2])


def test_psi_of_values_is_the_sum_over_them_and_null_is_one_of_them():
    before, now = [True] * 60 + [False] * 30 + [None] * 10, [True] * 30 + [False] * 30 + [None] * 40
    p = [(n + 0.5) / 101.5 for n in (60, 30, 10)]
    q = [(n + 0.5) / 101.5 for n in (30, 30, 40)]
    told = shift(before, now)
    assert told.psi == pytest.approx(sum((b - a) * log(b / a) for a, b in zip(p, q, strict=True)))
    assert told.chance == pytest.approx(2 * (1 / 100 + 1 / 100))


def test_chance_alone_gives_about_what_is_said():
    rng = random.Random(SEED)
    found = [shift([rng.gauss(0, 1) for _ in range(400)], [rng.gauss(0, 1) for _ in range(400)])
             for _ in range(60)]  # fmt: skip
    assert sum(one.psi for one in found) / 60 == pytest.approx(found[0].chance, rel=0.25)
    moved = shift([rng.gauss(0, 1) for _ in range(400)], [rng.gauss(1, 1) for _ in range(400)])
    assert moved.psi > 10 * moved.chance


def test_one_value_for_all_is_no_shift():
    assert shift([7] * 50, [7] * 50).psi == 0.0
    assert shift([None] * 50, [None] * 50).psi == 0.0
    assert shift([7] * 50, [None] * 50).psi > 1
