"""When: the time of the gates, and what waiting alone would bring."""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.decision.answer import EarliestYes, Outcome
from xindeng.decision.board import SEVERITY
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_behind
from xindeng.decision.words import LIGHT_WORDS


def waiting_lines(speech: Speech, earliest: EarliestYes | None, audience: str) -> Iterator[str]:
    """Yield what may be said about time: never a guess, and where exactly the boundary lies."""
    decision = speech.decision
    if decision.outcome is Outcome.APPROVE:
        return
    if decision.retry_at is not None:
        yield speech.say("retry_at", date=speech.until(decision.retry_at))
    elif decision.outcome is Outcome.RETRY_LATER and (earliest is None or earliest.at is None):
        yield speech.say("retry_unknown")
    if earliest is None:
        return
    if earliest.at is not None:
        yield from _yes_lines(speech, earliest, earliest.at)
        yield from _turns(speech, earliest, audience)
    elif decision.outcome in (Outcome.DECLINE, Outcome.APPROVE_LESS) and not decision.our_side:
        # A pause or our own side may end any day by somebody's hand; the rest needs an act.
        yield speech.say("no_yes", days=earliest.horizon_days)


def _turns(speech: Speech, earliest: EarliestYes, audience: str) -> Iterator[str]:
    """Yield the lights that get better. Worse ones only come of a life in which nothing happens;
    areas that withhold a reason do not tell by their light when it ends."""
    quiet = {rule.area for rule in speech.policy.rules if rule.whose == "withheld"}
    words = LIGHT_WORDS[speech.lang]
    for change in earliest.light_changes:
        better = SEVERITY[change.after] < SEVERITY[change.before]
        if better and (audience == "auditor" or change.area not in quiet):
            yield speech.say(
                "light_turns",
                date=speech.until(change.at),
                area=speech.area(change.area),
                before=words[change.before],
                after=words[change.after],
            )


def _yes_lines(speech: Speech, earliest: EarliestYes, at: int) -> Iterator[str]:
    yield speech.say(
        "yes_at",
        date=speech.until(at),
        amount=speech.money(earliest.amount or speech.decision.amount_asked),
        today=speech.day(earliest.asked_at),
    )
    zone = speech.policy.zone
    if zone.midnight(zone.day(at)) != at:
        return
    # Whole days are counted, so the change falls on midnight and not on the hour of the record.
    gates = [reason.rule for reason in speech.decision.reasons if reason.gate]
    enquiries = any("credit_inquiry" in events_behind(speech.policy, rule) for rule in gates)
    yield speech.say("boundary_inquiry" if enquiries else "boundary", day=speech.day(at))
