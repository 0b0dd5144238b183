"""`xindeng events`: what can be sent, as JSON Schema."""

from __future__ import annotations

import typer

from xindeng.cli.output import print_json
from xindeng.events.schema import json_schema

app = typer.Typer(help="The catalogue of events.", no_args_is_help=True)


@app.callback()
def events() -> None:
    """What can be sent."""


@app.command()
def schema() -> None:
    """Print the JSON Schema of every event type."""
    print_json(json_schema())
