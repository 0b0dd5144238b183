"""What is asked of the line, and what it would cost a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT, MINOR_DIGITS
from xindeng.lending.burden import level
from xindeng.policy.context import PURPOSES

MAX_TERM_MONTHS: Final = 600
MAX_RATE_BP: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Request:
    """A draw as asked: `amount` in minor units, a term, a purpose, a yearly rate in basis points.

    `product` is one that the policy offers; it sets the rate (`pricing.priced`). `after_hold`
    marks the one small attempt that is expected after a hold ended. `cleared` are the rules that a
    person let pass who looked at it (see cleared.py), None where nobody did. `learning` is true
    where the borrower was drawn into the policy's test-and-learn arm (see learning.py), else None.
    Raises InputError for an amount, term, rate or purpose that no policy could mean.
    """

    amount: int
    term_months: int = 12
    purpose: str = "consumption"
    rate_bp: int = 1460
    currency: str = "CNY"
    after_hold: bool = False
    product: str | None = None
    cleared: tuple[str, ...] | None = None
    learning: bool | None = None

    def __post_init__(self) -> None:
        """Refuse what is not a request at all; what is merely unwise is the policy's matter."""
        _whole("amount", self.amount, 1, MAX_AMOUNT, "minor units (fen)")
        _whole("term_months", self.term_months, 1, MAX_TERM_MONTHS, "months")
        _whole("rate_bp", self.rate_bp, 0, MAX_RATE_BP, "basis points")
        _one_of("purpose", self.purpose, PURPOSES)
        _one_of("currency", self.currency, tuple(MINOR_DIGITS))

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Request:
        """Return the request whose stored fields `told` gives."""
        passed = told.get("cleared")
        return cls(**{**told, "cleared": None if passed is None else tuple(passed)})

    @property
    def instalment(self) -> int:
        """Return the equal monthly payment for the asked amount, in minor units."""
        return instalment(self.amount, self.rate_bp, self.term_months)


def instalment(amount: int, rate_bp: int, months: int) -> int:
    """Return the equal monthly payment (等额本息) in minor units, rounded up.

    Rounding up keeps affordability on the careful side and the payment growing with the amount.
    """
    return level(amount, rate_bp * 100, months)


def _whole(field: str, value: object, low: int, high: int, unit: str) -> None:
    if type(value) is not int or not low <= value <= high:
        raise InputError(
            f"{field} is {str(value)[:40]!r}",
            where=f"request.{field}",
            next_step=f"give a whole number of {unit} from {low:,} to {high:,}",
            code="request.value",
        )


def _one_of(field: str, value: object, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise InputError(
            f"{field} is {str(value)[:40]!r}",
            where=f"request.{field}",
            next_step=f"use one of {', '.join(accepted)}",
            code="request.value",
        )
