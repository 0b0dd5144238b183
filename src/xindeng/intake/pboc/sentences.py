"""The sentences in which a simple report (简版) tells of one account, read word by word.

"2023年2月3日X银行发放的300,000元（人民币）个人消费贷款，2026年2月3日到期。截至2024年11月，
余额200,000。最近5年内有3个月处于逾期状态，没有发生过90天以上逾期。"
What such a sentence does not say stays unknown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from xindeng.events.credit import AccountKind
from xindeng.intake.pboc.values import AMOUNT, DATE, amount, day, day_or_month, months_until
from xindeng.intake.pboc.words import AccountStatus
from xindeng.kernel.time import to_date

_MONTH: Final = r"[0-9]{4}年[0-9]{1,2}月(?:[0-9]{1,2}日)?"
_CURRENCY: Final = r"\((?P<currency>[^)]{1,40})\)"
_COMMA: Final = r"[,，、。;；]?"

_LOAN: Final = re.compile(
    rf"(?P<opened>{DATE})(?P<lender>.{{2,80}}?)(?:发放|办理)的(?P<limit>{AMOUNT})元{_CURRENCY}"
    r"(?P<rest>.*)"
)
_LINE: Final = re.compile(
    rf"(?P<opened>{DATE})(?P<lender>.{{2,80}}?)为(?P<what>.{{2,40}}?)授信(?P<rest>.*)"
)
_CARD: Final = re.compile(
    rf"(?P<opened>{DATE})(?P<lender>.{{2,80}}?)发放的(?P<card>准?贷记卡){_CURRENCY}(?P<rest>.*)"
)
_CLAIM: Final = re.compile(
    rf"(?P<opened>{DATE})[,，]?(?P<lender>.{{2,80}}?)(?:接收债权|进行代偿|垫款)(?P<rest>.*)"
)
_ENDS: Final = re.compile(rf"(?P<day>{DATE})到期")
_ENDED: Final = re.compile(
    rf"(?:(?P<day>{_MONTH}){_COMMA})?已?(?:于)?(?<!未)(?P<how>结清|销户|转出)"
)
_SPECIAL: Final = (
    ("呆账", "bad_debt"), ("司法追偿", "judicial"), ("冻结", "frozen"), ("止付", "stopped"),
    ("未激活", "inactive"),
)  # fmt: skip
_HOW: Final[dict[str, AccountStatus]] = {
    "结清": "settled", "销户": "closed", "转出": "transferred",
}  # fmt: skip
_TOLD: Final = r"(?:总额|金额|合计)?(?:为|:)?(?:折合人民币)?"
_LIMIT: Final = re.compile(rf"信用额度{_TOLD}({AMOUNT})")
_USED: Final = re.compile(rf"已使?用额度{_TOLD}({AMOUNT})")
_BALANCE: Final = re.compile(rf"(?:透支)?余额{_TOLD}({AMOUNT})")
_LATE: Final = re.compile(rf"(?:当前)?逾期(?:金额|总额){_TOLD}({AMOUNT})")
_SINCE: Final = re.compile(rf"(?P<day>{_MONTH})(?:转为|成为|认定为)呆账")
_CLAIMED: Final = re.compile(rf"(?:债权金额|代偿金额|金额){_TOLD}({AMOUNT})")
_MONTHS_LATE: Final = re.compile(r"最近5年内有([0-9]{1,2})个月(?:处于逾期状态|透支超过60天)")
_MONTHS_90: Final = re.compile(r"(?:其中)?([0-9]{1,2})个月(?:逾期|透支)超过90天")
_NO_90: Final = re.compile(
    r"没有(?:发生过)?(?:逾期|透支)?(?:超过)?90天(?:以上)?(?:的)?(?:逾期|透支)?"
)
_NEVER: Final = re.compile(r"从未(?:发生过)?逾期|没有发生过逾期")


@dataclass(frozen=True, slots=True)
class Told:
    """What one sentence says; `fields` are those of `ReportAccount`."""

    lender: str
    kind: AccountKind
    currency: str
    fields: dict[str, Any]


class Unclear(Exception):
    """A sentence that leaves a figure out which an account cannot be judged without."""


def read_sentence(text: str, kinds: str, never_late: bool | None, report_day: int) -> Told:
    """Read one account; raises Unclear with the reason in words.

    `kinds` is the section it stands in: "card", "loan", "other" or "claim"; `never_late` what the
    heading above says (None: no heading). `text` is compact.
    """
    if kinds == "claim":
        return _claim(text)
    if match := _CARD.fullmatch(text):
        return _card(match, never_late)
    if match := _LOAN.fullmatch(text):
        return _loan(match, never_late, report_day)
    if match := _LINE.fullmatch(text):
        return _line(match, never_late)
    raise Unclear("no sentence about an account as this report writes them")


def _day(text: str) -> int:
    found = day_or_month(text)
    if found is None:
        raise Unclear(f"{text} is no day")
    return found


def _money(pattern: re.Pattern[str], text: str) -> int | None:
    match = pattern.search(text)
    return amount(match[1]) if match else None


def _common(rest: str, never_late: bool | None) -> dict[str, Any]:
    """Return status, days and overdue figures, which all kinds of account say alike."""
    said: dict[str, Any] = {}
    special = next((status for word, status in _SPECIAL if word in rest), None)
    ended = _ENDED.search(rest)
    if ended:
        said["status"] = _HOW[ended["how"]]
        if ended["day"]:
            said["closed_day"] = _day(ended["day"])
    elif special:
        said["status"] = special
    if since := _SINCE.search(rest):
        said["bad_since_day"] = _day(since["day"])
    late = _money(_LATE, rest)
    if late is None and "当前逾期" in rest:
        raise Unclear("当前逾期 without an amount")
    if late:
        said["overdue_amount"] = late
        said.setdefault("status", "overdue")
    months, deep = _MONTHS_LATE.search(rest), _MONTHS_90.search(rest)
    if months:
        said["late_months_5y"] = int(months[1])
        if deep or _NO_90.search(rest):
            said["late_90_months_5y"] = int(deep[1]) if deep else 0
    elif _NEVER.search(rest) or never_late:
        said["late_months_5y"] = said["late_90_months_5y"] = 0
    elif "处于逾期状态" in rest:
        raise Unclear("months overdue in no form known here")
    if said.get("late_months_5y") == 0 and late:
        raise Unclear("never overdue and overdue now, both")
    return said


def _closed(said: dict[str, Any]) -> bool:
    return said.get("status") in {"settled", "closed", "transferred"}


def _owed(rest: str, said: dict[str, Any], *patterns: re.Pattern[str]) -> int:
    found = [value for one in patterns if (value := _money(one, rest)) is not None]
    if found:
        return max(found)
    if _closed(said) or said.get("status") == "inactive":
        return 0
    raise Unclear("no balance (余额, 已使用额度)")


def _card(match: re.Match[str], never_late: bool | None) -> Told:
    rest = match["rest"]
    kind: AccountKind = "R3" if match["card"].startswith("准") else "R2"
    # 透支未超过60天 says of a 准贷记卡 that it was never late for long, not that it never was.
    said = _common(rest, never_late if kind == "R2" else None)
    said["opened_day"] = _day(match["opened"])
    said["limit"] = _money(_LIMIT, rest)
    said["balance"] = _owed(rest, said, _BALANCE, _USED)
    return Told(match["lender"], kind, _currency(match["currency"]), said)


def _currency(text: str) -> str:
    """Return 人民币 of "人民币账户，卡片尾号:1234"."""
    return re.split(r"账户|[,，]", text)[0]


def _loan(match: re.Match[str], never_late: bool | None, report_day: int) -> Told:
    rest = match["rest"]
    said = _common(rest, never_late)
    said["opened_day"] = _day(match["opened"])
    said["limit"] = amount(match["limit"])
    said["balance"] = _owed(rest, said, _BALANCE)
    if ends := _ENDS.search(rest):
        said["ends_day"] = _day(ends["day"])
        if not _closed(said):
            said["months_left"] = months_until(to_date(report_day), to_date(said["ends_day"]))
    return Told(match["lender"], "D1", _currency(match["currency"]), said)


def _line(match: re.Match[str], never_late: bool | None) -> Told:
    rest = match["rest"]
    said = _common(rest, never_late)
    said["opened_day"] = _day(match["opened"])
    said["limit"] = _money(_LIMIT, rest)
    said["balance"] = _owed(rest, said, _BALANCE)
    if ends := re.search(rf"有效期至({DATE})", rest):
        said["ends_day"] = day(ends[1])
    kind: AccountKind = "R4" if "循环额度下" in match["what"] + rest else "R1"
    return Told(match["lender"], kind, "人民币", said)


def _claim(text: str) -> Told:
    match = _CLAIM.fullmatch(text)
    if match is None:
        raise Unclear("no sentence about a claim as this report writes them")
    rest = match["rest"]
    said: dict[str, Any] = {"opened_day": _day(match["opened"]), "status": "bad_debt"}
    if ended := _ENDED.search(rest):
        said["status"] = _HOW[ended["how"]]
        if ended["day"]:
            said["closed_day"] = _day(ended["day"])
    said["limit"] = _money(_CLAIMED, rest)
    said["balance"] = _owed(rest, said, _BALANCE)
    return Told(match["lender"], "C1", "人民币", said)
