"""Amounts, rates, counts and days as people write them in their own tables.

Nothing is guessed: a figure that could mean two things is refused with both readings named. Full-
width digits, 万 and 千, percent signs and Chinese words for days and terms are read as meant.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from xindeng.intake import spoken
from xindeng.intake.spoken import Period
from xindeng.intake.workbook import NO_RESULT
from xindeng.kernel.money import MAX_AMOUNT

_UNITS: Final = {"": 1, "千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_AMOUNT: Final = re.compile(r"([+-]?)[¥$]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(千|万|亿|k|w)?元?")
_RATE: Final = re.compile(r"([+-]?)(\d+(?:\.\d+)?)(%|‰|)")
_COUNT: Final = re.compile(r"(\d{1,4})(?:\.0+)?(?:期|个月|月|months?)?")
_DAY: Final = re.compile(r"(?:每月|每期)?(\d{1,2})(?:\.0+)?(?:日|号|st|nd|rd|th)?")
_TIMES: Final = {"year": 1, "month": 12, "day": 365}
# What a rate may be in percent of its period; outside it is a typing error or another period's.
_SPAN: Final = {
    "year": (Decimal(1), Decimal(100)),
    "month": (Decimal("0.1"), Decimal(8)),
    "day": (Decimal("0.005"), Decimal("0.3")),
}  # fmt: skip


class Unclear(ValueError):
    """What was written, why it cannot be read, and what to write instead."""

    def __init__(self, what: str, expected: str) -> None:
        super().__init__(what)
        self.what, self.expected = what, expected


def plain(text: str) -> str:
    """Return text with full-width forms made narrow and spaces taken out."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("￥", "¥")


def amount(text: str) -> int:
    """Return an amount in fen, exactly; raises Unclear."""
    if text == NO_RESULT:
        raise Unclear("a formula saved without its result", "save the file again in Excel or WPS")
    written = plain(text).lower()
    match = _AMOUNT.fullmatch(written)
    if match is not None:
        number = Decimal(match[2].replace(",", "") + (match[3] or "")) * _UNITS[match[4] or ""]
    else:
        said = spoken.number(written.lstrip("¥").removesuffix("整").removesuffix("元"))
        if said is None:
            raise Unclear(f"{text[:30]!r} is no amount", "write e.g. 12000.50 or 1.2万")
        number = said
    fen = number * 100
    if fen != fen.to_integral_value():
        raise Unclear(f"{text[:30]!r} has parts of a fen", "write at most two decimals")
    if match is not None and match[1] == "-" and fen:
        raise Unclear(f"{text[:30]!r} is negative", "write what is owed as a positive amount")
    if fen > MAX_AMOUNT:
        raise Unclear(f"{text[:30]!r} is beyond {MAX_AMOUNT // 100:,}", "check for extra zeros")
    return int(fen)


class Rate(NamedTuple):
    """A rate as written: percent, of which period, and in 1/100 % a year, simple."""

    percent: Decimal
    per: Period
    annual_bp: int


def rate(text: str, per: Period) -> Rate:
    """Return a rate per `per`, unless it names its own period (a day × 365, a month × 12).

    Raises Unclear for what no such rate can be; the most usual slips are named.
    """
    written, named = spoken.named_period(plain(text).lower())
    per = named or per
    found = spoken.percent(written, per)
    if found is None:
        found = _percent(text, written)
    if found == 0:
        return Rate(found, per, 0)
    low, high = _SPAN[per]
    if not low <= found <= high:
        raise Unclear(_slip(text, found, per), _better(found, per))
    return Rate(found, per, int((found * _TIMES[per] * 100).quantize(Decimal(1))))


def annual_rate_bp(text: str, per: Period) -> int:
    """Return a rate per `per` in 1/100 % a year; raises Unclear as `rate` does."""
    return rate(text, per).annual_bp


def _percent(text: str, written: str) -> Decimal:
    match = _RATE.fullmatch(written)
    if match is None or text == NO_RESULT:
        raise Unclear(f"{text[:30]!r} is no rate", "write e.g. 18.25%")
    try:
        found = Decimal(match[2])
    except InvalidOperation as error:
        raise Unclear(f"{text[:30]!r} is no rate", "write e.g. 18.25%") from error
    if match[1] == "-" and found:
        raise Unclear(f"{text[:30]!r} is negative", "write the rate as a positive number")
    return found / 10 if match[3] == "‰" else found


def _slip(text: str, rate: Decimal, per: Period) -> str:
    low, high = _SPAN[per]
    side = "below" if rate < low else "above"
    return f"{text[:30]!r} as a rate a {per} is {side} {low if rate < low else high} %"


def _better(rate: Decimal, per: Period) -> str:
    if per == "year" and rate < 1:
        daily, share = rate * 365, rate * 100
        return (
            f"a daily rate of {rate}% is {daily.normalize():f}% a year (use the column 日利率); a "
            f"share of {rate} is {share.normalize():f}%"
        )
    if per == "day" and rate < _SPAN["day"][0]:
        return f"a share of {rate} a day is {(rate * 100).normalize():f}%: write the percent sign"
    return "check the decimal point, and that the column is that of the year, month or day"


def count(text: str) -> int:
    """Return a number of months from "9", "9期", "9个月"; raises Unclear."""
    match = _COUNT.fullmatch(plain(text).lower())
    if match is None or int(match[1]) > 600:
        raise Unclear(f"{text[:30]!r} is no number of months", "write how many are left, e.g. 9")
    return int(match[1])


def day_of_month(text: str) -> int:
    """Return 1–31 from "15", "15日", "每月15号"; raises Unclear."""
    match = _DAY.fullmatch(plain(text).lower())
    if match is None or not 1 <= int(match[1]) <= 31:
        raise Unclear(f"{text[:30]!r} is no day of a month", "write 1 to 31")
    return int(match[1])


def fee_bp(text: str) -> int:
    """Return a prepayment fee in 1/100 % of what is repaid early; raises Unclear."""
    match = _RATE.fullmatch(plain(text))
    if match is None or match[1] == "-":
        raise Unclear(
            f"{text[:30]!r} is no fee in percent", "write the percent of the amount repaid early"
        )
    share = Decimal(match[2]) / (10 if match[3] == "‰" else 1)
    if share > 20:
        raise Unclear(f"a fee of {share}% is above 20 %", "check the decimal point")
    return int((share * 100).quantize(Decimal(1)))


def yes_or_no(text: str) -> bool:
    """Return what 有/无, 是/否, yes/no says; raises Unclear."""
    word = plain(text).lower()
    if word in ("有", "是", "yes", "y", "true", "1"):
        return True
    if word in ("无", "没有", "否", "no", "n", "false", "0"):
        return False
    raise Unclear(f"{text[:30]!r} is neither yes nor no", "write 有 or 无")
