"""Money coming back, told by the lender's systems: repayments and refunds. No hold stops them."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from xindeng.api.route import Call
from xindeng.api.shapes import Amount, Date, Name, Sent
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.service import credit, pay, repay
from xindeng.service.repay import Receipt


class RepaymentSent(Sent):
    """A payment. Without a loan it is laid on what is due first; with one it may be dated back to
    the local day on which it arrived."""

    amount: Amount
    loan: Name | None = None
    value_on: Date | None = None


class RefundSent(Sent):
    """How much of what was paid too much goes back; all of it if no amount is given."""

    amount: Amount | None = None


class LoanReceipt(Struct, frozen=True, kw_only=True):
    """How a loan stands after its transaction number `seq`; `credit` can be refunded."""

    loan: str
    seq: int
    principal: int
    owed: int
    credit: int
    settled: bool
    amount: int | None = None


class ReceiptsAnswer(Struct, frozen=True, kw_only=True):
    """What the payment did, loan by loan; amounts are minor units of `currency`."""

    currency: str
    parts: tuple[LoanReceipt, ...]


def book(call: Call) -> ReceiptsAnswer:
    """Book a payment that has arrived; too much is kept as a credit balance."""
    sent: RepaymentSent = call.body
    if sent.loan is None:
        if sent.value_on is not None:
            raise InputError(
                "only a payment on one loan can be dated back",
                where="body.value_on",
                next_step="name the loan, or leave the day out",
                code="repay.value_day",
            )
        parts = pay.pay(call.engine, call.borrower, sent.amount, call.key)
        return _answer(call, [_told(one.receipt, one.amount) for one in parts])
    day = None if sent.value_on is None else read_day(sent.value_on, "body.value_on")
    receipt = repay.repay(
        call.engine, call.borrower, sent.loan, sent.amount, call.key,
        currency=call.engine.policy.currency, value_day=day,
    )  # fmt: skip
    return _answer(call, [_told(receipt, sent.amount)])


def refund(call: Call) -> ReceiptsAnswer:
    """Book that what was paid too much has gone back."""
    sent: RefundSent = call.body
    receipts = credit.refund(call.engine, call.borrower, call.key, sent.amount)
    return _answer(call, [_told(one, None) for one in receipts])


def read_day(text: str, where: str) -> int:
    """Return a local day; raises InputError for what is none."""
    try:
        return from_date(date.fromisoformat(text))
    except ValueError as error:
        raise InputError(
            "not a day", where=where, next_step="write 2026-11-01", code="request.day"
        ) from error


def _answer(call: Call, parts: list[LoanReceipt]) -> ReceiptsAnswer:
    return ReceiptsAnswer(currency=call.engine.policy.currency, parts=tuple(parts))


def _told(one: Receipt, amount: int | None) -> LoanReceipt:
    return LoanReceipt(
        loan=one.loan, seq=one.seq, principal=one.principal, owed=one.owed, credit=one.credit,
        settled=one.settled, amount=amount,
    )  # fmt: skip
