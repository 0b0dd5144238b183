"""decide(): one request, one borrower's facts, one policy, one instant → one complete answer.

Pure: no clock, no randomness, no I/O. All rules are always evaluated; lights, outcome, amount and
reasons all follow from which of them fired or lacked data.
"""

from __future__ import annotations

from xindeng.decision.answer import Decision, Outcome
from xindeng.decision.board import Board, bits, board_of
from xindeng.decision.burden import burden
from xindeng.decision.cleared import cleared
from xindeng.decision.consent import withhold
from xindeng.decision.facts import NEUTRAL, Facts, context
from xindeng.decision.holds import holds_to_place, reviewed_at
from xindeng.decision.lapsed import lapsed
from xindeng.decision.learning import learnt
from xindeng.decision.lights import lights_of
from xindeng.decision.look import Look, Verdict
from xindeng.decision.reasons import Standing, first_gate, ranked_reasons, retry_at
from xindeng.decision.request import Request
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.language import Value
from xindeng.policy.policy import Policy

__all__ = ["Decision", "decide"]


def decide(
    policy: Policy, facts: Facts, request: Request, now: int, *, policy_on: int | None = None
) -> Decision:
    """Return the answer to `request` at instant `now` (µs).

    `policy_on` is the local day whose parameters judge, for studies of history that ask what a
    later policy would have said; it is the day of `now` unless given.
    `facts.values` are in the order of the policy's feature book. Raises InputError for a request
    in another currency or below the smallest draw, and for a day on which the policy has no
    parameters yet; every other situation has an outcome.
    """
    today = policy.zone.day(now) if policy_on is None else policy_on
    look = look_at(policy, facts, request, now, today)
    board = look.board
    _refuse_unfit(policy, look, request)
    away = _away(board, facts)
    verdict = look.judge(away)
    if request.learning and verdict.outcome is not Outcome.APPROVE:
        verdict = learnt(look, verdict, away, today)
    neutral, ours = verdict, 0
    if verdict.outcome is not Outcome.APPROVE:
        verdict, neutral, ours = _without_us(look, verdict, away)
    until = {index: _until(look, facts, index, ours, now) for index in bits(verdict.stops)}
    score, band = look.value("score"), look.value("score_band")
    return Decision(
        policy_hash=policy.hash,
        semantics=policy.semantics,
        now=now,
        stance=str(look.inputs[board.stance_at]),
        segment=str(look.inputs[board.segment_at]),
        outcome=verdict.outcome,
        amount_asked=request.amount,
        amount_offered=_offered(verdict, request),
        frontier=verdict.frontier.amount,
        limit_shown=look.whole("limit_shown"),
        available=look.whole("available"),
        borrowable_now=verdict.frontier.amount,
        gate=first_gate(board, verdict),
        lights=lights_of(board, look.fired, look.missing, ours, look.barred),
        reasons=ranked_reasons(board, Standing(look.fired, ours, look.barred, verdict, until)),
        our_side=verdict is not neutral and neutral.outcome is Outcome.APPROVE,
        neutral_outcome=neutral.outcome,
        retry_at=retry_at(verdict, until),
        counted=verdict.outcome is neutral.outcome is Outcome.DECLINE
        and bool(look.fired & verdict.hard & neutral.hard & board.borrower_decline & ~ours)
        and not look.fired & board.pausing,
        holds_to_place=holds_to_place(look, verdict, facts, now),
        inputs=tuple(look.inputs),
        fired=look.fired,
        missing=look.missing,
        score=score if isinstance(score, int) else None,
        score_band=band if isinstance(band, str) else None,
    )


def look_at(
    policy: Policy, facts: Facts, request: Request, now: int, policy_on: int | None = None
) -> Look:
    """Return all rules evaluated for a request at `now` (µs), without a verdict yet."""
    board = board_of(policy)
    monthly = burden(policy, request.product, request.rate_bp, request.term_months)
    columns = context(facts, request, monthly(request.amount), now, policy.zone)
    inputs: list[Value] = [*facts.values, *[columns[name] for name in board.context_names]]
    barred = withhold(board.gates, inputs)
    today = policy.zone.day(now) if policy_on is None else policy_on
    segment = policy.segment(inputs, today)
    stance, review_day = facts.platform.stance_of(
        segment, policy.stance_default, policy.zone.day(now)
    )
    inputs[board.segment_at] = segment
    inputs[board.stance_at] = stance
    inputs[board.stance_review_at] = review_day
    look = Look(policy, board, inputs, policy.parameters(today, stance, segment), request)
    quiet, referred = lapsed(look, facts)
    if request.cleared:
        away = _away(board, facts)
        quiet |= cleared(board, request.cleared, look.fired, look.missing, away)
    return look.rest(quiet, referred, barred)


def _refuse_unfit(policy: Policy, look: Look, request: Request) -> None:
    if request.currency != policy.currency:
        raise InputError(
            f"the request is in {request.currency}, the line in {policy.currency}",
            where="request.currency",
            next_step=f"ask in {policy.currency}",
            code="request.currency",
        )
    if request.amount < look.least:
        least = Money(look.least, policy.currency)
        raise InputError(
            f"{Money(request.amount, policy.currency)} is below the smallest draw",
            where="request.amount",
            next_step=f"ask for at least {least}",
            code="request.too_small",
        )


def _away(board: Board, facts: Facts) -> int:
    """Return the rules whose lack of data is ours, because a part of the platform is away."""
    platform = facts.platform
    if platform.maintenance:
        return board.all
    away = 0 if platform.bureau_available else board.by_part["bureau"]
    return away if platform.model_available else away | board.by_part["model"]


def _without_us(look: Look, verdict: Verdict, away: int) -> tuple[Verdict, Verdict, int]:
    """Return the answer, the answer the same request gets without our doing, and our rules.

    Our doing is a stance other than neutral, rules about the platform itself, and conditions
    left without data by a part of ours that is away.
    """
    board, own = look.board, look
    if look.inputs[board.stance_at] != NEUTRAL:
        own = look.under_neutral()
    ignored = board.platform | (own.missing & away)
    ours = (look.fired & ~(own.fired & ~ignored)) | (look.missing & away)
    if own is look and not verdict.stops & ignored:
        return verdict, verdict, ours
    neutral = own.judge(away, ignored)
    if own is not look and verdict.outcome is Outcome.DECLINE:
        # A rule that is harder under the stance (it left room for less before) is the stance's
        # doing as much as a rule that only the stance made fire.
        stance_only = look.fired & ~own.fired | verdict.hard & ~neutral.hard
        if verdict.hard & stance_only:
            verdict = look.eased(verdict, away, stance_only)
    return verdict, neutral, ours


def _until(look: Look, facts: Facts, index: int, ours: int, now: int) -> int | None:
    """Return when a gate opens by itself (µs after `now`), None if that is not known."""
    rule, bit = look.board.rules[index], 1 << index
    found: int | None
    if look.missing & bit:
        found = facts.platform.until if ours & bit else None
    else:
        found = look.until(index)
        if rule.hold is not None:
            reviewed = reviewed_at(look, facts, index, now)
            found = max(filter(None, (found, reviewed)), default=None)
        if found is None and ours & bit and rule.whose != "platform":
            # Only the stance made this rule fire; it may let go when the stance is reviewed.
            day = look.inputs[look.board.stance_review_at]
            found = look.policy.zone.midnight(day) if isinstance(day, int) else None
    return found if found is not None and found > now else None


def _offered(verdict: Verdict, request: Request) -> int | None:
    if verdict.outcome is Outcome.APPROVE:
        return request.amount
    return verdict.frontier.amount if verdict.outcome is Outcome.APPROVE_LESS else None
