"""When: the time of the gates, and what waiting alone would bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from xindeng.decision.answer import EarliestYes, Outcome
from xindeng.decision.board import SEVERITY
from xindeng.decision.dates import retry_line
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_behind
from xindeng.decision.words import LIGHT_WORDS

_HELP: Final = "seek_hardship_help"


def waiting_lines(speech: Speech, earliest: EarliestYes | None, audience: str) -> Iterator[str]:
    """Yield what may be said about time: never a guess, and where exactly the boundary lies."""
    decision = speech.decision
    if decision.outcome is Outcome.APPROVE:
        return
    if decision.retry_at is not None:
        line = retry_line(speech, decision.retry_at)
        if line:
            yield line
    elif decision.outcome is Outcome.RETRY_LATER and (earliest is None or earliest.at is None):
        yield speech.say("retry_unknown")
    if earliest is None or _help_first(speech):
        return
    if earliest.at is not None:
        yield from _yes_lines(speech, earliest, earliest.at)
        yield from _turns(speech, earliest, audience)
    elif decision.outcome in (Outcome.DECLINE, Outcome.APPROVE_LESS) and not decision.our_side:
        # A pause or our own side may end any day by somebody's hand; the rest needs an act.
        yield from _no_lines(speech, earliest, audience)


def _help_first(speech: Speech) -> bool:
    """Return whether help is what comes first: then no date of waiting is any comfort."""
    rules = speech.policy.rule_by_id
    gates = (rules[reason.rule] for reason in speech.decision.reasons if reason.gate)
    return any(rule.repair[:1] == (_HELP,) for rule in gates)


def _no_lines(speech: Speech, earliest: EarliestYes, audience: str) -> Iterator[str]:
    """Yield that there is no date, which gates open by themselves, and which do not."""
    amount = speech.money(speech.decision.amount_asked)
    yield speech.say("no_yes", days=earliest.horizon_days, amount=amount)
    gates = [reason.rule for reason in speech.decision.reasons if reason.gate]
    shut = _areas(speech, earliest.standing, audience)
    # An area in which one gate has taken another's place never opened.
    still = [area for area in _areas(speech, gates, audience) if area in shut]
    opens: dict[str, int] = {}
    for end in earliest.cleared:
        for area in _areas(speech, [end.rule], audience):
            opens[area] = end.at  # an area opens with the last of its gates
    opened = [(at, area) for area, at in opens.items() if area not in shut]
    for at, area in sorted(opened):
        yield speech.say("gate_opens", date=speech.until(at), area=area)
    if still:
        yield speech.say("gates_stand", areas=_listed(speech, still))
    elif shut:
        yield speech.say("gates_arise", areas=_listed(speech, shut))
    if opened:
        yield speech.say(f"assumed_{earliest.assumed}")


def _areas(speech: Speech, rules: Iterable[str], audience: str) -> list[str]:
    """Return the titles of the rules' areas, each once; ours and what is withheld stay untold."""
    kept = [speech.policy.rule_by_id[rule] for rule in rules]
    if audience != "auditor":
        kept = [rule for rule in kept if rule.whose not in ("platform", "withheld")]
    return list(dict.fromkeys(speech.area(rule.area) for rule in kept))


def _listed(speech: Speech, names: Iterable[str]) -> str:
    return ("”“" if speech.lang == "zh" else "” and “").join(names)


def _turns(speech: Speech, earliest: EarliestYes, audience: str) -> Iterator[str]:
    """Yield the lights that get better. Worse ones only come of a life in which nothing happens;
    areas that withhold a reason do not tell by their light when it ends."""
    quiet = {rule.area for rule in speech.policy.rules if rule.whose == "withheld"}
    words, shown = LIGHT_WORDS[speech.lang], dict(speech.decision.lights)
    for change in earliest.light_changes:
        since = "" if shown[change.area] is change.before else speech.say("light_since")
        shown[change.area] = change.after
        better = SEVERITY[change.after] < SEVERITY[change.before]
        if better and (audience == "auditor" or change.area not in quiet):
            yield speech.say(
                "light_turns",
                date=speech.until(change.at),
                area=speech.area(change.area),
                before=words[change.before],
                after=words[change.after],
                since=since,
            )


def _yes_lines(speech: Speech, earliest: EarliestYes, at: int) -> Iterator[str]:
    yield speech.say(
        "yes_at",
        date=speech.until(at),
        amount=speech.money(earliest.amount or speech.decision.amount_asked),
        today=speech.day(earliest.asked_at),
    )
    yield speech.say(f"assumed_{earliest.assumed}")
    zone = speech.policy.zone
    if zone.midnight(zone.day(at)) == at:
        yield speech.say(_boundary(speech, earliest, at), day=speech.day(at))


def _boundary(speech: Speech, earliest: EarliestYes, at: int) -> str:
    """Return what the midnight of the yes is about: whole days are counted, not the hour of a
    record."""
    gates = [reason.rule for reason in speech.decision.reasons if reason.gate]
    last = [end.rule for end in earliest.cleared if end.at == at] or gates
    behind = {event for rule in last for event in events_behind(speech.policy, rule)}
    if "credit_inquiry" in behind:
        return "boundary_inquiry"
    return "boundary" if "loan_application" in behind else "boundary_day"
