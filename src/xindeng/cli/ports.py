"""Which payment rail and funder the commands use: none unless one is chosen."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from xindeng.adapters.sandbox_file import SandboxFile
from xindeng.cli.output import HomeOption, JsonOption, out, print_json
from xindeng.kernel.errors import UnavailableError
from xindeng.service.disburse import Ports
from xindeng.service.ports import ports_of as choose
from xindeng.service.ports import sandbox_of


class RailName(StrEnum):
    """The payment rails that this program knows by itself."""

    sandbox = "sandbox"


class FunderName(StrEnum):
    """The funders that this program knows by itself; without one the money is our own."""

    sandbox = "sandbox"


RailOption = Annotated[
    RailName | None,
    typer.Option(
        "--rail", envvar="XINDENG_RAIL",
        help="the payment rail; sandbox moves no real money and is remembered beside the database",
    ),
]  # fmt: skip
FunderOption = Annotated[
    FunderName | None,
    typer.Option("--funder", envvar="XINDENG_FUNDER", help="the partner lender, if not ourselves"),
]


BureauOption = Annotated[
    str | None,
    typer.Option(
        "--bureau", envvar="XINDENG_BUREAU",
        help="the credit bureau: a web hook's https URL (XINDENG_HOOK_SECRET), or a folder",
    ),
]  # fmt: skip


def ports_of(rail: RailName | None, funder: FunderName | None, home: str | None) -> Ports | None:
    """Return the chosen ports, None where no rail is."""
    return choose(rail, funder, Path(home) if home else None)


def needed(ports: Ports | None) -> Ports:
    """Return the ports; raises UnavailableError where no rail was chosen."""
    if ports is None:
        raise UnavailableError(
            "no payment rail is configured, so nothing is paid out and nothing was reserved",
            where="--rail",
            next_step="choose one: --rail sandbox, or XINDENG_RAIL=sandbox",
            code="rail.none",
        )
    return ports


sandbox = typer.Typer(
    help="the sandbox rail and funder: rehearse what may go wrong; no real money moves",
    no_args_is_help=True,
)


@sandbox.command()
def behave(
    rail: Annotated[
        list[str] | None,
        typer.Argument(
            help="one word for each next transfer: succeed fail time_out time_out_before pending "
            "contradict down"
        ),
    ] = None,
    funder: Annotated[
        list[str] | None,
        typer.Option(help="one for each next request: accepted refused quota timeout"),
    ] = None,
    home: HomeOption = None,
) -> None:
    """Set how the sandbox meets the next new transfers; after these it succeeds."""
    _file(home).behave(rail or (), funder or ())


@sandbox.command()
def complete(
    key: Annotated[str, typer.Argument(help="the draw whose transfer is pending")],
    home: HomeOption = None,
) -> None:
    """Let a pending transfer go through."""
    _file(home).rail().complete(key)


@sandbox.command()
def show(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show what the sandbox remembers: transfers by key, and how it will behave."""
    with _file(home).open() as memory:
        if as_json:
            print_json(memory)
            return
        for state, transfers in (("paid", memory.paid), ("pending", memory.waiting)):
            for key, one in transfers.items():
                out.print(f"{state} {key}: {one.amount:,} ({one.currency}, minor units)")
        for key in memory.failed:
            out.print(f"failed {key}")
        out.print(f"next: {' '.join([*memory.rail_script, 'succeed …'])}")


def _file(home: str | None) -> SandboxFile:
    return sandbox_of(Path(home) if home else None)
