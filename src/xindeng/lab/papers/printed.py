"""What both printed forms have in common: head, enquiries, how days and amounts are written."""

from __future__ import annotations

from typing import Final

from xindeng.events.credit import CreditReport, InquiryReason, ReportPublicRecord
from xindeng.kernel.time import to_date
from xindeng.lab.papers.blocks import Block, Text, fields, grid, heading
from xindeng.lab.papers.person import Sample

NOTHING: Final = "--"
REASONS: Final[dict[InquiryReason, str]] = {
    "post_loan": "贷后管理", "loan_approval": "贷款审批", "card_approval": "信用卡审批",
    "guarantee_check": "担保资格审查", "own": "本人查询（互联网个人信用信息服务平台）",
}  # fmt: skip


def long_day(at: int | None) -> str:
    """Return a day as 2026年7月1日."""
    if at is None:
        return NOTHING
    moment = to_date(at)
    return f"{moment.year}年{moment.month}月{moment.day}日"


def dotted(at: int | None) -> str:
    """Return a day as 2026.07.01."""
    return NOTHING if at is None else f"{to_date(at):%Y.%m.%d}"


def month(at: int) -> str:
    """Return a month as 2026年07月."""
    return f"{to_date(at):%Y年%m月}"


def yuan(amount: int | None) -> str:
    """Return fen as whole yuan with thousands marks."""
    return NOTHING if amount is None else f"{amount // 100:,}"


def number(value: int | None) -> str:
    """Return a count, or the dashes for none."""
    return NOTHING if value is None else str(value)


def report_line(sample: Sample) -> str:
    """Return number and time, which stand at the head of each page."""
    hour, minute, second = sample.clock
    at = f"{to_date(sample.report.report_day):%Y-%m-%d} {hour:02d}:{minute:02d}:{second:02d}"
    return f"报告编号：{sample.number}　　报告时间：{at}"


def enquiries(report: CreditReport) -> list[Block]:
    """Return the two tables of enquiries, those of institutions and the person's own."""
    blocks: list[Block] = [heading("查询记录")]
    for title, own in (("机构查询记录明细", False), ("本人查询记录明细", True)):
        asked = [line for line in report.inquiries if (line.reason == "own") is own]
        blocks.append(heading(title))
        head = ("编号", "查询日期", "查询机构", "查询原因")
        rows = [
            (str(n), long_day(line.day), line.lender, REASONS[line.reason])
            for n, line in enumerate(asked, start=1)
        ]
        blocks.append(grid([head, *rows]) if rows else Text(NOTHING))
    return blocks


def public_record(record: ReportPublicRecord) -> Block:
    """Return one public record with its labels."""
    authority = record.authority or NOTHING
    if record.kind == "tax_arrears":
        return fields("主管税务机关 欠税总额 欠税统计日期",
                      authority, yuan(record.amount), dotted(record.day))  # fmt: skip
    return fields("执行法院 案由 立案日期 申请执行标的金额 案件状态",
                  authority, "借款合同纠纷", dotted(record.day), yuan(record.amount),
                  "执行中")  # fmt: skip


PUBLIC_TITLES: Final = {"tax_arrears": "欠税记录", "enforcement": "强制执行记录"}
