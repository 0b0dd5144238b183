"""`xindeng staff`: who may sign in here, with which roles."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from xindeng.access import staff
from xindeng.cli.output import HomeOption, JsonOption, out, print_json
from xindeng.service.engine import open_engine

app = typer.Typer(help="people who sign in: add, list, disable", no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(help="the name they sign in with")]


@app.command()
def add(
    name: NameArgument,
    role: Annotated[
        list[str], typer.Option("--role", help="support, analyst, approver, admin; repeatable")
    ],
    home: HomeOption = None,
) -> None:
    """Add somebody, or give them a new password and roles; the password is asked for."""
    password = typer.prompt("password", hide_input=True, confirmation_prompt=True)
    with open_engine(home=_path(home)) as engine:
        staff.save(engine, name, password, role)
    out.print(f"{name} may sign in as {', '.join(sorted(set(role)))}", markup=False)


@app.command()
def disable(name: NameArgument, home: HomeOption = None) -> None:
    """Keep somebody out from now on; their sessions end."""
    with open_engine(home=_path(home)) as engine:
        staff.disable(engine, name)
    out.print(f"{name} is kept out", markup=False)


@app.command("list")
def list_command(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List everybody and their roles."""
    with open_engine(home=_path(home)) as engine:
        found = staff.everybody(engine)
    if as_json:
        print_json(
            [
                {"name": one.name, "roles": one.roles, "disabled": one.disabled_at is not None}
                for one in found
            ]
        )
        return
    for one in found:
        state = "  (kept out)" if one.disabled_at is not None else ""
        out.print(f"{one.name}: {' '.join(one.roles)}{state}", markup=False)


def _path(home: str | None) -> Path | None:
    return Path(home) if home else None
