"""Hidden plans of a few people, and when: what no event tells and every decision has to find out.

Each has its own day, drawn apart from all other luck and well before the last weeks: by the day of
the demo's requests a victim is verified again, and who vanished has been gone for long.
"""

from __future__ import annotations

import zlib
from typing import Final

import numpy as np

from xindeng.lab.blocks import Bools, Ints
from xindeng.lab.parameters import Economy

NONE, TAKEOVER, BUST_OUT, FIRST_PARTY = range(4)
NAMES: Final = ("none", "account_takeover", "bust_out", "first_party")
_SPAN: Final = (0.12, 0.72)
"""Between these parts of the simulated window a plan has its day."""


def drawn(seed: int, chunk: int, free: Bools, days: int, economy: Economy) -> tuple[Ints, Ints]:
    """Return (plan, day from window start) of each person; only `free` ones (n,) have any."""
    dice = np.random.default_rng([seed, chunk, zlib.crc32(b"schemes")])
    shares = economy.takeover_share, economy.bust_out_share, economy.first_party_share
    luck = dice.random(len(free))
    scheme = np.select(
        [luck < bound for bound in np.cumsum(shares)], [TAKEOVER, BUST_OUT, FIRST_PARTY], NONE
    )
    day = (days * dice.uniform(*_SPAN, len(free))).astype(np.int64)
    return np.where(free, scheme, NONE).astype(np.int64), day
