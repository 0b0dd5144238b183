"""The root of the command line: one command a line, errors turned into messages and exit codes.

Exit codes: 0 done, 1 refused or failed with a clear error, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import sys

import typer

from xindeng import __version__
from xindeng.cli import borrower, demo, lab, policy, schema
from xindeng.cli.output import err, report
from xindeng.kernel.errors import XindengError

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
app.add_typer(policy.app, name="policy")
app.add_typer(lab.app, name="lab")
app.add_typer(schema.app, name="events")


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run the command line; every known error becomes one message and exit status 1."""
    as_json = "--json" in sys.argv[1:]
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
