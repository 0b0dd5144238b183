"""The papers behind a check-up: what was read of each, and where an event came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

PaperKind = Literal["bills", "statement", "report", "debts", "income"]
WANTED: tuple[PaperKind, ...] = ("bills", "report", "debts", "income")
"""The kinds that a full check-up has; a statement does for bills."""


class Paper(Struct, frozen=True, kw_only=True):
    """One file: how many entries were understood, and (line, reason) of each that was not."""

    kind: PaperKind
    name: str
    understood: int
    skipped: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Papers:
    """All papers. `files` maps an event type to the files that told it, `places` an event's id to
    "file:line" or its file, `names` a counterparty's id to the name in the paper. `sent`: they
    were handed in on a page or over HTTP, so commands are no help to who reads of them."""

    papers: tuple[Paper, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    sent: bool = False

    def telling(self, types: Iterable[str]) -> list[str]:
        """Return the files that told events of these types, each once."""
        found = [name for kind in sorted(types) for name in self.files.get(kind, ())]
        return list(dict.fromkeys(found))

    def missing(self) -> tuple[str, ...]:
        """Return the kinds of paper that were not given; flows tell of income too."""
        given = {"bills" if paper.kind == "statement" else paper.kind for paper in self.papers}
        if "bills" in given:
            given.add("income")
        return tuple(kind for kind in WANTED if kind not in given)
