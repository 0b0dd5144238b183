"""Enquiries (查询记录): number, day, who and why, with names that run over to the next line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from xindeng.events.credit import InquiryReason, ReportInquiry
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.table import align, labels_of
from xindeng.intake.pboc.values import compact, day
from xindeng.intake.pboc.words import REASONS

_START: Final = re.compile(
    r"([0-9]{1,4})[.、\s]*([0-9]{4}[年.\-/][0-9]{1,2}[月.\-/][0-9]{1,2}日?)(.*)"
)
_LONGEST_FIRST: Final = sorted(
    (word for word in REASONS if not word.isdigit()), key=len, reverse=True
)
OWN: Final = "本人"


@dataclass
class _Line:
    row: Row
    date: str
    who: str = ""
    why: str = ""
    flat: str = ""


@dataclass
class Inquiries:
    """Takes the rows of the enquiry tables; `close` hands what they said to the draft."""

    draft: Draft
    _head: tuple[tuple[str, Cell], ...] = ()
    _width: int = 0
    _open: _Line | None = field(default=None)

    def take(self, row: Row) -> None:
        """Take one row: a heading line, the start of an enquiry, or the rest of one."""
        labels = labels_of(row)
        if labels and any(name == "查询日期" for name, _ in labels):
            self._head, self._width = labels, len(row.cells)
            return
        start = _START.fullmatch(row.text) or _START.fullmatch(row.compact)
        if start and day(start[2]) is not None:
            self.close()
            self._open = _Line(row, start[2], flat=compact(start[3]))
            self._columns(row)
        elif start:
            self.close()
            self.draft.leave_out(row, f"查询记录: {start[2]} is no day")
        elif self._open is not None:
            self._open.flat += row.compact
            self._columns(row)

    def _columns(self, row: Row) -> None:
        assert self._open is not None
        if self._head and (len(row.filled) > 1 or row.gridded or self._open.row is not row):
            found = align(self._head, self._width, row)
            self._open.who += compact(found.get("查询机构", ""))
            self._open.why += compact(found.get("查询原因", ""))

    def close(self) -> None:
        """Hand the enquiry that is open to the draft."""
        line, self._open = self._open, None
        if line is None:
            return
        who, why = line.who, line.why
        if reason_of(why) is None:
            who, why = _part(line.flat)
        reason = reason_of(why)
        found = day(line.date)
        if reason is None or found is None or not (who or reason == "own"):
            self.draft.leave_out(line.row, "查询记录: who asked, or why, is not known here")
            return
        who = OWN if reason == "own" else who
        asked = ReportInquiry(day=found, lender=self.draft.lender(who), reason=reason)
        if is_asked(self.draft, asked):
            self.draft.note(line.row, f"{who} asked more than once that day: one enquiry")
            self.draft.report.understood += 1
            return
        self.draft.add_inquiry(asked, line.row)
        self.draft.report.understand(line.row.line, f"查询 {who}: {why}", line.row.page)


def reason_of(text: str) -> InquiryReason | None:
    """Return why somebody asked, by word or code; what follows in brackets is where: no matter."""
    found = compact(text)
    return REASONS.get(found) or REASONS.get(found.partition("(")[0])


def is_asked(draft: Draft, line: ReportInquiry) -> bool:
    """Tell whether that lender asked for that reason on that day already: it is one enquiry."""
    return line in draft.inquiries


def _part(flat: str) -> tuple[str, str]:
    """Return who and why of a line without columns."""
    for word in _LONGEST_FIRST:
        before, found, after = flat.rpartition(word)
        if found and (not after or after.startswith("(") or not before.endswith(word)):
            return (before + ("" if after.startswith("(") else after)), word
    return flat, ""
