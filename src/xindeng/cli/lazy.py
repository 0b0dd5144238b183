"""Commands that are imported when they are called for.

A check-up of one's own papers then needs neither the database driver nor the models, and no command
waits for the libraries of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

import typer
from click import Command, Context
from typer.core import TyperGroup
from typer.main import get_command, get_group


class LazyGroup(TyperGroup):
    """A group whose commands are named in `places`: command → `module:attribute`.

    The attribute is a function, or a `typer.Typer` for a group of commands. Order is kept in help.
    """

    places: Mapping[str, str] = {}

    def list_commands(self, ctx: Context) -> list[str]:
        """Return the names of all commands, those of `places` first."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: Context, cmd_name: str) -> Command | None:
        """Return the command of that name, its module imported now, or None."""
        place = self.places.get(cmd_name)
        return super().get_command(ctx, cmd_name) if place is None else _load(cmd_name, place)


def _load(name: str, place: str) -> Command:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        command: Command = get_group(found)
    else:
        alone = typer.Typer(
            add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False
        )
        alone.command(name)(found)
        command = get_command(alone)
    command.name = name
    return command
