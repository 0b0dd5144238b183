"""Decision → Explanation: what a borrower, a support agent or an auditor is told, in zh or en.

Where a withheld rule stood in the way the borrower is told one thing only: the account needs to be
verified, with which papers, where, and how to object. Support is told the same and what else may
be said; the auditor is told everything.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, get_args

from msgspec.structs import replace

from xindeng.decision.answer import Decision, EarliestYes, Light, Outcome, Reason
from xindeng.decision.audit import audit_of
from xindeng.decision.board import TRIES, Board, board_of
from xindeng.decision.consent import unseen
from xindeng.decision.consent_rows import consent_rows, for_want_of_consent, untold
from xindeng.decision.dates import stance_review
from xindeng.decision.explanation import ACCOUNT, Explanation, Figure, LightRow, ReasonRow
from xindeng.decision.gate import gate_rows
from xindeng.decision.lights import lights_of
from xindeng.decision.rows import reason_rows, safety_rows
from xindeng.decision.speech import Speech
from xindeng.decision.waiting import waiting_lines
from xindeng.decision.words import AREA_WORDS, LIGHT_WORDS, OUTCOME_WORDS, Language
from xindeng.kernel.errors import InputError
from xindeng.policy.model import AUDIENCES
from xindeng.policy.policy import Policy

__all__ = ["Explanation", "explain", "headline"]


def explain(
    policy: Policy,
    decision: Decision,
    *,
    audience: str = "borrower",
    lang: str = "zh",
    as_of: Mapping[str, int] | None = None,
    earliest_yes: EarliestYes | None = None,
    trial: bool = False,
    product: str | None = None,
) -> Explanation:
    """Return what one audience is told.

    `as_of` maps an event type to the instant (µs) of its last event, for the date of each fact;
    `earliest_yes` adds when waiting alone would do; `trial` marks a pre-check;
    `product` is the one that was asked for. Raises InputError
    for an unknown audience or language, ConflictError for another policy's decision.
    """
    _one_of("audience", audience, AUDIENCES)
    _one_of("lang", lang, get_args(Language))
    language: Language = "zh" if lang == "zh" else "en"
    speech = _speech(policy, decision, language, earliest_yes)
    board = board_of(policy)
    veiled = is_veiled(board, decision) and audience != "auditor"
    hidden = 0 if audience == "auditor" else board.withheld & decision.fired
    lights = _safety_light(speech) if veiled else _light_rows(speech, board, hidden)
    if veiled:
        rows = safety_rows(speech, audience)
    else:
        rows = consent_rows(speech, board, audience, as_of or {})
        hidden |= untold(board, decision, audience) | (_own_tries(speech) if trial else 0)
        hidden |= _told_by_a_gate(speech) if audience == "borrower" else 0
        rows += reason_rows(speech, audience, as_of or {}, hidden)
        rows += gate_rows(speech, lights, audience, as_of or {}, product)
    if audience == "borrower" and decision.outcome is Outcome.APPROVE:
        lights, rows = tuple(map(_passed, lights)), tuple(map(_passed, rows))
    return Explanation(
        audience=audience,
        lang=language,
        headline=_headline(speech, veiled),
        lead=_lead(speech, board, veiled),
        figures=_figures(speech, veiled),
        gate=_gate(speech, veiled),
        lights=lights,
        reasons=rows,
        when=() if veiled else tuple(waiting_lines(speech, earliest_yes, audience)),
        notices=_notices(speech, trial, veiled),
        routes=_routes(speech),
        audit=audit_of(speech) if audience == "auditor" else None,
    )


def headline(policy: Policy, decision: Decision, lang: Language) -> str:
    """Return a decision in one line, as a borrower is told it everywhere."""
    return _headline(Speech(policy, decision, lang), is_veiled(board_of(policy), decision))


_Row = TypeVar("_Row", LightRow, ReasonRow)


def _passed(row: _Row) -> _Row:
    """Return a row of a yes: what a lot let pass deserves care, but it did not fail."""
    if row.light is not Light.RED:
        return row
    return replace(row, light=Light.YELLOW)


def _speech(
    policy: Policy, decision: Decision, lang: Language, earliest: EarliestYes | None
) -> Speech:
    if earliest is None:
        return Speech(policy, decision, lang)
    later = {end.rule: end.at for end in earliest.later}
    return Speech(policy, decision, lang, earliest.standing, later)


def _own_tries(speech: Speech) -> int:
    """Return the rules on repeated tries that stop nothing: a trial is none, so it has nothing to
    say of them, though it was decided as if the button had been pressed."""
    return sum(
        1 << speech.policy.rule_index[reason.rule]
        for reason in speech.decision.reasons if reason.area == TRIES and not reason.gate
    )  # fmt: skip


def _told_by_a_gate(speech: Speech) -> int:
    """Return the rules that stop nothing and weigh no more than a rule of their area that stops:
    its fact is told already, and cannot stand once more among what had no effect."""
    compiled, index = speech.policy.compiled, speech.policy.rule_index

    def weighed(reason: Reason) -> tuple[str, frozenset[str]]:
        return reason.area, compiled.conditions[reason.rule].columns

    reasons = [one for one in speech.decision.reasons if one.state == "fired"]
    stopping = [weighed(one) for one in reasons if one.gate]
    found = 0
    for one in reasons:
        area, columns = weighed(one)
        if not one.gate and any(area == its and columns <= more for its, more in stopping):
            found |= 1 << index[one.rule]
    return found


def is_veiled(board: Board, decision: Decision) -> bool:
    """Return whether a withheld rule stood in the way, so that reasons may not be told."""
    stops = decision.fired | decision.missing & ~unseen(board.gates, decision.inputs)
    return decision.outcome is not Outcome.APPROVE and bool(stops & board.withheld & board.blocking)


def _one_of(field: str, value: str, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise InputError(
            f"{field} is {value[:40]!r}",
            where=f"explain.{field}",
            next_step=f"use one of {', '.join(accepted)}",
            code="explain.value",
        )


def _headline(speech: Speech, veiled: bool) -> str:
    if veiled:
        return speech.say("safety_title")
    decision = speech.decision
    offered = decision.amount_offered
    return OUTCOME_WORDS[speech.lang][decision.outcome].format(
        asked=speech.money(decision.amount_asked),
        offered=speech.money(offered) if offered is not None else "",
    )


def _lead(speech: Speech, board: Board, veiled: bool) -> tuple[str, ...]:
    """Return whose doing it is, and that repayments go on where draws are paused."""
    decision = speech.decision
    if veiled:
        return (speech.say("on_hold"),)
    if decision.outcome is Outcome.APPROVE:
        return ()
    lines = []
    ours = any(reason.whose == "platform" and reason.gate for reason in decision.reasons)
    if decision.our_side:
        lines.append(speech.say("our_rule" if _by_our_rule(speech) else "our_side"))
    elif ours:
        lines.append(speech.say("both"))
    stance = speech.policy.stances.get(decision.stance)
    if ours and decision.stance != "neutral":
        if stance is not None and speech.lang in stance.texts:
            lines.append(stance.texts[speech.lang])
        review = stance_review(speech)
        if review is not None:
            lines.append(speech.say("stance_review", date=speech.day(review)))
    if _on_hold(speech):
        lines.append(speech.say("on_hold"))
    return tuple(lines)


def _by_our_rule(speech: Speech) -> bool:
    """Return whether a rule of ours refuses under any stance, so that no usual standard passes."""
    rules = speech.policy.rule_by_id
    return any(
        reason.gate and reason.effect == "decline" and rules[reason.rule].whose == "platform"
        for reason in speech.decision.reasons
    )


def _on_hold(speech: Speech) -> bool:
    """Return whether draws are paused, by a hold in force or by one that this answer places."""
    decision, values = speech.decision, speech.recall.values
    return (
        any(order.mode != "monitor" for order in decision.holds_to_place)
        or any(
            r.effect in ("hold", "zero_limit") and r.gate and r.state == "fired"
            for r in decision.reasons
        )
        or values["block_hold"] is True
        or values["security_hold"] is True
    )


def _figures(speech: Speech, veiled: bool) -> tuple[Figure, ...]:
    """Return limit, available and borrowable now: always together; one alone without a line."""
    decision = speech.decision
    shown = [
        (speech.say("limit"), decision.limit_shown),
        (speech.say("available"), decision.available),
    ]
    figures = [
        Figure(label=label, text=speech.money(minor), minor=minor)
        for label, minor in shown
        if minor is not None
    ]
    label = speech.say("borrowable")
    if veiled:
        return (*figures, Figure(label=label, text=speech.say("verify_first"), minor=None))
    now = decision.borrowable_now
    return (*figures, Figure(label=label, text=speech.money(now), minor=now))


def _gate(speech: Speech, veiled: bool) -> str:
    gate, board = speech.decision.gate, board_of(speech.policy)
    if veiled or gate is None:
        return ""
    rule = speech.policy.rule_by_id[gate]
    if for_want_of_consent(speech.policy, board, speech.decision, gate):
        return speech.say("limited_by", area=AREA_WORDS[speech.lang]["consent"])
    if rule.whose == "withheld":
        return speech.say("verify_first")
    return speech.say("limited_by", area=speech.area(rule.area))


def _light_rows(speech: Speech, board: Board, hidden: int) -> tuple[LightRow, ...]:
    decision = speech.decision
    lights = decision.lights
    if hidden:
        ours = {reason.rule for reason in decision.reasons if reason.light is Light.OUR_SIDE}
        mask = sum(1 << i for i, rule in enumerate(board.rules) if rule.id in ours)
        barred = unseen(board.gates, decision.inputs)
        lights = lights_of(board, decision.fired & ~hidden, decision.missing, mask, barred)
    return tuple(
        LightRow(
            area=area,
            title=speech.area(area),
            light=light,
            word=LIGHT_WORDS[speech.lang][light],
        )
        for area, light in lights.items()
    )


def _safety_light(speech: Speech) -> tuple[LightRow, ...]:
    return (
        LightRow(
            area=ACCOUNT,
            title=speech.say("safety_title"),
            light=Light.RED,
            word=LIGHT_WORDS[speech.lang][Light.RED],
        ),
    )


def _notices(speech: Speech, trial: bool, veiled: bool) -> tuple[str, ...]:
    decision = speech.decision
    said = []
    if trial:
        said += [speech.say("trial"), speech.say("trial_bureau")]
    else:
        said.append(speech.say("bureau_untouched"))
    if veiled or decision.outcome is not Outcome.APPROVE:
        said += [speech.say("repayment"), speech.say("scam")]
    return tuple(said)


def _routes(speech: Speech) -> tuple[str, ...]:
    """Return the three ways to object, each with its own clock, once something was refused."""
    if speech.decision.outcome is Outcome.APPROVE:
        return ()
    lines = " / ".join(
        str(value) for value in speech.parameter("complaint_line_finance", "complaint_line_credit")
    )
    return (
        speech.say("route_report", clock=speech.clock("dispute_answer_days")),
        speech.say("route_decision", clock=speech.clock("objection_answer_days")),
        speech.say("route_service", line=speech.say("lines", lines=lines) if lines else ""),
    )
