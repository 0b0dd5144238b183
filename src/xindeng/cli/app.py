"""The root of the command line: one command a line, errors turned into messages and exit codes.

Exit codes: 0 done, 1 refused or failed with a clear error, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import Annotated, ClassVar

import typer

from xindeng import __version__
from xindeng.cli.lazy import LazyGroup
from xindeng.cli.output import HomeOption, err, out, report
from xindeng.kernel.errors import InputError, XindengError


class _Commands(LazyGroup):
    """Where each command lives; the order is the order of the help."""

    places: ClassVar = {
        "demo": "xindeng.cli.demo:demo",
        "checkup": "xindeng.cli.checkup:checkup",
        "ingest": "xindeng.cli.borrower:ingest",
        "decide": "xindeng.cli.borrower:decide",
        "precheck": "xindeng.cli.borrower:precheck",
        "show": "xindeng.cli.borrower:show",
        "explain": "xindeng.cli.borrower:explain",
        "replay": "xindeng.cli.borrower:replay",
        "plan": "xindeng.cli.plan:app",
        "confirm": "xindeng.cli.money:confirm",
        "repay": "xindeng.cli.money:repay",
        "refund": "xindeng.cli.money:refund",
        "sandbox": "xindeng.cli.ports:sandbox",
        "worker": "xindeng.cli.worker:worker",
        "serve": "xindeng.cli.serve:serve",
        "keys": "xindeng.cli.keys:app",
        "staff": "xindeng.cli.staff:app",
        "proposals": "xindeng.cli.proposals:app",
        "export": "xindeng.cli.privacy:export",
        "erase-again": "xindeng.cli.privacy:erase_again",
        "ledger": "xindeng.cli.worker:app",
        "line": "xindeng.cli.line:app",
        "policy": "xindeng.cli.policy:app",
        "challenger": "xindeng.cli.challenger:app",
        "lab": "xindeng.cli.lab:app",
        "audit": "xindeng.cli.audit:app",
        "backup": "xindeng.cli.backup:backup",
        "restore": "xindeng.cli.backup:restore",
        "reconcile": "xindeng.cli.backup:reconcile",
        "stream": "xindeng.cli.stream:app",
        "lake": "xindeng.cli.lake:app",
        "backtest": "xindeng.cli.backtest:backtest",
        "events": "xindeng.cli.schema:app",
    }


app = typer.Typer(
    name="xindeng",
    cls=_Commands,
    help="信灯: decides each draw on a credit line, explains it, and finds the way back.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.command("reset-data")
def reset(
    yes: Annotated[bool, typer.Option("--yes", help="really erase everything")] = False,
    home: HomeOption = None,
) -> None:
    """Erase the embedded database for good; never touches a server of your own."""
    from xindeng.store.paths import default_home
    from xindeng.store.server import reset_data

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
    except OSError as error:
        if error.filename is None:  # of no file that somebody named
            raise
        report(_of_file(error), as_json=as_json)
        sys.exit(1)
    except KeyboardInterrupt:
        err.print("interrupted; nothing half-done was kept")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


def _of_file(error: OSError) -> InputError:
    """Return the words for a file or folder that could not be read or written."""
    return InputError(
        (error.strerror or "it cannot be used").lower(),
        # Where a file could not be put in its place, the place is what somebody named.
        where=str(error.filename2 or error.filename), code="input.file",
        next_step="name a file that can be read, or one that can be written, and try again",
    )  # fmt: skip
