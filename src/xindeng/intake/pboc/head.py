"""The head of a printed report: number, time, whose, which form; what is no such report is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, Literal

from xindeng.intake.pboc.draft import Head
from xindeng.intake.pboc.pages import GET_ONE
from xindeng.intake.pboc.rows import Row
from xindeng.intake.pboc.table import align, labels_of, pairs_of
from xindeng.intake.pboc.values import compact
from xindeng.kernel.errors import ImportFileError

Form = Literal["simple", "detailed"]

_NUMBER: Final = re.compile(r"报告编号:\s*([0-9A-Za-z]{4,40})")
_TIME: Final = re.compile(
    r"报告时间:\s*([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?"
    r"(?:\s*([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?"
)
_PAGE: Final = re.compile(r"第([0-9]{1,4})页[,，/]?共([0-9]{1,4})页")
_FIRST: Final = re.compile(r"查询(?:请求)?时间:|信贷交易违约信息提示|贷记卡最近24个月|个人版2011")
_DETAILED: Final = re.compile(r"信贷交易信息(?:明细|概要|提示)|账户标识")
_SIMPLE: Final = re.compile(r"信贷记录|发放的|机构查询记录明细")
_LATEST_HEAD_ROW: Final = 60


def read_head(rows: Sequence[Row], file: str) -> tuple[Head, Form]:
    """Return the head and the form; raises ImportFileError with page and line for what is none."""
    if not any("个人信用报告" in row.compact for row in rows[:200]):
        raise ImportFileError(
            "no credit report: 个人信用报告 stands nowhere on the first pages",
            where=f"{file}, page 1", next_step=GET_ONE,
        )  # fmt: skip
    for row in rows[:_LATEST_HEAD_ROW]:
        if _FIRST.search(row.compact):
            raise ImportFileError(
                "a first-generation report (查询时间 in its head), in use until January 2020",
                where=_place(file, row), next_step="get the present report: " + GET_ONE,
                code="import.first_generation",
            )  # fmt: skip
    head = Head()
    _number_and_time(rows, head, file)
    _person(rows[:_LATEST_HEAD_ROW], head)
    _whole(rows, file)
    if any(_DETAILED.search(row.compact) for row in rows):
        return head, "detailed"
    if any(_SIMPLE.search(row.compact) for row in rows):
        return head, "simple"
    raise ImportFileError(
        "neither a 简版 (信贷记录) nor a 详版 (信贷交易信息明细) of the report",
        where=file, next_step=GET_ONE,
    )  # fmt: skip


def _place(file: str, row: Row) -> str:
    return f"{file}, page {row.page}, line {row.line}"


def _number_and_time(rows: Sequence[Row], head: Head, file: str) -> None:
    for row in rows:
        for number in _NUMBER.findall(row.text):
            if head.number and number != head.number:
                raise ImportFileError(
                    "a second report begins here (another 报告编号)", where=_place(file, row),
                    next_step="hand in one report a file", code="import.two_reports",
                )  # fmt: skip
            head.number = number
        if head.at is None and (match := _TIME.search(row.text)):
            try:
                head.at = datetime(*(int(part or 0) for part in match.groups()))  # type: ignore[arg-type] # noqa: DTZ001
            except ValueError:
                raise ImportFileError(
                    f"no such time: {match[0]}", where=_place(file, row), next_step=GET_ONE
                ) from None
    for what, found in (("报告编号", head.number), ("报告时间", head.at)):
        if not found:
            raise ImportFileError(
                f"no {what} in the head of the report", where=f"{file}, page 1",
                next_step="hand in the whole report, its first page included",
            )  # fmt: skip


def _person(rows: Sequence[Row], head: Head) -> None:
    names = ("被查询者姓名", "姓名")
    numbers = ("被查询者证件号码", "证件号码")
    for row, after in pairwise(rows):
        found, labels = dict(pairs_of(row)), labels_of(row)
        if not found and any(name in names for name, _ in labels):
            found = dict(align(labels, len(row.cells), after))
        head.name = head.name or next((compact(found[n]) for n in names if n in found), "")
        head.id_number = head.id_number or next(
            (compact(found[n]) for n in numbers if n in found), ""
        )


def _whole(rows: Sequence[Row], file: str) -> None:
    """Refuse a report whose last pages are missing: what is not there looks like nothing owed."""
    pages = [match for row in rows if (match := _PAGE.search(row.compact))]
    if pages and max(int(match[1]) for match in pages) < int(pages[-1][2]):
        raise ImportFileError(
            f"the report is cut off: page {pages[-1][1]} of {pages[-1][2]} is its last",
            where=file, next_step="hand in all pages of the report", code="import.cut_off",
        )  # fmt: skip
    if not any("查询记录" in row.compact for row in rows):
        raise ImportFileError(
            "the report is cut off: its last part, 查询记录, is missing",
            where=f"{file}, page {rows[-1].page}, line {rows[-1].line}",
            next_step="hand in all pages of the report", code="import.cut_off",
        )  # fmt: skip


def is_furniture(row: Row, number: str) -> bool:
    """Tell a page's head or foot, repeated on each page and part of nothing."""
    text = row.compact
    if _PAGE.search(text) and len(text) <= 60:
        return True
    titled = text.startswith("个人信用报告")
    if titled and len(text) <= 40:
        return True
    return len(text) <= 100 and number in text and (titled or text.startswith("报告编号"))
