"""Commands that are imported when they are called for.

A check-up of one's own papers then needs neither the database driver nor the models, and no command
waits for the libraries of another.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command, get_group


class LazyGroup(TyperGroup):
    """A group whose commands are named in `places`: command → `module:attribute`.

    The attribute is a function, or a `typer.Typer` for a group of commands. Order is kept in help.
    """

    places: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names of all commands, those of `places` first."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Return the command of that name, its module imported now, or None."""
        place = self.places.get(cmd_name)
        return super().get_command(ctx, cmd_name) if place is None else _load(cmd_name, place)


def _load(name: str, place: str) -> TyperCommand | TyperGroup:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(module), attribute)
    if isinstance(found, typer.Typer):
        group = get_group(found)
        group.name = name
        return group
    alone = typer.Typer(
        add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False
    )
    alone.command(name)(found)
    command = get_command(alone)
    assert isinstance(command, TyperCommand)
    return command
