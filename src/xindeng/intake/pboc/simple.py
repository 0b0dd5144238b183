"""The simple report (简版): sections of numbered sentences, and tables of enquiries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from xindeng.events.credit import ReportGuarantee
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.inquiries import Inquiries
from xindeng.intake.pboc.public import PublicRecords
from xindeng.intake.pboc.rows import Row
from xindeng.intake.pboc.sentences import Unclear, read_sentence
from xindeng.intake.pboc.values import AMOUNT, DATE, TORN, amount, compact, count, day

_SECTIONS: Final = {
    "信贷记录": "skip", "信息概要": "summary", "资产处置信息": "claim", "垫款信息": "claim",
    "信用卡": "card", "贷款": "loan", "其他业务": "other", "相关还款责任信息": "guarantee",
    "担保信息": "guarantee", "为他人担保信息": "guarantee", "非信贷交易记录": "elsewhere",
    "公共记录": "public", "查询记录": "inquiry", "机构查询记录明细": "inquiry",
    "个人查询记录明细": "inquiry", "本人查询记录明细": "inquiry", "说明": "end", "报告说明": "end",
    "声明及标注": "elsewhere", "本人声明": "elsewhere", "异议标注": "elsewhere",
}  # fmt: skip
_ACCOUNTS: Final = frozenset({"claim", "card", "loan", "other"})
_NUMBERING: Final = re.compile(r"^(?:\([一二三四五六七八九十]+\)|[一二三四五六七八九十]+[、.])")
_ITEM: Final = re.compile(r"^([0-9]{1,3})[.、](?=[0-9]{4}年)")
_STARTS_WITH_DAY: Final = re.compile(rf"^{DATE}(?!到期)")
_HEADING: Final = re.compile(r"^.{0,60}(?:明细如下|如下):?$")
_NOTHING: Final = re.compile(r"^(?:系统中没有您|无|暂无|--)")
_SURETY: Final = re.compile(
    rf"(?P<day>{DATE})[,，]?为.*?在(?P<lender>.{{2,80}}?)(?:办理|发放)的.*?"
    rf"(?:还款责任金额|担保金额)(?:为)?(?P<amount>{AMOUNT})"
)
_SURETY_BALANCE: Final = re.compile(rf"余额(?:为)?({AMOUNT})")
_LONGEST_ITEM: Final = 1_000
"""Signs of one sentence; what runs on is no account, and is not searched for one."""
_STATED: Final = {
    "账户数": "accounts", "未结清/未销户账户数": "open", "未结清/未销户的账户数": "open",
    "发生过逾期的账户数": "late", "发生过90天以上逾期的账户数": "late_90",
}  # fmt: skip


def read_simple(rows: Sequence[Row], draft: Draft) -> None:
    """Read the rows of a simple report into the draft."""
    _Reader(draft).read(rows)


class _Reader:
    """Where in the report we are, and the item that is open: one sentence over several lines."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.section = "skip"
        self.never_late: bool | None = None
        self.first: Row | None = None
        self.text, self.torn = "", False
        self.inquiries = Inquiries(draft)
        self.public = PublicRecords(draft)

    def read(self, rows: Sequence[Row]) -> None:
        for row in rows:
            name = _NUMBERING.sub("", row.compact).rstrip(":")
            if name in _SECTIONS and len(row.filled) == 1:
                self._close()
                self.section, self.never_late = _SECTIONS[name], None
            elif self.section == "end":
                return
            else:
                self._take(row)
        self._close()

    def _take(self, row: Row) -> None:
        if self.section == "inquiry":
            self.inquiries.take(row)
        elif self.section == "summary":
            self._summary(row)
        elif self.section == "public":
            self.public.take(row)
        elif self.section in _ACCOUNTS or self.section == "guarantee":
            self._item(row)
        elif self.section == "elsewhere" and not _NOTHING.match(row.compact):
            self.draft.report.skip(row.line, "not about credit: left to the person", row.page)
        if "防欺诈警示" in row.compact:
            self.draft.fraud_alert = True

    def _item(self, row: Row) -> None:
        text = row.compact
        if _HEADING.match(text) and not _ITEM.match(text):
            self._close()
            self.never_late = text.startswith("从未")
        elif _ITEM.match(text) or (
            _STARTS_WITH_DAY.match(text) and (not self.text or self.text.endswith("。"))
        ):
            self._close()
            self.first, self.text = row, _ITEM.sub("", text)
            self.torn = bool(TORN.search(row.text))
        elif self.first is not None and len(self.text) < _LONGEST_ITEM:
            self.text += text
            self.torn = self.torn or bool(TORN.search(row.text))
        elif not _NOTHING.match(text):
            self.draft.leave_out(row, "no account begins here: a number and a day were expected")

    def _close(self) -> None:
        self.inquiries.close()
        self.public.close()
        row, text = self.first, self.text
        self.first, self.text = None, ""
        if row is None:
            return
        if self.torn:
            self.draft.leave_out(row, "account: a number stands in two parts")
            return
        if self.section == "guarantee":
            self._guarantee(row, text)
            return
        try:
            told = read_sentence(text, self.section, self.never_late, self.draft.day)
        except Unclear as unclear:
            self.draft.leave_out(row, f"account: {unclear}")
            return
        if told.kind in {"R2", "R3"} and told.currency != "人民币":
            self.draft.note(row, f"{told.currency}账户: amounts are in yuan, as the report says")
        self.draft.add_account(row, told.lender, told.kind, currency=told.currency, **told.fields)

    def _guarantee(self, row: Row, text: str) -> None:
        match = _SURETY.search(text)
        owed = amount(match["amount"]) if match else None
        if match is None or owed is None:
            self.draft.leave_out(row, "还款责任: lender or amount not in the form known here")
            return
        balance = _SURETY_BALANCE.search(text)
        self.draft.guarantees.append(
            ReportGuarantee(
                lender=self.draft.lender(match["lender"]),
                amount=owed,
                balance=amount(balance[1]) if balance else None,
                opened_day=day(match["day"]),
            )
        )
        self.draft.report.understand(row.line, f"还款责任 {match['lender']}", row.page)

    def _summary(self, row: Row) -> None:
        if row.filled and (name := _STATED.get(compact(row.filled[0].text))):
            said = [count(cell.text) for cell in row.filled[1:]]
            self.draft.stated[name] = sum(found or 0 for found in said)
            return
        flat = re.fullmatch(r"(.*?账户数)((?:[0-9]|-{1,2})+)", row.compact)
        if flat and (name := _STATED.get(flat[1])):
            said = [count(part) for part in row.text.split()[1:]]
            self.draft.stated[name] = sum(found or 0 for found in said)
