"""Backup, restore and the comparison with the payment rail that follows a restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from xindeng.cli.output import HomeOption, JsonOption, PolicyOption, err, out, print_json, progress
from xindeng.cli.ports import FunderOption, RailOption, needed, ports_of
from xindeng.kernel.errors import InputError
from xindeng.service import reconcile as comparing
from xindeng.service import restore as restoring
from xindeng.service.backup import Told, added, make
from xindeng.service.engine import open_engine, system_clock
from xindeng.store import manifest, open_store
from xindeng.store.paths import default_home

FolderArgument = Annotated[Path, typer.Argument(help="the folder of the backup", metavar="DIR")]


def backup(
    folder: FolderArgument,
    check: Annotated[
        bool, typer.Option("--check", help="read a backup again and prove every byte of it")
    ] = False,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Back up the database into a new folder, while the service goes on.

    The master key is not in it: keep a copy of it somewhere else. Nobody can read a backup without.
    """
    place = Path(home) if home else default_home()
    if check:
        found, proof = manifest.read(folder)
        with _shown() as told:
            manifest.check(folder, found, added(told, "bytes proven", found.size))
    else:
        if folder.absolute().is_relative_to(place.absolute()):
            raise InputError(
                "a backup beside the database would be lost with it",
                where=str(folder),
                next_step="give a folder outside the home, best on another disk",
                code="backup.home",
            )  # fmt: skip
        with open_store(place) as store, _shown() as told:
            found = make(store, folder, system_clock, told)
        _, proof = manifest.read(folder)
    if as_json:
        print_json({"folder": str(folder), "proof": proof.hex(), "manifest": found})
        return
    people = found.held.rows.get("borrower", 0)
    out.print(
        f"[green]{'proven' if check else 'backed up'}[/] {people:,} borrowers, "
        f"{found.held.rows.get('event', 0):,} events, {found.held.chains:,} chains, "
        f"{found.size:,} bytes in {len(found.files)} files"
    )
    out.print(f"manifest: {folder / manifest.NAME}, SHA-256 {proof.hex()}", markup=False)
    out.print(
        f"the master key {', '.join(found.held.keys)} is not in it: keep a copy of "
        f"{place / 'master.key'} apart from the backup",
        markup=False,
    )


def restore(
    folder: FolderArgument,
    key: Annotated[
        Path | None, typer.Option(help="the copy of the master key, if the home has none")
    ] = None,
    anchor: Annotated[Path | None, typer.Option(help="the file that seals are anchored in")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup into an empty database: everything is proven first, or nothing is changed.

    Nothing can be drawn until `xindeng reconcile` has compared it with the payment rail.
    """
    place = Path(home) if home else default_home()
    with _shown() as told:
        done = restoring.restore(folder, place, system_clock, told, key=key, anchor=anchor)
    report, found = done.report, done.backup
    if as_json:
        print_json({"ok": True, "backup_at": found.at, "chains": report.chains,
                    "entries": report.entries, "decisions": report.decisions,
                    "seals": report.seals, "anchored": done.anchored,
                    "later_seals": done.later_seals})  # fmt: skip
        return
    out.print(
        f"[green]restored and verified[/]: {report.chains:,} chains, {report.entries:,} entries, "
        f"{report.decisions:,} decisions, {report.seals:,} seals"
    )
    if not done.anchored:
        out.print("no anchor was at hand, so the seals were verified among themselves only")
    if done.later_seals:
        out.print(
            f"the anchor knows {done.later_seals:,} later seals: what they covered was stored after"
            " the backup and is lost; the old anchor was put aside beside the new one"
        )
    out.print("nothing can be drawn yet; next: xindeng reconcile --rail …", markup=False)


def reconcile(
    rail: RailOption = None,
    funder: FunderOption = None,
    policy: PolicyOption = "consumer_line",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """After a restore: ask the payment rail about every payout, then let draws go on."""
    ports = needed(ports_of(rail, funder, home))
    with open_engine(policy, home=Path(home) if home else None) as engine:
        found = comparing.reconcile(engine, ports)
    if as_json:
        print_json({"asked": found.asked, "ended": found.ended, "transfers": found.transfers,
                    "booked": found.booked, "erased": found.erased,
                    "unrecorded": [one.key for one in found.unrecorded]})  # fmt: skip
        return
    out.print(
        f"[green]reconciled[/]: {found.asked:,} draws on their way asked about, {found.ended:,} "
        f"ended; {found.transfers:,} transfers of the rail, {found.booked:,} booked after all; "
        f"{found.erased:,} people erased again"
    )
    for one in found.unrecorded:
        err.print(
            f"unrecorded: {one.amount:,} {one.currency} left for {one.borrower} under {one.key}; "
            "its draws are paused until a person has looked",
            markup=False,
        )


@contextmanager
def _shown() -> Iterator[Told]:
    """Show how far it has come, one line for each thing that is being done."""
    with progress() as bar:
        tasks: dict[str, object] = {}

        def told(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done)  # type: ignore[arg-type]

        yield told
