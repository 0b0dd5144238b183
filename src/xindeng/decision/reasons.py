"""Which reasons are told, in which order, and when their gates open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from xindeng.decision.answer import Light, Outcome, Reason
from xindeng.decision.board import Board, bits
from xindeng.decision.look import Verdict

_PRECEDENCE = {outcome: place for place, outcome in enumerate(Outcome)}
_CAUTION = len(_PRECEDENCE)


class Standing(NamedTuple):
    """How the rules stood: masks of those that `fired`, of those only our side made fire and of
    those `unseen` for want of a consent, the verdict, and when each gate opens by itself (rule
    index → µs or None)."""

    fired: int
    ours: int
    unseen: int
    verdict: Verdict
    until: Mapping[int, int | None]


def ranked_reasons(board: Board, standing: Standing) -> tuple[Reason, ...]:
    """Return what fired, and what lacked data and stood in the way, weightiest first.

    First what decided the outcome, then what only asks for less, then mere cautions; within
    each by the rule's own rank, then in the order of the policy.
    """
    told = standing.fired | standing.verdict.stops
    if not told:
        return ()
    order = sorted(bits(told), key=lambda i: (_weight(board, standing, i), board.rank[i]))
    return tuple(_reason(board, standing, index) for index in order)


def first_gate(board: Board, verdict: Verdict) -> str | None:
    """Return the id of the weightiest rule that keeps the frontier below the available amount."""
    gates = verdict.gates
    if not gates:
        return None
    index = min(bits(gates), key=lambda i: (_PRECEDENCE[board.effect_outcome[i]], board.rank[i]))
    return board.rules[index].id


def retry_at(verdict: Verdict, until: Mapping[int, int | None]) -> int | None:
    """Return when the last gate opens, in µs; None as soon as one gate's time is not known."""
    if verdict.outcome not in (Outcome.RETRY_LATER, Outcome.DECLINE):
        return None
    latest = 0
    for at in until.values():
        if at is None:
            return None
        latest = max(latest, at)
    return latest or None


def _weight(board: Board, standing: Standing, index: int) -> int:
    bit, verdict = 1 << index, standing.verdict
    fired = standing.fired & bit
    if verdict.hard & bit:
        asked_for = board.effect_outcome[index] if fired else Outcome.REVIEW
        if standing.ours & bit:  # our side never declines, so it never comes before who does
            return max(_PRECEDENCE[asked_for], _PRECEDENCE[Outcome.RETRY_LATER])
        return _PRECEDENCE[asked_for]
    if not verdict.soft & bit:
        return _CAUTION
    human = board.human & bit or not fired
    return _PRECEDENCE[Outcome.REVIEW if human else Outcome.APPROVE_LESS]


def _reason(board: Board, standing: Standing, index: int) -> Reason:
    rule, bit = board.rules[index], 1 << index
    fired, ours = standing.fired & bit, standing.ours & bit
    light = board.light_fired[index] if fired else board.light_missing[index]
    if standing.unseen & bit:
        light = Light.NO_DATA
    return Reason(
        rule=rule.id,
        area=rule.area,
        code=rule.reason,
        whose="platform" if ours else rule.whose,
        light=Light.OUR_SIDE if ours else light,
        effect=rule.effect,
        state="fired" if fired else "missing",
        gate=bool(standing.verdict.stops & bit),
        until=standing.until.get(index),
    )
