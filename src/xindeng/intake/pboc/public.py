"""Public records (公共记录): tax arrears, judgements, enforcement, penalties.

Both printed forms tell them by label: under it in the detailed one, behind it in the simple one.
The text of a judgement is never taken over; kind, day, amount and authority are.
"""

from __future__ import annotations

from typing import Final, Literal

from xindeng.events.credit import ReportPublicRecord
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.table import Record, align, labels_of, pairs_of
from xindeng.intake.pboc.values import amount, day_or_month

Kind = Literal["court_judgement", "enforcement", "tax_arrears", "administrative_penalty"]

# The label that begins a record of each kind names the authority.
_BEGINS: Final[dict[str, Kind]] = {
    "主管税务机关": "tax_arrears", "立案法院": "court_judgement", "执行法院": "enforcement",
    "处罚机构": "administrative_penalty",
}  # fmt: skip
_TITLES: Final = frozenset({"欠税记录", "民事判决记录", "强制执行记录", "行政处罚记录"})
_DAYS: Final[dict[Kind, tuple[str, ...]]] = {
    "tax_arrears": ("欠税统计日期",), "court_judgement": ("判决/调解生效日期", "立案日期"),
    "enforcement": ("立案日期",), "administrative_penalty": ("生效日期",),
}  # fmt: skip
_AMOUNTS: Final[dict[Kind, tuple[str, ...]]] = {
    "tax_arrears": ("欠税总额",), "court_judgement": ("诉讼标的金额",),
    "enforcement": ("申请执行标的金额", "申请执行标的价值"),
    "administrative_penalty": ("处罚金额",),
}  # fmt: skip


class PublicRecords:
    """Takes the rows of the section one by one; `close` hands the last record to the draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self._head: tuple[tuple[str, Cell], ...] = ()
        self._width = 0
        self._fresh = False
        self._open: Record | None = None
        self._kind: Kind | None = None

    def take(self, row: Row) -> None:
        """Take one row: a title, labels, values under them, or labels with values."""
        if row.compact in _TITLES:
            self.close()
        elif pairs := list(pairs_of(row)):
            for name, text in pairs:
                self._put(name, text, row)
        elif labels := labels_of(row):
            self._head, self._width, self._fresh = labels, len(row.cells), True
        elif self._head:
            found = align(self._head, self._width, row)
            if not self._fresh and self._open is not None:  # the rest of a value
                for name, text in found.items():
                    self._open.extend(name, text)
                return
            head = self._head
            for name, text in found.items():
                self._put(name, text, row)
            self._head, self._fresh = head, False

    def _put(self, name: str, text: str, row: Row) -> None:
        if name in _BEGINS:
            self.close()
            self._open, self._kind = Record(row), _BEGINS[name]
        if self._open is not None:
            self._open.put(name, text, row)

    def close(self) -> None:
        """Hand the record that is open to the draft."""
        record, kind = self._open, self._kind
        self._open = self._kind = None
        self._head = ()
        if record is None or kind is None:
            return
        authority = next((record.get(name) for name in _BEGINS if record.get(name)), "")
        self.draft.public_records.append(
            ReportPublicRecord(
                kind=kind,
                day=day_or_month(record.get(*_DAYS[kind])),
                amount=amount(record.get(*_AMOUNTS[kind])),
                authority=authority[:128] or None,
            )
        )
        self.draft.report.understand(record.row.line, f"公共记录 {authority}", record.row.page)
