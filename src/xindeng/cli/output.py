"""How the command line speaks: tables for people, one JSON document for programs, clear errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from xindeng.intake.note_words import tell_in
from xindeng.kernel.errors import ExpressionError, PolicyError, XindengError

# No emoji: ":100:" in a place such as file:100: would turn into a picture.
out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)


class Lang(StrEnum):
    """The two languages every text exists in."""

    zh = "zh"
    en = "en"


_SPOKEN: Final = ContextVar("spoken", default=Lang.en)
"""What the command that runs speaks: English, unless it has a --lang."""


def _speak(lang: Lang) -> Lang:
    _SPOKEN.set(lang)
    return lang


JsonOption = Annotated[bool, typer.Option("--json", help="print one JSON document instead")]
LangOption = Annotated[
    Lang,
    typer.Option("--lang", envvar="XINDENG_LANG", help="language of the texts", callback=_speak),
]
"""What borrowers read is Chinese unless this or the environment says otherwise, what a command
tells whoever runs it is English. A refusal is in the language of its command."""
PolicyOption = Annotated[
    str,
    typer.Option("--policy", help="a shipped policy's name, a bundle's directory, or: published"),
]
HomeOption = Annotated[
    str | None,
    typer.Option("--home", envvar="XINDENG_HOME", help="where the embedded database lives"),
]


def print_json(document: Any) -> None:
    """Print any msgspec-encodable document as indented JSON, non-ASCII as it is."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n")


def progress() -> Progress:
    """Return a progress bar with counts and times; it draws nothing when output is no terminal."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=err,
        transient=True,
        disable=not err.is_terminal,
    )


def problem(error: XindengError) -> Mapping[str, object]:
    """Return the error as a problem document (RFC 9457 members plus `next_step`)."""
    document: dict[str, object] = {
        "title": error.code,
        "status": error.status,
        "detail": error.what,
        "where": error.where,
        "next_step": error.next_step,
    }
    if isinstance(error, ExpressionError):
        document["column"] = error.column
    if isinstance(error, PolicyError):
        document["problems"] = [
            {"path": p.path, "line": p.line, "code": p.code, "what": p.what, "next": p.next_step}
            for p in error.problems
        ]
    return document


def report(error: XindengError, *, as_json: bool) -> None:
    """Print an error where people and programs expect it, stderr, in the command's language."""
    tell_in(_SPOKEN.get().value, error)
    if as_json:
        sys.stderr.write(json.dumps(problem(error), ensure_ascii=False) + "\n")
        return
    word = "错误" if error.language == "zh" else "error"
    err.print(f"[bold red]{word}[/] [dim]{error.code}[/]", end=" ")
    err.print(str(error), markup=False)
