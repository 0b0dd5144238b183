"""`xindeng keys`: API keys of programs, shown once, rotated without a gap."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xindeng.access import keys
from xindeng.access.keys import NewKey
from xindeng.cli.output import HomeOption, JsonOption, err, out, print_json
from xindeng.service import rotation
from xindeng.service.engine import open_engine
from xindeng.store import masters
from xindeng.store.callers import ApiKey
from xindeng.store.paths import default_home, prepare_home

app = typer.Typer(help="API keys of programs: create, list, rotate, revoke", no_args_is_help=True)

KeyArgument = Annotated[str, typer.Argument(help="the key's id, the part between the underscores")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="whose key it is, e.g. core-system")],
    scope: Annotated[
        list[str],
        typer.Option("--scope", help="an action, a first part such as draw.*, or *; repeatable"),
    ],
    days: Annotated[int, typer.Option(help="how long it lasts")] = 90,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key and show it, this once."""
    with open_engine(home=_path(home)) as engine:
        _show(keys.create(engine, name, scope, days), as_json=as_json)


@app.command()
def rotate(
    key: KeyArgument,
    overlap: Annotated[int, typer.Option(help="hours for which the old key goes on")] = 24,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make a key that succeeds another, which goes on for the overlap."""
    with open_engine(home=_path(home)) as engine:
        _show(keys.rotate(engine, key, overlap_hours=overlap), as_json=as_json)


@app.command()
def revoke(key: KeyArgument, home: HomeOption = None) -> None:
    """End a key now; servers may remember it for five seconds."""
    with open_engine(home=_path(home)) as engine:
        keys.revoke(engine, key)
    out.print(f"revoked {key}", markup=False)


@app.command("list")
def list_command(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List every key there ever was, without its secret."""
    with open_engine(home=_path(home)) as engine:
        found = keys.listed(engine)
        now, local = engine.clock(), engine.policy.zone
    if as_json:
        print_json([
            {"id": one.id, "name": one.name, "scopes": one.scopes, "state": _state(one, now),
             "expires_at": local.local(one.expires_at).isoformat(), "succeeds": one.succeeds}
            for one in found
        ])  # fmt: skip
        return
    for one in found:
        until = f"{local.local(one.expires_at):%Y-%m-%d %H:%M}"
        scopes = " ".join(one.scopes)
        out.print(
            f"{one.id}  {_state(one, now)}  until {until}  {one.name}: {scopes}", markup=False
        )


@app.command("rotate-master")
def rotate_master(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Wrap every borrower's data key under a new master key, while the service goes on.

    The new one is made in the home, or told by XINDENG_NEXT_MASTER_KEY. Interrupted, run it again.
    """
    place = prepare_home(_path(home) or default_home())
    with open_engine(home=place) as engine, err.status("moving data keys") as shown:
        done = rotation.rotate(engine, place, lambda n: shown.update(f"{n:,} data keys moved"))
    if as_json:
        print_json({"former": done.former, "present": done.present, "keys": done.keys,
                    "kept": str(done.kept) if done.kept else None})  # fmt: skip
        return
    out.print(f"{done.keys:,} data keys: {done.former} -> {done.present}", markup=False)
    if done.kept is None:
        err.print(
            f"set {masters.PRESENT} to the new key and remove {masters.NEXT}, then start every "
            "process anew",
            markup=False,
        )
    else:
        err.print(f"copy {place / masters.FILE} to where copies are kept apart", markup=False)
        err.print(
            f"{done.kept} opens only backups from before: destroy it when they have expired",
            markup=False,
        )


def _show(made: NewKey, *, as_json: bool) -> None:
    if as_json:
        print_json({"key": made.text, "id": made.key.id, "scopes": made.key.scopes})
        return
    out.print(made.text, markup=False)
    err.print("keep it well: it is not shown again", markup=False)


def _state(one: ApiKey, now: int) -> str:
    if one.in_force(now):
        return "in force"
    return "expired" if one.revoked_at is None else "revoked"


def _path(home: str | None) -> Path | None:
    return Path(home) if home else None
