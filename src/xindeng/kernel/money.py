"""Exact money: an integer count of minor units and its currency.

Inside the engine amounts travel as plain integers in the minor unit of the policy's currency
(fen, haléř); `Money` stands at the edges, where people type and read amounts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from xindeng.kernel.errors import InputError

# ISO 4217 minor units of the currencies the shipped policies use.
MINOR_DIGITS: Final = {"CNY": 2, "CZK": 2, "USD": 2, "EUR": 2, "JPY": 0}
SYMBOLS: Final = {"CNY": "¥", "USD": "$", "EUR": "€"}

# One event moves at most 10^11 minor units (¥1 billion): beyond that it is a typing error, and
# sums of such amounts stay far inside 2^53, where Python and every SQL engine agree exactly.
MAX_AMOUNT: Final = 10**11
BEYOND: Final = "money.beyond"
"""The code of an amount that is greater than that."""

_AMOUNT = re.compile(r"([+-]?)[¥￥$€]?\s*(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d+))?\s*元?")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """`minor` units of `currency`; ¥12.34 is `Money(1234, "CNY")`."""

    minor: int
    currency: str = "CNY"

    def __post_init__(self) -> None:
        """Refuse fractions of a minor unit and unknown currencies."""
        if type(self.minor) is not int:
            raise InputError(f"money is an integer of minor units, not {self.minor!r}")
        if self.currency not in MINOR_DIGITS:
            raise InputError(
                f"unknown currency {self.currency!r}",
                next_step=f"use one of {', '.join(MINOR_DIGITS)}",
            )

    @classmethod
    def parse(cls, text: str, currency: str = "CNY") -> Money:
        """Read "8,000", "¥28.50", "12元"; raises InputError on anything less exact."""
        match = _AMOUNT.fullmatch(text.strip())
        digits = MINOR_DIGITS.get(currency)
        if match is None or digits is None:
            raise InputError(
                f"not an amount: {text.strip()[:40]!r}", next_step="write e.g. 8000.00"
            )
        sign, whole, fraction = match[1], match[2].replace(",", ""), match[3] or ""
        if fraction[digits:].strip("0"):
            raise InputError(
                f"more than {digits} decimals in {text.strip()[:40]!r}",
                next_step=f"{currency} has {digits} decimals",
            )
        minor = int(whole) * 10**digits + int((fraction[:digits]).ljust(digits, "0") or "0")
        if minor > MAX_AMOUNT:
            raise InputError(
                f"amount {text.strip()[:40]!r} is beyond {MAX_AMOUNT // 10**digits:,}",
                next_step="check for extra zeros or a missing decimal point",
                code=BEYOND,
            )
        return cls(-minor if sign == "-" else minor, currency)

    def __add__(self, other: Money) -> Money:
        """Add an amount of the same currency."""
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract an amount of the same currency."""
        return Money(self.minor - self._same(other).minor, self.currency)

    def _same(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise InputError(
                f"cannot combine {self.currency} and {other.currency}",
                next_step="convert at a recorded rate first",
            )
        return other

    def decimal(self) -> Decimal:
        """Return the amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-MINOR_DIGITS[self.currency])

    def __str__(self) -> str:
        """Return e.g. "¥8,000", "¥8,000.50" or "8,000 CZK": decimals only where needed."""
        digits = MINOR_DIGITS[self.currency]
        if self.minor % 10**digits == 0:
            digits = 0
        body = f"{abs(self.decimal()):,.{digits}f}"
        sign = "-" if self.minor < 0 else ""
        symbol = SYMBOLS.get(self.currency)
        return f"{sign}{symbol}{body}" if symbol else f"{sign}{body} {self.currency}"


def divide_half_away(numerator: int, denominator: int) -> int:
    """Return numerator/denominator rounded half away from zero, in integers only.

    Raises ZeroDivisionError for a zero denominator.
    """
    if denominator < 0:
        numerator, denominator = -numerator, -denominator
    magnitude = (2 * abs(numerator) + denominator) // (2 * denominator)
    return -magnitude if numerator < 0 else magnitude
