"""Debts month by month: known figures, strategies, guards, and planted faults that must show."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from xindeng.events.dues import DueRule
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date
from xindeng.lending.accrual import MONTH
from xindeng.lending.schedule import level_payment, table
from xindeng.lending.terms import Method, Terms
from xindeng.repair.debt import Debt, after_payment, counted_due
from xindeng.repair.debts import running
from xindeng.repair.debts.compare import compare
from xindeng.repair.debts.gate import aim_at_gate
from xindeng.repair.debts.orders import avalanche, hybrid, snowball
from xindeng.repair.debts.paydown import pay_down
from xindeng.repair.debts.running import CardRule, Running, due_day
from xindeng.repair.debts.walk import Budget, Order, follow

TODAY = from_date(date(2026, 9, 10))
UK_CARD = CardRule(percent_bp=100, floor=500, plus_interest=True)


def debt(name="a", kind="instalment", balance=12_000_00, rate=1200, due=0, months=None, **more):
    return Debt(id=name, lender=f"lender of {name}", lender_kind="bank", kind=kind, balance=balance,
                annual_rate_bp=rate, monthly_due=due, months_left=months, source="x", **more)  # fmt: skip


def loan(name="a", balance=12_000_00, rate=1200, months=12, **more):
    due = level_payment(balance, rate * 100, (MONTH,) * months)
    return debt(name, "instalment", balance, rate, due, months, **more)


def money(monthly=0, **more):
    return Budget(start=TODAY, monthly=monthly, **more)


def minimum(*debts, **more):
    return follow(debts, money(**more), Order(), minimum_only=True, rows=True)


# --- known figures ---------------------------------------------------------------------------


def test_minimum_payments_on_a_card_take_about_24_years():
    """£2,000 at 19.9 %: interest and 1 %, at least £5 a month."""
    course = minimum(debt("c", "card", 2000_00, 1990), card=UK_CARD)
    assert course.months is not None
    assert 23.5 <= course.months / 12 <= 24.75
    assert course.interest > course.principal  # it more than doubles the price
    assert course.paid == 2000_00 + course.interest


def test_a_cards_floor_is_what_ends_it():
    """Without its floor the minimum shrinks with the balance and the card goes on and on."""
    card = debt("c", "card", 2000_00, 1990)
    with_floor = minimum(card, card=UK_CARD)
    without = minimum(card, card=replace(UK_CARD, floor=0))
    assert with_floor.months is not None
    assert without.months is None or without.months > 2 * with_floor.months


@pytest.mark.parametrize("months", [1, 6, 12, 36])
@pytest.mark.parametrize("rate", [0, 600, 1460, 2400, 3600])
def test_a_level_loan_costs_what_its_lenders_schedule_says(months, rate):
    one = loan(balance=30_000_00, rate=rate, months=months)
    rows = table(Terms(rate_ppm=rate * 100, months=months), 30_000_00, TODAY)
    course = minimum(one)
    assert course.months == months
    assert course.paid == sum(row.total for row in rows)
    assert [row.balances[0] for row in course.rows[1:]] == [row.balance for row in rows]


def test_equal_principal_costs_what_its_schedule_says():
    rows = table(Terms(rate_ppm=146_000, months=12, method=Method.equal_principal_monthly),
                 12_000_00, TODAY)  # fmt: skip
    one = debt(rate=1460, due=rows[0].total, months=12, principal="equal")
    course = minimum(one)
    assert [row.paid[0] for row in course.rows[1:]] == [row.total for row in rows]
    assert course.rows[0].counted == rows[0].total


def test_interest_only_asks_interest_and_at_the_end_everything():
    one = debt(kind="interest_only", rate=1200, due=120_00, months=3)
    course = minimum(one)
    assert [row.paid[0] for row in course.rows] == [0, 120_00, 120_00, 12_120_00]
    assert course.rows[0].counted == counted_due(one) == 4000_00


def test_a_daily_loan_counts_actual_days():
    """¥10,000 at 0.05 % a day: October has a day more than September."""
    one = debt(kind="interest_only", balance=10_000_00, rate=1825, due=0, months=3, daily=True)
    course = minimum(one)
    assert [row.interest for row in course.rows[1:]] == [150_00, 155_00, 150_00]
    assert [due_day(one, TODAY, n) - TODAY for n in (1, 2, 3)] == [30, 61, 91]


def test_due_days_are_clipped_and_may_come_this_month():
    late = debt(due_dom=31)
    assert due_day(late, TODAY, 1) == from_date(date(2026, 9, 30))
    assert due_day(late, TODAY, 2) == from_date(date(2026, 10, 31))
    assert due_day(debt(due_dom=5), TODAY, 1) == from_date(date(2026, 10, 5))


def test_a_bullet_takes_principal_and_all_interest_on_its_day():
    one = debt(kind="bullet", balance=10_000_00, rate=1200, months=6)
    course = minimum(one)
    assert [row.paid[0] for row in course.rows] == [0] * 6 + [10_600_00]


def test_residual_interest_comes_with_one_more_bill():
    card = debt("c", "card", 10_000_00, 1825, 1000_00)
    plain = follow([card], money(20_000_00), Order((0,)), rows=True)
    late = follow([card], money(20_000_00, card=CardRule(residual_days=20)), Order((0,)), rows=True)
    assert (plain.months, late.months) == (1, 2)
    assert late.rows[2].paid == (100_00,)  # 20 days of 0.05 % on ¥10,000
    assert late.interest == plain.interest == 150_00


def test_a_family_loan_is_due_on_its_day_and_gives_no_relief_before():
    aunt = debt("aunt", "person", 6000_00, 0, 0, 12, evidenced=False)
    course = follow([aunt], money(2000_00), Order((0,)), rows=True)
    assert course.months == 3
    assert [row.counted for row in course.rows] == [500_00] * 4
    assert pay_down([aunt], 500_00) == ()
    assert pay_down([replace(aunt, evidenced=True)], 500_00)[0].cash == 6000_00


# --- money beyond the dues -------------------------------------------------------------------


def test_the_fee_for_paying_early_is_paid_and_counted():
    one = loan(prepayment_fee_bp=300, months=36, rate=2400)
    course = follow([one], money(0, lump=20_000_00), Order((0,)))
    assert course.fees == 360_00  # 3 % of ¥12,000
    assert course.paid == 12_360_00
    assert course.months == 0


def test_paying_early_is_left_alone_where_its_fee_takes_more_than_it_saves():
    one = loan(rate=600, months=4, prepayment_fee_bp=300)
    course = follow([one], money(10_000_00), Order((0,)))
    assert (course.fees, course.months) == (0, 4)


def test_what_is_left_of_a_lump_after_the_fee_is_never_overdrawn():
    for fee in (1, 33, 250, 10_000):
        one = loan(rate=3600, months=60, prepayment_fee_bp=fee, balance=99_999_99)
        course = follow([one], money(one.monthly_due, lump=1234_57), Order((0,)), rows=True)
        paid = course.rows[0].paid[0]
        assert paid <= 1234_57
        assert 1234_57 - paid <= 2 or not Running(one, TODAY, CardRule(), DueRule()).worth_early()


def test_orders_are_as_they_are_described():
    debts = [debt("big", balance=9, rate=30), debt("mid", balance=5, rate=10),
             debt("tiny", balance=1, rate=20), debt("blind", balance=2, rate=None),
             debt("none", balance=None)]  # fmt: skip
    assert avalanche(debts) == (0, 2, 1, 3)
    assert snowball(debts) == (2, 3, 1, 0)
    # Places by rate: big 1, tiny 2, mid 3; by balance: tiny 1, mid 3, big 4. Sums 5, 3, 6.
    assert hybrid(debts) == (2, 0, 1, 3)


def test_money_for_a_large_due_is_put_by_in_time():
    friend = debt("f", "person", 5000_00, 0, 0, 5)
    card = debt("c", "card", 20_000_00, 1825, 2000_00)
    course = follow([friend, card], money(2800_00), Order((1,)), rows=True)
    assert course.short is None
    assert course.rows[5].paid[0] == 5000_00
    assert max(row.kept for row in course.rows[1:5]) > 0


def test_where_saving_is_not_enough_the_debt_itself_is_paid_first():
    """¥12,000 at 36 % in twelve months: put by it would not do, paid off bit by bit it does."""
    one = debt(kind="bullet", rate=3600, months=12)
    course = compare([one], money(1250_00)).ways[0].course
    assert course.short is None and course.months is not None
    assert follow([one], money(1250_00), Order((0,))).short is not None


def test_a_planted_reversal_of_the_order_costs_more():
    debts = [loan("dear", rate=3600, months=24), loan("cheap", rate=400, months=24)]
    budget = money(sum(one.monthly_due for one in debts) + 500_00)
    right = follow(debts, budget, Order(avalanche(debts)))
    wrong = follow(debts, budget, Order(avalanche(debts)[::-1]))
    assert right.interest < wrong.interest


def test_a_planted_loss_of_the_fee_is_seen(monkeypatch):
    """The sum that all payments must come to is taken from the rows, fees from the ledger."""
    one = loan(prepayment_fee_bp=300, months=36, rate=2400)

    def whole(course):
        return sum(sum(row.paid) for row in course.rows) == 12_000_00 + course.interest + 360_00

    assert whole(follow([one], money(0, lump=20_000_00), Order((0,)), rows=True))
    monkeypatch.setattr(running.Running, "fee", lambda self, principal: 0)
    assert not whole(follow([one], money(0, lump=20_000_00), Order((0,)), rows=True))


# --- what is not known ------------------------------------------------------------------------


def test_an_unknown_rate_is_planned_for_its_dues_and_said():
    one = debt(rate=None, due=1100_00, months=12)
    comparison = compare([one], money(1100_00))
    course = comparison.ways[0].course
    assert course.paid == 12 * 1100_00  # what the dues come to, whatever the rate is called
    assert course.interest == 1200_00
    (guard,) = comparison.guards
    assert (guard.code, guard.debts) == ("rate_unknown", ("a",))


def test_an_unknown_balance_is_paid_its_dues_and_never_more():
    one = debt(balance=None, rate=None, due=500_00, months=4)
    course = follow([one], money(5000_00), Order((0,)), rows=True)
    assert [row.paid[0] for row in course.rows] == [0, 500_00, 500_00, 500_00, 500_00]
    assert {guard.code for guard in compare([one], money(500_00)).guards} == {
        "rate_unknown", "balance_unknown"}  # fmt: skip


# --- guards ----------------------------------------------------------------------------------


def test_a_minimum_below_interest_is_told():
    card = debt("c", "card", 20_000_00, 3600, 500_00)
    comparison = compare([card], money(800_00))
    assert [guard.code for guard in comparison.guards] == ["minimum_below_interest"]
    assert comparison.way("minimum").course.months is None


def test_a_budget_below_the_dues_is_hardship_and_no_plan():
    comparison = compare([loan(), loan("b")], money(1500_00, gate=0))
    assert comparison.hardship
    assert comparison.ways == ()
    (guard,) = comparison.guards
    assert (guard.amount, guard.month) == (2 * 1066_19 - 1500_00, 1)


def test_a_gate_out_of_reach_is_said():
    endless = debt("e", "person", 5000_00, 0, 300_00, evidenced=False)
    comparison = compare([endless, loan()], money(3000_00, gate=100_00))
    assert "gate_out_of_reach" in {guard.code for guard in comparison.guards}
    assert comparison.way("gate") is None


# --- aimed at the gate -----------------------------------------------------------------------

OVER_INDEBTED = (
    debt("bank", "instalment", 20_000_00, 900, 1400_00, 36),
    debt("card", "card", 18_000_00, 1825, 900_00),
    debt("nine", "instalment", 9600_00, 2400, 900_00, 12),
    debt("six", "instalment", 1285_00, 2400, 650_00, 2),
    debt("five", "instalment", 3150_00, 2400, 550_00, 6),
)


def test_story_1_what_must_be_closed_today():
    first, *_ = pay_down(OVER_INDEBTED, 1200_00)
    assert (first.cash, first.relief, set(first.closed)) == (4435_00, 1200_00, {"six", "five"})
    first, *others = pay_down(OVER_INDEBTED, 5300_00 - 3779_00)
    assert first.cash == 7645_00
    assert set(first.closed) == {"six", "five"}
    assert first.parts == (("card", 3210_00),)
    assert first.lenders == 2 and first.exhaustive
    assert all(way.cash > 7645_00 for way in others)
    assert all(way.relief > first.relief or way.lenders > 2 for way in others)
    assert pay_down(OVER_INDEBTED, 1521_00, cash=7644_99) == ()
    assert pay_down(OVER_INDEBTED, 5300_01) == ()


def test_a_lump_that_opens_the_gate_opens_it_today():
    aim = aim_at_gate(OVER_INDEBTED, money(5300_00, lump=7645_00, gate=3779_00))
    assert aim.course.gate_month == 0
    a_fen_less = aim_at_gate(OVER_INDEBTED, money(5300_00, lump=7644_99, gate=3779_00))
    assert a_fen_less.course.gate_month == 1


def test_the_aimed_way_is_sooner_and_what_it_costs_is_told():
    comparison = compare(OVER_INDEBTED, money(6500_00, gate=3500_00))
    aimed, dear = comparison.way("gate"), comparison.way("avalanche")
    assert comparison.counted == 5300_00
    assert aimed.later == 0
    assert dear.later >= aimed.later
    assert aimed.dearer == aimed.cost - min(way.cost for way in comparison.ways)
    assert comparison.way("minimum").dearer > 0
    assert aimed.course.rows[aimed.course.gate_month].counted <= 3500_00
    assert all(row.counted > 3500_00 for row in aimed.course.rows[: aimed.course.gate_month])


def test_beyond_twelve_debts_the_answer_says_so():
    debts = [loan(str(n), balance=(n + 1) * 1000_00) for n in range(13)]
    dues = sum(one.monthly_due for one in debts)
    comparison = compare(debts, money(dues + 1000_00, gate=dues * 8 // 10))
    assert "only_twelve" in {guard.code for guard in comparison.guards}
    assert comparison.way("gate").course.gate_month is not None
    assert not pay_down(debts, 1000_00)[0].exhaustive


def test_a_part_lowers_an_instalment_only_if_the_terms_say_so():
    stays, falls = loan(), loan(early="recompute")
    assert after_payment(stays, 6000_00).monthly_due == stays.monthly_due
    assert after_payment(falls, 6000_00).monthly_due == -(-falls.monthly_due // 2)
    assert pay_down([stays], 100_00)[0].cash == 12_000_00
    assert pay_down([falls], 100_00)[0].cash < 2000_00
    with pytest.raises(InputError):
        after_payment(stays, 12_000_01)


def test_without_debts_there_is_nothing_to_pay_and_the_gate_is_open():
    comparison = compare([], money(1000_00, gate=0))
    assert not comparison.hardship and comparison.guards == ()
    for way in comparison.ways:
        assert (way.course.months, way.course.gate_month, way.cost, way.dearer) == (0, 0, 0, 0)
    assert comparison.way("gate") is not None
    assert pay_down([], 0)[0].cash == 0
    assert pay_down([], 1) == ()
