"""`xindeng proposals`: what no one person does alone, proposed by one and judged by another."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from xindeng.access import staff
from xindeng.access.caller import Caller
from xindeng.access.permit import permit
from xindeng.cli.borrower import BorrowerArgument
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    Lang,
    LangOption,
    PolicyOption,
    out,
    print_json,
)
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import Zone
from xindeng.policy.bundle import load
from xindeng.policy.policy import content_hash
from xindeng.service import changes, proposals
from xindeng.service.changes import Change
from xindeng.service.engine import Engine, open_engine, system_clock
from xindeng.service.limiter import Limiter
from xindeng.service.policies import read_bundle
from xindeng.service.proposals import Proposal, Verdict
from xindeng.service.versions import backtest_digest, files_of

app = typer.Typer(
    help="four eyes: publish, raise a limit, release a hold, post by hand", no_args_is_help=True
)

AsOption = Annotated[
    str, typer.Option("--as", help="who you are; the password is asked for, or XINDENG_PASSWORD")
]
WhyOption = Annotated[str, typer.Option("--why", help="the reason, which the other person reads")]
DespiteOption = Annotated[
    str, typer.Option("--despite", help="why it is to decide although cases of its own fail")
]
ProposalArgument = Annotated[str, typer.Argument(help="the proposal's id")]
_WORDS: Final[dict[str, dict[str, str]]] = {
    "zh": {
        "proposed": "已提议 {id}，待另一人批准：",
        "approve": "xindeng proposals approve {id} --as 姓名",
        "one": "{id}  {state}  {kind}{about}，{author} 提议：{why}", "gone": "（已删除）",
        "despite": "    虽有用例未通过：{why}",
        "open": "待批准", "approved": "已批准", "refused": "已否决", "expired": "已过期",
        "publish": "发布策略", "run_challenger": "试行挑战者策略", "set_stance": "设定姿态",
        "raise_limit": "提高额度", "release_hold": "提前结束暂停", "post_by_hand": "手工记账",
        "erase": "删除个人信息",
    },
    "en": {
        "proposed": "proposed {id}; another person approves it:",
        "approve": "xindeng proposals approve {id} --as NAME",
        "one": "{id}  {state}  {kind}{about}, by {author}: {why}", "gone": "(erased)",
        "despite": "    although cases fail: {why}",
    },
}  # fmt: skip
Fen = Annotated[int, typer.Option(min=0, help="minor units (fen)")]


@app.command()
def publish(
    bundle: Annotated[str, typer.Argument(help="a shipped policy's name, or a bundle's directory")],
    name: AsOption,
    why: WhyOption,
    first: Annotated[
        str | None, typer.Option("--from", help="the day from which on, e.g. 2026-12-01")
    ] = None,
    backtest: Annotated[
        Path | None,
        typer.Option(
            "--backtest", help="the .json of the backtest it was tried with; its hash is kept"
        ),
    ] = None,
    despite: DespiteOption = "",
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose to put a policy in force, at once or from a day on; servers that run with --policy
    published take it up by themselves."""
    bytes_ = read_bundle(bundle)
    at = _from(load(bytes_).zone, first)  # loads it before its bytes are taken for text
    files = {path: text.decode() for path, text in bytes_.items()}
    tried = "" if backtest is None else backtest_digest(backtest, bytes_)
    change = changes.Publish(files=files, effective_at=at, backtest=tried, despite=despite)
    propose_change(change, name, why, policy, home, lang)


def roll_back(
    version: Annotated[str, typer.Argument(help="the hash of a stored version, 6 digits or more")],
    name: AsOption,
    why: WhyOption,
    first: Annotated[
        str | None, typer.Option("--from", help="the day from which on, e.g. 2026-12-01")
    ] = None,
    despite: DespiteOption = "",
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose that an older version decides again."""
    files = files_of(version, _path(home))
    at = _from(load(files).zone, first)
    change = changes.Publish(version=content_hash(files), effective_at=at, despite=despite)
    propose_change(change, name, why, policy, home, lang)


@app.command("raise-limit")
def raise_limit(
    borrower: BorrowerArgument,
    amount: Annotated[str, typer.Argument(help="the new limit, e.g. 20,000")],
    name: AsOption,
    why: WhyOption,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose to raise the limit of a line."""
    change = changes.RaiseLimit(borrower=borrower, limit=Money.parse(amount).minor)
    propose_change(change, name, why, policy, home, lang)


@app.command("release-hold")
def release_hold(
    borrower: BorrowerArgument,
    hold: Annotated[str, typer.Argument(help="the hold's id; see: xindeng line show")],
    name: AsOption,
    why: WhyOption,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose to end a hold by hand."""
    change = changes.ReleaseHold(borrower=borrower, hold=hold)
    propose_change(change, name, why, policy, home, lang)


@app.command()
def post(
    borrower: BorrowerArgument,
    loan: Annotated[str, typer.Argument(help="the loan's id; see: xindeng line show")],
    name: AsOption,
    why: WhyOption,
    write_off: Annotated[bool, typer.Option("--write-off", help="all that is owed")] = False,
    interest: Fen = 0,
    penalty: Fen = 0,
    fee: Fen = 0,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose to forgive interest, penalty or fees of a loan, or to write it off."""
    change = changes.PostByHand(
        borrower=borrower, loan=loan, what="write_off" if write_off else "waive",
        interest=interest, penalty=penalty, fee=fee,
    )  # fmt: skip
    propose_change(change, name, why, policy, home, lang)


@app.command("list")
def list_command(
    every: Annotated[bool, typer.Option("--all", help="judged and expired ones too")] = False,
    lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what waits to be judged, oldest first."""
    with open_engine(policy, home=_path(home)) as engine:
        found = proposals.listed(engine, waiting=not every)
    if as_json:
        print_json([_plain(one) for one in found])
        return
    words = _WORDS[lang]
    for one in found:
        row = one.row
        told = words["one"].format(
            id=row.id, state=words.get(one.state, one.state), kind=words.get(row.kind, row.kind),
            about=f" {row.borrower}" if row.borrower else "", author=row.author,
            why=words["gone"] if one.why is None else one.why,
        )  # fmt: skip
        out.print(told, markup=False)
        if isinstance(one.change, changes.Bundled) and one.change.despite:
            out.print(words["despite"].format(why=one.change.despite), markup=False)


@app.command()
def approve(
    proposal: ProposalArgument, name: AsOption, lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line", home: HomeOption = None,
) -> None:  # fmt: skip
    """Approve what somebody else proposed, which carries it out."""
    judge_proposal(proposal, "approved", name, policy, home, lang)


@app.command()
def refuse(
    proposal: ProposalArgument, name: AsOption, lang: LangOption = Lang.en,
    policy: PolicyOption = "consumer_line", home: HomeOption = None,
) -> None:  # fmt: skip
    """Refuse what somebody else proposed."""
    judge_proposal(proposal, "refused", name, policy, home, lang)


def propose_change(
    change: Change, name: str, why: str, policy: str, home: str | None, lang: Lang = Lang.en
) -> None:
    """Propose a change as a member of staff and say how another one approves it."""
    with as_staff(name, policy, home) as (engine, caller):
        permit(caller, f"proposal.{changes.kind_of(change)}")
        made = proposals.propose(engine, change, why=why, by=caller.actor)
    for line in ("proposed", "approve"):
        out.print(_WORDS[lang][line].format(id=made.row.id), markup=False)


def judge_proposal(
    ident: str, verdict: Verdict, name: str, policy: str, home: str | None, lang: Lang = Lang.en
) -> None:
    """Approve or refuse a proposal as a member of staff and say what was done."""
    with as_staff(name, policy, home) as (engine, caller):
        permit(caller, "proposal.judge")
        found = proposals.judge(engine, ident, verdict, by=caller.actor)
    words, kind = _WORDS[lang], found.row.kind
    out.print(f"{words.get(verdict, verdict)} {words.get(kind, kind)} {ident}", markup=False)


@contextmanager
def as_staff(name: str, policy: str, home: str | None) -> Iterator[tuple[Engine, Caller]]:
    """Yield the engine and the member of staff, who has proven to be the one named."""
    password = os.environ.get("XINDENG_PASSWORD") or typer.prompt("password", hide_input=True)
    with open_engine(policy, home=_path(home)) as engine:
        guard = Limiter(engine.store, engine.clock, staff.GUESSES_PER_HOUR, "sign-ins")
        yield engine, staff.identify(engine, guard, name, password)


def _from(zone: Zone, first: str | None) -> int:
    """Return from when on (µs), 0 for at once; raises InputError for no date or a day gone by."""
    if first is None:
        return 0
    try:
        at = zone.parse(first)
    except InputError as error:
        raise InputError(error.what, where="--from", next_step=error.next_step) from error
    changes.check_from(at, zone, system_clock(), "--from")
    return at


def _plain(one: Proposal) -> dict[str, object]:
    row = one.row
    return {
        "id": row.id, "state": one.state, "kind": row.kind, "borrower": row.borrower,
        "author": row.author, "made_at": row.made_at, "expires_at": row.expires_at,
        "judged_by": row.judged_by, "why": one.why,
        "despite": one.change.despite if isinstance(one.change, changes.Bundled) else "",
    }  # fmt: skip


def _path(home: str | None) -> Path | None:
    return Path(home) if home else None
