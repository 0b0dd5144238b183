"""What so few draws of a chance can come to, against SciPy's binomial distribution."""

from __future__ import annotations

import pytest
from scipy.stats import binom

from xindeng.history.figures import TAIL, attainable, wilson


@pytest.mark.parametrize("count", [1, 2, 5, 17, 100, 3_000, 100_000])
@pytest.mark.parametrize("share", [0.001, 0.004, 0.1, 0.5, 0.931, 0.9999])
def test_quantiles_are_those_of_the_binomial_distribution(share: float, count: int) -> None:
    expected = [binom.ppf(tail, count, share) / count for tail in (TAIL, 1 - TAIL)]
    assert attainable(share, count) == pytest.approx(expected, abs=1e-12)


def test_none_of_two_is_always_possible_where_the_chance_is_small() -> None:
    assert attainable(0.004, 2)[0] == 0.0
    assert wilson(0.004, 2)[0] > 0.0, "a bound of the chance is none of what is seen"


def test_what_is_certain_and_what_is_unknown() -> None:
    assert attainable(0.0, 9) == (0.0, 0.0)
    assert attainable(1.0, 9) == (1.0, 1.0)
    assert attainable(0.3, 0) == (0.0, 1.0)
