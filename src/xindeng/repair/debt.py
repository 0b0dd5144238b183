"""A debt as the plan sees it: what is owed to whom, at what price, and what falls due a month."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from msgspec import Struct, structs

from xindeng.events.credit import CreditReport, ExternalDebt, LenderKind, ReportAccount
from xindeng.events.dues import CARDS, DEFAULT_DUES, DueRule, lenders_of, owed
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT

DebtKind = Literal["card", "instalment", "interest_only", "revolving", "bullet", "person"]
DEBT_KINDS: Final = ("card", "instalment", "interest_only", "revolving", "bullet", "person")

_BOUNDS: Final = {
    "balance": (0, MAX_AMOUNT),
    "annual_rate_bp": (0, 1_000_000),
    "monthly_due": (0, MAX_AMOUNT),
    "due_dom": (1, 31),
    "months_left": (0, 600),
    "prepayment_fee_bp": (0, 10_000),
}


class Debt(Struct, frozen=True, kw_only=True):
    """One debt. Amounts in fen, rates in 1/100 % a year, simple; None is unknown, never guessed.

    `monthly_due` is the contract's: an instalment, the interest of a loan that only asks for it,
    or a card's minimum. `months_left` None: no end agreed. `evidenced` False: a loan from family
    or friends without a paper, which is owed like any other but whose repayment nobody can see.
    `account` names the debt in the credit report, `source` the line or event it was read from.
    `daily`: interest runs by actual days, not by months (a card's always does). `principal`
    "equal": each instalment pays the same principal (等额本金), not the same sum. `early`: what
    paying early does to the instalments that follow; only "recompute" makes them smaller.
    Raises InputError for what no debt can be.
    """

    id: str
    lender: str
    lender_kind: LenderKind
    kind: DebtKind
    balance: int | None
    annual_rate_bp: int | None
    monthly_due: int
    due_dom: int | None = None
    months_left: int | None = None
    prepayment_fee_bp: int = 0
    daily: bool = False
    principal: Literal["level", "equal"] = "level"
    early: Literal["shorten", "recompute"] = "shorten"
    evidenced: bool = True
    account: str | None = None
    source: str

    def __post_init__(self) -> None:
        """Refuse numbers out of range; the message names the line the debt was read from."""
        for field, (low, high) in _BOUNDS.items():
            value = getattr(self, field)
            if value is None and field not in ("monthly_due", "prepayment_fee_bp"):
                continue
            if type(value) is not int or not low <= value <= high:
                raise InputError(
                    f"{field} of {self.id!r} is {str(value)[:40]!r}",
                    where=self.source,
                    next_step=f"give a whole number from {low:,} to {high:,}",
                    code="debt.value",
                )


def counted_due(debt: Debt, dues: DueRule = DEFAULT_DUES) -> int:
    """Return what the policy counts for the debt a month, in fen.

    The greater of the contractual due and principal ÷ remaining months; of a card, its share of
    the balance. Where the balance is unknown only the contractual due can be counted.
    """
    return dues.counted(
        debt.monthly_due, debt.balance or 0, debt.months_left, card=debt.kind == "card"
    )


def scales(debt: Debt) -> bool:
    """Say whether the contractual due falls in proportion when a part is paid early."""
    if debt.kind == "instalment":
        return debt.early == "recompute"
    return debt.kind in ("card", "interest_only", "revolving")


def after_payment(debt: Debt, principal: int) -> Debt:
    """Return the debt once `principal` fen of it are paid early, today.

    A level instalment is in proportion to the balance at the same rate and time, so is interest,
    and so is a card's minimum; an instalment that the terms do not re-amortise stays, and so does
    what was promised to a person. Raises InputError beyond the balance.
    """
    if debt.balance is None or not 0 <= principal <= debt.balance:
        raise InputError(
            f"{principal} fen cannot be paid off {debt.id!r}",
            where=debt.source,
            next_step="pay at most the balance; an unknown balance must be asked for first",
            code="debt.payment",
        )
    left = debt.balance - principal
    due = debt.monthly_due
    if left == 0:
        due = 0
    elif scales(debt):
        due = -(-due * left // debt.balance)
    return structs.replace(debt, balance=left, monthly_due=due)


def debts_of_report(report: CreditReport, dues: DueRule = DEFAULT_DUES) -> tuple[Debt, ...]:
    """Return the open debts of a credit report, each once, in the report's order.

    Counted as `external_debt` counts them: a line or its parts, a jointly funded loan once.
    """
    return tuple(
        _debt(account, debt.lead)
        for debt in owed(report.accounts, dues)
        for account in debt.counted
        if account.balance or account.monthly_due
    )


def _debt(account: ReportAccount, lead: ReportAccount) -> Debt:
    return Debt(
        id=account.account,
        lender=lead.lender,
        lender_kind=lead.lender_kind,
        kind=_kind(account),
        balance=account.balance,
        annual_rate_bp=account.annual_rate_bp,
        monthly_due=account.monthly_due,
        months_left=account.months_left,
        account=account.account,
        source=f"credit_report {account.account}",
    )


def _kind(account: ReportAccount) -> DebtKind:
    """Return the kind: what was drawn for a term is an instalment loan, a line without is not."""
    if account.kind in CARDS:
        return "card"
    if account.kind == "C1":
        return "bullet"
    return "instalment" if account.kind == "D1" or account.months_left else "revolving"


def external_debt(debts: Iterable[Debt], dues: DueRule = DEFAULT_DUES) -> ExternalDebt:
    """Return all debts as the one event the features read."""
    found = tuple(debts)
    lenders, nonbank = lenders_of(
        (debt.lender, debt.lender_kind) for debt in found if debt.balance is None or debt.balance
    )
    return ExternalDebt(
        monthly_due=min(sum(counted_due(debt, dues) for debt in found), MAX_AMOUNT),
        balance=min(sum(debt.balance or 0 for debt in found), MAX_AMOUNT),
        lenders=lenders,
        nonbank_lenders=nonbank,
        source="declared",
    )
