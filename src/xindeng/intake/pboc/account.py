"""One account block of the detailed report, from 账户N to the next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from xindeng.events.credit import AccountKind, ReportAnnotation
from xindeng.events.dues import ENDED
from xindeng.intake.pboc.draft import Draft
from xindeng.intake.pboc.grid import Grid, grid_text, grid_title
from xindeng.intake.pboc.rows import Cell, Row
from xindeng.intake.pboc.table import Record, align, labels_of, pairs_of
from xindeng.intake.pboc.values import (
    amount,
    compact,
    count,
    day,
    day_or_month,
    first_day,
    is_empty,
)
from xindeng.intake.pboc.words import STATUS, TIERS

_STATUS: Final = re.compile(r'账户状态为"?([一-龥]{2,6})"?')
_LENDER: Final = ("管理机构", "发卡机构", "业务管理机构")
_LIMIT: Final[dict[AccountKind, tuple[str, ...]]] = {
    "D1": ("借款金额",), "C1": ("债权金额", "借款金额"),
}  # fmt: skip
_CARD_LIMIT: Final = ("账户授信额度", "授信额度")
_BALANCE: Final[dict[AccountKind, tuple[str, ...]]] = {"R3": ("透支余额", "余额")}
_CLOSED: Final = ("账户关闭日期", "结清日期", "销户日期", "转出月份")
_EVENTS: Final = ("特殊交易类型", "特殊事件类型")
_REMARKS: Final = frozenset({*_EVENTS, "标注内容", "添加日期", "发生日期", "发生月份", "发生金额",
                             "变更月数", "明细记录"})  # fmt: skip


class Unread(Exception):
    """A field without which the account cannot be judged; `names` are its labels."""

    def __init__(self, what: str, *names: str) -> None:
        super().__init__(what)
        self.names = names


class Block:
    """Collects the labels, values, grids and remarks of one account."""

    def __init__(self, draft: Draft, row: Row, kind: AccountKind, agreement: str) -> None:
        self.draft, self.row, self.kind = draft, row, kind
        self.record = Record(row)
        self.grids: list[Grid] = []
        self.events: list[str] = []
        self.remarks: list[tuple[str, int | None]] = []
        self.fault = ""
        self._agreement = agreement
        self._in_grid = False
        self._head: tuple[tuple[str, Cell], ...] = ()
        self._width = 0
        self._fresh = False
        self._last_pair = ""
        self._open: dict[str, str] = {}

    def take(self, row: Row) -> None:
        """Take one row of the block."""
        if months := grid_title(row):
            self._in_grid = True
            try:
                self.grids.append(Grid(*months))
            except ValueError as error:
                self.fault, self._in_grid = f"还款记录: {error}", False
        elif self._in_grid and self.grids[-1].take(row):
            return
        elif labels := labels_of(row):
            self._in_grid = False
            self._head, self._width, self._fresh = labels, len(row.cells), True
        elif pairs := list(pairs_of(row)):
            self._in_grid, self._head = False, ()
            for name, text in pairs:
                self._pair(name, text, row)
        elif match := _STATUS.search(row.compact):
            self.record.put("账户状态", match[1], row)
        elif row.compact.startswith("截至"):
            return
        elif self._head:
            self._values(row)
        elif self._last_pair and not self._in_grid:  # the rest of a long value
            self.record.extend(self._last_pair, row.compact)

    def _pair(self, name: str, text: str, row: Row) -> None:
        if name in _EVENTS or name == "标注内容":
            self._end_remark()
        if name in _REMARKS:
            self._open[name] = text
        else:
            self._last_pair = name
            self.record.put(name, text, row)

    def _end_remark(self) -> None:
        found, self._open = self._open, {}
        if found:
            self._remark(found)

    def _values(self, row: Row) -> None:
        found = align(self._head, self._width, row)
        names = {name for name, _ in self._head}
        if names & {*_EVENTS, "标注内容"}:
            self._remark(found)
        elif self._fresh:
            self._check_status(found)
            for name, text in found.items():
                self.record.put(name, text, row)
        else:  # the rest of values that went over to this line
            for name, text in found.items():
                self.record.extend(name, text)
        self._fresh = False

    def _check_status(self, found: Mapping[str, str]) -> None:
        """Note a second status that is not the first: one of the two lines is another's."""
        first, other = self.record.get("账户状态"), compact(found.get("账户状态", ""))
        if first and not is_empty(other) and other != first:
            self.fault = self.fault or f"账户状态 is both {first[:12]} and {other[:12]}"

    def _remark(self, found: Mapping[str, str]) -> None:
        event = next((compact(found[name]) for name in _EVENTS if name in found), "")
        if event and not is_empty(event):
            when = found.get("发生日期") or found.get("发生月份") or ""
            self.events.append(f"{event} {compact(when)}".strip())
        text = compact(found.get("标注内容", ""))
        if not is_empty(text):
            self.remarks.append((text, day_or_month(found.get("添加日期", ""))))

    def close(self) -> None:
        """Hand the account to the draft, or say why it could not be read."""
        self._end_remark()
        try:
            said = self._fields()
        except Unread as error:
            self.draft.leave_out(self.record.place(*error.names), f"account: {error}")
            return
        record, before = self.record, len(self.draft.accounts)
        self.draft.add_account(
            self.row, record.get(*_LENDER), self.kind,
            mark=record.get("账户标识"),
            agreement=record.get("授信协议标识", "授信协议编号") or self._agreement,
            currency=record.get("账户币种", "币种").removesuffix("元账户") or "人民币",
            note="; ".join(self.events)[:500], **said,
        )  # fmt: skip
        if len(self.draft.accounts) == before:
            return
        for text, at in self.remarks:
            self.draft.annotations.append(
                ReportAnnotation(
                    kind="dispute" if "异议" in text else "note",
                    account=self.draft.accounts[-1].account,
                    day=at,
                    text=self.draft.scrub(text),
                )
            )

    def _fields(self) -> dict[str, Any]:
        record = self.record
        if self.fault:
            raise Unread(self.fault)
        if is_empty(record.get(*_LENDER)):
            raise Unread("no lender (管理机构, 发卡机构)", *_LENDER)
        word = record.get("账户状态", "状态")
        status = STATUS.get(word)
        if status is None:
            raise Unread(f"账户状态 {word[:12] or 'missing'} is not known here", "账户状态", "状态")
        said: dict[str, Any] = {
            "status": status,
            "tier": self._tier(),
            "limit": self._money(*_LIMIT.get(self.kind, _CARD_LIMIT)),
            "opened_day": self._day("开立日期", "债权接收日期"),
            "ends_day": self._day("到期日期"),
            "closed_day": self._day(*_CLOSED),
            "months_left": self._count("剩余还款期数"),
            "monthly_due": self._money("本月应还款") or 0,
            "overdue_amount": self._money("当前逾期总额") or 0,
            "overdue_months": self._count("当前逾期期数") or 0,
            "bad_since_day": self._day("呆账日期"),
        }
        said["balance"] = self._balance(status)
        if status == "overdue" and not said["overdue_amount"]:
            raise Unread("逾期 without an amount (当前逾期总额)", "当前逾期总额")
        said["grid"], said["grid_end"] = self._grid()
        return said

    def _balance(self, status: str) -> int:
        owed = self._money(*_BALANCE.get(self.kind, ("余额",)))
        if owed is None and self.kind in {"R2", "R3"}:
            owed = self._money("已用额度")
        if owed is None:
            if status not in ENDED and status != "inactive":
                raise Unread("no balance (余额)", "余额", "透支余额")
            owed = 0
        if self.kind in {"R2", "R3"}:  # instalments not billed yet are owed all the same
            owed += self._money("未出单的大额专项分期余额") or 0
        return owed

    def _tier(self) -> str:
        word = self.record.get("五级分类")
        if is_empty(word):
            return "unclassified"
        tier = TIERS.get(word)
        if tier is None:
            raise Unread(f"五级分类 {word[:12]} is not known here", "五级分类")
        return tier

    def _grid(self) -> tuple[str, int | None]:
        if not self.grids:
            return "", None
        for grid in self.grids:
            if grid.unread is not None or not grid.signs:
                row = grid.unread or self.row
                raise Unread(f"a sign in the 还款记录 is not known here (page {row.page}, "
                             f"line {row.line})")  # fmt: skip
            if missing := grid.missing():
                self.draft.note(self.row, f"{missing} months of the 还款记录 are empty: unknown")
        last = max(grid.last for grid in self.grids)
        signs: dict[tuple[int, int], str] = {}
        for grid in self.grids:
            for month, sign in grid.signs.items():
                if signs.setdefault(month, sign) != sign:
                    raise Unread(f"two 还款记录 differ for {month[0]}-{month[1]:02d}")
        return grid_text(signs, last), first_day(*last)

    def _said(self, names: tuple[str, ...]) -> str:
        found = self.record.get(*names)
        return "" if is_empty(found) else found

    def _money(self, *names: str) -> int | None:
        if not (text := self._said(names)):
            return None
        found = amount(text)
        if found is None:
            raise Unread(f"{names[0]}: {text[:20]} is no amount in whole yuan", *names)
        return found

    def _count(self, *names: str) -> int | None:
        if not (text := self._said(names)):
            return None
        found = count(text)
        if found is None:
            raise Unread(f"{names[0]}: {text[:20]} is no number", *names)
        return min(found, 600)

    def _day(self, *names: str) -> int | None:
        text = self._said(names)
        if not text or text == "长期":
            return None
        found = day(text) if names[0] != _CLOSED[0] else day_or_month(text)
        if found is None:
            raise Unread(f"{names[0]}: {text[:20]} is no day", *names)
        return found
