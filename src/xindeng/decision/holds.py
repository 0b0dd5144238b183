"""Holds that a decision asks for: which, until when, and never the same one twice."""

from __future__ import annotations

from xindeng.decision.answer import HoldOrder
from xindeng.decision.board import bits
from xindeng.decision.facts import Facts
from xindeng.decision.look import Look, Verdict
from xindeng.features.state import Hold
from xindeng.policy.model import Rule


def holds_to_place(look: Look, verdict: Verdict, facts: Facts, now: int) -> tuple[HoldOrder, ...]:
    """Return the holds of the fired rules, but for those in place, those of the amount alone and
    those that ended and rest on nothing newer.

    A hold rule that a smaller amount avoids refuses that amount and pauses nothing.
    """
    wanted = look.fired & look.board.holding & ~verdict.soft & ~look.referred
    if not wanted:
        return ()
    orders = []
    for index in bits(wanted):
        rule = look.board.rules[index]
        if rule.hold is not None and standing(rule, facts) is None:
            orders.append(
                HoldOrder(
                    rule=rule.id,
                    code=rule.reason,
                    kind=rule.hold.kind,
                    mode=rule.hold.mode,
                    review_at=look.review_at(index, now),
                    cap=look.hold_cap(index),
                )
            )
    return tuple(orders)


def reviewed_at(look: Look, facts: Facts, index: int, now: int) -> int | None:
    """Return when the hold of rule `index` is reviewed (µs), placed already or now; else None."""
    rule = look.board.rules[index]
    if rule.hold is None or look.referred >> index & 1:
        return None
    placed = standing(rule, facts)
    return placed.review_at if placed else look.review_at(index, now)


def standing(rule: Rule, facts: Facts) -> Hold | None:
    """Return the hold that this rule placed earlier and that was not released yet, if any."""
    for hold in facts.holds:
        if hold.reason in (rule.id, rule.reason):
            return hold
    return None
