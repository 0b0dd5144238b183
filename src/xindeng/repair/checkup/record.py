"""The credit report in a check-up: each finding, and the days on which entries leave."""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.decision.answer import Light
from xindeng.repair.checkup.blocks import Block, Entries, Entry, Notice, Section, Table, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.say import Say
from xindeng.repair.review.findings import Finding, Review
from xindeng.repair.review.tell import Teller
from xindeng.repair.review.words import PAID_HELP, REASONS


def record(found: CheckUp, say: Say) -> Section:
    """Return the section on the credit report, or what would have told."""
    if found.review is None:
        blocks: tuple[Block, ...] = (Text(lines=(say("r_none"),)),)
    else:
        blocks = tuple(_blocks(found, found.review, say))
    return Section(name="report", title=say("s_report"), blocks=blocks)


def _blocks(found: CheckUp, review: Review, say: Say) -> Iterator[Block]:
    teller = Teller(found.terms, say.lang, say.policy.zone, say.policy.currency)
    source = next((one.source for one in review.findings), "—")
    form = say(f"r_format_{review.format}")
    yield Text(lines=(say("r_of", day=say.day(review.report_day), format=form, source=source),))
    weighty = [one for one in review.findings if one.kind != "good"]
    fine = [one for one in review.findings if one.kind == "good"]
    if weighty:
        yield Entries(items=tuple(_entry(one, teller, say) for one in weighty))
    if fine:
        yield Entries(
            items=tuple(_entry(one, teller, say) for one in fine),
            folded=say("r_good", count=len(fine)),
        )
    gone = [one for one in weighty if one.gone_on is not None]
    if gone:
        yield Table(
            caption=say("r_gone_caption"),
            head=say.head("r_gone_head"),
            rows=tuple(
                (one.record, teller.tell(one).title, _left(one.gone_on or 0, say)) for one in gone
            ),
        )
    yield from _enquiries(review, say)
    yield Text(lines=(say("r_dispute", days=found.terms.dispute_days),))
    yield Notice(lines=(PAID_HELP[say.lang],), tone="warning")


def _entry(finding: Finding, teller: Teller, say: Say) -> Entry:
    told = teller.tell(finding)
    key = "r_source" if finding.record else "r_source_plain"
    return Entry(
        light=finding.light,
        word=say.light(finding.light),
        title=told.title,
        lines=tuple(line for line in (told.meaning, told.when) if line),
        source=say(key, source=finding.source, record=finding.record),
        steps=(told.step,) if told.step else (),
    )


def _enquiries(review: Review, say: Say) -> Iterator[Table]:
    """Yield when each approval enquiry leaves the windows of the policy, and the report."""
    hard = [one for one in review.enquiries if one.hard]
    windows = sorted(review.counts)
    if not hard or len(windows) != len(say.head("r_enq_head")) - 5:
        return
    yield Table(
        caption=say("r_enq_caption"),
        head=say.head("r_enq_head"),
        rows=tuple(
            (
                one.record,
                say.day(one.day),
                one.lender,
                REASONS[say.lang][one.reason],
                *(_left(one.leaves[days], say) for days in windows),
                _left(one.gone_on, say),
            )
            for one in hard
        ),
        note=say("r_enq_note"),
        folded=len(hard) > 12,
    )


def _left(day: int, say: Say) -> str:
    """Return the day on which a record leaves, or that it has left."""
    return say("r_left") if day <= say.today else say.day(day)


def weigh(review: Review) -> Light:
    """Return the worst light of a review's findings."""
    return review.findings[0].light if review.findings else Light.NO_DATA
