"""Merging debts in a check-up: told beside paying on, never a heavier month, never a made-up sum."""

from __future__ import annotations

from tests.checkup_world import Person, policy
from xindeng.repair.checkup.blocks import Table
from xindeng.repair.checkup.merging import merged
from xindeng.repair.checkup.papers import Papers
from xindeng.repair.checkup.say import Say
from xindeng.repair.debt import Debt
from xindeng.repair.debts.walk import Budget
from xindeng.service.alternatives import load_alternatives


def debt(kind, yuan, rate, due, months=None, **more):
    return Debt(id=f"{kind}-{yuan}", lender="样例银行", lender_kind="bank", kind=kind,
                balance=yuan * 100, annual_rate_bp=rate, monthly_due=due * 100,
                months_left=months, source="d.csv:2", **more)  # fmt: skip


def table(*debts):
    now = Person("2026-09-10").now
    say = Say(policy(), "zh", now, Papers())
    budget = Budget(start=say.today, monthly=sum(one.monthly_due for one in debts))
    blocks = merged(debts, load_alternatives().offers, budget, say)
    return next(block for block in blocks if isinstance(block, Table))


def test_a_loan_that_takes_more_a_month_than_the_debts_is_never_marked():
    found = table(debt("card", 18_000, 1825, 900), debt("instalment", 9_600, 2400, 900, 12))
    marked = found.rows[found.best]
    assert marked[0] == "12 个月"  # six months cost less and take ¥4,680 a month
    assert found.rows[2][0] == "6 个月" and found.rows[2][1] < marked[1]


def test_paying_on_is_marked_where_it_costs_least():
    found = table(debt("card", 20_000, 610, 600))
    assert found.rows[found.best][0] == "现在这几笔，每月照今天的数还"


def test_nothing_in_all_is_told_of_debts_that_never_end():
    found = table(debt("card", 5_000, 3600, 50), debt("revolving", 5_000, 3600, 50))
    assert found.rows[0][1] == "暂无数据"


def test_what_the_debts_take_today_is_no_payment_of_the_last_month():
    """Where the due is below the interest all of it falls due at the end: that is no month's pace."""
    found = table(debt("instalment", 100_000, 3600, 500, 24))
    assert "¥4,166.67" in found.note and "¥160,500" not in found.note
    assert all("照今天" not in row[0] for row in found.rows)
