"""A bundle with a test-and-learn arm, for tests of who is drawn and what is learnt."""

from __future__ import annotations

from collections.abc import Mapping

ARM = """\
salt: autumn-2026
from: 2025-01-01
share_ppm: 10000
hold_out_ppm: 20000
passes: [score.too_low, applications.enquiries_180d]
at_most: 800000
budget: 5000000
"""


def with_arm(
    files: Mapping[str, bytes], old: str = "", new: str = "", *, arm: str = ARM
) -> dict[str, bytes]:
    """Return the bundle with the arm, in which `old` stands as `new`."""
    assert old in arm, "the fault must really be planted"
    return {**files, "learning.yaml": arm.replace(old, new, 1).encode()}
