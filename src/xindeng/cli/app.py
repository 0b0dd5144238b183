"""The root of the command line: one command a line, errors turned into messages and exit codes.

Exit codes: 0 done, 1 refused or failed with a clear error, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated

import typer

from xindeng import __version__
from xindeng.cli import borrower, demo, lab, line, money, policy, schema, worker
from xindeng.cli.output import HomeOption, err, out, report
from xindeng.kernel.errors import InputError, XindengError
from xindeng.store.paths import default_home
from xindeng.store.server import reset_data

app = typer.Typer(
    name="xindeng",
    help="信灯: decides each draw on a credit line, explains it, and finds the way back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.command()(borrower.ingest)
app.command()(borrower.decide)
app.command()(borrower.precheck)
app.command()(borrower.show)
app.command()(borrower.explain)
app.command()(borrower.replay)
app.command()(money.confirm)
app.command()(money.repay)
app.command()(worker.worker)
app.add_typer(worker.app, name="ledger")
app.add_typer(line.app, name="line")
app.add_typer(policy.app, name="policy")
app.add_typer(lab.app, name="lab")
app.add_typer(schema.app, name="events")


@app.command("reset-data")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="really erase everything")] = False,
    home: HomeOption = None,
) -> None:
    """Erase the embedded database for good; never touches a server of your own."""
    place = Path(home) if home else default_home()
    if not yes:
        raise InputError(
            "this erases every borrower, event and decision",
            where=str(place),
            next_step="run it again with --yes if that is what you want",
        )
    reset_data(place)
    out.print(f"erased the embedded database of {place}", markup=False)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; every known error becomes one message and exit status 1."""
    as_json = "--json" in sys.argv[1:]
    # The pool logs what we report in words; whoever sets up logging still gets it.
    logging.getLogger("psycopg").addHandler(logging.NullHandler())
    try:
        app()
    except XindengError as error:
        report(error, as_json=as_json)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("interrupted; nothing half-done was kept")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
