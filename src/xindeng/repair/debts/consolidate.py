"""One new loan in place of several debts, judged by the all-in rate and by what is paid in all.

A longer term makes the instalment smaller and often the loan dearer. New borrowing to pay
borrowing is proposed only if both the all-in rate and the total fall, and if paying on at today's
pace would not cost less still: a loan looks cheap beside a card of which only the minimum is paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, Literal

from msgspec import Struct, structs

from xindeng.events.credit import LenderKind
from xindeng.events.dues import DueRule
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import divide_half_away
from xindeng.lending.accrual import MONTH, parts
from xindeng.lending.annual_rate import AnnualRate, annual_rate, compounded, simple_rate
from xindeng.lending.schedule import day_of_month, monthly_fees, table
from xindeng.lending.terms import Terms
from xindeng.repair.debt import Debt, counted_due
from xindeng.repair.debts.closing import fee_on
from xindeng.repair.debts.orders import avalanche
from xindeng.repair.debts.walk import Budget, Order, follow

_MOST_BP: Final = 1_000_000
"""The dearest rate that a debt can have, in 1/100 % a year."""

Verdict = Literal["cheaper", "dearer", "dearer_but_lighter", "unknown"]
"""`dearer_but_lighter`: the instalment falls and the total rises. `unknown`: a rate or an end of
the old debts is not known, so nothing can be said about the total."""


class NewLoan(Struct, frozen=True, kw_only=True):
    """A loan that might replace debts: whose, and on which terms (its fees among them)."""

    lender: str
    lender_kind: LenderKind
    terms: Terms


class Side(Struct, frozen=True, kw_only=True):
    """What is paid on one side, from today until nothing is owed; amounts in fen.

    `instalment` is the largest sum of one month, `first` that of the first. `simple_ppm` and
    `compound_ppm` are the all-in yearly rate on the balance that is owed today, None where it is
    not known.
    """

    total: int
    months: int
    instalment: int
    first: int
    counted_due: int
    simple_ppm: int | None
    compound_ppm: int | None


class Consolidation(Struct, frozen=True, kw_only=True):
    """The judgement. `amount` is what the new loan must be: balances and the fees for ending them.

    `dearer` is new total − old total in fen (negative: cheaper), None if unknown. `same_time` is
    the new total if it were repaid in the months of the old debts: what the longer time costs is
    the difference. `pace` is what is paid in all if the `monthly` that the debts take today is paid
    on, dearest first, until the last is over; None where that is not known. The new loan brings an
    enquiry and an account on the credit report.
    """

    replaces: tuple[str, ...]
    lender: str
    amount: int
    prepayment_fees: int
    old: Side
    new: Side
    new_rate: AnnualRate
    dearer: int | None
    same_time: int | None
    verdict: Verdict
    lower_rate: bool
    lower_instalment: bool
    monthly: int
    pace: int | None
    new_enquiries: int = 1
    new_accounts: int = 1

    @property
    def kept(self) -> int:
        """Return what is paid in all, in fen, if the debts are kept and paid the cheaper way."""
        return self.old.total if self.pace is None else min(self.old.total, self.pace)

    @property
    def proposed(self) -> bool:
        """Say whether it may be proposed at all: the all-in rate falls, and so does the total,
        beside what is due as well as beside today's pace."""
        return self.verdict == "cheaper" and self.new.total < self.kept


def consolidate(debts: Sequence[Debt], loan: NewLoan, budget: Budget) -> Consolidation:
    """Judge one new loan, paid out on `budget.start`, in place of all of `debts`.

    Of the old debts only the contractual dues are paid. Raises InputError where a balance is not
    known or nothing is owed: then there is nothing to replace.
    """
    blind = next((debt for debt in debts if not debt.balance), None)
    if blind is not None or not debts:
        raise InputError(
            "a debt without a known balance cannot be replaced" if debts else "no debts",
            where=blind.source if blind else "debts",
            next_step="ask the lender for the sum that settles it today",
            code="consolidate.balance",
        )
    owed = sum(debt.balance or 0 for debt in debts)
    fees = sum(fee_on(debt.balance or 0, debt.prepayment_fee_bp) for debt in debts)
    old, new = _old(debts, budget, owed), _new(loan.terms, owed + fees, budget, owed)
    monthly = max(sum(max(counted_due(d, budget.dues), d.monthly_due) for d in debts),
                  old.first)  # fmt: skip
    known = old.simple_ppm is not None
    lower_rate = known and (new.simple_ppm or 0) < (old.simple_ppm or 0)
    return Consolidation(
        replaces=tuple(debt.id for debt in debts),
        lender=loan.lender,
        amount=owed + fees,
        prepayment_fees=fees,
        old=old,
        new=new,
        new_rate=annual_rate(loan.terms, owed + fees, budget.start),
        dearer=new.total - old.total if known else None,
        same_time=_same_time(loan.terms, owed + fees, budget, old) if known else None,
        verdict=_verdict(old, new, lower_rate) if known else "unknown",
        lower_rate=lower_rate,
        lower_instalment=new.instalment < old.instalment,
        monthly=monthly,
        pace=_pace(debts, budget, monthly) if known else None,
    )


def worth_moving(debts: Sequence[Debt], loan: NewLoan, budget: Budget) -> tuple[Debt, ...]:
    """Return those of `debts` that moving into the loan would make cheaper, each by itself."""
    return tuple(
        debt for debt in debts if debt.balance and consolidate((debt,), loan, budget).proposed
    )


def _verdict(old: Side, new: Side, lower_rate: bool) -> Verdict:
    if new.total < old.total and lower_rate:
        return "cheaper"
    return "dearer_but_lighter" if new.instalment < old.instalment else "dearer"


def _old(debts: Sequence[Debt], budget: Budget, owed: int) -> Side:
    course = follow(debts, budget, Order(), minimum_only=True, rows=True)
    flows = [sum(row.paid) for row in course.rows[1:]]
    known = course.months is not None and all(_rate(debt) is not None for debt in debts)
    # Dues fall on different days; the walk bills whole months, so the rate counts them.
    simple = simple_rate(owed, [MONTH] * len(flows), flows) if known else None
    return Side(
        total=course.paid,
        months=len(flows),
        instalment=max(flows),
        first=flows[0],
        counted_due=sum(counted_due(debt, budget.dues) for debt in debts),
        simple_ppm=_ppm(simple),
        compound_ppm=_compound(simple),
    )


def _rate(debt: Debt) -> int | None:
    """Return a debt's yearly rate in 1/100 %: as told, or as its level instalments tell it."""
    if debt.annual_rate_bp is not None or debt.kind != "instalment":
        return debt.annual_rate_bp
    months, due, balance = debt.months_left or 0, debt.monthly_due, debt.balance or 0
    if not balance or months * due < balance:
        return None
    simple = simple_rate(balance, [MONTH] * months, [due] * months)
    return min(divide_half_away(simple, 100_000), _MOST_BP)


def _pace(debts: Sequence[Debt], budget: Budget, monthly: int) -> int | None:
    """Return what is paid in all if `monthly` is paid on until nothing is owed."""
    priced = [structs.replace(debt, annual_rate_bp=_rate(debt)) for debt in debts]
    own = structs.replace(budget, monthly=monthly, lump=0, gate=None)
    course = follow(priced, own, Order(avalanche(priced)))
    return None if course.short or course.months is None else course.paid


def _new(terms: Terms, amount: int, budget: Budget, owed: int) -> Side:
    """Return the side of the new loan; its rate is on what it replaces, all fees included."""
    rows = table(terms, amount, budget.start)
    clock = structs.replace(terms, day_count=365)
    dom = day_of_month(terms, budget.start)
    days = [budget.start, *(row.due_day for row in rows)]
    flows = [row.total for row in rows]
    every = structs.replace(terms, fees=tuple(f for f in terms.fees if f.every == "month"))
    usual = rows[0].principal + rows[0].interest + monthly_fees(every, amount, terms.months)[0]
    simple = simple_rate(owed, [parts(clock, dom, a, b) for a, b in pairwise(days)], flows)
    return Side(
        total=sum(flows),
        months=terms.months,
        instalment=max(flows),
        first=flows[0],
        counted_due=_counted(terms, amount, usual, budget.dues),
        simple_ppm=_ppm(simple),
        compound_ppm=_compound(simple),
    )


def _counted(terms: Terms, amount: int, first: int, dues: DueRule) -> int:
    """Return what a new loan counts for a month: an instalment, without what is charged only once,
    or principal ÷ months."""
    due = first if terms.months > 1 else 0
    return dues.counted(due, amount, terms.months, card=False)


def _same_time(terms: Terms, amount: int, budget: Budget, old: Side) -> int | None:
    if old.months >= terms.months:
        return None
    shorter = structs.replace(terms, months=old.months)
    return sum(row.total for row in table(shorter, amount, budget.start))


def _ppm(simple: int | None) -> int | None:
    return None if simple is None else divide_half_away(simple, 1000)


def _compound(simple: int | None) -> int | None:
    return None if simple is None else compounded(Fraction(simple, 1000))
