"""`xindeng challenger`: policies tried beside the one in force, and how they compare with it."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from xindeng.access.permit import permit
from xindeng.cli.output import HomeOption, JsonOption, PolicyOption, out, print_json
from xindeng.cli.proposals import (
    AsOption,
    DespiteOption,
    ProposalArgument,
    WhyOption,
    as_staff,
    judge_proposal,
    propose_change,
)
from xindeng.cli.render import yuan
from xindeng.kernel.errors import NotFoundError
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.service import challengers, lots
from xindeng.service.arms import Challenger
from xindeng.service.challenger_report import EXAMPLES, Comparison, Swap, compare
from xindeng.service.challenger_terms import BUCKETS, Terms, read_rails
from xindeng.service.changes import RunChallenger
from xindeng.service.engine import open_engine
from xindeng.service.guard_rails import said
from xindeng.service.policies import read_bundle

app = typer.Typer(
    help="challengers: policies tried beside the one in force, in the shadow or on a share of "
    "borrowers, until a guard rail stops them",
    no_args_is_help=True,
)
NameArgument = Annotated[str, typer.Argument(help="the challenger's name")]


@app.command()
def propose(
    name: NameArgument,
    bundle: Annotated[str, typer.Argument(help="the challenger's bundle, a directory")],
    who: AsOption,
    why: WhyOption,
    live: Annotated[
        bool, typer.Option("--live", help="it decides for its share; else it is a shadow")
    ] = False,
    share: Annotated[
        int | None,
        typer.Option(min=1, max=BUCKETS, help="per mille of borrowers: all for a shadow, 50 live"),
    ] = None,
    segment: Annotated[str, typer.Option(help="only borrowers of this segment")] = "",
    days: Annotated[int, typer.Option(min=1, max=366, help="it ends by itself after")] = 30,
    rails: Annotated[
        Path | None, typer.Option(help="guard rails, a YAML list; else those that ship")
    ] = None,
    despite: DespiteOption = "",
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:
    """Propose a challenger to the policy in force; another person approves it."""
    bytes_ = read_bundle(bundle)
    load(bytes_)  # before its bytes are taken for text
    files = {path: text.decode() for path, text in bytes_.items()}
    terms = Terms(
        mode="live" if live else "shadow", share=share or (50 if live else BUCKETS),
        segment=segment, days=days,
        rails=challengers.bounds().rails if rails is None
        else read_rails(rails.read_bytes(), str(rails)),
    )  # fmt: skip
    change = RunChallenger(name=name, files=files, terms=terms, despite=despite)
    propose_change(change, who, why, policy, home)


@app.command()
def approve(
    proposal: ProposalArgument, who: AsOption, policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:  # fmt: skip
    """Approve a challenger that somebody else proposed: it runs from the next draw on."""
    judge_proposal(proposal, "approved", who, policy, home)


@app.command()
def stop(
    name: NameArgument, who: AsOption, why: WhyOption, policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
) -> None:  # fmt: skip
    """Stop a challenger: from the next draw on the policy in force decides for everybody."""
    with as_staff(who, policy, home) as (engine, caller):
        permit(caller, "challenger.stop")
        row = challengers.stop(engine, name, why=why, by=caller.actor).row
    out.print(f"{row.name} ended by {row.ended_by}: {row.why_ended}", markup=False)


@app.command("list")
def list_command(
    every: Annotated[bool, typer.Option("--all", help="ended ones too")] = False,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the challengers that run, oldest first."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found, here = challengers.listed(engine, every=every), engine.policy
    if as_json:
        print_json([plain(one) for one in found])
        return
    for one in found:
        out.print(_line(one, here), markup=False)


@app.command()
def show(
    name: NameArgument,
    examples: Annotated[int, typer.Option(min=0, max=100, help="of each swap")] = EXAMPLES,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show champion and challenger side by side, on the draws that both decided."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found = compare(engine, name, examples=examples)
        here = engine.policy
    if as_json:
        print_json(_document(found))
        return
    _print(found, here)


@app.command()
def learning(
    policy: PolicyOption = "consumer_line", home: HomeOption = None, as_json: JsonOption = False
) -> None:
    """Show what the policy's test-and-learn arm has at stake, against its budget."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        arm, currency = engine.policy.learning, engine.policy.currency
        if arm is None:
            raise NotFoundError(
                "this policy has no test-and-learn arm",
                where="learning.yaml",
                next_step="add one as in docs/reference/policy.md",
                code="not_found.learning",
            )
        with engine.store.snapshot() as conn:
            found = lots.stake(engine, conn, arm.salt)
    if as_json:
        print_json({"salt": arm.salt, "budget": arm.budget, "stake": found})
        return
    out.print(
        f"{arm.salt}: {found.approvals:,} approved by lot, {found.loans:,} lent; "
        f"lost {yuan(found.lost, currency)}, at stake {yuan(found.owed, currency)}, "
        f"budget {yuan(arm.budget, currency)}",
        markup=False,
    )


def plain(one: Challenger) -> dict[str, Any]:
    """Return a challenger as a document; instants in µs."""
    row = one.row
    return {
        "name": row.name, "champion": row.champion, "policy": row.policy, "terms": one.terms,
        "started_at": row.started_at, "ends_at": row.ends_at, "proposal": row.proposal,
        "author": row.author, "approved_by": row.approved_by, "ended_at": row.ended_at,
        "ended_by": row.ended_by, "why_ended": row.why_ended,
    }  # fmt: skip


def _document(found: Comparison) -> dict[str, Any]:
    return {
        "challenger": plain(found.challenger), "both": found.both, "acted": found.acted,
        "failures": dict(found.failures), "champion_says": found.champion_says,
        "challenger_says": found.challenger_says, "swap_in": found.swap_in,
        "swap_out": found.swap_out, "reasons": found.reasons, "micros": found.micros,
        "rails": found.rails,
    }  # fmt: skip


def _line(one: Challenger, here: Policy) -> str:
    row, terms, zone = one.row, one.terms, here.zone
    state = f"until {zone.local(row.ends_at):%Y-%m-%d %H:%M}" if one.running else (
        f"ended {zone.local(row.ended_at or 0):%Y-%m-%d %H:%M} by {row.ended_by}: {row.why_ended}"
    )  # fmt: skip
    if one.running and row.champion != here.hash:
        state = "idle here: its champion is not the policy of this process (--policy)"
    whom = f"{terms.share / 10:g} %" + (f" of {terms.segment}" if terms.segment else "")
    return (
        f"{row.name}  {terms.mode} {whom}  {row.policy[:12]} against {row.champion[:12]}  {state}"
    )


def _print(found: Comparison, here: Policy) -> None:
    one, currency = found.challenger, here.currency
    out.print(_line(one, here), markup=False)
    out.print(
        f"proposed by {one.row.author}, approved by {one.row.approved_by}; {found.both:,} draws "
        f"decided by both, {found.acted:,} of them by the challenger for real, "
        f"{found.failed:,} failed",
        markup=False,
    )
    out.print(_sides(found, currency))
    for title, swap in (("swapped in", found.swap_in), ("swapped out", found.swap_out)):
        _print_swap(title, swap, currency)
    for moved in found.reasons[:10]:
        out.print(
            f"reason {moved.reason}: {moved.champion:,} → {moved.challenger:,} draws", markup=False
        )
    if found.micros is not None:
        p50, p99 = (value / 1_000 for value in found.micros)
        out.print(f"challenger decides in {p50:.2f} ms (median), {p99:.2f} ms (p99)")
    for reading in found.rails:
        mark = "■" if reading.hit else "●"
        out.print(f"{mark} {said(reading)}", markup=False)


def _sides(found: Comparison, currency: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("", "champion", "challenger"):
        table.add_column(title, justify="left" if not title else "right")
    both, sides = max(found.both, 1), (found.champion_says, found.challenger_says)
    table.add_row("approved", *(f"{s.approved:,} ({s.approved / both:.1%})" for s in sides))
    table.add_row("to a person", *(f"{s.reviewed:,} ({s.reviewed / both:.1%})" for s in sides))
    table.add_row("offered", *(yuan(s.offered, currency) for s in sides))
    outcomes: Counter[str] = Counter()
    for side in sides:
        outcomes += side.outcomes
    for outcome, _ in outcomes.most_common():
        table.add_row(f"  {outcome}", *(f"{s.outcomes[outcome]:,}" for s in sides))
    return table


def _print_swap(title: str, swap: Swap, currency: str) -> None:
    out.print(f"{title}: {swap.count:,} draws, {yuan(swap.amount, currency)}", markup=False)
    for one in swap.examples:
        out.print(
            f"  {one.decision}  {one.champion} {yuan(one.champion_amount, currency)} → "
            f"{one.challenger} {yuan(one.amount, currency)}",
            markup=False,
        )
