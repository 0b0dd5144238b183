"""Commands are imported when called for, and every one that is named is really there."""

from __future__ import annotations

import subprocess
import sys

from typer.core import TyperGroup
from typer.main import get_command

from xindeng.cli.app import app


def test_every_named_command_can_be_loaded() -> None:
    group = get_command(app)
    assert isinstance(group, TyperGroup)
    context = group.make_context("xindeng", [], resilient_parsing=True)
    names = group.list_commands(context)
    assert {"demo", "decide", "ledger", "lab", "version", "reset-data"} <= set(names)
    for name in names:
        command = group.get_command(context, name)
        assert command is not None and command.name == name
    ledger = group.get_command(context, "ledger")
    assert isinstance(ledger, TyperGroup) and "verify" in ledger.commands
    assert group.get_command(context, "no-such") is None


def test_the_root_loads_no_database_driver() -> None:
    code = "import sys, xindeng.cli.app; print('psycopg' in sys.modules, 'lightgbm' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["False", "False"]
