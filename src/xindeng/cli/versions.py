"""`xindeng policy versions | diff`: what became of each version, and how two of them differ."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
    report,
)
from xindeng.kernel.errors import XindengError
from xindeng.policy.bundle import load
from xindeng.policy.diff.compare import compare
from xindeng.policy.diff.words import diff_lines, document
from xindeng.policy.policy import content_hash
from xindeng.service.engine import open_engine
from xindeng.service.policies import named
from xindeng.service.versions import files_of, lives

_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "stored": "用过", "proposed": "待批准", "refused": "已否决",
        "approved": "已批准，未到生效时间", "in_force": "生效中",
        "superseded": "已被取代", "by": "{who} 于 {when} 提议",
        "judged_approved": "{who} 批准", "judged_refused": "{who} 否决", "from": "{when} 起生效",
        "tried": "回测报告 {digest}", "untried": "未附回测",
    },
    "en": {
        "stored": "decided", "proposed": "proposed", "refused": "refused",
        "approved": "approved, its time is to come", "in_force": "in force",
        "superseded": "superseded", "by": "proposed by {who} at {when}",
        "judged_approved": "approved by {who}", "judged_refused": "refused by {who}",
        "from": "in force from {when}", "tried": "backtest {digest}",
        "untried": "without a backtest",
    },
}  # fmt: skip


def versions(
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every version that ever decided, was published or proposed, and what became of it."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found, zone = lives(engine), engine.policy.zone
    if as_json:
        print_json(found)
        return
    words = _WORDS[lang]

    def when(at: int) -> str:
        return zone.local(at).strftime("%Y-%m-%d %H:%M")

    for one in found:
        since = "" if one.stored_at is None else f", {when(one.stored_at)}"
        out.print(f"{one.hash[:12]}  {words[one.state]}  {one.name}{since}", markup=False)
        for step in one.steps:
            told = [words["by"].format(who=step.author, when=when(step.made_at))]
            if step.judged_by is not None:
                told.append(words[f"judged_{step.state}"].format(who=step.judged_by))
            if step.effective_at is not None:
                told.append(words["from"].format(when=when(step.effective_at)))
            tried = step.backtest[:12]
            told.append(words["tried"].format(digest=tried) if tried else words["untried"])
            out.print("    " + ", ".join(told), markup=False)


def diff(
    before: Annotated[str, typer.Argument(help="a folder, a shipped policy, a hash, published")],
    after: Annotated[str, typer.Argument(help="the same; what is told is how it differs")],
    lang: LangOption = Lang.en,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how two versions differ, in rules and parameters; exit 0 same, 1 different, 2 trouble."""
    try:
        place = Path(home) if home else None
        a, b = files_of(before, place), files_of(after, place)
        found = compare(a, b, (before, after))
        with named(after):
            currency = load(b).currency
    except XindengError as error:
        report(error, as_json=as_json)
        raise typer.Exit(2) from None
    if as_json:
        hashes = {"before": content_hash(a), "after": content_hash(b)}
        told = [document(one, currency) for one in found]
        print_json(hashes | {"same": not found, "differences": told})
    else:
        for line in diff_lines(found, lang, currency):
            out.print(line, markup=False)
    raise typer.Exit(1 if found else 0)
