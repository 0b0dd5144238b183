"""A loan told once more, day by day, in fractions: slow, plain, and written from the rules alone.

It shares with the engine only the terms and the transactions. Every night adds its interest as a
fraction; instalments are split by discounting; nothing is cached and nothing is skipped.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from xindeng.lending.terms import Early, Method, Part, Terms
from xindeng.servicing.transactions import (
    Defer,
    Disburse,
    Fee,
    PauseAccrual,
    Recover,
    Refund,
    Repay,
    Restructure,
    ResumeAccrual,
    Reverse,
    Transaction,
    Waive,
    WriteOff,
)

MONTHLY = (Method.annuity_monthly, Method.equal_principal_monthly)


def half_up(x: Fraction) -> int:
    return (x + Fraction(1, 2)).__floor__()


def as_date(day: int) -> date:
    return date(1970, 1, 1) + timedelta(days=day)


def as_day(value: date) -> int:
    return (value - date(1970, 1, 1)).days


def month_day(year: int, month: int, dom: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(dom, monthrange(year, month)[1]))


class Reference:
    def __init__(self, terms: Terms, transactions: tuple[Transaction, ...]) -> None:
        self.terms, self.rate = terms, Fraction(terms.rate_ppm, 10**6)
        self.method, self.months = terms.method, terms.months
        undone = {t.of for t in transactions if isinstance(t, Reverse)}
        self.acts = [
            t
            for n, t in enumerate(transactions, 1)
            if n not in undone and not isinstance(t, Reverse)
        ]
        self.acts.sort(key=lambda t: t.value_day)
        payout = transactions[0]
        assert isinstance(payout, Disburse)
        self.day, self.amount = payout.value_day, payout.amount
        self.void = 1 in undone
        self.principal = 0 if self.void else payout.amount
        self.dues: list[dict[str, Any]] = []
        self.interest = self.penalty = Fraction(0)
        self.billed = self.fees = 0
        self.paid = dict.fromkeys(Part, 0)
        self.waived = dict.fromkeys(Part, 0)
        self.lost = dict.fromkeys(Part, 0)
        self.credit = self.recovered = self.level = 0
        self.paused = self.written = False
        self.dom = terms.due_dom or as_date(self.day).day
        self.plan: list[list[int]] = []
        if not self.void:
            self.first_plan()

    # -- time ---------------------------------------------------------------------------------

    def night(self, day: int) -> Fraction:
        """The share of a year from `day` to the next."""
        if self.method not in MONTHLY:
            return Fraction(1, self.terms.day_count)
        when = as_date(day)
        start = month_day(when.year, when.month, self.dom)
        if start > when:
            start = month_day(when.year, when.month - 1, self.dom)
            end = month_day(when.year, when.month, self.dom)
        else:
            end = month_day(when.year, when.month + 1, self.dom)
        return Fraction(1, 12 * (end - start).days)

    def span(self, first: int, last: int) -> Fraction:
        return sum((self.night(day) for day in range(first, last)), Fraction(0))

    def run(self, on_day: int) -> Reference:
        if self.void:
            self.day = on_day
            return self
        acts = [t for t in self.acts[1:] if t.value_day <= on_day]
        while True:
            while acts and acts[0].value_day == self.day:
                self.act(acts.pop(0))
            if self.day == on_day:
                return self
            if not (self.settled or self.written or self.paused):
                share = self.rate * self.night(self.day)
                late = [d for d in self.dues if d["day"] + self.terms.grace_days <= self.day]
                self.interest += self.principal * share
                extra = Fraction(self.terms.penalty_percent, 100) - 1
                self.penalty += sum(d["principal"] for d in late) * share * extra
            self.day += 1
            while not self.written and self.plan and self.plan[0][0] == self.day:
                day, principal, fee = self.plan.pop(0)
                bill = half_up(self.interest) - self.billed
                self.billed += bill
                self.fees += fee
                self.dues.append({"day": day, "fee": fee, "interest": bill, "principal": principal})
                self.tidy()

    # -- what is owed -------------------------------------------------------------------------

    def owed(self, part: Part) -> int:
        if part is Part.principal:
            return self.principal
        total = {
            Part.interest: half_up(self.interest),
            Part.penalty: half_up(self.penalty),
            Part.fee: self.fees,
        }
        return total[part] - self.paid[part] - self.waived[part] - self.lost[part]

    @property
    def payoff(self) -> int:
        return sum(self.owed(part) for part in Part)

    @property
    def settled(self) -> bool:
        return not self.written and self.payoff == 0

    @property
    def dpd(self) -> int:
        late = self.day - min((d["day"] for d in self.dues), default=self.day)
        return late if late > self.terms.grace_days else 0

    def tidy(self) -> None:
        self.dues = [d for d in self.dues if d["fee"] or d["interest"] or d["principal"]]
        self.dues.sort(key=lambda d: d["day"])

    # -- acts ---------------------------------------------------------------------------------

    def act(self, t: Transaction) -> None:
        match t:
            case Repay() | Recover():
                if self.written:
                    take = min(t.amount, sum(self.lost.values()) - self.recovered)
                    self.recovered += take
                    self.credit += t.amount - take
                    if self.recovered == sum(self.lost.values()):
                        self.dues = []
                else:
                    early = t.early if isinstance(t, Repay) else None
                    self.pay(t.amount, early or self.terms.early)
            case Refund():
                assert t.amount <= self.credit
                self.credit -= t.amount
            case Fee():
                self.fees += t.amount
                self.dues.append({"day": self.day, "fee": t.amount, "interest": 0, "principal": 0})
                self.tidy()
            case Waive():
                self.waive(t)
            case WriteOff() if not self.written and self.payoff:
                ahead, rest = sum(row[1] for row in self.plan), half_up(self.interest) - self.billed
                self.dues.append({"day": self.day, "fee": 0, "interest": rest, "principal": ahead})
                self.billed += rest
                self.tidy()
                for part in Part:
                    self.lost[part] = (
                        self.owed(part) if part is not Part.principal else self.principal
                    )
                self.principal, self.plan, self.written = 0, [], True
            case Defer() if self.principal:
                missed = sum(1 for d in self.dues if d["principal"] or d["interest"])
                self.replan(t.first_due_day, max(1, missed + len(self.plan)))
            case Restructure() if self.principal:
                self.rate = Fraction(t.rate_ppm, 10**6)
                self.method = t.method or self.method
                self.replan(t.first_due_day, t.months)
            case PauseAccrual() | ResumeAccrual():
                self.paused = isinstance(t, PauseAccrual)
            case _:
                pass
        if not self.written:
            if self.credit and self.payoff:
                money, self.credit = self.credit, 0
                self.pay(money, self.terms.early)
            if self.payoff == 0:
                self.plan = []

    def pay(self, money: int, early: Early) -> None:
        if not self.plan and (rest := half_up(self.interest) - self.billed):
            self.billed += rest
            self.dues.append({"day": self.day, "fee": 0, "interest": rest, "principal": 0})
            self.tidy()
        order = (
            self.terms.impaired_order
            if self.dpd > self.terms.impaired_after_dpd
            else self.terms.order
        )
        late = [d for d in self.dues if d["day"] < self.day]
        today = [d for d in self.dues if d["day"] >= self.day]
        for group in (late, today):
            if order.by == "instalment":
                cells = [(part, d) for d in group for part in order.parts]
            else:
                cells = [(part, d) for part in order.parts for d in group]
            for part, due in cells:
                owed = self.owed(part) if part is Part.penalty else due[part]
                take = min(money, owed)
                money -= take
                self.paid[part] += take
                if part is not Part.penalty:
                    due[part] -= take
                if part is Part.principal:
                    self.principal -= take
        take = min(money, self.owed(Part.penalty))
        self.paid[Part.penalty] += take
        money -= take
        self.tidy()
        take = min(money, half_up(self.interest) - self.billed)
        self.billed += take
        self.paid[Part.interest] += take
        money -= take
        take = min(money, sum(row[1] for row in self.plan))
        self.principal -= take
        self.paid[Part.principal] += take
        self.credit += money - take
        if take:
            self.prepay(take, early)

    def prepay(self, taken: int, early: Early) -> None:
        if early == Early.next:
            for row in self.plan:
                less = min(taken, row[1])
                row[1] -= less
                taken -= less
            return
        balance = sum(row[1] for row in self.plan) - taken
        level = self.level if early == Early.shorten and self.level else None
        split = self.split(balance, [row[0] for row in self.plan], level)
        self.plan = [[row[0], p, row[2]] for row, p in zip(self.plan, split, strict=False)]

    def waive(self, t: Waive) -> None:
        self.waived[Part.penalty] += min(t.penalty, self.owed(Part.penalty))
        for part, asked in ((Part.fee, t.fee), (Part.interest, t.interest)):
            left = min(asked, self.owed(part))
            self.waived[part] += left
            for due in self.dues:
                less = min(left, due[part])
                due[part] -= less
                left -= less
            if part is Part.interest:
                self.billed += left
        self.tidy()

    # -- instalments --------------------------------------------------------------------------

    def shifted(self, day: int) -> int:
        while self.terms.shift == "following" and day in self.terms.holidays:
            day += 1
        return day

    def days(self, first: date, count: int) -> list[int]:
        if self.method == Method.bullet:
            return [self.shifted(as_day(month_day(first.year, first.month + count - 1, self.dom)))]
        return [
            self.shifted(as_day(month_day(first.year, first.month + n, self.dom)))
            for n in range(count)
        ]

    def first_plan(self) -> None:
        start = as_date(self.day)
        ahead = 1 if self.terms.due_dom is None else 0
        first = month_day(start.year, start.month + ahead, self.dom)
        while self.terms.due_dom is not None and (first - start).days < self.terms.first_gap_days:
            first = month_day(first.year, first.month + 1, self.dom)
        days = self.days(first, self.months)
        split = self.split(self.principal, days, None)
        self.plan = [
            [day, p, self.fee_of(n, len(days))]
            for n, (day, p) in enumerate(zip(days, split, strict=True))
        ]

    def fee_of(self, n: int, count: int) -> int:
        total = 0
        months = self.months if self.method == Method.bullet else count
        for rule in self.terms.fees:
            each = Fraction(self.amount * rule.ppm, 10**6)
            if rule.every == "once":
                total += half_up(each) + rule.amount if n == 0 else 0
            else:
                a, b = n * months // count, (n + 1) * months // count
                total += half_up(b * each) - half_up(a * each) + (b - a) * rule.amount
        return total

    def replan(self, first: int, count: int) -> None:
        when = as_date(first)
        self.dom = when.day
        fees = [row[2] for row in self.plan]
        days = self.days(when, count)
        padded = [0] * len(days) + fees
        split = self.split(self.principal, days, None)
        self.plan = [[d, p, f] for d, p, f in zip(days, split, padded[-len(days) :], strict=True)]
        carried = {"day": days[0], "principal": 0}
        carried |= {part: sum(d[part] for d in self.dues) for part in ("fee", "interest")}
        self.dues = [carried]
        self.tidy()

    def split(self, balance: int, days: list[int], level: int | None) -> list[int]:
        """Principal of each instalment, the last one taking what is left."""
        if self.method in (Method.interest_only, Method.revolving, Method.bullet):
            self.level = self.level if level is not None else 0
            return [*[0] * (len(days) - 1), balance]
        edges = [self.day, *days]
        shares = [self.span(a, b) * self.rate for a, b in zip(edges, days, strict=False)]
        equal = self.method in (Method.equal_principal, Method.equal_principal_monthly)
        given = level is not None
        if level is None:
            if equal:
                level = balance // len(days)
            else:  # the payment whose discounted sum is the balance
                discount, worth = Fraction(1), Fraction(0)
                for share in shares:
                    discount /= 1 + share
                    worth += discount
                level = half_up(balance / worth)
            self.level = level
        found, run, billed = [], self.interest - half_up(self.interest), 0
        for share in shares[:-1]:
            run += balance * share
            interest = (run + Fraction(1, 2)).__floor__() - billed
            billed += interest
            step = (max(level, 1) if given else level) if equal else max(level - interest, 0)
            found.append(min(step, balance))
            balance -= found[-1]
        found.append(balance)
        while given and len(found) > 1 and found[-1] == 0:
            found.pop()
        return found
