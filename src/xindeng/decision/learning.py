"""The test-and-learn arm: a few whom the policy refuses are lent to by lot, to learn what they do.

Who is drawn follows from the borrower's name and the arm's salt. A request drawn is decided as any
other; only where nothing but rules that the arm lets pass stands in its way does it become a yes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from xindeng.decision.answer import Decision, Outcome
from xindeng.decision.board import board_of
from xindeng.decision.look import Look, Verdict
from xindeng.decision.request import Request
from xindeng.kernel.lots import lot
from xindeng.policy.model import Learning
from xindeng.policy.policy import Policy


class Group(StrEnum):
    """Which part of a trial a borrower is in, for as long as its salt stays."""

    ARM = "arm"
    HOLD_OUT = "hold_out"
    """Kept out of every trial, as what its lift is measured against."""
    USUAL = "usual"


@dataclass(frozen=True, slots=True)
class Spent:
    """What the arm of a policy has at stake, in minor units: `lost` for good, `owed` still."""

    lost: int = 0
    owed: int = 0


def group_of(arm: Learning, borrower: str) -> Group:
    """Return the group that a borrower falls into."""
    place = lot(arm.salt, borrower)
    if place < arm.share_ppm:
        return Group.ARM
    return Group.HOLD_OUT if place < arm.share_ppm + arm.hold_out_ppm else Group.USUAL


def drawn(
    policy: Policy, request: Request, borrower: str, now: int, spent: Callable[[], Spent]
) -> Request:
    """Return the request as it is to be decided: marked where the borrower is in the arm, the draw
    is small enough and the budget could bear its whole loss. `spent` is asked of those alone.

    All that is owed counts as if it were lost, so the arm can never lose more than its budget.
    """
    arm = policy.learning
    if arm is None or not runs(arm, policy.zone.day(now)) or request.amount > arm.at_most:
        return request
    if group_of(arm, borrower) is not Group.ARM:
        return request
    stake = spent()
    if stake.lost + stake.owed + request.amount > arm.budget:
        return request
    return replace(request, learning=True)


def runs(arm: Learning, day: int) -> bool:
    """Say whether the arm is open on a local day."""
    return arm.first <= day and (arm.last is None or day < arm.last)


def learnt(look: Look, verdict: Verdict, away: int, today: int) -> Verdict:
    """Return a yes where only rules that the arm lets pass stand in the way, else `verdict`.

    What lacks data is never let pass: nothing is learnt about a rule that could not judge.
    """
    arm = look.policy.learning
    if arm is None or not runs(arm, today) or look.request.amount > arm.at_most:
        return verdict
    tried = look.judge(away, passing(look.policy) & look.fired)
    return tried if tried.outcome is Outcome.APPROVE else verdict


def passing(policy: Policy) -> int:
    """Return the mask of the rules that the policy's arm lets pass."""
    names = policy.learning.passes if policy.learning else ()
    return sum(1 << index for index, rule in enumerate(policy.rules) if rule.id in names)


def was_learnt(policy: Policy, request: Request, decision: Decision) -> bool:
    """Say whether a decision is a yes only because of the lot: such a loan is the arm's."""
    refusing = (decision.fired | decision.missing) & board_of(policy).blocking
    return bool(request.learning and decision.outcome is Outcome.APPROVE and refusing)
