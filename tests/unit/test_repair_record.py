"""Months overdue that only time clears: until when, asked of the policy that refused; what a plan
then says; and why an amount is less in a later month."""

from __future__ import annotations

from typing import Any

import pytest

from tests.repair_life import (
    ZONE,
    at,
    consumer_line,
    date,
    day,
    dossier,
    loan,
    plans_for,
    report,
    sound,
)  # fmt: skip
from xindeng.decision.request import Request
from xindeng.events.credit import CreditReport
from xindeng.events.expand import late_months
from xindeng.events.read import read_event
from xindeng.repair.ahead.record import late_months_end
from xindeng.repair.plans.case import case_of
from xindeng.repair.plans.plan import MonthFrontier
from xindeng.repair.plans.search import find_plans
from xindeng.repair.plans.told import tell, tell_falls

NOW = "2026-11-02 10:00"
SIX = "NNNNNNNNNNNNNN1N12NN1N11"
"""Overdue in January, March, April, July, September and October 2026."""
SIX_IN_ALL, IN_A_ROW = "bureau.overdue_six_in_all", "bureau.overdue_in_a_row"


def record(grid: str, on: str = "2026-10-28", **more: Any) -> tuple[Any, ...]:
    return (*sound(NOW), report(on, loan("late", 420, 6_400, 16, grid=grid, **more)))


def paper(**more: Any) -> CreditReport:
    kind, when, payload = report("2026-10-28", loan("late", 420, 6_400, 16, grid=SIX, **more))
    raw = {"type": kind, "id": "r", "version": 1, "occurred_at": when, "payload": payload}
    read = read_event(raw, borrower="b", received_at=at(NOW), zone=ZONE, own=True).payload
    assert isinstance(read, CreditReport)
    return read


def ends(*told: Any) -> dict[str, str]:
    case = case_of(consumer_line(), dossier(*told, now=NOW), Request(500_000), at(NOW))
    found = late_months_end(case.policy, case.dossier.report, case.first, case.unmoved)
    return {end.rule: date(end.at)[:10] for end in found}


@pytest.mark.parametrize(
    ("when", "months"),
    [("2026-10-28", (6, 2, 2)), ("2026-11-30", (6, 2, 2)), ("2028-01-31", (6, 2, 2)),
     ("2028-02-01", (5, 2, 2)), ("2028-04-01", (4, 2, 2)), ("2028-05-01", (3, 2, 1)),
     ("2028-09-30", (2, 2, 1)), ("2028-10-01", (1, 1, 1)), ("2028-11-01", (0, 0, 0))],
)  # fmt: skip
def test_months_leave_a_report_one_by_one(when: str, months: tuple[int, int, int]) -> None:
    assert late_months(paper(), day(when)) == months


def test_what_a_report_does_not_tell_has_no_months() -> None:
    assert late_months(paper(), day(NOW)) is not None
    silent = CreditReport(report_day=day("2026-10-28"), format="simple",
                          accounts=(paper(late_months_5y=3).accounts[0].__class__(
                              account="a", kind="D1", lender="x", late_months_5y=3),))  # fmt: skip
    assert late_months(silent, day(NOW)) is None


def test_the_rule_itself_says_until_when() -> None:
    assert ends(*record(SIX)) == {SIX_IN_ALL: "2028-02-01"}
    three = "NNNNNNNNNNNNNNNNNNN111NN"  # June, July and August 2026
    assert ends(*record(three)) == {IN_A_ROW: "2028-07-01"}
    assert ends(*record("N" * 24)) == {}
    # What is overdue now is not ended by months that leave.
    late = record("N" * 23 + "1", overdue_amount=42_000, status="overdue")
    assert ends(*late) == {}
    assert ends(*record(SIX, grid_end=day("2026-09-15"))) == {SIX_IN_ALL: "2028-01-01"}


def test_it_is_the_day_on_which_a_report_read_then_passes() -> None:
    """The same report read on the days around it, with every bill paid on time meanwhile."""

    def stops(on: str, grid: str) -> tuple[str, ...]:
        told = (*sound(on), report(on[:10], loan("late", 420, 6_400, 16, grid=grid)))
        case = case_of(consumer_line(), dossier(*told, now=on), Request(500_000), at(on))
        return case.gates

    assert SIX_IN_ALL in stops("2028-01-31 10:00", SIX[13:] + "N" * 13)
    assert SIX_IN_ALL not in stops("2028-02-01 10:00", SIX[15:] + "N" * 15)


@pytest.mark.parametrize(
    ("lang", "time", "own", "left"),
    [("zh", "算到2028-02-01为止", "还清征信上显示的逾期：¥420", "这笔申请还不能通过"),
     ("en", "they count until 2028-02-01", "Settle what the credit report shows as overdue: ¥420",
      "This alone does not make the request pass")],
)  # fmt: skip
def test_a_plan_tells_ones_own_part_and_the_part_of_time(
    lang: str, time: str, own: str, left: str
) -> None:
    told = record(SIX, overdue_amount=42_000, status="overdue")
    found = plans_for(*told, now=NOW, yuan=5_000)
    assert found.status == "no_plan"
    assert [step.action for step in found.helps] == ["settle_overdue"]
    assert found.helps[0].moves == ("bureau.overdue_now",)
    said = tell(consumer_line(), found, lang)
    assert time in " ".join(said.lines)
    assert (said.helps[0].title, left in said.helps[0].notes[-1]) == (own, True)
    # Where settling is all that is needed it is a plan, and nothing beside it.
    alone = plans_for(*record("N" * 23 + "1", overdue_amount=42_000, status="overdue"),
                      now=NOW, yuan=5_000)  # fmt: skip
    assert alone.status == "plan" and not alone.helps


def test_a_month_with_less_says_what_stands_in_the_way_again() -> None:
    months = (
        MonthFrontier(day=day("2026-11-02"), idle=0, planned=2_000_000),
        MonthFrontier(day=day("2026-12-02"), idle=0, planned=2_000_000),
        MonthFrontier(day=day("2027-01-01"), idle=0, planned=0, gate="activity.idle_check_owner"),
        MonthFrontier(day=day("2027-01-31"), idle=0, planned=0, gate="activity.idle_check_owner"),
    )
    said = tell_falls(consumer_line(), months, "en")
    assert said == (
        "By 2027-01-01 nothing passes any more: “Account activity” stands in the way again.",
        "To borrow then, this has to be done once more: Complete the identity check.",
    )
    assert tell_falls(consumer_line(), months[:2], "en") == ()


def test_a_zeroed_line_is_not_told_no_beside_a_review_that_may_say_yes() -> None:
    told = (*sound(NOW, income=20_000), report("2026-10-28", loan("bank", 400, 6_400, 16)),
            ("limit_change", at("2026-10-20 09:00"), {"limit": 0, "change": "zeroed"}))  # fmt: skip
    found = find_plans(consumer_line(), dossier(*told, now=NOW), Request(300_000), at(NOW))
    back = found.way_back
    assert back is not None and back.limit and found.do_nothing is not None
    review = f"{ZONE.local(ZONE.midnight(back.review_day)):%Y-%m-%d}"
    for lang, never in (("zh", "为止不会通过"), ("en", "it does not pass up to")):
        said = tell(consumer_line(), found, lang)
        waiting = " ".join(said.waiting)
        assert never not in waiting and review in waiting
        assert ("额度状态" if lang == "zh" else "The line") not in waiting
