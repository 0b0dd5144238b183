"""What to do from here on, where to go, help in hard times, and the papers behind it all."""

from __future__ import annotations

from collections.abc import Iterator

from xindeng.repair.checkup.blocks import Block, Notice, Section, Table, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.say import Say

_MOST_SKIPPED = 20


def observe(say: Say) -> Section:
    """Return what to do and what to leave while time works."""
    do = tuple(f"✓ {say(f'do_{n}')}" for n in range(1, 6))
    dont = tuple(f"✗ {say(f'dont_{n}')}" for n in range(1, 5))
    return Section(
        name="observe",
        title=say("s_observe"),
        blocks=(
            Text(title=say("do_title"), lines=do),
            Text(title=say("dont_title"), lines=dont),
        ),
    )


def help_section(found: CheckUp, say: Say) -> Section | None:
    """Return the hardship way; None where it already stands first."""
    if found.has_income is False:
        return None
    lines = tuple(say(f"hardship_{n}") for n in (1, 2, 3))
    return Section(
        name="help",
        title=say("s_help"),
        blocks=(Text(lines=(*lines, say("hardship_4", lines=say.lines()))),),
    )


def ways(found: CheckUp, say: Say) -> Section:
    """Return how to get one's report, and the three ways to object with their clocks."""
    lines = (
        say("way_report", hours=say.parameter("own_report_hours"),
            free=say.parameter("own_report_free_a_year")),
        say("way_dispute", days=found.terms.dispute_days),
        say("way_appeal"),
        say("way_complaint", lines=say.lines()),
        say("way_support"),
        say("way_legal", legal=say.parameter("legal_aid_line")),
    )  # fmt: skip
    return Section(name="ways", title=say("s_ways"), blocks=(Text(lines=lines),))


def papers(found: CheckUp, say: Say) -> Section:
    """Return what was read of each paper, what was left out and why, and what was assumed."""
    return Section(name="papers", title=say("s_papers"), blocks=tuple(_papers(found, say)))


def _papers(found: CheckUp, say: Say) -> Iterator[Block]:
    read = say.papers.papers
    yield Table(
        caption=say("p_caption"),
        head=say.head("p_head"),
        rows=tuple(
            (one.name, f"{one.understood:,}", f"{len(one.skipped):,}", " · ".join(one.notes))
            for one in read
        ),
        numbers=(1, 2),
    )
    for one in read:
        if one.skipped:
            more = len(one.skipped) - _MOST_SKIPPED
            yield Table(
                caption=say("p_skipped_caption", file=one.name),
                head=say.head("p_skipped_head"),
                rows=tuple((str(line), why) for line, why in one.skipped[:_MOST_SKIPPED]),
                numbers=(0,),
                note=say("p_more", count=f"{more:,}") if more > 0 else "",
                folded=True,
            )
    missing = say.papers.missing()
    if missing:
        names = say.joined([say(f"paper_{kind}") for kind in missing])
        yield Notice(lines=(say("p_missing", papers=names),))
    until = "" if found.since.until is None else say.day_of(found.since.until)
    assumed = tuple(f"· {say(f'a_{name}', until=until)}" for name in found.assumed)
    yield Text(lines=(say("a_lead"), *assumed))
