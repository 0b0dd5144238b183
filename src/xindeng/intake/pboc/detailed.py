"""The detailed report (详版): labelled tables, one block an account, each with its grid.

A block may break off at the foot of a page and go on after the next page's head: labels, values
and the grid wait where they are until the row that follows.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from xindeng.events.credit import AccountKind, ReportAnnotation, ReportGuarantee
from xindeng.intake.pboc.account import Block
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.inquiries import Inquiries
from xindeng.intake.pboc.public import PublicRecords
from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.table import Record, align, labels_of, pairs_of
from xindeng.intake.pboc.values import amount, count, day, day_or_month, is_empty
from xindeng.intake.pboc.words import TIERS

_ACCOUNTS: Final[dict[str, AccountKind]] = {
    "被追偿信息": "C1", "催收账户": "C1", "非循环贷账户": "D1",
    "循环额度下分账户": "R4", "循环贷账户一": "R4", "循环贷账户": "R1", "循环贷账户二": "R1",
    "贷记卡账户": "R2", "准贷记卡账户": "R3",
}  # fmt: skip
_SECTIONS: Final = {
    "个人基本信息": "skip", "信息概要": "summary", "信贷交易信息明细": "skip",
    "相关还款责任信息": "guarantee", "授信协议信息": "agreement", "非信贷交易信息明细": "elsewhere",
    "后付费业务": "elsewhere", "公共信息明细": "public", "欠税记录": "public",
    "民事判决记录": "public", "强制执行记录": "public", "行政处罚记录": "public",
    "住房公积金参缴记录": "skip", "低保救助记录": "skip", "执业资格记录": "skip",
    "行政奖励记录": "skip", "本人声明": "statement", "异议标注": "dispute",
    "查询记录": "inquiry", "机构查询记录明细": "inquiry", "本人查询记录明细": "inquiry",
    "个人查询记录明细": "inquiry", "报告说明": "end", "说明": "end",
}  # fmt: skip
_LEFT: Final = {
    "agreement": "授信协议: its debt is that of its accounts",
    "elsewhere": "not about credit: left to the person",
}
_STATED: Final = {
    "非循环贷账户信息汇总": "D1", "循环额度下分账户信息汇总": "R4", "循环贷账户一信息汇总": "R4",
    "循环贷账户信息汇总": "R1", "循环贷账户二信息汇总": "R1", "贷记卡账户信息汇总": "R2",
    "准贷记卡账户信息汇总": "R3", "被追偿信息汇总": "C1", "相关还款责任信息汇总": "guarantee",
    "公共信息概要": "public",
}  # fmt: skip
_NUMBERING: Final = re.compile(
    r"^(?:\([一二三四五六七八九十]+\)|[一二三四五六七八九十]+(?:[、.]|(?=[个信非公本异查授声]))|[0-9]+[、.])"
)
_ACCOUNT: Final = re.compile(r"账户([0-9]{1,3})(?:\((?:授信协议标识:)?([^)]*)\))?")


def read_detailed(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of a detailed report into the draft."""
    reader = _Reader(draft)
    for row in rows:
        if reader.section == "end":
            break
        reader.take(row)
    reader.close()


class _Reader:
    """Where in the report we are, and the block or table that is open."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.section = "skip"
        self.kind: AccountKind | None = None
        self.block: Block | None = None
        self.stated = ""
        self.inquiries = Inquiries(draft)
        self.public = PublicRecords(draft)
        self.head: tuple[tuple[str, Cell], ...] = ()
        self.width = 0
        self.record: Record | None = None

    def take(self, row: Row) -> None:
        text = row.compact.rstrip(":")
        name = _NUMBERING.sub("", text)
        if len(row.filled) == 1 and (name in _ACCOUNTS or name in _SECTIONS or name in _STATED):
            self.close()
            self.head = ()
            self.kind = _ACCOUNTS.get(name)
            self.stated = _STATED.get(name, "")
            self.section = "account" if self.kind else _SECTIONS.get(name, "summary")
            return
        if "防欺诈警示" in text:
            self.draft.fraud_alert = True
        match = _ACCOUNT.fullmatch(text) if self.kind else None
        if match and self.kind:
            self.close()
            self.block = Block(self.draft, row, self.kind, match[2] or "")
        elif self.block is not None:
            self.block.take(row)
        elif self.section == "account" and not row.compact.startswith(("--", "无", "系统中没有")):
            self.draft.leave_out(row, "no account begins here: 账户1 was expected")
        elif self.section == "summary":
            self._summary(row)
        elif self.section == "inquiry":
            self.inquiries.take(row)
        elif self.section == "public":
            self.public.take(row)
        elif self.section in {"guarantee", "statement", "dispute"}:
            self._table(row)
        elif self.section in _LEFT and not labels_of(row) and not is_empty(text):
            self.draft.report.skip(row.line, _LEFT[self.section], row.page)

    def close(self) -> None:
        """End whatever is open."""
        if self.block is not None:
            self.block.close()
            self.block = None
        self._end_record()
        self.inquiries.close()
        self.public.close()

    def _summary(self, row: Row) -> None:
        if labels := labels_of(row):
            self.head, self.width = labels, len(row.cells)
        elif self.head and self.stated:
            said = align(self.head, self.width, row)
            for key, label in (("accounts", "账户数"), ("balance", "余额"), ("balance", "已用额度"),
                               ("balance", "透支余额"), ("records", "记录数")):  # fmt: skip
                found = (
                    amount(said.get(label, "")) if key == "balance" else count(said.get(label, ""))
                )
                if found is not None:
                    self.draft.stated.setdefault(f"{self.stated} {key}", found)

    def _table(self, row: Row) -> None:
        """Take a row of a table in which each line is a record of its own, or the rest of one."""
        if labels := labels_of(row):
            self._end_record()
            self.head, self.width = labels, len(row.cells)
        elif self.head:
            found = align(self.head, self.width, row)
            rest = len(row.filled) * 2 <= len(self.head)
            if self.record is not None and rest:
                for name, text in found.items():
                    self.record.extend(name, text)
                return
            self._end_record()
            self.record = Record(row)
            for name, text in found.items():
                self.record.put(name, text, row)
        else:
            for name, text in pairs_of(row):
                # The first label again: the next record.
                if self.record is not None and name in self.record.values:
                    self._end_record()
                self.record = self.record or Record(row)
                self.record.put(name, text, row)

    def _end_record(self) -> None:
        record, self.record = self.record, None
        if record is None:
            return
        if self.section == "guarantee":
            self._guarantee(record)
        elif not is_empty(record.get("标注内容", "声明内容")):
            self._remark(record)

    def _guarantee(self, record: Record) -> None:
        lender = record.get("管理机构", "业务管理机构")
        owed = amount(record.get("相关还款责任金额", "还款责任金额"))
        if is_empty(lender) or owed is None:
            self.draft.leave_out(record.row, "相关还款责任: lender or amount is missing")
            return
        self.draft.guarantees.append(
            ReportGuarantee(
                lender=self.draft.lender(lender),
                amount=owed,
                balance=amount(record.get("余额")),
                opened_day=day(record.get("开立日期")),
                tier=TIERS.get(record.get("五级分类"), "unclassified"),
            )
        )
        self.draft.report.understand(record.row.line, f"相关还款责任 {lender}", record.row.page)

    def _remark(self, record: Record) -> None:
        dispute = self.section == "dispute"
        text = record.get("标注内容", "声明内容")
        self.draft.annotations.append(
            ReportAnnotation(
                kind="dispute" if dispute else "statement",
                day=day_or_month(record.get("添加日期")),
                # What the person wrote stays with the person.
                text=self.draft.scrub(text) if dispute else "",
            )
        )
        self.draft.report.understand(record.row.line, "标注及声明", record.row.page)
