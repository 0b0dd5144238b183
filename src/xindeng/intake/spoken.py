"""Numbers and rates in words: 一万二, 1万2千, 五千元; 万五, 千分之六, 月息1.5分, 5厘, 24%/年.

What a 厘 or a 分 is depends on the period, by old custom: 年息 1 % and 10 %, 月息 0.1 % and 1 %,
日息 0.01 % and 0.1 %. A rate that names its own period is of that period.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final, Literal

Period = Literal["year", "month", "day"]

_DIGITS: Final = {
    **{char: n for n, char in enumerate("零一二三四五六七八九")},
    **{char: n for n, char in enumerate("〇壹贰叁肆伍陆柒捌玖")},
    "两": 2, "俩": 2,
}  # fmt: skip
_UNITS: Final = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_BIG: Final = {"万": 10_000, "萬": 10_000, "亿": 100_000_000}
_PART: Final = re.compile(r"\d+|[零〇一壹二贰两俩三叁四肆五伍六陆七柒八捌九玖]")
_PLAIN: Final = re.compile(r"\d+(?:\.\d+)?")
_LONGEST: Final = 30
_NUMBER: Final = r"[\d.零〇一壹二贰两三叁四肆五伍六陆七柒八捌九玖十拾]+"
_NAMED: Final[tuple[tuple[re.Pattern[str], Period], ...]] = (
    (re.compile(r"^(年化|年利率|年利息|年利|年息)|([/每]年|p\.?a\.?)$"), "year"),
    (re.compile(r"^(月利率|月利息|月利|月息)|[/每]月$"), "month"),
    (re.compile(r"^(日利率|日利息|日利|日息)|[/每][日天]$"), "day"),
)
_SHARE: Final = re.compile(rf"(万|千|百)(?:分之)?({_NUMBER})")
_CUSTOM: Final = re.compile(rf"(?:({_NUMBER})分)?(?:({_NUMBER})厘?)?")
_LI: Final[dict[Period, Decimal]] = {
    "year": Decimal(1), "month": Decimal("0.1"), "day": Decimal("0.01"),
}  # fmt: skip


def number(text: str) -> Decimal | None:
    """Return a number in words, digits among them or not; None for anything else.

    After 万 or 千 a last digit without a unit is of the next unit: 一万二 is 12,000.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if not 0 < len(text) <= _LONGEST:
        return None
    total = section = Decimal(0)
    single = False
    digit: Decimal | None = None
    last = Decimal(0)  # the unit before, of which a bare digit at the end is a tenth
    rest = text
    while rest:
        char = rest[0]
        if char in _UNITS:
            section += (Decimal(1) if digit is None else digit) * _UNITS[char]
            last, digit, rest = Decimal(_UNITS[char]), None, rest[1:]
        elif char in _BIG:
            section += digit or 0
            if not section:
                return None
            total, last = (total + section) * _BIG[char], Decimal(_BIG[char])
            section, digit, rest = Decimal(0), None, rest[1:]
        elif match := _PART.match(rest):
            if char in "零〇":
                last, rest = Decimal(0), rest[1:]
                continue
            if digit is not None:
                return None
            digit = Decimal(_DIGITS[char] if char in _DIGITS else match[0])
            single = len(match[0]) == 1
            rest = rest[match.end() :]
        else:
            return None
    if digit is not None:
        section += digit * (last / 10 if last >= 100 and single else 1)
    return total + section


def named_period(text: str) -> tuple[str, Period | None]:
    """Return a rate without the period that it names itself, and that period."""
    for pattern, period in _NAMED:
        bare = pattern.sub("", text)
        if bare != text:
            return bare.strip("为:："), period
    return text, None


def percent(text: str, per: Period) -> Decimal | None:
    """Return a rate per `per` in words as percent; None for anything else."""
    if match := _SHARE.fullmatch(text):
        share = number(match[2])
        return None if share is None else share / {"万": 100, "千": 10, "百": 1}[match[1]]
    match = _CUSTOM.fullmatch(text)
    if match is None or not ("分" in text or "厘" in text):
        return None
    tens, ones = (number(part) if part else Decimal(0) for part in match.groups())
    return None if tens is None or ones is None else (tens * 10 + ones) * _LI[per]
