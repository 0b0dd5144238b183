"""Random households with debts: seeded, each with a budget above its dues and a gate to reach."""

from __future__ import annotations

import random

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


def _debt(rng: random.Random, name: str) -> Debt:
    kind = rng.choices(
        ["instalment", "card", "interest_only", "revolving", "person"], [10, 5, 2, 3, 1]
    )[0]
    balance = int(rng.lognormvariate(9.2, 0.9)) * 100 + 500_00
    rate = rng.choice([0, 600, 1095, 1460, 1825, 2190, 2400, 3600])
    months = rng.randint(3, 36)
    facts = {"id": name, "lender": f"lender {name}", "lender_kind": "bank", "source": name}
    if kind == "instalment":
        due = level_payment(balance, rate * 100, (MONTH,) * months)
        fee = rng.choice([0, 0, 0, 200])
        return Debt(**facts, kind="instalment", balance=balance, annual_rate_bp=rate,
                    monthly_due=due, months_left=months, prepayment_fee_bp=fee)  # fmt: skip
    if kind == "card":
        percent = rng.choice([5, 10])
        return Debt(**facts, kind="card", balance=balance, annual_rate_bp=rng.choice([1825, 1460]),
                    monthly_due=balance * percent // 100)  # fmt: skip
    if kind == "interest_only":
        return Debt(**facts, kind="interest_only", balance=balance, annual_rate_bp=rate,
                    monthly_due=balance * rate // 120_000, months_left=months + 6)  # fmt: skip
    if kind == "revolving":
        return Debt(**facts, kind="revolving", balance=balance, annual_rate_bp=rate,
                    monthly_due=balance * (rate + 600) // 120_000)  # fmt: skip
    return Debt(**facts, kind="person", balance=balance, annual_rate_bp=0, monthly_due=0,
                months_left=months + 6)  # fmt: skip
