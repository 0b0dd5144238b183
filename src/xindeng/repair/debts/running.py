"""One debt as it runs: what is billed each month, what must be paid, what the policy counts.

Exact integers throughout: interest is billed in whole fen and the fraction carried, so that
however many months are simulated their interest adds up. A month ends on the debt's due day.
"""

from __future__ import annotations

from msgspec import Struct, structs

from xindeng.events.dues import DueRule
from xindeng.kernel.money import divide_half_away
from xindeng.kernel.time import to_date
from xindeng.lending.accrual import MONTH, nominal_day
from xindeng.lending.schedule import level_payment
from xindeng.repair.debt import Debt, counted_due, scales

NEVER = 10_000
"""The month of an end that was not agreed."""


_DAILY = 365 * 10_000
"""Days times basis points in a year: the denominator of interest by actual days."""


class CardRule(Struct, frozen=True, kw_only=True):
    """A card's minimum payment where the bill does not tell it, and when its interest is billed.

    The minimum is `percent_bp` of what is billed, and the interest besides if `plus_interest`, at
    least `floor` fen. `residual_days` lie between the bill and its due day: their interest comes
    with the next bill, so that a card paid in full still sends one more.
    """

    percent_bp: int = 1000
    floor: int = 0
    plus_interest: bool = False
    residual_days: int = 0


def due_day(debt: Debt, start: int, month: int) -> int:
    """Return the local day on which month `month` (1 is the first) falls due after `start`."""
    date = to_date(start)
    index = date.year * 12 + date.month - 1
    dom = debt.due_dom or date.day
    if nominal_day(index, dom) > start:
        index -= 1
    return nominal_day(index + month, dom)


class Running:
    """A debt and where it stands. `balance` principal, `owed` interest billed and not yet paid,
    `unbilled` interest that comes with the next bill, `added` the part of the balance that is
    interest which joined it; all in fen."""

    __slots__ = ("added", "balance", "debt", "dues", "end", "first", "level", "month", "num_den",
                 "owed", "rest", "rule", "shares", "start", "unbilled")  # fmt: skip

    def __init__(self, debt: Debt, start: int, rule: CardRule, dues: DueRule) -> None:
        self.debt, self.start, self.rule, self.dues = debt, start, rule, dues
        self.balance = self.first = debt.balance or 0
        self.owed = self.unbilled = self.added = self.rest = self.month = 0
        self.end = NEVER if debt.months_left is None else max(debt.months_left, 1)
        self.num_den = (0, 1)
        self.shares: dict[int, tuple[int, int]] = {}
        rate = debt.annual_rate_bp or 0
        if debt.daily or debt.kind == "card":
            self.num_den = (rate, _DAILY)
        elif rate:
            self.num_den = (rate, 120_000)
        self.level = self._level()

    def copy(self) -> Running:
        """Return a debt that runs on by itself."""
        twin = object.__new__(Running)
        for name in Running.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    @property
    def open(self) -> bool:
        """Say whether anything is left to pay."""
        return self.balance > 0 or self.owed > 0 or self.unbilled > 0 or self._dues_only

    @property
    def _dues_only(self) -> bool:
        """Of a debt with unknown balance only the dues are known, and how many if an end is."""
        return self.debt.balance is None and self.month < self.end

    def _level(self) -> int:
        """Return the instalment agreed (or its principal, where that is equal), in fen."""
        debt = self.debt
        if debt.kind != "instalment" or self.end == NEVER or not self.balance:
            return debt.monthly_due
        if debt.principal == "equal":
            return -(-self.balance // self.end)
        if debt.monthly_due or debt.annual_rate_bp is None:
            return debt.monthly_due
        return level_payment(self.balance, debt.annual_rate_bp * 100, (MONTH,) * self.end)

    def bill(self) -> int:
        """Let a month pass; return the interest billed, in fen."""
        self.month += 1
        if not self.balance:
            billed, self.unbilled = self.unbilled, 0
            self.owed += billed
            return billed
        known = self.debt.annual_rate_bp is not None
        billed = self._interest() if known else self._implied()
        self.owed += billed
        return billed

    def share(self, month: int) -> tuple[int, int]:
        """Return the interest of month `month` as a fraction of the balance: (up, down)."""
        num, den = self.num_den
        if den != _DAILY:
            return num, den
        found = self.shares.get(month)
        if found is None:
            last = due_day(self.debt, self.start, month - 1) if month > 1 else self.start
            found = num * (due_day(self.debt, self.start, month) - last), den
            self.shares[month] = found
        return found

    def _interest(self) -> int:
        num, den = self.share(self.month)
        grains = self.balance * num + self.rest
        interest = (2 * grains + den) // (2 * den)
        self.rest = grains - interest * den
        if self.debt.kind != "card":
            return interest
        tail = min(interest, self.balance * self.num_den[0] * self.rule.residual_days // den)
        billed = self.unbilled + interest - tail
        self.unbilled = tail
        return billed

    def _implied(self) -> int:
        """Return what a due is beyond principal where only due and months are known.

        Their sum over the months left is what the contract takes, whatever its rate is called;
        the split by month is in equal parts of principal.
        """
        debt = self.debt
        if debt.kind == "interest_only":
            return -(-debt.monthly_due * self.balance // self.first)
        if debt.kind != "instalment" or self.end == NEVER:
            return 0
        principal = -(-self.balance // max(self.end - self.month + 1, 1))
        return max(self.level - principal, 0)

    def due(self) -> int:
        """Return what must be paid for the month just billed, in fen."""
        debt, total = self.debt, self.balance + self.owed
        if debt.balance is None:
            return debt.monthly_due if self.month <= self.end else 0
        if debt.kind == "card":
            return min(total, self._minimum(total))
        if self.month >= self.end:
            return total
        if debt.kind == "instalment":
            equal = debt.principal == "equal" and self.end != NEVER
            return min(total, self.level + (self.owed if equal else 0))
        if debt.kind == "interest_only":
            return self.owed
        if debt.kind == "revolving":
            return min(total, max(self.owed, self._scaled(total)))
        return min(total, debt.monthly_due)

    def _scaled(self, amount: int) -> int:
        """Return the contractual due in proportion to what is left of the first balance."""
        return -(-self.debt.monthly_due * amount // self.first) if self.first else 0

    def _minimum(self, billed: int) -> int:
        rule = self.rule
        if self.debt.monthly_due:
            return max(rule.floor, self._scaled(billed))
        share = -(-billed * rule.percent_bp // 10_000)
        return max(rule.floor, share + (self.owed if rule.plus_interest else 0))

    def pay(self, amount: int) -> tuple[int, int]:
        """Lay `amount` fen on interest, then principal; return both parts.

        What a card's minimum leaves of its interest joins the balance, as cards do, and stays
        interest: it is the first of the balance to be paid.
        """
        if self.debt.balance is None:
            return 0, amount
        interest = min(amount, self.owed)
        lower = min(amount - interest, self.balance)
        joined = min(lower, self.added)
        self.owed -= interest
        self.balance -= lower
        self.added -= joined
        return interest + joined, lower - joined

    def close_month(self) -> None:
        """End the month: unpaid interest of a card becomes principal."""
        if self.debt.kind == "card" and self.owed:
            self.balance, self.added = self.balance + self.owed, self.added + self.owed
            self.owed = 0

    def ahead(self, months: int) -> list[int]:
        """Return the dues of the next `months` months if nothing is paid early, in fen."""
        run, found = self.copy(), []
        for _ in range(months):
            due = 0
            if run.open:
                run.bill()
                due = run.due()
                run.pay(due)
                run.close_month()
            found.append(due)
        return found

    def fee(self, principal: int) -> int:
        """Return the fee for paying `principal` fen early."""
        return divide_half_away(principal * self.debt.prepayment_fee_bp, 10_000)

    def payoff(self) -> int:
        """Return what it costs to be rid of the debt now, fee included, in fen."""
        return self.balance + self.owed + self.fee(self.balance)

    def pay_early(self, cash: int) -> tuple[int, int, int]:
        """Pay up to `cash` fen beyond the due; return interest, principal and fee paid."""
        if cash >= self.payoff():
            fee = self.fee(self.balance)
            return (*self.pay(self.balance + self.owed), fee)
        room = cash - min(cash, self.owed)
        principal = room * 10_000 // (10_000 + self.debt.prepayment_fee_bp)
        while principal + self.fee(principal) > room:
            principal -= 1
        fee, before = self.fee(principal), self.balance
        interest, principal = self.pay(min(cash, self.owed) + principal)
        if self.debt.early == "recompute" and before:
            # At the same rate and time an instalment is in proportion to the balance.
            self.level = -(-self.level * self.balance // before)
        return interest, principal, fee

    def worth_early(self) -> bool:
        """Say whether paying early saves more interest than its fee takes."""
        fee, rate = self.debt.prepayment_fee_bp, self.debt.annual_rate_bp
        if not fee:
            return True
        return rate is not None and (self.end - self.month) * rate > 12 * fee

    def counted(self) -> int:
        """Return what the policy counts for the debt a month from here on, in fen."""
        debt = self.debt
        if not debt.evidenced:
            # Nobody can see that it was repaid, so only its agreed end relieves.
            ended = self.month >= self.end and not self.balance
            return 0 if ended else counted_due(debt, self.dues)
        if debt.balance is None:
            return debt.monthly_due if self.month < self.end else 0
        if not self.balance:
            return 0
        left = None if self.end == NEVER else max(self.end - self.month, 1)
        return self.dues.counted(self.contract(), self.balance, left, card=debt.kind == "card")

    def stated(self) -> Debt:
        """Return the debt as it would be written down now."""
        left = None if self.end == NEVER else max(self.end - self.month, 1)
        return structs.replace(
            self.debt, balance=self.balance, monthly_due=self.contract(), months_left=left
        )

    def contract(self) -> int:
        """Return the contractual due of the next month as it would be stated, in fen."""
        debt = self.debt
        if self.month == 0 and self.balance == self.first:
            return debt.monthly_due
        if debt.kind == "instalment":
            if debt.principal == "level" or self.end == NEVER:
                return self.level
            return self.level - (-self.balance * (debt.annual_rate_bp or 0) // 120_000)
        return self._scaled(self.balance) if scales(debt) else debt.monthly_due
