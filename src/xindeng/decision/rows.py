"""The rows of reasons: each a fact, its source, its date, whose it is, and the next step."""

from __future__ import annotations

from collections.abc import Mapping

from xindeng.decision.answer import Light, Reason
from xindeng.decision.dates import fact_date, own_time
from xindeng.decision.explanation import ReasonRow
from xindeng.decision.speech import Speech
from xindeng.decision.steps import next_steps
from xindeng.decision.words import SOURCES, WHOSE


def reason_rows(
    speech: Speech, audience: str, as_of: Mapping[str, int], hidden: int
) -> tuple[ReasonRow, ...]:
    """Return a row for each reason, weightiest first, but for those of the `hidden` rules.

    That an area lacks data is told to a borrower once, however many rules of it do.
    """
    index = speech.policy.rule_index
    rows = (
        reason_row(speech, reason, audience, as_of)
        for reason in speech.decision.reasons
        if not hidden >> index[reason.rule] & 1
    )
    if audience != "borrower":
        return tuple(rows)
    first: dict[tuple[str, tuple[str, ...]], ReasonRow] = {}
    for row in rows:
        first.setdefault((row.fact, row.steps), row)
    return tuple(first.values())


def safety_rows(speech: Speech, audience: str) -> tuple[ReasonRow, ...]:
    """Return the one row that may be told where a withheld rule stood in the way.

    Support also hears the policy's own words for support on those rules, which say what may be
    said; the area, the figures and the condition stay untold.
    """
    steps: tuple[str, ...] = (
        speech.say("safety_documents"),
        speech.say("safety_channel"),
        speech.say("safety_clock", clock=speech.clock("objection_answer_days")),
    )
    if audience == "support":
        told = (
            speech.fact(reason.rule, "support")
            for reason in speech.decision.reasons
            if reason.whose == "withheld" and reason.state == "fired"
        )
        steps += tuple(dict.fromkeys(told))
    row = ReasonRow(
        title=speech.say("safety_title"),
        light=Light.RED,
        fact=speech.say("safety_fact"),
        source=SOURCES[speech.lang]["security"],
        as_of="",
        whose=WHOSE[speech.lang]["withheld"],
        steps=steps,
    )
    return (row,)


def reason_row(
    speech: Speech, reason: Reason, audience: str, as_of: Mapping[str, int]
) -> ReasonRow:
    """Return the row of one reason; `as_of` as for `explain`."""
    policy, staff = speech.policy, audience != "borrower"
    rule = policy.rule_by_id[reason.rule]
    area = speech.area(reason.area)
    missing = reason.state == "missing"
    fact = speech.say("missing_fact", area=area) if missing else speech.fact(rule.id, audience)
    if missing and audience == "auditor":
        fact = f"{fact} ({rule.when})"
    return ReasonRow(
        title=area,
        light=reason.light,
        fact=fact,
        source=SOURCES[speech.lang][rule.data.category],
        as_of=fact_date(speech, reason, as_of),
        whose=WHOSE[speech.lang][reason.whose],
        steps=next_steps(speech, reason),
        gate=reason.gate,
        until=own_time(speech, reason),
        rule=reason.rule if staff else "",
        code=reason.code if staff else "",
        effect=reason.effect if staff else "",
    )
