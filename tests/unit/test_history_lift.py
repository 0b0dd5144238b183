"""The lift of a trial against its hold-out, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from xindeng.history.lift import _lift
from xindeng.history.profit import LINES, by_row


def test_the_lift_is_the_difference_of_means_with_its_interval() -> None:
    found = _lift(np.array([10.0, 14.0, 12.0]), np.array([1.0, 3.0, 2.0, 2.0]))
    assert found is not None
    half = 1.96 * (4 / 3 + (2 / 3) / 4) ** 0.5
    assert found["mean"] == 10.0
    assert (found["low"], found["high"]) == pytest.approx((10 - half, 10 + half))
    assert _lift(np.array([1.0]), np.array([1.0, 2.0])) is None, "one borrower is no group"


def test_what_is_left_of_a_row_is_gains_less_costs() -> None:
    lines = {name: np.array([float(place), 1.0]) for place, name in enumerate(LINES)}
    gains = 0 + 1
    assert by_row(lines).tolist() == [gains - sum(range(2, len(LINES))), 2 - (len(LINES) - 2)]
