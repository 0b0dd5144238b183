"""`xindeng backtest`: what another policy would have said, and what that would have cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.progress import TaskID

from xindeng.cli.output import JsonOption, Lang, LangOption, out, print_json, progress
from xindeng.history.backtest import Spec
from xindeng.history.backtest import backtest as run
from xindeng.history.economics import read_economics, shipped
from xindeng.history.lake import Lake
from xindeng.history.page import lines, report
from xindeng.kernel.errors import InputError, NotFoundError
from xindeng.kernel.time import Zone
from xindeng.service.policies import load_policy
from xindeng.web.report_page import render


def backtest(
    champion: Annotated[str, typer.Option(help="the policy in force: a name or a folder")],
    challenger: Annotated[str, typer.Option(help="the policy to try: a name or a folder")],
    lake: Annotated[Path, typer.Option(help="what `xindeng lake export` wrote")],
    first: Annotated[str | None, typer.Option("--from", help="first day, e.g. 2026-01-01")] = None,
    last: Annotated[str | None, typer.Option("--to", help="the day after the last")] = None,
    mode: Annotated[str, typer.Option(help="static, or feedback")] = "static",
    engine: Annotated[
        str,
        typer.Option(
            help="duckdb, or spark: it makes facts and answers; the replay of --mode feedback is"
            " done here either way, over those facts"
        ),
    ] = "duckdb",
    master: Annotated[
        str | None,
        typer.Option(
            help="where Spark runs: local[4], spark://…, yarn, sc://…; else SPARK_REMOTE, else here"
        ),
    ] = None,
    outcome: Annotated[
        str, typer.Option(help="the definition of bad that judges")
    ] = "at_90_mob_12",
    group: Annotated[
        list[str] | None,
        typer.Option(help="a feature, or age, by which fairness is judged; repeatable"),
    ] = None,
    figures: Annotated[
        Path | None,
        typer.Option("--economics", help="shares and prices of your own (YAML)"),
    ] = None,
    to_file: Annotated[
        Path | None,
        typer.Option("--out", help="an HTML report; its figures go to a .json beside it"),
    ] = None,
    lang: LangOption = Lang.en,
    as_json: JsonOption = False,
) -> None:
    """Judge recorded requests under two policies and compare approvals, risk and profit."""
    if to_file is not None:
        _check_place(to_file, lake)
    _check_master(master, engine)
    a, b = load_policy(champion), load_policy(challenger)
    begin, end = _days(a.zone, first, last)
    spec = Spec(
        first=begin, last=end, mode=mode, engine=engine, master=master, outcome=outcome,
        groups=group,
        economics=shipped() if figures is None else read_economics(_bytes(figures), str(figures)),
    )  # fmt: skip
    work = None if to_file is None else to_file.with_suffix(".work")
    with progress() as bar:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        found = run(Lake.open(lake), a, b, spec, work=work, progress=told)
    if to_file is not None:
        _write(to_file, found, lang)
    if as_json:
        print_json(found)
        return
    for line in lines(found, lang):
        out.print(line, markup=False)
    if to_file is not None:
        out.print(f"{to_file}\n{to_file.with_suffix('.json')}", markup=False)


def _days(zone: Zone, first: str | None, last: str | None) -> tuple[int | None, int | None]:
    """Return the first day and the one after the last; raises InputError if they are reversed."""
    begin, end = _day(zone, first, "--from"), _day(zone, last, "--to")
    if begin is not None and end is not None and end <= begin:
        raise InputError(f"{last} is not after {first}", where="--to", code="backtest.range",
                         next_step="give the first day, then the day after the last")  # fmt: skip
    return begin, end


def _day(zone: Zone, text: str | None, where: str) -> int | None:
    try:
        return None if text is None else zone.day(zone.parse(text))
    except InputError as error:
        raise InputError(error.what, where=where, next_step=error.next_step) from error


def _check_master(master: str | None, engine: str) -> None:
    if master is not None and engine == "duckdb":
        raise InputError("this names where Spark runs, and the engine is duckdb", where="--master",
                         code="backtest.master", next_step="add --engine spark")  # fmt: skip


def _check_place(path: Path, lake: Path) -> None:
    """Refuse a report's place now, which would be found out only when all work is done."""
    if path.is_dir():
        what = "this is a folder"
    elif path.suffix in (".json", ".work"):
        what = f"a name in {path.suffix} is taken by what goes beside the report"
    elif path.resolve().is_relative_to(lake.resolve()):
        what = "this lies in the lake, which holds the past and nothing else"
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        return
    raise InputError(what, where=f"--out {path}", code="backtest.out",
                     next_step="name a file such as report.html")  # fmt: skip


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise NotFoundError(
            f"no file {str(path)!r}", where="--economics", code="not_found.economics",
            next_step="give a file such as history/economics.yaml",
        ) from error  # fmt: skip


def _write(path: Path, found: dict[str, Any], lang: str) -> None:
    """Write both files under other names first, so that neither is ever half there."""
    figures = msgspec.json.format(msgspec.json.encode(found), indent=1)
    for place, content in (
        (path.with_suffix(".json"), figures), (path, render(report(found, lang)).encode()),
    ):  # fmt: skip
        partial = place.with_name(place.name + ".partial")
        partial.write_bytes(content)
        partial.replace(place)
