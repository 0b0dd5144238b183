"""Random households with debts: seeded, each with a budget above its dues and a gate to reach."""

from __future__ import annotations

import random

from msgspec.structs import replace

from xindeng.lending.accrual import MONTH
from xindeng.lending.schedule import level_payment
from xindeng.repair.debt import Debt, counted_due
from xindeng.repair.debts.walk import Budget

START = 20_706  # 2026-09-10


def case(seed: int) -> tuple[tuple[Debt, ...], Budget]:
    """Return the debts and the budget of case `seed`; the gate lies at 40–85 % of what counts."""
    rng = random.Random(seed)
    debts = tuple(_debt(rng, str(number)) for number in range(rng.randint(3, 7)))
    dues = sum(debt.monthly_due for debt in debts)
    counted = sum(counted_due(debt) for debt in debts)
    total = sum(debt.balance or 0 for debt in debts)
    # A budget that also bears the large payments at the end of loans that only ask interest.
    monthly = dues + max(total // rng.randint(24, 60), 200_00)
    ends = [debt for debt in debts if debt.kind in ("interest_only", "person")]
    monthly += sum((debt.balance or 0) // (debt.months_left or 12) for debt in ends)
    lump = rng.choice([0, 0, rng.randint(1, 10) * 1000_00])
    gate = counted * rng.randint(40, 85) // 100
    return debts, Budget(start=START, monthly=monthly, lump=lump, gate=gate)


def many(seed: int, count: int) -> tuple[Debt, ...]:
    """Return `count` debts of one household."""
    rng = random.Random(seed)
    return tuple(_debt(rng, str(number)) for number in range(count))


def _debt(rng: random.Random, name: str) -> Debt:
    kind = rng.choices(
        ["instalment", "card", "interest_only", "revolving", "person"], [10, 5, 2, 3, 1]
    )[0]
    balance = int(rng.lognormvariate(9.2, 0.9)) * 100 + 500_00
    rate = rng.choice([0, 600, 1095, 1460, 1825, 2190, 2400, 3600])
    months = rng.randint(3, 36)
    base = Debt(id=name, lender=f"lender {name}", lender_kind="bank", kind="person",
                balance=balance, annual_rate_bp=rate, monthly_due=0, source=name)  # fmt: skip
    if kind == "instalment":
        due = level_payment(balance, rate * 100, (MONTH,) * months)
        fee = rng.choice([0, 0, 0, 200])
        return replace(base, kind=kind, monthly_due=due, months_left=months, prepayment_fee_bp=fee)
    if kind == "card":
        percent = rng.choice([5, 10])
        rate = rng.choice([1825, 1460])
        return replace(base, kind=kind, annual_rate_bp=rate, monthly_due=balance * percent // 100)
    if kind == "interest_only":
        due = balance * rate // 120_000
        return replace(base, kind=kind, monthly_due=due, months_left=months + 6)
    if kind == "revolving":
        return replace(base, kind=kind, monthly_due=balance * (rate + 600) // 120_000)
    return replace(base, annual_rate_bp=0, months_left=months + 6)
