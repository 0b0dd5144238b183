"""A person's own table of debts (CSV or XLSX, Chinese or English headings) → debts.

A row that cannot be read refuses the whole table, with every such row named at once: a list of
debts with one missing would say that less is owed. What can be read but looks odd (a payment below
the interest, instalments that do not reach the balance) is kept and told.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, get_args

from xindeng.events.credit import LenderKind
from xindeng.intake import figures
from xindeng.intake.bills import when
from xindeng.intake.figures import Unclear
from xindeng.intake.report import ImportReport
from xindeng.intake.spoken import Period
from xindeng.intake.table import Layout, Row, read_table
from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import Zone
from xindeng.repair.debt import DEBT_KINDS, Debt, DebtKind

LAYOUT: Final = Layout(
    source="debts",
    columns={
        "lender": ("贷款机构", "机构", "债权人", "出借人", "平台", "lender", "creditor"),
        "kind": ("种类", "类型", "kind", "type"),
        "balance": ("剩余本金", "余额", "欠款", "未还本金", "balance", "owed"),
        "rate_year": ("年利率", "年化利率", "年化", "annual rate", "yearly rate", "apr", "rate"),
        "rate_month": ("月利率", "monthly rate"),
        "rate_day": ("日利率", "daily rate"),
        "due": ("每月应还", "月供", "每期应还", "最低还款", "最低还款额", "monthly due",
                "monthly payment", "instalment", "minimum", "minimum payment"),
        "due_dom": ("还款日", "due day"),
        "months": ("剩余期数", "剩余月数", "months left", "remaining months"),
        "fee": ("提前还款费率", "提前还款违约金", "prepayment fee"),
        "paper": ("有无借据", "借据", "evidence", "written"),
        "since": ("借款日期", "borrowed on"),
    },
    required=("lender", "kind", "balance", "due"),
    next_step="fill in a template; `xindeng checkup --template DIR` writes one",
    ragged=True,
)  # fmt: skip

KINDS: Final[tuple[tuple[re.Pattern[str], DebtKind], ...]] = (
    (re.compile(r"信用卡|贷记卡|card|花呗"), "card"),
    (re.compile(r"亲友|家人|朋友|亲戚|私人|个人借款|person|family|friend"), "person"),
    (re.compile(r"先息后本|只还利息|interest.?only"), "interest_only"),
    (re.compile(r"一次还本|到期还本|一次性|bullet"), "bullet"),
    (re.compile(r"随借随还|循环|revolving|line"), "revolving"),
    (re.compile(r"分期|等额|贷|instalment|installment|loan|mortgage|consumer"), "instalment"),
)
"""Words for a debt's kind; the first that fits decides."""
_KINDS_TOLD: Final = {
    False: "信用卡, 分期, 先息后本, 随借随还, 到期还本, 亲友",
    True: "card, instalment, interest-only, revolving, bullet, family",
}

_LENDER_KINDS: Final[tuple[tuple[re.Pattern[str], LenderKind], ...]] = (
    (re.compile(r"消费金融|consumer finance", re.IGNORECASE), "consumer_finance"),
    (re.compile(r"小额贷款|小贷|micro", re.IGNORECASE), "microlender"),
    (re.compile(r"担保|guarant", re.IGNORECASE), "guarantor"),
    (re.compile(r"银行|信用社|bank", re.IGNORECASE), "bank"),
)
_PERIODS: Final[dict[str, Period]] = {
    "rate_year": "year", "rate_month": "month", "rate_day": "day"
}  # fmt: skip
# The instalment of these is agreed; a card or a line may leave it open.
_AGREED: Final = frozenset({"instalment", "interest_only", "bullet"})


def read_debts(path: Path, *, zone: Zone, now: int) -> tuple[tuple[Debt, ...], ImportReport]:
    """Read a table of debts as of `now` (µs); return the debts and what there is to say of them.

    Raises ImportFileError that names every row that cannot be read, and what was expected there.
    """
    table = read_table(path, LAYOUT)
    report = ImportReport(table.file, source="debts", notes=table.notes)
    # A column of one's own is read by a person who wrote it: that nobody reads it must be said.
    report.notes += [f"the column {one[:20]!r} is not known and is not read"
                     for one in table.strangers()]  # fmt: skip
    debts: list[Debt] = []
    wrong: list[str] = []
    headings = table.headings()
    for row in table.rows():
        reader = _RowReader(row, headings)
        debt = _debt(row, reader, zone, now)
        if debt is None or reader.wrong:
            wrong += reader.wrong
            continue
        report.notes += [f"{row.where}: {note}" for note in (*reader.notes, *_odd(debt))]
        report.understood += 1
        debts.append(debt)
    if wrong:
        raise ImportFileError(
            "these cells cannot be read:\n  " + "\n  ".join(wrong), where=table.file,
            next_step="correct them and hand the table in again; no debt was taken in",
            code="import.debts",
        )  # fmt: skip
    if not debts:
        raise ImportFileError(
            "no debt below the headings", where=table.file, code="import.empty",
            next_step="write one debt a row",
        )  # fmt: skip
    _repeated(debts, report)
    return tuple(debts), report


class _RowReader:
    """One row's cells; what cannot be read is gathered, so that all of it is told at once."""

    def __init__(self, row: Row, headings: Mapping[str, str]) -> None:
        self.row = row
        self.headings = headings
        self.wrong: list[str] = []
        self.notes: list[str] = []

    def refuse(self, column: str, what: str, expected: str) -> None:
        heading = self.headings.get(column, LAYOUT.columns[column][0])
        self.wrong.append(f"{self.row.where} {heading}: {what} ({expected})")

    def cell(self, column: str, read: Callable[[str], Any], *, needed: str = "") -> Any:
        """Return a cell's value, None where it is empty (refused if `needed` says why)."""
        text = self.row[column].strip("-/— ")
        if not text:
            if needed:
                self.refuse(column, "empty", needed)
            return None
        try:
            # A minus sign is no padding: it is refused by name.
            return read(self.row[column] if self.row[column].startswith("-") else text)
        except Unclear as unclear:
            self.refuse(column, unclear.what, unclear.expected)
            return None


def _debt(row: Row, reader: _RowReader, zone: Zone, now: int) -> Debt | None:
    if row.surplus or row.merged:
        what = f"merged cells {row.merged}" if row.merged else "more cells than headings"
        reader.refuse("lender", what, "one debt a row, one value a cell")
        return None
    lender = row["lender"]
    kind = _kind(row["kind"], reader)
    balance = reader.cell("balance", figures.amount)
    agreed = kind in _AGREED and kind != "bullet"
    due = reader.cell("due", figures.amount, needed="the instalment of a month" if agreed else "")
    if due is None and not agreed:
        reader.notes.append(_open_due(kind))
    months = reader.cell("months", figures.count)
    rate = _rate(reader, kind)
    dom = reader.cell("due_dom", figures.day_of_month)
    fee = reader.cell("fee", figures.fee_bp)
    paper = reader.cell("paper", figures.yes_or_no)
    _since(row, reader, zone, now)
    if not lender:
        reader.refuse("lender", "empty", "who is owed")
    if reader.wrong or kind is None:
        return None
    try:
        return Debt(
            id=f"debt-{row.line}", lender=lender[:128], lender_kind=_lender_kind(lender, kind),
            kind=kind, balance=balance, annual_rate_bp=rate, monthly_due=due or 0, due_dom=dom,
            months_left=months, prepayment_fee_bp=fee or 0,
            evidenced=paper if paper is not None else kind != "person", source=row.where,
        )  # fmt: skip
    except InputError as error:
        reader.wrong.append(f"{row.where}: {error.what} ({error.next_step})")
        return None


def _kind(text: str, reader: _RowReader) -> DebtKind | None:
    word = figures.plain(text).lower()
    if word in DEBT_KINDS:
        return word  # type: ignore[return-value]
    for pattern, kind in KINDS:
        if pattern.search(word):
            return kind
    english = reader.headings.get("kind", "").isascii()
    reader.refuse(
        "kind", f"{text[:30]!r} is no kind of debt", f"write one of {_KINDS_TOLD[english]}"
    )
    return None


def _lender_kind(lender: str, kind: DebtKind) -> LenderKind:
    if kind == "person":
        return "person"
    found = next((one for pattern, one in _LENDER_KINDS if pattern.search(lender)), None)
    assert found is None or found in get_args(LenderKind)
    return found or ("bank" if kind == "card" and "花呗" not in lender else "platform")


def _open_due(kind: DebtKind | None) -> str:
    if kind == "card":
        return "no minimum given: the policy's share of the balance is counted"
    return "no monthly payment given: the balance is spread over the months the policy says"


def _rate(reader: _RowReader, kind: DebtKind | None) -> int | None:
    given = [column for column in _PERIODS if reader.row[column].strip("-/— ")]
    if len(given) > 1:
        names = " and ".join(LAYOUT.columns[column][0] for column in given)
        reader.refuse(given[1], f"both {names} are filled", "give one rate only")
        return None
    if not given:
        reader.notes.append("no rate given: it stays unknown and no interest is computed")
        return None
    column = given[0]
    rate: figures.Rate | None = reader.cell(
        column, lambda text: figures.rate(text, _PERIODS[column])
    )
    if rate is None:
        return None
    if rate.annual_bp == 0 and kind != "person":
        reader.notes.append("rate 0: read as free of interest, as written")
    elif rate.annual_bp and rate.per != "year":
        times = "× 365" if rate.per == "day" else "× 12"
        year, written = f"{rate.annual_bp / 100:.2f}", f"{rate.percent.normalize():f}"
        reader.notes.append(f"{written}% {times} = {year}% a year, simple")
    return rate.annual_bp


def _since(row: Row, reader: _RowReader, zone: Zone, now: int) -> None:
    if not row["since"].strip("-/ "):
        return
    try:
        since = when(row["since"].split(" ")[0], zone, row.where, time="")
    except ImportFileError as error:
        reader.refuse("since", error.what, "write 2026-07-01")
        return
    if zone.day(since) > zone.day(now):
        reader.refuse("since", f"{row['since'][:20]} is in the future", "the day it was borrowed")


def _odd(debt: Debt) -> list[str]:
    """Return what can be but seldom is, so that the person can look at it again."""
    found = []
    balance, due, rate = debt.balance, debt.monthly_due, debt.annual_rate_bp
    if balance is None:
        return ["no balance given: it stays unknown, only its monthly payment is counted"]
    interest = -(-balance * (rate or 0) // 120_000)
    if due and rate and due <= interest and debt.kind not in ("interest_only", "bullet"):
        found.append(
            f"{Money(due)} a month does not even pay the interest, about {Money(interest)}: at "
            "this pace the debt never ends"
        )
    if debt.kind == "instalment" and debt.months_left and due * debt.months_left < balance:
        found.append(
            f"{debt.months_left} payments of {Money(due)} are less than the balance "
            f"{Money(balance)}: check the three"
        )
    if debt.months_left == 0 and balance:
        found.append("no months left and still owed: read as due at once")
    if due > balance > 0 and (debt.months_left or 0) > 1:
        found.append(f"a payment of {Money(due)} above the balance {Money(balance)}: check both")
    return found


def _repeated(debts: list[Debt], report: ImportReport) -> None:
    seen: dict[tuple[object, ...], str] = {}
    for debt in debts:
        same = (debt.lender, debt.kind, debt.balance, debt.monthly_due)
        if same in seen:
            report.notes.append(
                f"{debt.source}: the same as {seen[same]}; if it is one debt, delete one row"
            )
        seen.setdefault(same, debt.source)
