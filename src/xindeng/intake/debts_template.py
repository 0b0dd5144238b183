"""The empty table of debts that a person fills in: CSV and XLSX, in Chinese and English."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final, Literal

from xindeng.intake.debts_table import LAYOUT

Language = Literal["zh", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")

_HEADINGS: Final[dict[Language, tuple[str, ...]]] = {
    "zh": ("贷款机构", "种类", "剩余本金", "年利率", "日利率", "每月应还", "还款日", "剩余期数",
           "提前还款费率", "有无借据", "借款日期"),
    "en": ("lender", "kind", "balance", "annual rate", "daily rate", "monthly due", "due day",
           "months left", "prepayment fee", "evidence", "borrowed on"),
}  # fmt: skip
_HELP: Final[dict[Language, tuple[str, ...]]] = {
    "zh": (
        "信灯 负债表：每行写一笔负债，写在标题行下面；不知道的格子留空，不要猜。",
        "种类：信用卡 / 分期 / 先息后本 / 随借随还 / 到期还本 / 亲友。亲友借款也是负债。",
        "金额可写 12000、1.2万、一万二；利率写 18.25%（年）或 0.05%、万五（日，按 ×365 折算为年），"
        "只填一列。",
        "每月应还：分期写月供，信用卡写最低还款额。还款日写 1–31。"
        "提前还款费率写占提前还款额的百分比。",
        "分期“手续费率”不是利率，请不要填在利率列；可留空。",
    ),
    "en": (
        "xindeng table of debts: one debt a row below the headings; leave blank what is unknown.",
        "kind: card / instalment / interest_only / revolving / bullet / person (family, friends).",
        "Rates as 18.25% a year or 0.05% a day (x 365 a year), in one column only.",
        "monthly due: the instalment, or a card's minimum. due day: 1 to 31. The prepayment fee is "
        "a percent of what is repaid early.",
        "An instalment fee rate is no interest rate: leave the rate blank rather than enter it.",
    ),
}  # fmt: skip


def headings(lang: Language) -> tuple[str, ...]:
    """Return the headings of the template; the reader knows every one of them."""
    return _HEADINGS[lang]


def template(lang: Language, rows: Sequence[Sequence[object]] = ()) -> dict[str, bytes]:
    """Return file name → content: the table as CSV (opens in Excel as it is) and as XLSX.

    `rows` are written below the headings, in their order.
    """
    name = "debts" if lang == "en" else "负债表"
    return {f"{name}.csv": _csv(lang, rows), f"{name}.xlsx": _xlsx(lang, rows)}


def _csv(lang: Language, rows: Sequence[Sequence[object]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerows([line] for line in _HELP[lang])
    writer.writerow(_HEADINGS[lang])
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def _xlsx(lang: Language, rows: Sequence[Sequence[object]]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = LAYOUT.source if lang == "en" else "负债"
    sheet.append(list(_HEADINGS[lang]))
    for row in rows:
        sheet.append(list(row))
    for letter in "ABCDEFGHIJK":
        sheet.column_dimensions[letter].width = 16
    notes = book.create_sheet("help" if lang == "en" else "填写说明")
    for line in _HELP[lang]:
        notes.append([line])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
