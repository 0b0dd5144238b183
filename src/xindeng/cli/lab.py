"""`xindeng lab`: simulate a population, study real data sets."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from xindeng.cli.output import JsonOption, PolicyOption, err, out, print_json, progress
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.lab import (
    berka_study,
    economy,
    flow_study,
    generators,
    learn_study,
    simulate,
    swap_study,
)
from xindeng.lab.papers.write import sample_of, write_papers
from xindeng.policy.bundle import load
from xindeng.service.policies import load_policy, read_bundle

app = typer.Typer(help="Simulated populations and studies on real data.", no_args_is_help=True)


@app.command("simulate")
def simulate_command(
    folder: Annotated[Path, typer.Argument(help="where events.parquet and truth.parquet go")],
    borrowers: Annotated[int, typer.Option(help="how many")] = 1000,
    months: Annotated[int, typer.Option(help="how long a history")] = 12,
    seed: Annotated[int, typer.Option(help="the same seed gives the same population")] = 7,
    as_json: JsonOption = False,
) -> None:
    """Simulate a population of borrowers with a hidden truth."""
    started = time.perf_counter()
    with progress() as bar:
        task = bar.add_task("simulating borrowers", total=borrowers)
        made = simulate.simulate(
            folder,
            borrowers=borrowers,
            months=months,
            seed=seed,
            progress=lambda done, _: bar.update(task, completed=done),
        )
    seconds = time.perf_counter() - started
    if as_json:
        print_json(
            {
                "borrowers": made.borrowers,
                "events": made.events,
                "seconds": seconds,
                "events_path": str(made.events_path),
                "truth_path": str(made.truth_path),
            }
        )
        return
    out.print(f"{made.borrowers:,} borrowers, {made.events:,} events in {seconds:.1f} s")
    out.print(f"  {made.events_path}\n  {made.truth_path}", markup=False)


@app.command("economy")
def economy_command(
    folder: Annotated[Path, typer.Argument(help="where the lake goes; new or empty")],
    borrowers: Annotated[int, typer.Option(help="how many")] = 1000,
    months: Annotated[int, typer.Option(help="how long a history")] = 24,
    seed: Annotated[int, typer.Option(help="the same seed gives the same people and luck")] = 7,
    policy: PolicyOption = "consumer_line",
    generator: Annotated[str, typer.Option(help="calibrated or misspecified")] = "calibrated",
    as_json: JsonOption = False,
) -> None:
    """Let a simulated population borrow under a policy, and write its lake for backtests."""
    started = time.perf_counter()
    with progress() as bar:
        task = bar.add_task("living", total=borrowers)
        lake = economy.economy(
            folder, load_policy(policy), borrowers=borrowers, months=months, seed=seed,
            generator=generators.generator(generator),
            progress=lambda done, _: bar.update(task, completed=done),
        )  # fmt: skip
    rows = lake.manifest.rows
    events = sum(count for name, count in rows.items() if name.startswith("events/"))
    if as_json:
        print_json({"folder": str(folder), "events": events, "decisions": rows["decisions"],
                    "loans": rows.get("events/type=draw_reserved", 0)})  # fmt: skip
        return
    out.print(
        f"{borrowers:,} borrowers, {events:,} events, {rows['decisions']:,} decisions in "
        f"{time.perf_counter() - started:.1f} s"
    )
    out.print(f"  {folder}", markup=False)


@app.command()
def swaps(
    folder: Annotated[Path, typer.Argument(help="where the lakes go; new or empty")],
    challenger: Annotated[str, typer.Option(help="the policy to try: a name or a folder")],
    champion: Annotated[str, typer.Option(help="the policy in force")] = "consumer_line",
    borrowers: Annotated[int, typer.Option(help="how many")] = 1000,
    seed: Annotated[int, typer.Option(help="the same seed gives the same people and luck")] = 7,
    generator: Annotated[
        str, typer.Option(help="which economy: calibrated, misspecified, or both")
    ] = "both",
    as_json: JsonOption = False,
) -> None:
    """Hold a backtest's predicted swap-in against what the challenger would really do."""
    chosen = [generators.generator(name) for name in
              (generators.GENERATORS if generator == "both" else [generator])]  # fmt: skip
    a, b = load_policy(champion), load_policy(challenger)
    with progress() as bar:
        told = _told(bar)
        found = [
            swap_study.swap_study(folder / one.name, a, b, borrowers=borrowers, seed=seed,
                                  generator=one, progress=told)
            for one in chosen
        ]  # fmt: skip
    if as_json:
        print_json({"studies": [one.told() for one in found],
                    "within": all(one.within for one in found)})  # fmt: skip
        return
    for one in found:
        _print_swaps(one)


def _print_swaps(found: swap_study.SwapStudy) -> None:
    risk = found.risk
    out.print(
        f"{found.generator}: borrowers let in where their answers first part: "
        f"{found.predicted:,} predicted, {found.real:,} really, {found.right:,} the same "
        f"(precision {_share(found.precision.share)}, recall {_share(found.recall.share)})"
    )
    verdict = "within" if found.within else "OUTSIDE"
    out.print(
        f"  predicted to go bad ({found.outcome}): {_share(risk['expected'])}, to be seen between"
        f" {_share(risk['seen_low'])} and {_share(risk['seen_high'])}"
    )
    out.print(
        f"  really bad: {_share(found.truth.share)} of {found.truth.total:,} lent and judged:"
        f" {verdict} what was stated"
    )
    low, high = (value / 100 for value in found.bets)
    gain = "unknown" if found.gain is None else f"{found.gain / 100:+,.0f} yuan"
    out.print(
        f"  profit by the challenger: expected {gain} ({low:+,.0f} to"
        f" {high:+,.0f}), really {found.real_gain / 100:+,.0f} by the lake's end"
    )


@app.command()
def learn(
    folder: Annotated[Path, typer.Argument(help="where both lakes go; new or empty")],
    policy: PolicyOption = "consumer_line",
    borrowers: Annotated[int, typer.Option(help="how many")] = 1000,
    share: Annotated[
        float, typer.Option(help="of borrowers drawn, in the simulation only; a bundle: 0.01")
    ] = 0.5,
    seed: Annotated[int, typer.Option(help="the same seed gives the same people and luck")] = 7,
    generator: Annotated[str, typer.Option(help="calibrated or misspecified")] = "calibrated",
    as_json: JsonOption = False,
) -> None:
    """Hold what a test-and-learn arm teaches of refused people against the hidden truth."""
    loaded = load(learn_study.with_arm(read_bundle(policy)))
    with progress() as bar:
        found = learn_study.learn_study(
            folder, loaded, borrowers=borrowers, share=share, seed=seed,
            generator=generators.generator(generator), progress=_told(bar),
        )  # fmt: skip
    bounds = found.learning["bounds"]
    if as_json:
        print_json({"learning": found.learning, "truth": asdict(found.truth),
                    "covered": found.covered, "share": found.share})  # fmt: skip
        return
    seen = found.learning["bad"]
    out.print(
        f"{found.learning['learnable']:,} people refused by the arm's rules alone; {share:.0%} of"
        f" borrowers drawn, as 1 % of {borrowers * share * 100:,.0f} would be:"
        f" {seen['total']:,} first loans with an end, {seen['hits']:,} bad"
    )
    for name in ("surely", "assumed", "learnt"):
        low, high = bounds[name]
        out.print(f"  bad rate {name}: {_share(low)} to {_share(high)}")
    verdict = "within" if found.covered else "OUTSIDE"
    out.print(
        f"  really bad: {_share(found.truth.share)} of {found.truth.total:,}: {verdict} what was"
        " learnt"
    )


def _told(bar: Progress) -> Callable[[str, int, int], None]:
    """Return what shows each kind of work as a bar of its own."""
    tasks: dict[str, TaskID] = {}

    def told(what: str, done: int, total: int) -> None:
        if what not in tasks:
            tasks[what] = bar.add_task(what, total=total)
        bar.update(tasks[what], completed=done, total=total)

    return told


@app.command()
def papers(
    folder: Annotated[Path, typer.Argument(help="where the files go")],
    story: Annotated[
        str | None, typer.Option(help="an acceptance story, 1 or 2, instead of a random person")
    ] = None,
    seed: Annotated[int, typer.Option(help="the same seed gives the same person")] = 7,
    as_json: JsonOption = False,
) -> None:
    """Write papers of a made-up person, such as a credit report, to try the importers on."""
    written = write_papers(folder, story_name=story, seed=seed)
    # Papers age: a check-up of them is of the day of their report.
    day = to_date(sample_of(story_name=story, seed=seed).report.report_day).isoformat()
    if as_json:
        print_json({"files": [str(path) for path in written], "day": day})
        return
    for path in written:
        out.print(str(path), markup=False)
    err.print(f"→ xindeng checkup … --on {day}", markup=False)


@app.command()
def flows(
    folder: Annotated[Path, typer.Argument(help="what `xindeng lab simulate` wrote")],
    as_json: JsonOption = False,
) -> None:
    """Blind what payments are for and see what the flow rules still recognise."""
    with progress() as bar:
        task = bar.add_task("reading flows", total=None)
        study = flow_study.flow_study(folder, progress=lambda n: bar.update(task, completed=n))
    scores = {"wages by pattern": study.salary, "rent by pattern": study.rent}
    if as_json:
        print_json({"borrowers": study.borrowers, "false_income": study.false_income} | {
            name: {"there": one.there, "found": one.found, "right": one.right,
                   "precision": one.precision, "recall": one.recall}
            for name, one in scores.items()
        })  # fmt: skip
        return
    for name, one in scores.items():
        out.print(
            f"{name}: {one.there} there, {one.found} found, {one.right} right; "
            f"precision {_share(one.precision)}, recall {_share(one.recall)}"
        )
    out.print(
        f"{study.borrowers} borrowers; income counted though nothing proved it: "
        f"{study.false_income}"
    )


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"


@app.command()
def berka(
    folder: Annotated[Path, typer.Argument(help="the Berka tables as Parquet files")],
    policy_on: Annotated[
        str, typer.Option(help="the day whose parameters are used, e.g. 2026-11-01")
    ] = "2026-11-01",
    policy: PolicyOption = "bank_cashflow",
    as_json: JsonOption = False,
) -> None:
    """Decide real loans at their own dates with what was known before; compare with the outcome."""
    loaded = load_policy(policy)
    day = loaded.zone.day(loaded.zone.parse(policy_on))
    with progress() as bar:
        task = bar.add_task("judging loans", total=None)
        study = berka_study.berka_study(
            folder,
            loaded,
            policy_on=day,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        print_json({"policy": loaded.name, "policy_hash": loaded.hash, "loans": len(study.judged),
                    "table": study.table, "bad_share": study.bad_share, "events": study.events,
                    "decisions_per_second": study.decisions_per_second,
                    "loans_per_second_with_folding": len(study.judged) / study.seconds,
                    "failure": study.failure or None})  # fmt: skip
    else:
        _print_study(study)
    if study.failure:
        raise InputError(
            study.failure, where=str(folder), next_step="check the folder and the policy"
        )


def _print_study(study: berka_study.BerkaStudy) -> None:
    table = Table(box=None, header_style="dim", pad_edge=False)
    table.add_column("outcome")
    for title in ("A finished ok", "B unpaid", "C running ok", "D in debt", "loans", "bad share"):
        table.add_column(title, justify="right")
    for outcome, row in study.table.items():
        cells = [str(row[status]) for status in berka_study.STATUSES]
        table.add_row(outcome, *cells, str(sum(row.values())), f"{study.bad_share[outcome]:.1%}")
    out.print(table)
    bad = sum(row["B"] + row["D"] for row in study.table.values())
    out.print(
        f"{len(study.judged)} loans with history, {bad} bad; {study.events:,} transactions folded; "
        f"{study.decisions_per_second:,.0f} decisions/s (decide alone), "
        f"{len(study.judged) / study.seconds:,.0f} loans/s with folding"
    )
    err.print("[dim]transactions on or after a loan's date are never seen[/]")
