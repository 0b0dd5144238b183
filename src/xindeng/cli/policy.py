"""`xindeng policy`: check a bundle and run the cases its rules carry."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from xindeng.cli.output import HomeOption, JsonOption, Lang, LangOption, out, print_json
from xindeng.cli.proposals import publish, roll_back
from xindeng.cli.stance import SeriesOption, show_day, show_path
from xindeng.cli.steer import set_stance, show_standing, steer
from xindeng.cli.versions import diff, versions
from xindeng.kernel.errors import InputError, PolicyError
from xindeng.policy.bundle import load
from xindeng.policy.cases import run_cases
from xindeng.policy.check import problems
from xindeng.service.engine import system_clock
from xindeng.service.policies import load_policy, read_bundle
from xindeng.servicing.cost_sheet import rate_text
from xindeng.servicing.cost_words import CAP_SCOPES

app = typer.Typer(
    help="Check, test, compare and publish policy bundles; move the stance.", no_args_is_help=True
)
app.command()(diff)
app.command()(versions)
app.command("submit")(publish)
app.command("rollback")(roll_back)
app.command("steer")(steer)
app.command("set-stance")(set_stance)

BundleArgument = Annotated[
    str, typer.Argument(help="a shipped policy's name, or a bundle's directory")
]


@app.command()
def check(bundle: BundleArgument = "consumer_line", as_json: JsonOption = False) -> None:
    """Check a bundle: every problem with its file, line and what to do; exit 1 if there is any."""
    files = read_bundle(bundle)
    found = problems(files)
    if as_json:
        print_json({"bundle": bundle, "ok": not found, "problems": found})
        raise typer.Exit(1 if found else 0)
    if found:
        raise PolicyError(found)
    policy = load(files)
    out.print(
        f"[green]ok[/] {policy.name}: {len(policy.rules)} rules in force, "
        f"{len(policy.book.base)} features + {len(policy.definitions)} derived, "
        f"{len(policy.areas)} areas, hash {policy.hash[:12]}"
    )


@app.command()
def products(
    bundle: BundleArgument = "consumer_line",
    lang: LangOption = Lang.en,
    as_json: JsonOption = False,
) -> None:
    """List what is offered today: product, terms, yearly rate, and the caps on any price."""
    policy = load_policy(bundle)
    today = policy.zone.day(system_clock())
    offered, caps = policy.products.offered(today), policy.products.caps_on(today)
    if as_json:
        print_json({"bundle": bundle, "day": today, "products": offered, "caps": caps})
        return
    for one in offered:
        rates = " – ".join(rate_text(bp * 100, "simple", lang) for bp in one.rates_bp)
        months = "/".join(map(str, one.months)) + (" 个月" if lang is Lang.zh else " months")
        out.print(f"{one.id}  {one.title[lang]}, {months}, {rates}", markup=False)
    for cap in caps:
        said = CAP_SCOPES[cap.scope].by(lang)
        out.print(f"{said} {rate_text(cap.ppm, cap.convention, lang)}: {cap.source}", markup=False)


@app.command()
def stance(
    bundle: BundleArgument = "consumer_line",
    series: SeriesOption = None,
    on: Annotated[str | None, typer.Option("--on", help="a day; today if none is given")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="every condition and series")] = False,
    segment: Annotated[str | None, typer.Option("--segment", help="a segment")] = None,
    first: Annotated[str | None, typer.Option("--from", help="the path from this day on")] = None,
    last: Annotated[str | None, typer.Option("--to", help="to this day, included")] = None,
    to_file: Annotated[Path | None, typer.Option("--out", help="draw the path (SVG)")] = None,
    home: HomeOption = None,
    lang: LangOption = Lang.en,
    as_json: JsonOption = False,
) -> None:
    """Say which stance the series call for on a day and why, or its path between two days;
    without series, how the platform itself stands, or stood on that day."""
    if series is None:
        if (first, last, to_file, segment) != (None,) * 4 or explain:
            raise InputError(
                "no series were named",
                where="--series",
                next_step="name a folder or file with the monthly series that steering.yaml names",
                code="series.none",
            )
        show_standing(bundle, home, on, lang, as_json=as_json)
        return
    policy = load_policy(bundle)
    today = policy.zone.day(system_clock())
    if (first, last, to_file) != (None,) * 3:
        if on is not None:
            raise InputError(
                "one day and the path between two are asked for at once", where="--on",
                next_step="give --on alone, or --from and --to", code="stance.range",
            )  # fmt: skip
        show_path(policy, series, first, last, segment, lang, explain=explain,
                        as_json=as_json, to_file=to_file, today=today)  # fmt: skip
        return
    show_day(policy, series, on, segment, lang, explain=explain, as_json=as_json,
                   today=today)  # fmt: skip


@app.command()
def test(bundle: BundleArgument = "consumer_line", as_json: JsonOption = False) -> None:
    """Run every rule's cases; exit 1 if one does not come out as it says."""
    policy = load_policy(bundle)
    results = run_cases(policy)
    failed = [result for result in results if not result.ok]
    if as_json:
        print_json({"bundle": bundle, "cases": len(results), "failed": failed})
        raise typer.Exit(1 if failed else 0)
    for result in failed:
        out.print(f"[red]failed[/] {result}", markup=True)
    table = Table(show_header=False, box=None)
    table.add_row("cases", str(len(results)))
    table.add_row("passed", str(len(results) - len(failed)))
    table.add_row("failed", str(len(failed)))
    out.print(table)
    raise typer.Exit(1 if failed or not results else 0)
