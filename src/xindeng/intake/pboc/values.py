"""How a credit report writes numbers, days and months, and the forms PDF and web copies give them.

Full-width digits, look-alike radicals and `--` are undone here, so that the readers see one form.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

from xindeng.kernel.time import from_date

YUAN: Final = 100
"""Reports state whole yuan; events hold fen."""

_WIDE: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
# The full-width comma ends a clause; as an ASCII comma it would look like a thousands mark.
del _WIDE[0xFF0C]
_SAME: Final = {
    **_WIDE, 0x3000: " ", 0xA0: " ", 0x2014: "-", 0x2013: "-", 0x2212: "-", 0x2015: "-",
    0x201C: '"', 0x201D: '"', 0x200B: None, 0xFEFF: None,
}  # fmt: skip
_RADICALS: Final = re.compile("[\u2e80-\u2fdf\uf900-\ufaff]")
_THOUSANDS: Final = re.compile("(?<=[0-9])，(?=[0-9]{3}(?![0-9]))")

AMOUNT: Final = r"(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]{1,12})"
DATE: Final = r"[0-9]{4}年[0-9]{1,2}月[0-9]{1,2}日"
_AMOUNT: Final = re.compile(rf"({AMOUNT})(?:\.0{{1,2}})?元?")
TORN: Final = re.compile(r"[0-9] +,?[0-9]")
"""A number with a hole: what stood there nobody knows, and without it another number is read."""
_DAY: Final = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})[-./月]([0-9]{1,2})日?")
_DIGITS: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_MONTH: Final = re.compile(r"([0-9]{4})[-./年]([0-9]{1,2})月?")

EMPTY: Final = frozenset({"", "--", "-", "/", "无", "null"})


def clean(text: str) -> str:
    """Return the text in one form: half-width but for the clause comma, one space for many."""
    text = _RADICALS.sub(lambda found: unicodedata.normalize("NFKC", found[0]), text)
    return " ".join(_THOUSANDS.sub(",", text.translate(_SAME)).split())


def compact(text: str) -> str:
    """Return cleaned text without any space, as Chinese sentences and labels are compared."""
    return clean(text).replace(" ", "")


def is_empty(text: str) -> bool:
    """Tell whether a cell says that there is nothing to say."""
    return compact(text) in EMPTY


def amount(text: str) -> int | None:
    """Return an amount in fen, or None where the text is no whole number of yuan."""
    match = None if TORN.search(clean(text)) else _AMOUNT.fullmatch(compact(text))
    return int(match[1].replace(",", "")) * YUAN if match else None


def count(text: str) -> int | None:
    """Return a plain number such as a count of months, or None."""
    found = compact(text).replace(",", "")
    return int(found) if found.isascii() and found.isdigit() and len(found) <= 6 else None


def day(text: str) -> int | None:
    """Return 2026年7月1日, 2026.07.01, 2026-07-01 or 20260701 as a day number, or None."""
    found = compact(text)
    match = _DAY.fullmatch(found) or _DIGITS.fullmatch(found)
    if match is None:
        return None
    try:
        return _known(date(int(match[1]), int(match[2]), int(match[3])))
    except ValueError:
        return None


def month(text: str) -> tuple[int, int] | None:
    """Return 2026年7月, 2026.07 or 2026-07 as (year, month); None for anything else."""
    match = _MONTH.fullmatch(compact(text))
    if match is None or not 1 <= int(match[2]) <= 12 or not 1950 <= int(match[1]) <= 2150:
        return None
    return int(match[1]), int(match[2])


def first_day(year: int, number: int) -> int:
    """Return the day number of the first of a month."""
    return from_date(date(year, number, 1))


def day_or_month(text: str) -> int | None:
    """Return a day, or the first of a month where only that is said."""
    if (found := day(text)) is not None:
        return found
    return first_day(*said) if (said := month(text)) else None


def months_until(start: date, end: date) -> int:
    """Return the months from `start` to `end`, a begun one counting; at least 1."""
    whole = (end.year - start.year) * 12 + end.month - start.month
    return min(max(whole + (end.day > start.day), 1), 600)


def _known(found: date) -> int | None:
    return from_date(found) if 1950 <= found.year <= 2150 else None
