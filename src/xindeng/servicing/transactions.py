"""What happens to a loan, dated: an append-only list that is never patched.

Each has a `value_day`, the local day it counts from, which may lie before the day it was booked;
its sequence number is its place in the loan's list, from 1. Amounts are minor units, above zero.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from xindeng.kernel.errors import InputError
from xindeng.lending.terms import Early, Method


class _Dated(Struct, frozen=True, tag_field="kind", forbid_unknown_fields=True):
    value_day: int


class _Money(_Dated, frozen=True):
    amount: int
    currency: str = "CNY"


class Disburse(_Money, tag="disburse", frozen=True):
    """The money went out; always the first."""


class Repay(_Money, tag="repay", frozen=True):
    """Money came in. `early` says what a part paid early shall do, else the terms say it."""

    early: Early | None = None


class Refund(_Money, tag="refund", frozen=True):
    """Credit went back to the borrower."""


class Fee(_Money, tag="fee", frozen=True):
    """A fee of the contract arose, due at once."""

    name: str = "fee"


class Recover(_Money, tag="recover", frozen=True):
    """Money came in on a loan already written off."""


class Reverse(_Dated, tag="reverse", frozen=True):
    """Transaction number `of` never happened: a payment bounced, a clerk erred."""

    of: int
    reason: str = ""


class Waive(_Dated, tag="waive", frozen=True):
    """Interest, penalty or fees were forgiven, up to what is owed of them."""

    interest: int = 0
    penalty: int = 0
    fee: int = 0
    reason: str = ""


class WriteOff(_Dated, tag="write_off", frozen=True):
    """All that is owed was written off; the debt itself remains."""

    reason: str = ""


class Defer(_Dated, tag="defer", frozen=True):
    """Nothing falls due before `first_due_day`; as many instalments as were unpaid follow it."""

    first_due_day: int
    reason: str = ""


class Restructure(_Dated, tag="restructure", frozen=True):
    """What is owed is to be repaid anew: from `first_due_day`, in `months` instalments."""

    first_due_day: int
    months: int
    rate_ppm: int
    method: Method | None = None
    reason: str = ""


class PauseAccrual(_Dated, tag="pause_accrual", frozen=True):
    """Interest and penalty stop, as on a loan that somebody else is said to have taken."""

    reason: str = ""


class ResumeAccrual(_Dated, tag="resume_accrual", frozen=True):
    """Interest and penalty run again; the days between stay free."""

    reason: str = ""


Transaction = (
    Disburse | Repay | Refund | Fee | Recover | Reverse | Waive | WriteOff | Defer | Restructure
    | PauseAccrual | ResumeAccrual
)  # fmt: skip
WITH_MONEY: Final = (Disburse, Repay, Refund, Fee, Recover)

_write = msgspec.json.Encoder(order="deterministic").encode
_decoder: Final[msgspec.json.Decoder[Transaction]] = msgspec.json.Decoder(Transaction)


def write_transaction(transaction: Transaction) -> bytes:
    """Return the transaction as JSON, the same bytes for the same transaction."""
    return _write(transaction)


def read_transaction(raw: bytes) -> Transaction:
    """Return a transaction from JSON; raises InputError."""
    try:
        return _decoder.decode(raw)
    except msgspec.MsgspecError as error:
        raise InputError(f"not a transaction: {error}", code="loan.transaction") from error
