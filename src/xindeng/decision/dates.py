"""Of which day a fact is, and what a date ahead means: an end, or our looking at it again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from xindeng.decision.answer import Reason
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_named
from xindeng.features.algebra import Op
from xindeng.policy.model import Rule
from xindeng.policy.policy import Policy

OF_NOW: Final = frozenset({"request", "platform"})
"""Categories of facts that are known at the very instant of the answer."""

_OF_THE_DRAW: Final = frozenset({"draw_attempt", "decision"})
"""What asking for this very draw leaves behind; it happens at the instant of the answer."""
_OF_THE_LINE: Final = _OF_THE_DRAW | {
    "draw_reserved", "draw_released", "disbursement", "instalment_due", "repayment",
    "repayment_reversed",
}  # fmt: skip
_NOT_OURS: Final = frozenset({
    "credit_history", "identity", "security", "device", "network", "location", "browsing",
    "partners",
})  # fmt: skip
"""Categories of facts that no draw on this line tells anything of, whatever else the rule reads."""


_CLOCKS: Final = frozenset({"now", "today", "hour_of_day"})


def fact_date(speech: Speech, reason: Reason, as_of: Mapping[str, int]) -> str:
    """Return the local date of the newest data behind the fact a reason tells, "" if not known.

    Data are those that the borrower's text names, or else all that the rule reads. Draws are no
    fact about a report or an identity: they date only what rests on draws alone. `as_of` maps an
    event type to the instant (µs) of its last event. A credit report speaks as of its own day,
    whenever it reached us.
    """
    policy = speech.policy
    category = policy.rule_by_id[reason.rule].data.category
    if category in OF_NOW:
        return speech.day(speech.decision.now)
    dates = _reported(speech, as_of)
    text = policy.texts[reason.rule][speech.lang]["borrower"]
    events = events_named(policy, reason.rule, text)
    events = events - (_OF_THE_LINE if category in _NOT_OURS else _OF_THE_DRAW) or events
    seen = [dates[event] for event in events if event in dates]
    return speech.day(max(seen)) if seen else ""


def _reported(speech: Speech, as_of: Mapping[str, int]) -> Mapping[str, int]:
    """Return `as_of` with what a credit report told dated by the day of the report."""
    values, policy = speech.recall.values, speech.policy
    days = [
        day
        for feature in policy.book.base
        if (feature.event, feature.op, feature.field) == ("bureau_summary", Op.LAST, "report_day")
        and isinstance(day := values[feature.name], int)
    ]
    if not days or "bureau_summary" not in as_of:
        return as_of
    received, reported = as_of["bureau_summary"], policy.zone.midnight(max(days))
    told = {
        event: reported
        for event in ("credit_report", "bureau_summary", "external_debt")
        if as_of.get(event) == received  # debts may also be told by somebody else, at another time
    }
    enquiry = {"credit_inquiry": max(as_of.get("credit_inquiry", reported), reported)}
    return {**as_of, **enquiry, **told}


def stance_review(speech: Speech) -> int | None:
    """Return when the stance that stands in the way is reviewed (µs), None without such a day or
    where that day is over: what we missed is no day to come."""
    decision = speech.decision
    ours = any(reason.whose == "platform" and reason.gate for reason in decision.reasons)
    day = speech.recall.values["stance_review_day"]
    if not ours or decision.stance == "neutral" or not isinstance(day, int):
        return None
    if day < speech.policy.zone.day(decision.now):
        return None
    return speech.policy.zone.midnight(day)


def own_time(speech: Speech, reason: Reason) -> str:
    """Return what happens at the time of one reason, "" if it has none."""
    if reason.until is None:
        later = speech.later.get(reason.rule)
        return "" if later is None else speech.say("own_later", date=speech.until(later))
    key = "own_review" if _reviewed(speech, reason) else "own_time"
    return speech.say(key, date=speech.until(reason.until))


def retry_line(speech: Speech, at: int) -> str:
    """Return when to try again, `at` in µs; "" where the stance's review has said so already."""
    if at == stance_review(speech):
        return ""
    key = "retry_review" if is_review(speech, at) else "retry_at"
    return speech.say(key, date=speech.until(at))


def is_review(speech: Speech, at: int) -> bool:
    """Return whether the last gate's time, `at` (µs), is when we look again, and no end by
    itself."""
    last = [reason for reason in speech.decision.reasons if reason.gate and reason.until == at]
    return any(_reviewed(speech, reason) for reason in last)


def _reviewed(speech: Speech, reason: Reason) -> bool:
    """Return whether the reason's time is a day by which we look again, rather than its end."""
    values, zone = speech.recall.values, speech.policy.zone
    day = values["stance_review_day"]
    reviews = {values["hold_review_at"], zone.midnight(day) if isinstance(day, int) else None}
    rule = speech.policy.rule_by_id[reason.rule]
    waits = rule.whose == "time" and not _ends_with_time(speech.policy, rule)
    return waits or rule.hold is not None or reason.until in reviews


def _ends_with_time(policy: Policy, rule: Rule) -> bool:
    """Return whether time alone may end a rule; of others, as a limit of 0, it only brings the day
    on which we look again."""
    rests_on = policy.compiled.columns_of(policy.compiled.conditions[rule.id])
    return not _CLOCKS.isdisjoint(rests_on) or any(
        feature.name in rests_on and (feature.window is not None or feature.form != "value")
        for feature in policy.book.base
    )
