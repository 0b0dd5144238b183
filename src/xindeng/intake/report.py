"""What an importer says about a file: how much it understood, and each line it left out and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Skipped:
    """One line (1-based) or row that became no event, and the reason in words.

    `page` (1-based) is 0 where a file has no pages; `line` then counts through the file.
    """

    line: int
    reason: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class Understood:
    """What was made of the part that begins at a page (0: no pages) and line, in words."""

    page: int
    line: int
    what: str


@dataclass(slots=True)
class ImportReport:
    """The account of one file; filled while its events are read.

    `parts` tells line by line what was understood where an importer can say more than a number.
    `source` is the kind of paper (alipay, wechat, bank). `names` maps counterparty id → the name in
    the file. It stays in memory, for showing and for corrections by name, and is never stored.
    `through` maps event id → the wallet (alipay, wechat) that a bank's row went through,
    `lines` event id → its line (row of a sheet).
    """

    file: str
    source: str = ""
    understood: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: list[Understood] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    through: dict[str, str] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def skip(self, line: int, reason: str, page: int = 0) -> None:
        """Record a line that became no event."""
        self.skipped.append(Skipped(line, reason, page))

    def understand(self, line: int, what: str, page: int = 0) -> None:
        """Record a part that was understood, counting it."""
        self.understood += 1
        self.parts.append(Understood(page, line, what))

    def by_reason(self) -> dict[str, int]:
        """Return how many lines each reason left out, most frequent first."""
        return dict(Counter(entry.reason for entry in self.skipped).most_common())
