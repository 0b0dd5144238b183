"""`xindeng policy steer | set-stance`: move the stance by series, or by hand with a last day."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from xindeng.access.permit import permit
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
)
from xindeng.cli.proposals import AsOption, WhyOption, as_staff
from xindeng.cli.stance import SeriesOption, economy_of, iso, parse_day
from xindeng.kernel.errors import InputError
from xindeng.policy.stance_view import document
from xindeng.policy.stance_words import NAMES, stance_lines
from xindeng.service import steer as steering
from xindeng.service.engine import Engine, open_engine
from xindeng.service.stances import Stood, standings
from xindeng.service.steer import Steered

_DID: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "tightened": "已收紧", "proposed": "已提议放宽，待另一人批准", "waits": "放宽提议待批准",
        "lapsed": "人工设定到期，恢复原状", "reviewed": "已复核，不变", "stands": "不变",
        "by_hand": "人工设定，仍有效",
        "stood": "{segment}：{stance}，自 {since} 起，{by}{until}{review}", "person": "人工设定",
        "series": "按数据", "until": "，至 {day}", "review": "，最迟 {day} 复核",
        "start": "{segment}：{stance}，从未调整过",
        "approve": "批准：xindeng proposals approve {id} --as 姓名",
        "set": "{segment} 即刻起为{stance}，至 {until}",
    },
    "en": {
        "tightened": "tightened", "proposed": "loosening proposed, another person approves it",
        "waits": "a proposal to loosen waits", "lapsed": "what was set by hand ended",
        "reviewed": "looked at again, unchanged", "stands": "unchanged",
        "by_hand": "set by hand, still in force",
        "stood": "{segment}: {stance} since {since}, {by}{until}{review}", "person": "by hand",
        "series": "by series", "until": ", until {day}", "review": ", reviewed by {day}",
        "start": "{segment}: {stance}, as from the start",
        "approve": "xindeng proposals approve {id} --as NAME",
        "set": "{segment} is {stance} from now until {until}",
    },
}  # fmt: skip


def steer(
    series: SeriesOption = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="look, and change nothing")] = False,
    explain: Annotated[bool, typer.Option("--explain", help="every condition and series")] = False,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Have published series move the stance: tighten at once, propose to loosen, review."""
    if series is None:
        raise InputError("no series were named", where="--series", code="series.none",
                         next_step="name a folder or file with the monthly series")  # fmt: skip
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found = (steering.look if dry else steering.steer)(engine, economy_of(series, engine))
        if as_json:
            print_json([_plain(engine, one) for one in found])
            return
    for one in found:
        words = _DID[lang]
        out.print(f"{one.segment}: {words[one.did]}", markup=False)
        for line in stance_lines(one.view, lang, explain=explain):
            out.print(f"  {line}", markup=False)
        if one.proposal is not None:
            out.print(f"  {words['approve'].format(id=one.proposal)}", markup=False)


def set_stance(
    segment: Annotated[str, typer.Argument(help="a segment, or all")],
    stance: Annotated[str, typer.Argument(help="open neutral tight brake")],
    until: Annotated[str, typer.Option("--until", help="the day it ends, e.g. 2026-12-01")],
    name: AsOption,
    why: WhyOption,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Set a stance by hand until a day: at once if it is as strict, else another approves it."""
    words = _DID[lang]
    with as_staff(name, policy, home) as (engine, caller):
        permit(caller, "platform.change")
        day = parse_day(until, "--until")
        made = steering.set_by_hand(engine, segment, stance, day, why, by=caller.actor)
    if made is None:
        told = words["set"].format(segment=segment, stance=NAMES[lang][stance], until=until)
        out.print(told, markup=False)
    else:
        out.print(words["proposed"], markup=False)
        out.print(words["approve"].format(id=made.row.id), markup=False)


def show_standing(
    policy: str, home: str | None, on: str | None, lang: Lang, *, as_json: bool
) -> None:
    """Print how the platform itself stands, or stood on a day, segment by segment."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        today = engine.policy.zone.day(engine.clock())
        day = today if on is None else parse_day(on, "--on")
        found = standings(engine, day, on=day)
    if as_json:
        print_json({name: _stood(one) for name, one in found.items()})
        return
    words = _DID[lang]
    for name, one in found.items():
        if one.review_day is None and not one.reason:
            told = words["start"].format(segment=name, stance=NAMES[lang][one.stance])
            out.print(told, markup=False)
            continue
        line = words["stood"].format(
            segment=name, stance=NAMES[lang][one.stance], since=iso(one.since), by=words[one.by],
            until="" if one.until_day is None else words["until"].format(day=iso(one.until_day)),
            review="" if one.review_day is None
            else words["review"].format(day=iso(one.review_day)),
        )  # fmt: skip
        out.print(line, markup=False)
        if one.reason:
            out.print(f"  {one.reason}", markup=False)


def _plain(engine: Engine, one: Steered) -> dict[str, object]:
    return {"segment": one.segment, "did": one.did, "proposal": one.proposal,
            "stood": _stood(one.stood), "seen": document(one.view, engine.policy)}  # fmt: skip


def _stood(one: Stood) -> dict[str, object]:
    return {
        "stance": one.stance, "since": iso(one.since), "by": one.by, "reason": one.reason or None,
        "review_on": None if one.review_day is None else iso(one.review_day),
        "until": None if one.until_day is None else iso(one.until_day),
    }  # fmt: skip
