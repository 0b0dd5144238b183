"""`xindeng lake`: the history lake, exported, verified and shown."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from xindeng.cli.output import HomeOption, JsonOption, PolicyOption, out, print_json, progress
from xindeng.history.export import export, open_or_create
from xindeng.history.lake import Lake
from xindeng.service.engine import open_engine

app = typer.Typer(
    help="The past in Parquet files, for studies and backtests.", no_args_is_help=True
)
FolderArgument = Annotated[Path, typer.Argument(help="the folder of the lake")]


@app.command("export")
def export_command(
    folder: FolderArgument,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what became visible since the last export; one that was cut short goes on."""
    with open_engine(policy, home=Path(home) if home else None) as engine, progress() as bar:
        task = bar.add_task("exporting events", total=None)
        lake = open_or_create(
            folder, engine.store, zone_name=engine.policy.zone.name,
            currency=engine.policy.currency,
        )  # fmt: skip
        lake.check()
        added = export(
            engine.store, lake, now=engine.clock(), progress=lambda n: bar.advance(task, n)
        )
    if as_json:
        print_json({"folder": str(folder), "added": added, "rows": lake.manifest.rows})
    else:
        out.print(f"{added:,} events added; see `xindeng lake show {folder}`", markup=False)


@app.command()
def verify(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Verify every file against the manifest; exit 1 and name the first that is damaged."""
    lake = Lake.open(folder)
    with progress() as bar:
        task = bar.add_task("verifying files", total=len(lake.manifest.parts))
        rows = 0
        for part in lake.verify():
            rows += part.rows
            bar.advance(task)
    if as_json:
        print_json({"ok": True, "files": len(lake.manifest.parts), "rows": rows})
    else:
        out.print(f"{len(lake.manifest.parts):,} files, {rows:,} rows: all as written")


@app.command()
def show(folder: FolderArgument, as_json: JsonOption = False) -> None:
    """Show what a lake holds."""
    lake = Lake.open(folder)
    held = lake.manifest
    if as_json:
        print_json(held)
        return
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title in ("table", "rows", "files", "MB"):
        table.add_column(title, justify="left" if title == "table" else "right")
    for name, rows in held.rows.items():
        parts = held.of(name)
        size = sum(part.bytes for part in parts) / 1e6
        table.add_row(name, f"{rows:,}", str(len(parts)), f"{size:.1f}")
    out.print(table)
    out.print(f"zone {held.zone}, amounts in {held.currency}, from {held.source}", markup=False)
    if held.left_out:
        out.print(f"{held.left_out:,} rows of erased borrowers left out")
