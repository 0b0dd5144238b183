"""The whole report of a check-up, in the order in which a person should read it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xindeng.decision.words import Language
from xindeng.events.envelope import Event
from xindeng.policy.policy import Policy
from xindeng.repair.checkup import advice, flow, overview, reasons, record
from xindeng.repair.checkup.blocks import Report, Section
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.papers import Papers
from xindeng.repair.checkup.say import Say


def report_of(
    policy: Policy,
    found: CheckUp,
    lang: Language,
    *,
    papers: Papers,
    events: Iterable[Event] = (),
    headline: Sequence[str] = (),
    middle: Sequence[Section] = (),
    after: Sequence[Section | None] = (),
) -> Report:
    """Return the report in one language; `middle` are the sections on debts, plan and time,
    `after` those on other ways and the emergency fund.

    `headline` are the sentences that stand above all; `events` are the person's own, for the
    review of spending.
    """
    say = Say(policy, lang, found.now, papers)
    parts = (
        overview.first(found, say, headline),
        overview.overview(found, say),
        overview.figures(found, say),
        overview.ranges(found, say),
        reasons.reasons(found, say),
        *middle,
        record.record(found, say),
        flow.flows(found, say),
        flow.spending(found, say, events) if found.flows.first_day is not None else None,
        *after,
        advice.observe(say),
        advice.help_section(found, say),
        advice.ways(found, say),
        advice.papers(found, say),
    )
    return Report(
        lang=lang,
        title=say("title"),
        day=say.day(say.today),
        lead=overview.lead(found, say),
        sections=tuple(part for part in parts if part is not None),
    )
