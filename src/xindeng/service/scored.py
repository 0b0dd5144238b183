"""How well the score told good loans from bad ones, as far as they have ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from xindeng.kernel.time import HOUR
from xindeng.scoring.measures import auc, ks
from xindeng.service.engine import Engine
from xindeng.service.rehearse import BAD_DPD
from xindeng.store import borrowers, decisions, recorded

MOST: Final = 2_000
LEAST: Final = 30
"""Good loans and bad ones that there must be of each before a figure is told."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Over the newest loans that are good or bad: how many of each, AUC and KS where there are
    enough. Loans are those that were granted: what refused people would have done is not in it."""

    good: int
    bad: int
    auc: float | None
    ks: float | None
    bad_dpd: int = BAD_DPD
    least: int = LEAST


def scored(engine: Engine) -> Scored:
    """Return the figures as of the full hour."""
    return _measured(engine, engine.clock() // HOUR)


@lru_cache(maxsize=8)
def _measured(engine: Engine, hour: int) -> Scored:
    sides: dict[bool, list[float]] = {True: [], False: []}
    with engine.store.snapshot() as conn:
        ended = {ident: (name, bad) for ident, name, bad in recorded.ended(conn, BAD_DPD, MOST)}
        keys = borrowers.read_keys(conn, engine.store.keys, {name for name, _ in ended.values()})
        kept = [ident for ident, (name, _) in ended.items() if name in keys]
        for one in decisions.read_all(conn, kept):
            stored = one.unseal(keys[one.borrower])
            if stored.decision.score is not None:
                sides[ended[stored.id][1]].append(stored.decision.score)
    good, bad_ones = sides[False], sides[True]
    enough = min(len(good), len(bad_ones)) >= LEAST
    return Scored(
        len(good), len(bad_ones), auc(good, bad_ones) if enough else None,
        ks(good, bad_ones) if enough else None,
    )  # fmt: skip
