"""What to do next about one reason: never the impossible, never anything for our side's doing."""

from __future__ import annotations

from typing import Final

from xindeng.decision.answer import Outcome, Reason
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_behind

_ANSWERED: Final = frozenset({"seek_hardship_help", "contact_support"})
"""Somebody answers; nothing of it shows in any data."""
_NOT_ONES_OWN: Final = frozenset({
    "wait", "stop_applying", "borrow_less", "dispute", "seek_hardship_help", "contact_support",
})  # fmt: skip


def next_steps(speech: Speech, reason: Reason) -> tuple[str, ...]:
    """Return the next steps of a row, in the order of the rule's repair; always at least one."""
    if reason.whose == "platform":
        return (speech.say("nothing_to_do"),)
    if reason.state == "missing":
        return (speech.say("step", step=speech.say("missing_step")),)
    steps, deadline = [], _deadline(speech, reason)
    names = [name for name in speech.policy.rule_by_id[reason.rule].repair
             if _possible(speech, reason, name)]  # fmt: skip
    if deadline is not None:  # what shows in time comes first
        names.sort(key=lambda name: _shows_after(speech, reason, name) > deadline[0])
    for name in names:
        action = speech.policy.repair[name]
        days = _shows_after(speech, reason, name)
        lag = speech.say("lag", days=days) if days else ""
        if deadline is not None and days > deadline[0]:
            lag = speech.say("lag_late", days=days, date=speech.day(deadline[1]))
        aside = [part for part in (action.channel.get(speech.lang), lag) if part]
        text = action.texts[speech.lang]
        if aside:
            zh = speech.lang == "zh"
            text += f"（{'，'.join(aside)}）" if zh else f" ({', '.join(aside)})"
        steps.append(speech.say("step", step=text))
    if not steps:
        waits = reason.whose == "time" and reason.gate
        steps.append(speech.say("wait_only" if waits else "nothing_to_do"))
    return tuple(steps)


def _shows_after(speech: Speech, reason: Reason, name: str) -> int:
    """Return after how many days an action shows in the data, 0 where it does at once."""
    if name in _ANSWERED or _at_once(speech, reason, name):
        return 0
    return speech.policy.repair[name].lag_days


def _deadline(speech: Speech, reason: Reason) -> tuple[int, int] | None:
    """Return in how many days, and when (µs), a warning that a reason tells of comes true; None
    where the reason is no warning."""
    zone, day = speech.policy.zone, speech.recall.values.get("warned_day")
    if type(day) is not int or "limit_warning" not in events_behind(speech.policy, reason.rule):
        return None
    return day - zone.day(speech.decision.now), zone.midnight(day)


def own_step(speech: Speech, reason: Reason) -> str | None:
    """Return the first step of a reason's repair that ends it and is the borrower's own to take,
    None where there is none: waiting, asking for less, or asking somebody else."""
    if reason.whose != "borrower" or reason.state == "missing":
        return None
    names = speech.policy.rule_by_id[reason.rule].repair
    possible = (name for name in names if _possible(speech, reason, name))
    return next((name for name in possible if name not in _NOT_ONES_OWN), None)


def _possible(speech: Speech, reason: Reason, name: str) -> bool:
    """Return whether an action makes sense as things stand."""
    decision = speech.decision
    if name == "wait":
        # A hint holds nothing up, so there is nothing to wait for; nor is there where the same
        # page says that waiting does not help, unless it is for somebody's answer.
        return reason.gate and (reason.whose != "borrower" or reason.rule not in speech.standing)
    if name == "seek_hardship_help":
        return speech.recall.values.get("hardship_open") is not True  # asked already
    if name == "borrow_less":
        granted = reason.gate and decision.outcome is Outcome.APPROVE
        return decision.borrowable_now > 0 and not granted
    return name != "pay_down" or _owes(speech, reason.area)


def _at_once(speech: Speech, reason: Reason, name: str) -> bool:
    """Return whether what is paid shows at once: it is paid to us."""
    ours = speech.policy.rule_by_id[reason.rule].data.category == "contract"
    return ours and name in ("pay_down", "settle_overdue")


def _owes(speech: Speech, area: str) -> bool:
    """Return whether anything may be owed: on this line for its own rules, else anywhere."""
    values = speech.recall.values
    if values.get("exposure") != 0:
        return True
    elsewhere = [
        values[feature.name]
        for feature in speech.policy.book.base
        if feature.event == "external_debt" and feature.field in ("balance", "monthly_due")
    ]
    # What is not known may be owed, and what no feature tells is not known.
    return area != "line" and (not elsewhere or any(value != 0 for value in elsewhere))
