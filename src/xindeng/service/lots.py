"""The test-and-learn arm as it is lived: who is drawn, within a budget that two draws cannot spend
at once, and what the arm has at stake (see decision/learning.py)."""

from __future__ import annotations

from xindeng.decision.answer import Decision
from xindeng.decision.learning import Group, Spent, drawn, group_of, was_learnt
from xindeng.decision.request import Request
from xindeng.policy.policy import Policy
from xindeng.service.engine import Engine
from xindeng.service.product import offer_lasts
from xindeng.store import learnt
from xindeng.store.connect import Conn
from xindeng.store.learnt import Stake


def marked(
    engine: Engine, conn: Conn, policy: Policy, borrower: str, request: Request, *, hold: bool
) -> Request:
    """Return the request as a policy is to decide it: marked where the lot fell on its borrower.

    With `hold` no other draw of an arm is decided until the transaction ends. What a person let
    pass is no matter of the lot.
    """
    arm = policy.learning
    if arm is None or request.cleared is not None:
        return request

    def spent() -> Spent:
        if hold:
            learnt.take_turns(conn)
        found = stake(engine, conn, arm.salt)
        return Spent(found.lost, found.owed)

    return drawn(policy, request, borrower, engine.clock(), spent)


def note(
    conn: Conn, policy: Policy, borrower: str, ident: str, request: Request, decision: Decision
) -> None:
    """Note a decision that is about to be stored if it is the arm's."""
    arm = policy.learning
    if arm is not None and was_learnt(policy, request, decision):
        learnt.insert(conn, ident, borrower, arm.salt, decision.amount_offered or 0, decision.now)


def stake(engine: Engine, conn: Conn, salt: str) -> Stake:
    """Return what the arm of a salt has at stake now."""
    now = engine.clock()
    return learnt.stake(conn, salt, now - offer_lasts(engine, now))


def kept_out(policy: Policy, borrower: str) -> bool:
    """Say whether a borrower is in the hold-out of a policy's arm, whom no trial may touch."""
    arm = policy.learning
    return arm is not None and group_of(arm, borrower) is Group.HOLD_OUT
