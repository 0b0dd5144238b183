"""Does a lot teach the truth? The arm's estimate of how bad refused people are, against the truth.

The record holds the few loans that the arm made. The truth is told by the same people under the
same policy with everybody drawn: there each first refusal that the arm could have passed is lent.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from xindeng.decision.board import board_of
from xindeng.history import facts, outcomes
from xindeng.history.backtest import Spec, backtest
from xindeng.history.figures import Rate, rate
from xindeng.history.lake import DECISIONS, Lake
from xindeng.kernel.errors import InputError
from xindeng.kernel.lots import PLACES
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.lab.economy import economy
from xindeng.lab.generators import CALIBRATED, Generator
from xindeng.policy.policy import Policy

FILE: Final = "learning.yaml"
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class LearnStudy:
    """What the arm says of people refused by its rules alone, and what is true of all of them.

    `learning` is the report's part of a backtest; `truth` the share that really goes bad. `covered`
    says whether the truth lies in the interval learnt, `narrower` by how much of the interval that
    was assumed before it shrank."""

    learning: Mapping[str, Any]
    truth: Rate
    share: float

    @property
    def covered(self) -> bool:
        """Return whether the true share lies within what was learnt."""
        low, high = self.learning["bounds"]["learnt"]
        return self.truth.share is not None and bool(low <= self.truth.share <= high)

    @property
    def widths(self) -> tuple[float, float, float]:
        """Return how wide the bounds are: of what is sure, assumed, and learnt."""
        bounds = self.learning["bounds"]
        wide = [high - low for low, high in (bounds[k] for k in ("surely", "assumed", "learnt"))]
        return wide[0], wide[1], wide[2]


def with_arm(bundle: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the bundle with the study's arm, where it has none of its own."""
    return {FILE: files("xindeng.lab").joinpath(FILE).read_bytes(), **bundle}


def drawing(policy: Policy, share: float) -> Policy:
    """Return the policy with that share of borrowers drawn, in a simulation only: a bundle may
    draw one in a hundred. Raises InputError for a policy without an arm or no share."""
    if policy.learning is None:
        raise InputError(
            f"policy {policy.name} has no test-and-learn arm", code="lab.no_arm",
            next_step=f"add {FILE} to the bundle (docs/reference/policy.md)",
        )  # fmt: skip
    if not 0 < share <= 1:
        raise InputError(f"a share of {share:g}", where="--share", next_step="give 0 to 1")
    found = copy.copy(policy)
    held_out = 0 if share == 1 else policy.learning.hold_out_ppm
    budget = MAX_AMOUNT if share == 1 else policy.learning.budget
    found.learning = replace(
        policy.learning, share_ppm=round(PLACES * share), hold_out_ppm=held_out, budget=budget
    )
    return found


def learn_study(
    folder: Path, policy: Policy, *, borrowers: int, share: float = 0.5, seed: int = 7,
    generator: Generator = CALIBRATED, outcome: str = "at_90_mob_12",
    progress: Progress = lambda what, done, total: None,
) -> LearnStudy:  # fmt: skip
    """Simulate both worlds into a new or empty folder, and compare. `share` of the borrowers are
    drawn, so that few simulated people teach what many real ones would."""
    lakes = []
    for name, part in (("record", share), ("truth", 1.0)):

        def told(done: int, total: int, name: str = name) -> None:
            progress(f"living: {name}", done, total)

        lakes.append(
            economy(folder / name, drawing(policy, part), borrowers=borrowers, seed=seed,
                    generator=generator, progress=told)
        )  # fmt: skip
    one = drawing(policy, share)
    found = backtest(lakes[0], one, one, Spec(outcome=outcome), progress=progress)
    return LearnStudy(found["learning"], true_rate(lakes[1], one, outcome), share)


def true_rate(lake: Lake, policy: Policy, outcome: str) -> Rate:
    """Return how many of the first loans by lot in a world where everybody is drawn go bad."""
    con = facts.connect()
    board = board_of(policy)
    rows = con.execute(
        f"SELECT borrower, id, fired, missing FROM {lake.relation(DECISIONS)}"
        " WHERE learning AND outcome = 'approve' ORDER BY borrower, now, id"
    ).fetchall()
    outcomes.load_loans(con, lake, policy.zone)
    ends = dict(con.execute(f"SELECT decision, {outcome} FROM {outcomes.LOANS}").fetchall())
    con.close()
    first: dict[str, str] = {}
    for borrower, ident, fired, missing in rows:
        by_lot = (int(fired, 16) | int(missing, 16)) & board.blocking
        if by_lot and ident in ends:
            first.setdefault(borrower, ends[ident])
    judged = [end for end in first.values() if end in ("good", "bad")]
    return rate(judged.count("bad"), len(judged))
