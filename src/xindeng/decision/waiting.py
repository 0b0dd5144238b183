"""When: the time of the gates, and what waiting alone would bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from xindeng.decision.answer import EarliestYes, Outcome
from xindeng.decision.board import SEVERITY
from xindeng.decision.dates import is_review, retry_line
from xindeng.decision.speech import Speech
from xindeng.decision.steps import own_step
from xindeng.decision.trace import events_behind
from xindeng.decision.words import LIGHT_WORDS

_HELP: Final = "seek_hardship_help"


def waiting_lines(speech: Speech, earliest: EarliestYes | None, audience: str) -> Iterator[str]:
    """Yield what may be said about time: never a guess, and where exactly the boundary lies."""
    decision = speech.decision
    if decision.outcome is Outcome.APPROVE:
        return
    silent = earliest is None or _help_first(speech)
    undated = earliest is None or earliest.at is None
    settled = () if earliest is None or silent else what_settles(speech, earliest, audience)
    if earliest is not None and earliest.at is not None and not silent:
        yield from _sooner(speech)
    if decision.retry_at is not None:
        line = retry_line(speech, decision.retry_at)
        if line:
            yield line
    elif decision.outcome is Outcome.RETRY_LATER and undated and not settled:
        yield speech.say("retry_unknown")
    if earliest is None or silent:
        return
    if earliest.at is not None:
        yield from _yes_lines(speech, earliest, earliest.at)
        yield from _tied(speech, earliest.at)
        yield from _turns(speech, earliest, audience)
        return
    yield from settled
    if decision.outcome in (Outcome.DECLINE, Outcome.APPROVE_LESS) and not decision.our_side:
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
    if still and not earliest.later:
        yield speech.say("gates_stand", areas=_listed(speech, still))
    elif shut and not still:
        yield speech.say("gates_arise", areas=_listed(speech, shut))
    if opened:
        yield speech.say(f"assumed_{earliest.assumed}")


def what_settles(speech: Speech, earliest: EarliestYes, audience: str) -> tuple[str, ...]:
    """Return what ends all that stands in the way: a step of one's own, a day to come, or both;
    nothing where that is not known of every gate, or where a smaller amount passes as it is."""
    rules = [speech.policy.rule_by_id[rule] for rule in earliest.standing]
    if earliest.at is not None or not rules:
        return ()
    if speech.decision.outcome is Outcome.APPROVE_LESS:
        return ()
    if audience != "auditor" and any(rule.whose in ("platform", "withheld") for rule in rules):
        return ()
    own = [rule for rule in rules if rule.id not in speech.later]
    gates = {reason.rule: reason for reason in speech.decision.reasons if reason.gate}
    steps = [own_step(speech, gates[rule.id]) for rule in own if rule.id in gates]
    if len(steps) < len(own) or None in steps:
        return ()
    named = list(dict.fromkeys(step for step in steps if step is not None))
    lag = max((speech.policy.repair[name].lag_days for name in named), default=0)
    said = _named(speech, named)
    at = max((speech.later[rule.id] for rule in rules if rule.id in speech.later), default=None)
    if at is None and earliest.cleared:
        opens = speech.until(max(end.at for end in earliest.cleared))
        return (speech.say("step_and_time", steps=said, date=opens),)
    if at is None:
        return (speech.say("by_step" if lag else "by_step_now", steps=said, days=lag),)
    first = () if not named else (speech.say("step_first", steps=said),)
    return (*first, speech.say("only_time", date=speech.until(at)))


def _named(speech: Speech, names: Iterable[str]) -> str:
    """Return actions within a sentence."""
    texts = [speech.policy.repair[name].texts[speech.lang] for name in names]
    if speech.lang == "zh":
        return "、".join(texts)
    return ", ".join(text[:1].lower() + text[1:] for text in texts)


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
        since = "" if shown[change.area] is change.before else _since(speech, change.area)
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


def _since(speech: Speech, area: str) -> str:
    """Return how an area that was fine came to be not: by the pause that this answer places, or
    by its being counted."""
    policy, columns = speech.policy, speech.policy.compiled.conditions
    told = [
        policy.line.kinds[order.kind].title[speech.lang]
        for order in speech.decision.holds_to_place
        if order.mode != "monitor" and order.kind in policy.line.kinds
    ]
    held = {rule.area for rule in policy.rules if "block_hold" in columns[rule.id].columns}
    if told and area in held:
        return speech.say("light_paused", title=told[0])
    return speech.say("light_since")


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


def _sooner(speech: Speech) -> Iterator[str]:
    """Yield what spares one the wait, where each gate has a step of the borrower's own."""
    steps = [own_step(speech, reason) for reason in speech.decision.reasons if reason.gate]
    named = list(dict.fromkeys(step for step in steps if step is not None))
    if named and None not in steps:
        yield speech.say("sooner", steps=_named(speech, named))


def _tied(speech: Speech, at: int) -> Iterator[str]:
    """Yield how the day of the yes and that of the review belong together, where both are told."""
    review = speech.decision.retry_at
    if review is None or review == at or not is_review(speech, review):
        return
    key = "review_later" if at < review else "review_before"
    yield speech.say(key, date=speech.until(at), review=speech.until(review))


def _boundary(speech: Speech, earliest: EarliestYes, at: int) -> str:
    """Return what the midnight of the yes is about: whole days are counted, not the hour of a
    record."""
    gates = [reason.rule for reason in speech.decision.reasons if reason.gate]
    last = [end.rule for end in earliest.cleared if end.at == at] or gates
    behind = {event for rule in last for event in events_behind(speech.policy, rule)}
    if "credit_inquiry" in behind:
        return "boundary_inquiry"
    return "boundary" if "loan_application" in behind else "boundary_day"
