"""What the test-and-learn arm taught: how bad refused people really are, and what lending to them
by lot brought against those who were kept out of every trial.

A lot makes the arm's loans a random sample of the refusals that nothing but its rules explains, so
their bad rate is an estimate with an honest interval. Of all other refusals nothing is known still.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from math import sqrt
from typing import Any

import numpy as np

from xindeng.decision.learning import Group, group_of
from xindeng.history.compare import account_rates, bad_rates
from xindeng.history.figures import Array, Z, rate
from xindeng.history.money import DEFAULTED, Books
from xindeng.history.profit import by_row
from xindeng.history.risk import Risk, estimates, first_of_each
from xindeng.history.sides import Requests, Side, learnable, learnt
from xindeng.kernel.time import to_date
from xindeng.policy.model import Learning


def learning(requests: Requests, one: Side, risk: Risk, books: Books) -> dict[str, Any]:
    """Return what is known of people whom a policy refuses, without its arm and with it.

    `refusals` and `learnable` count borrowers by their first such request, which no earlier loan
    by lot has touched. `bounds` are of their bad rate: `surely` whatever they would have done,
    `assumed` by score band, `learnt` for those whom only the arm's rules refuse, with 95 %.
    """
    loans, may = learnt(requests, one), learnable(requests, one)
    refused = one.answered & (~one.granted | requests.drawn & (one.stopped > 0))
    first = first_of_each(requests.whose, refused)
    first_may = first_of_each(requests.whose, may)
    seen = risk.refused
    share = float((first & may).sum() / max(int(first.sum()), 1))
    known = (seen.low, seen.high) if seen.total else (0.0, 1.0)
    arm = one.policy.learning
    return {
        "arm": None if arm is None else _told(arm),
        "refusals": int(first.sum()), "learnable": int(first_may.sum()),
        "loans": int(loans.sum()), "outcomes": bad_rates(requests, loans),
        "bad": asdict(seen),
        "bounds": {
            "surely": [0.0, 1.0],
            "assumed": _assumed(requests, one, risk, first_may if arm else first),
            "learnt": list(known),
            "surely_all": [share * known[0], share * known[1] + 1 - share],
        },
        "spent": _spent(requests, loans, arm),
        "groups": {} if arm is None else _groups(requests, one, arm, risk, books),
    }  # fmt: skip


def _assumed(requests: Requests, one: Side, risk: Risk, chosen: Array) -> list[float | None]:
    """Return the interval that would be stated of the chosen, had none of them been lent to."""
    blind = replace(risk, refused=rate(0, 0))
    unseen = replace(requests, lent=np.zeros_like(requests.lent),
                     refused=np.ones_like(requests.refused))  # fmt: skip
    low, _, high = estimates(unseen, one, blind)
    return [float(part[chosen].mean()) if chosen.any() else None for part in (low, high)]


def _told(arm: Learning) -> dict[str, Any]:
    return {
        "salt": arm.salt, "share_ppm": arm.share_ppm, "hold_out_ppm": arm.hold_out_ppm,
        "from": str(to_date(arm.first)), "until": arm.last and str(to_date(arm.last)),
        "passes": list(arm.passes), "at_most": arm.at_most, "budget": arm.budget,
    }  # fmt: skip


def _spent(requests: Requests, loans: Array, arm: Learning | None) -> dict[str, int]:
    """Return what the arm's loans lost and what is still owed on them, against its budget."""
    lost = loans & (requests.worst_dpd >= DEFAULTED)
    return {
        "lent": int(requests.lent[loans].sum()), "lost": int(requests.left[lost].sum()),
        "owed": int(requests.left[loans & ~lost].sum()),
        "budget": 0 if arm is None else arm.budget,
    }  # fmt: skip


def _groups(
    requests: Requests, one: Side, arm: Learning, risk: Risk, books: Books
) -> Mapping[str, Any]:
    """Return, for each group of the trial, what was approved, lent, lost and earned a borrower, and
    the `lift`: how much more than a borrower of the hold-out, with its interval of 95 %."""
    _, one_of, place = np.unique(requests.whose, return_index=True, return_inverse=True)
    names = np.array([group_of(arm, n).value for n in requests.borrower[one_of]], dtype=object)
    earned = np.bincount(place, weights=by_row(books.realised), minlength=len(names))
    group, kept_out = names[place], earned[names == Group.HOLD_OUT.value]
    found = {}
    for name in Group:
        mine, theirs = (group == name.value) & one.answered, earned[names == name.value]
        found[name.value] = {
            "borrowers": len(theirs), "requests": int(mine.sum()),
            "approved": asdict(rate(int((mine & one.granted).sum()), int(mine.sum()))),
            "lent": int(requests.lent[mine].sum()),
            "bad": account_rates(requests, mine)[risk.outcome],
            "profit_a_borrower": _mean(theirs),
            "lift": None if name is Group.HOLD_OUT else _lift(theirs, kept_out),
        }  # fmt: skip
    return found


def _mean(values: Array) -> float | None:
    return float(values.mean()) if len(values) else None


def _lift(theirs: Array, others: Array) -> dict[str, float] | None:
    """Return the difference of two means with its interval; None of fewer than two of either."""
    if min(len(theirs), len(others)) < 2:
        return None
    found = float(theirs.mean() - others.mean())
    half = Z * sqrt(theirs.var(ddof=1) / len(theirs) + others.var(ddof=1) / len(others))
    return {"mean": found, "low": found - half, "high": found + half}
