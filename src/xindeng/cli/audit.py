"""The audit: seal what happened, and prove that nothing was changed since."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Annotated

import typer

from xindeng.adapters.anchor import ANCHOR, FileAnchor
from xindeng.cli.output import (
    HomeOption,
    JsonOption,
    PolicyOption,
    err,
    out,
    print_json,
    progress,
)
from xindeng.service import audit, sealing
from xindeng.service.engine import Engine, open_engine
from xindeng.store.paths import default_home

app = typer.Typer(
    help="the audit: chains, seals, and the anchor outside the database", no_args_is_help=True
)
AnchorOption = Annotated[
    Path | None,
    typer.Option(help="the file that seals are anchored in (default: anchor.ndjson in the home)"),
]


def anchor_of(anchor: Path | None, home: str | None) -> FileAnchor:
    """Return the anchor asked for, or the one in the home."""
    place = Path(home) if home else default_home()
    return FileAnchor(anchor or place / ANCHOR)


@app.command()
def verify(
    anchor: AnchorOption = None,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Verify every chain, decision, seal and the anchor; exit 1 and name the first bad entry."""
    with open_engine(policy, home=Path(home) if home else None) as engine, progress() as bar:
        task = bar.add_task("verifying chains", total=None)
        report = audit.verify(engine, anchor_of(anchor, home), lambda n: bar.advance(task, n))
        if as_json:
            print_json({"ok": report.ok, **_plain(report)})
        else:
            _tell(engine, report)
    if not report.ok:
        raise typer.Exit(1)


@app.command()
def seal(
    follow: Annotated[bool, typer.Option("--follow", help="seal each second until Ctrl-C")] = False,
    anchor: AnchorOption = None,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Seal what was stored since the last seal, and anchor it; the worker does so each second."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        place = anchor_of(anchor, home)
        if follow:
            err.print("sealing each second; stop with Ctrl-C")
            sealing.run(engine, place, threading.Event().wait)
            return
        made = sealing.seal(engine, place)
    if as_json:
        print_json({"seal": None if made is None else made.number,
                    "root": None if made is None else made.root.hex()})  # fmt: skip
    elif made is None:
        out.print("nothing new to seal")
    else:
        out.print(f"seal {made.number}: {len(made.chains()):,} chains, root {made.root.hex()}")


@app.command()
def proof(
    borrower: Annotated[str, typer.Argument(help="the borrower's id")],
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Prove that a borrower's chain is under an anchored root, for whoever holds the anchor."""
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found, leaf, steps = audit.prove(engine, borrower)
    if as_json:
        print_json({
            "seal": found.number, "root": found.root.hex(), "chain": leaf.chain,
            "length": leaf.length, "head": leaf.head.hex(),
            "path": [{"left": step.left, "hash": step.hash.hex()} for step in steps],
        })  # fmt: skip
        return
    out.print(f"seal {found.number}, root {found.root.hex()}")
    out.print(f"chain {leaf.chain}: {leaf.length} entries, head {leaf.head.hex()}", markup=False)
    for step in steps:
        out.print(f"  {'left ' if step.left else 'right'} {step.hash.hex()}")


def _tell(engine: Engine, report: audit.Report) -> None:
    for finding in report.findings:
        out.print(f"[red]wrong[/] {finding.where}: {finding.what}")
    verdict = "[green]verified[/]" if report.ok else "[red]not as it was written[/]"
    out.print(
        f"{verdict}: {report.chains:,} chains, {report.entries:,} entries, "
        f"{report.decisions:,} decisions, {report.seals:,} seals, {report.anchored:,} anchored"
    )
    if report.sealed_at is None:
        out.print("nothing is sealed yet, so a chain written anew as a whole would go unnoticed")
        return
    at = engine.policy.zone.local(report.sealed_at).strftime("%Y-%m-%d %H:%M:%S")
    out.print(f"sealed up to {at}; {report.unsealed:,} entries came later and are not sealed yet")


def _plain(report: audit.Report) -> dict[str, object]:
    return {
        "chains": report.chains, "entries": report.entries, "decisions": report.decisions,
        "seals": report.seals, "anchored": report.anchored, "sealed_at": report.sealed_at,
        "unsealed": report.unsealed,
        "findings": [{"where": one.where, "what": one.what} for one in report.findings],
    }  # fmt: skip
