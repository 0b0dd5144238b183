"""What is compared: the requests with what became of them, and each policy's answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from xindeng.decision.board import board_of
from xindeng.decision.learning import passing
from xindeng.history.figures import Array, Masks, numbers, texts
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy

GRANTED: Final = ("approve", "approve_less")


@dataclass(frozen=True, slots=True)
class Side:
    """One policy's answers, by request in the order of `Requests`."""

    policy: Policy
    answers: pa.Table
    masks: Masks
    outcome: Array
    granted: Array
    """On which requests something is offered."""
    offered: Array
    segment: Array
    band: Array
    available: Array
    stopped: Array
    """On each request how many rules stood in the way, let pass by lot or not."""

    @property
    def answered(self) -> Array:
        """Return which requests were put to this policy at all (see `feedback`)."""
        return np.asarray(self.outcome != "not_asked")


def side(policy: Policy, answers: pa.Table, words: int) -> Side:
    """Return a policy's answers as arrays."""
    count, names = answers.num_rows, answers.column_names
    masks, outcome = Masks(answers, words), texts(answers, "outcome")
    return Side(
        policy, answers, masks, outcome, np.isin(outcome, GRANTED),
        numbers(answers, "amount_offered"), texts(answers, "segment"),
        texts(answers, "score_band") if "score_band" in names else np.full(count, "", object),
        numbers(answers, "available") if "available" in names else np.zeros(count, np.int64),
        masks.count(board_of(policy).blocking),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked, and the loans that really followed: `state[d]` is "" where there was none.

    `refused` tells which were not granted at the time, `drawn` which were put to a lot then.
    Amounts are minor units; `received` is the interest and fees paid on the loan so far. `whose`
    numbers the borrowers.
    """

    ids: Array
    borrower: Array
    whose: Array
    now: Array
    day: Array
    asked: Array
    months: Array
    rate_bp: Array
    product: Array
    refused: Array
    drawn: Array
    lent: Array
    worst_dpd: Array
    left: Array
    received: Array
    found: Array
    state: Mapping[str, Array]
    groups: Mapping[str, Array]

    @property
    def observed(self) -> Array:
        """Return on which requests a loan followed, so that an outcome was or will be seen."""
        return self.lent > 0

    @property
    def month(self) -> Array:
        """Return the local month of each request, as 2026-01."""
        days, place = np.unique(self.day, return_inverse=True)
        names = np.array([str(to_date(int(day)))[:7] for day in days], dtype=object)
        return np.asarray(names[place])


def learnt(requests: Requests, one: Side) -> Array:
    """Return which loans were made by lot alone: drawn, and refused by a policy's own rules."""
    return requests.drawn & requests.observed & (one.stopped > 0)


def learnable(requests: Requests, one: Side) -> Array:
    """Return which requests nothing but rules that the policy's arm lets pass stood in the way of.

    They are what the arm learns about, whether or not the borrower was drawn.
    """
    arm = one.policy.learning
    if arm is None:
        return np.zeros(len(requests.ids), dtype=bool)
    last = arm.last if arm.last is not None else np.iinfo(np.int64).max
    stopped = one.stopped
    found = (stopped > 0) & (one.masks.count_fired(passing(one.policy)) == stopped)
    within = (requests.day >= arm.first) & (requests.day < last)
    return np.asarray(found & within & (requests.asked <= arm.at_most) & one.answered)


__all__ = ["GRANTED", "Requests", "Side", "learnable", "learnt", "side"]
