"""The rows of reasons: each a fact, its source, its date, whose it is, and the next step."""

from __future__ import annotations

from collections.abc import Mapping

from xindeng.decision.answer import Light, Reason
from xindeng.decision.explanation import ReasonRow
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_behind
from xindeng.decision.words import SOURCES, WHOSE


def reason_rows(
    speech: Speech, audience: str, as_of: Mapping[str, int], hidden: int
) -> tuple[ReasonRow, ...]:
    """Return a row for each reason, weightiest first, but for those of the `hidden` rules."""
    index = speech.policy.rule_index
    return tuple(
        _row(speech, reason, audience, as_of)
        for reason in speech.decision.reasons
        if not hidden >> index[reason.rule] & 1
    )


def safety_rows(speech: Speech, audience: str) -> tuple[ReasonRow, ...]:
    """Return the one row that may be told where a withheld rule stood in the way.

    Support also hears the policy's own words for support on those rules, which say what may be
    said; the area, the figures and the condition stay untold.
    """
    steps = (
        speech.say("safety_documents"),
        speech.say("safety_channel"),
        speech.say("safety_clock", clock=speech.clock("objection_answer_days")),
    )
    row = ReasonRow(
        title=speech.say("safety_title"),
        light=Light.RED,
        fact=speech.say("safety_fact"),
        source=SOURCES[speech.lang]["security"],
        as_of=speech.day(speech.decision.now),
        whose=WHOSE[speech.lang]["withheld"],
        steps=steps,
    )
    if audience != "support":
        return (row,)
    told = tuple(
        speech.fact(reason.rule, "support")
        for reason in speech.decision.reasons
        if reason.whose == "withheld" and reason.state == "fired"
    )
    return (row, *(_may_say(row, text) for text in told))


def _may_say(row: ReasonRow, text: str) -> ReasonRow:
    return ReasonRow(
        title=row.title,
        light=row.light,
        fact=text,
        source=row.source,
        as_of=row.as_of,
        whose=row.whose,
        steps=(),
    )


def _row(speech: Speech, reason: Reason, audience: str, as_of: Mapping[str, int]) -> ReasonRow:
    policy, staff = speech.policy, audience != "borrower"
    rule = policy.rule_by_id[reason.rule]
    area = speech.area(reason.area)
    missing = reason.state == "missing"
    seen = [as_of[event] for event in events_behind(policy, rule.id) if event in as_of]
    fact = speech.say("missing_fact", area=area) if missing else speech.fact(rule.id, audience)
    if missing and audience == "auditor":
        fact = f"{fact} ({rule.when})"
    return ReasonRow(
        title=area,
        light=reason.light,
        fact=fact,
        source=SOURCES[speech.lang][rule.data.category],
        as_of=speech.day(max(seen, default=speech.decision.now)),
        whose=WHOSE[speech.lang][reason.whose],
        steps=_steps(speech, reason, missing),
        until=speech.say("own_time", date=speech.until(reason.until)) if reason.until else "",
        rule=reason.rule if staff else "",
        code=reason.code if staff else "",
        effect=reason.effect if staff else "",
    )


def _steps(speech: Speech, reason: Reason, missing: bool) -> tuple[str, ...]:
    """Return what to do next; nothing is ever asked of a borrower for our side's doing."""
    if reason.whose == "platform":
        return (speech.say("nothing_to_do"),)
    if missing:
        return (speech.say("step", step=speech.say("missing_step")),)
    steps = []
    for name in speech.policy.rule_by_id[reason.rule].repair:
        if name == "wait" and not reason.gate:
            continue  # a hint holds nothing up, so there is nothing to wait for
        action = speech.policy.repair[name]
        lag = speech.say("lag", days=action.lag_days) if action.lag_days else ""
        aside = [part for part in (action.channel.get(speech.lang), lag) if part]
        text = action.texts[speech.lang]
        if aside:
            zh = speech.lang == "zh"
            text += f"（{'，'.join(aside)}）" if zh else f" ({', '.join(aside)})"
        steps.append(speech.say("step", step=text))
    if not steps:
        steps.append(speech.say("wait_only" if reason.whose == "time" else "nothing_to_do"))
    return tuple(steps)
