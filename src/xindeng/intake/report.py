"""What an importer says about a file: how much it understood, and each line it left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skipped:
    """One line (1-based) or row that became no event, and the reason in words."""

    line: int
    reason: str


@dataclass(slots=True)
class ImportReport:
    """The account of one file; filled while its events are read."""

    file: str
    understood: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def skip(self, line: int, reason: str) -> None:
        """Record a line that became no event."""
        self.skipped.append(Skipped(line, reason))

    def by_reason(self) -> dict[str, int]:
        """Return how many lines each reason left out, most frequent first."""
        return dict(Counter(entry.reason for entry in self.skipped).most_common())
