"""What a loan was agreed to be: method, rate, dates, grace, penalty, fees, order of allocation.

Rates are integers: parts per million a year, simple, so 0.04 % a day is 146,000 (× 365). The
defaults are those of a plain consumer draw; a lender's own come with the policy that offers them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final, Literal

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT, MINOR_DIGITS

MAX_MONTHS: Final = 600
MAX_BULLET_MONTHS: Final = 12


class Method(StrEnum):
    """How principal comes back, and by which clock interest runs."""

    annuity_monthly = "annuity_monthly"
    """等额本息 by months: each whole period costs one twelfth of the yearly rate."""
    annuity_daily = "annuity_daily"
    """等额本息 by actual days."""
    equal_principal = "equal_principal"
    """等额本金; interest by actual days."""
    equal_principal_monthly = "equal_principal_monthly"
    """等额本金; interest by months."""
    interest_only = "interest_only"
    """先息后本: interest each month, principal at the end."""
    bullet = "bullet"
    """一次还本付息 within twelve months."""
    revolving = "revolving"
    """随借随还: interest each month, principal whenever the borrower likes, at the end the rest."""


class Early(StrEnum):
    """What money paid before it is due does to the instalments that follow."""

    recompute = "recompute"
    """Same dates, smaller instalments."""
    shorten = "shorten"
    """Same instalment, fewer dates."""
    next = "next"
    """It counts against the next instalments."""


class Part(StrEnum):
    """What is owed is one of these."""

    penalty = "penalty"
    fee = "fee"
    interest = "interest"
    principal = "principal"


class Order(Struct, frozen=True, forbid_unknown_fields=True):
    """The order in which money is laid on what is owed.

    `by` instalment finishes the oldest before the next; `by` part finishes one part of all first.
    """

    parts: tuple[Part, ...]
    by: Literal["instalment", "part"]

    def __post_init__(self) -> None:
        """Refuse an order that forgets a part."""
        if sorted(self.parts) != sorted(Part):
            raise InputError(
                f"the order names {', '.join(self.parts) or 'nothing'}",
                where="terms.order",
                next_step=f"name each of {', '.join(Part)} once",
                code="terms.order",
            )


class FeeRule(Struct, frozen=True, forbid_unknown_fields=True):
    """A fee of the contract: `ppm` of the amount lent and/or a fixed `amount` in minor units.

    Monthly fees fall due with each instalment, single ones with the first: none is deducted from
    the money paid out.
    """

    name: str
    payee: str
    every: Literal["month", "once"] = "month"
    ppm: int = 0
    amount: int = 0
    name_en: str = ""
    """The English name, where it differs."""

    def __post_init__(self) -> None:
        """Refuse what is not a fee."""
        whole("fees.ppm", self.ppm, 0, 1_000_000)
        whole("fees.amount", self.amount, 0, MAX_AMOUNT)
        if not (self.name and self.payee):
            raise InputError("a fee has no name or payee", where="terms.fees", code="terms.fees")


STANDARD_ORDER: Final = Order(
    (Part.penalty, Part.fee, Part.interest, Part.principal), by="instalment"
)
IMPAIRED_ORDER: Final = Order((Part.principal, Part.interest, Part.fee, Part.penalty), by="part")


class Terms(Struct, frozen=True, forbid_unknown_fields=True):
    """The agreement of one loan. Raises InputError for terms that no loan could have.

    `due_dom` is the day of the month on which instalments fall due (that of the payout if None),
    clipped to the month's end, and the first falls at least `first_gap_days` after the payout.
    `holidays` are local days; with `shift` "following" a due day moves past them. Within
    `grace_days` nothing is past due; afterwards days past due count from the due day, and
    penalty interest runs from the end of grace: `penalty_percent` 150 makes overdue principal
    cost 1.5 times the rate in all.
    """

    rate_ppm: int
    months: int
    method: Method = Method.annuity_monthly
    currency: str = "CNY"
    day_count: Literal[365, 360] = 365
    due_dom: int | None = None
    first_gap_days: int = 15
    shift: Literal["none", "following"] = "none"
    holidays: tuple[int, ...] = ()
    grace_days: int = 0
    penalty_percent: int = 150
    fees: tuple[FeeRule, ...] = ()
    early: Early = Early.recompute
    order: Order = STANDARD_ORDER
    impaired_order: Order = IMPAIRED_ORDER
    impaired_after_dpd: int = 90

    def __post_init__(self) -> None:
        """Refuse what is out of range or does not fit together."""
        whole("rate_ppm", self.rate_ppm, 0, 100_000_000)
        whole("months", self.months, 1, MAX_MONTHS)
        whole("grace_days", self.grace_days, 0, 90)
        whole("penalty_percent", self.penalty_percent, 100, 1000)
        whole("first_gap_days", self.first_gap_days, 1, 60)
        whole("impaired_after_dpd", self.impaired_after_dpd, 0, 3650)
        if self.due_dom is not None:
            whole("due_dom", self.due_dom, 1, 31)
        one_of("method", self.method, tuple(Method))
        one_of("currency", self.currency, tuple(MINOR_DIGITS))
        one_of("day_count", self.day_count, (365, 360))
        one_of("shift", self.shift, ("none", "following"))
        one_of("early", self.early, tuple(Early))
        if self.method == Method.bullet and self.months > MAX_BULLET_MONTHS:
            raise InputError(
                f"a single repayment after {self.months} months",
                where="terms.months",
                next_step=f"agree on at most {MAX_BULLET_MONTHS} months, or on instalments",
                code="terms.months",
            )


def whole(field: str, value: object, low: int, high: int) -> None:
    """Raise InputError unless `value` is a whole number from `low` to `high`."""
    if type(value) is not int or not low <= value <= high:
        raise InputError(
            f"{field} is {str(value)[:40]!r}",
            where=f"terms.{field}",
            next_step=f"give a whole number from {low:,} to {high:,}",
            code="terms.value",
        )


def one_of(field: str, value: object, accepted: tuple[object, ...]) -> None:
    """Raise InputError unless `value` is one of those accepted."""
    if value not in accepted:
        raise InputError(
            f"{field} is {str(value)[:40]!r}",
            where=f"terms.{field}",
            next_step=f"use one of {', '.join(map(str, accepted))}",
            code="terms.value",
        )


_write = msgspec.json.Encoder(order="deterministic").encode
_read = msgspec.json.Decoder(Terms).decode


def write_terms(terms: Terms) -> bytes:
    """Return the terms as JSON, the same bytes for the same terms."""
    return _write(terms)


def read_terms(raw: bytes) -> Terms:
    """Return terms from JSON; raises InputError."""
    try:
        return _read(raw)
    except msgspec.MsgspecError as error:
        raise InputError(f"not terms of a loan: {error}", code="terms") from error
