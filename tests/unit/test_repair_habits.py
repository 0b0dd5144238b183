"""What goes on by itself: the rule that picks a month's habits, and the months made of them."""

from __future__ import annotations

import pytest

from tests.decision_policy import SHANGHAI
from xindeng.events.credit import (
    BureauSummary,
    CreditInquiry,
    ExternalDebt,
    LoanApplication,
)
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.life import IncomeEvidence, InstalmentPurchase, Payment, Purchase
from xindeng.events.line import (
    Disbursement,
    DrawAttempt,
    InstalmentDue,
    LimitChange,
    Repayment,
)
from xindeng.events.security import CredentialChange, DeviceChange, Login, SecurityIncident
from xindeng.kernel.time import DAY
from xindeng.repair.ahead.habits import PERIOD, Habit, ahead, habits

NOW = SHANGHAI.parse("2026-07-01 12:00")


def event(days_ago: float, payload: Payload, seq: int = 0) -> Event:
    at = NOW - int(days_ago * DAY)
    kind = str(payload.__struct_config__.tag)
    return Event(f"{kind} {days_ago:g}", "b1", kind, 1, at, at, payload, seq)


def paid(days_ago: float, yuan: int, category: str = "salary", payer: str = "employer") -> Event:
    payload = Payment("in", yuan * 100, category=category, counterparty=payer)
    return event(days_ago, payload)


def earned(*events: Event) -> list[tuple[float, int]]:
    """(days from now of the next time, yuan) of the income that goes on."""
    found = habits(events, NOW)
    return [
        ((habit.first - NOW) / DAY, habit.event.payload.amount // 100)
        for habit in found
        if habit.income
    ]


def test_a_monthly_salary_goes_on_once_a_month() -> None:
    assert earned(paid(70, 9_000), paid(40, 9_000), paid(9, 9_000)) == [(21, 9_000)]
    # February: two paydays lie within 30 days, yet it is one salary a month.
    assert earned(paid(57, 9_000), paid(29, 9_000), paid(1, 9_000)) == [(29, 9_000)]


def test_a_salary_a_few_days_late_is_expected_tomorrow_and_a_stopped_one_never() -> None:
    assert earned(paid(62, 9_000), paid(31, 9_000)) == [(1, 9_000)]
    assert earned(paid(66, 9_000), paid(36, 9_000)) == []


def test_weekly_pay_is_four_payments_and_two_employers_are_two() -> None:
    weekly = [paid(days, 2_000) for days in (31, 24, 17, 10, 3)]
    assert sorted(earned(*weekly)) == [(6, 2_000), (13, 2_000), (20, 2_000), (27, 2_000)]
    assert earned(paid(9, 5_000, payer="a"), paid(4, 3_000, payer="b")) == [
        (21, 5_000),
        (26, 3_000),
    ]


def test_a_bonus_does_not_come_twice() -> None:
    assert earned(paid(69, 9_000), paid(39, 9_000), paid(9, 30_000)) == [(21, 9_000)]


def test_other_income_goes_on_if_some_came_earlier_and_sudden_money_does_not() -> None:
    fees = [paid(days, 1_000, "other_income", f"client {days}") for days in (80, 50, 20)]
    assert earned(*fees) == [(10, 1_000)]
    assert earned(paid(5, 80_000, "other_income")) == []
    assert earned(*fees, paid(5, 80_000, "other_income")) == [(10, 1_000), (25, 2_000)]


@pytest.mark.parametrize("category", ["transfer", "self_transfer", "refund", "loan_proceeds"])
def test_money_in_that_is_no_income_does_not_go_on(category: str) -> None:
    assert earned(paid(40, 900, category), paid(9, 900, category)) == []


def test_ordinary_life_goes_on() -> None:
    ordinary = [
        event(3, Purchase(2_000, "shop")),
        event(4, Payment("out", 300_000, category="rent")),
        event(5, Payment("out", 90_000, category="loan_repayment")),
        event(6, Login(success=True)),
    ]
    assert {habit.event.id for habit in habits(ordinary, NOW)} == {one.id for one in ordinary}
    assert habits([event(31, Purchase(2_000, "shop"))], NOW) == ()


@pytest.mark.parametrize(
    "payload",
    [
        CreditInquiry("bank", "loan_approval"),
        LoanApplication("bank"),
        DrawAttempt(100_000, 12, "s1"),
        Disbursement("d1", 100_000, 12),
        InstalmentPurchase(100_000, "shop", 6),
        IncomeEvidence(900_000, "payroll"),
        LimitChange(2_000_000, "granted"),
        CredentialChange("password"),
        DeviceChange("phone"),
        SecurityIncident("malware"),
        Login(success=False),
        Login(success=True, network="anonymised"),
        Payment("out", 100_000, category="self_transfer"),
        Payment("out", 100_000, category="investment"),
        Payment("out", 1_000, category="penalty_interest"),
    ],
    ids=lambda payload: f"{payload!r}"[:60],
)
def test_what_is_new_does_not_go_on(payload: Payload) -> None:
    assert habits([event(3, payload)], NOW) == ()


def test_what_has_not_happened_yet_is_no_habit() -> None:
    assert habits([event(-1, Purchase(2_000, "shop"))], NOW) == ()


def loan(*months_paid: int, part: int = 30_000) -> list[Event]:
    events = [event(100, Disbursement("d1", 100_000, 3))]
    for days in months_paid:
        events.append(event(days, InstalmentDue("d1", 20_000 - days, part + 1_000)))
        events.append(event(days, Repayment("d1", part + 1_000, part)))
    return events


def test_a_loan_is_repaid_until_it_is_paid_off() -> None:
    found = habits(loan(40, 10), NOW)
    coming = list(ahead(found, 7, NOW + 400 * DAY))
    assert [one.seq for one in coming] == [8, 9]
    due, repaid = (one.payload for one in coming)
    # 40,000 fen are left and the usual part is 30,000: the rest goes with the last instalment.
    assert repaid == Repayment("d1", 41_000, 40_000, settled=True)
    assert due == InstalmentDue("d1", 20_000 - 10 + 30, 41_000)


def test_a_loan_that_is_not_being_repaid_stays_due() -> None:
    unpaid = [one for one in loan(10) if one.type != "repayment"]
    coming = list(ahead(habits(unpaid, NOW), 0, NOW + 100 * DAY))
    assert [one.type for one in coming] == ["instalment_due"] * 3


def test_a_settled_loan_is_not_repaid_again() -> None:
    done = [event(40, Disbursement("d1", 100_000, 1)),
            event(10, Repayment("d1", 101_000, 100_000, settled=True))]  # fmt: skip
    assert habits(done, NOW) == ()


def test_the_report_is_read_again_and_says_the_same() -> None:
    old, new = (
        event(days, ExternalDebt(due, 0, 1, 0)) for days, due in ((95, 70_000), (40, 50_000))
    )
    summary = event(40, BureauSummary(20_000, True, *[0] * 12, False, False, 0, 0))
    found = habits([old, new, summary], NOW)
    first, second = sorted(ahead(found, 0, NOW + PERIOD), key=lambda one: one.type)
    assert (first.type, first.payload.report_day) == ("bureau_summary", 20_060)
    assert second.payload == new.payload
    assert first.occurred_at == NOW + 20 * DAY


def test_what_comes_is_in_order_numbered_and_the_same_each_time() -> None:
    found = habits([event(3, Purchase(1, "a")), event(9, Purchase(2, "b"))], NOW)
    coming = list(ahead(found, 40, NOW + 95 * DAY))
    assert [one.seq for one in coming] == [41, 42, 43, 44, 45, 46]
    assert coming == sorted(coming, key=lambda one: one.occurred_at)
    assert len({one.id for one in coming}) == 6
    assert all(one.known_at == one.occurred_at > NOW for one in coming)
    assert coming == list(ahead(found, 40, NOW + 95 * DAY))


def test_habits_of_no_past_are_none() -> None:
    assert habits([], NOW) == () and list(ahead((), 0, NOW + DAY)) == []
    assert not Habit(event(1, Purchase(1, "a")), NOW).income
