"""The loans of servicing as the store keeps them: terms and transactions encoded, standing read.

Interest is outstanding principal × yearly rate × days ÷ 365, exact, and shown as the cumulative
amount rounded half away from zero, so that what is posted never drifts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

import msgspec

from xindeng.decision.request import Request
from xindeng.kernel.money import divide_half_away
from xindeng.policy.policy import Policy

CASH, PRINCIPAL, RECEIVABLE, INCOME, CREDIT = (
    "cash", "principal", "interest_receivable", "interest_income", "customer_credit",
)  # fmt: skip
_YEAR: Final = 10_000 * 365
_MONTH: Final = 30


@dataclass(frozen=True, slots=True)
class Terms:
    """A loan repaid at any time and due after `months` of 30 days; the rate in basis points."""

    months: int
    rate_bp: int
    purpose: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A dated act on a loan; `of` is the number of the payment that a reversal takes back."""

    kind: str
    value_day: int
    amount: int
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A loan at the beginning of a day; balances sum to zero, income and credit are negative."""

    balances: dict[str, int]
    principal: int
    dpd: int
    overdue: int
    tier: str
    due: tuple[tuple[int, int], ...]
    closed: bool


def terms_of(policy: Policy, request: Request, amount: int) -> Terms:
    """Return the terms of the loan that a confirmed request becomes."""
    return Terms(request.term_months, request.rate_bp, request.purpose)


def encode_terms(terms: Terms) -> bytes:
    """Return the terms as stored."""
    return msgspec.msgpack.encode(asdict(terms))


def decode_terms(stored: bytes) -> Terms:
    """Read stored terms."""
    return msgspec.msgpack.decode(stored, type=Terms)


def encode_transaction(made: Transaction) -> bytes:
    """Return a transaction as stored."""
    return msgspec.msgpack.encode(made)


def decode_transaction(stored: bytes) -> Transaction:
    """Read a stored transaction."""
    return msgspec.msgpack.decode(stored, type=Transaction)


def disbursed(terms: Terms, amount: int, day: int) -> Transaction:
    """Return the transaction by which a loan begins."""
    return Transaction("disburse", day, amount)


def repaid(amount: int, day: int) -> Transaction:
    """Return a payment on a loan as of a day."""
    return Transaction("repay", day, amount)


def owed(balances: dict[str, int] | msgspec.Raw | object) -> int:
    """Return principal and interest owed, minor units."""
    assert isinstance(balances, dict)
    return int(balances.get(PRINCIPAL, 0)) + int(balances.get(RECEIVABLE, 0))


def standing(terms: Terms, told: Sequence[Transaction], day: int) -> Standing:
    """Return the loan at the beginning of `day` from all that is told of it; pure.

    Payments cover interest, then principal; what is left becomes a credit balance. They count in
    the order of their days, whenever they were booked.
    """
    undone = {one.of for one in told if one.kind == "reverse"}
    lasting = [
        one for number, one in enumerate(told, 1) if one.kind != "reverse" and number not in undone
    ]
    start = told[0].value_day
    principal = cash = credit = paid = earned = 0  # `earned` in 1/_YEAR of a minor unit
    since = start
    for one in sorted(lasting, key=lambda each: each.value_day):
        earned += principal * terms.rate_bp * (one.value_day - since)
        since = one.value_day
        if one.kind == "disburse":
            principal += one.amount
            cash -= one.amount
        elif one.kind == "refund":
            credit -= one.amount
            cash -= one.amount
        else:
            interest = min(one.amount, divide_half_away(earned, _YEAR) - paid)
            capital = min(one.amount - interest, principal)
            paid += interest
            principal -= capital
            credit += one.amount - interest - capital
            cash += one.amount
    earned += principal * terms.rate_bp * max(day - since, 0)
    income = divide_half_away(earned, _YEAR)
    balances = {
        CASH: cash, PRINCIPAL: principal, RECEIVABLE: income - paid, INCOME: -income,
        CREDIT: -credit,
    }  # fmt: skip
    last = start + terms.months * _MONTH
    rest = principal + income - paid
    dpd = day - last if rest and day > last else 0
    return Standing(
        balances={name: amount for name, amount in balances.items() if amount},
        principal=principal,
        dpd=dpd,
        overdue=rest if dpd else 0,
        tier=_tier(dpd),
        due=((last, rest),) if rest else (),
        closed=not rest and not credit,
    )


def _tier(dpd: int) -> str:
    for days, tier in (
        (360, "loss"),
        (270, "doubtful"),
        (90, "substandard"),
        (0, "special_mention"),
    ):
        if dpd > days:
            return tier
    return "normal"
