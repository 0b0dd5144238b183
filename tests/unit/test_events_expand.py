"""A credit report taken apart: summary, enquiries once each, and debts counted once."""

from __future__ import annotations

import pytest

from xindeng.events.credit import CreditReport, ReportAccount, ReportInquiry
from xindeng.events.dues import DueRule
from xindeng.events.envelope import Event, write_event
from xindeng.events.expand import expand
from xindeng.events.life import Payment
from xindeng.kernel.time import HOUR, zone

SHANGHAI = zone("Asia/Shanghai")
NOW = SHANGHAI.parse("2026-09-10T10:00")
TODAY = SHANGHAI.day(NOW)


def yuan(amount: int) -> int:
    return amount * 100


def account(name: str, kind: str = "D1", **more) -> ReportAccount:
    return ReportAccount(account=name, kind=kind, **{"lender": f"lender of {name}", **more})


def report(*accounts, inquiries=(), identity: str = "r1", at: int = NOW, **more) -> list[Event]:
    payload = CreditReport(
        report_day=SHANGHAI.day(at), accounts=accounts, inquiries=tuple(inquiries), **more
    )
    return expand(Event(identity, "b", "credit_report", 1, at, at, payload), SHANGHAI)


def only(events: list[Event], name: str):
    (found,) = [event.payload for event in events if event.type == name]
    return found


def test_other_events_come_back_alone():
    event = Event("p", "b", "payment", 1, NOW, NOW, Payment("in", 5))
    assert expand(event, SHANGHAI) == [event]


def test_an_enquiry_is_one_a_lender_day_and_reason_in_all_reports():
    line = ReportInquiry(day=TODAY - 3, lender="A", reason="loan_approval")
    lines = [
        line,
        line,
        ReportInquiry(day=TODAY - 3, lender="A", reason="post_loan"),
        ReportInquiry(day=TODAY - 3, lender="B", reason="loan_approval"),
        ReportInquiry(day=TODAY - 2, lender="A", reason="loan_approval"),
    ]
    first = [e for e in report(inquiries=lines) if e.type == "credit_inquiry"]
    assert len(first) == len({e.id for e in first}) == 4
    later = report(inquiries=reversed(lines), identity="r2", at=NOW + 30 * 24 * HOUR)
    again = [e for e in later if e.type == "credit_inquiry"]
    assert [e.id for e in again] == [e.id for e in first]  # duplicates of the first report's
    assert {e.occurred_at for e in first} == {
        SHANGHAI.midnight(TODAY - 3) + 12 * HOUR,
        SHANGHAI.midnight(TODAY - 2) + 12 * HOUR,
    }
    assert {e.known_at for e in first} == {NOW}
    assert {e.id for e in report()[1:]} & {e.id for e in report(identity="r2")[1:]} == set()


def test_a_later_report_with_another_reason_for_new_credit_is_no_second_enquiry():
    line = ReportInquiry(day=TODAY - 3, lender="A", reason="guarantee_check")
    more = ReportInquiry(day=TODAY - 3, lender="A", reason="loan_approval")
    first = [e.id for e in report(inquiries=[line]) if e.type == "credit_inquiry"]
    later = [
        e.id for e in report(inquiries=[line, more], identity="r2") if e.type == "credit_inquiry"
    ]
    assert first == later and len(first) == 1


def test_an_enquiry_of_the_same_morning_did_not_happen_after_it_was_known():
    events = report(inquiries=[ReportInquiry(day=TODAY, lender="A", reason="own")])
    assert events[-1].occurred_at == NOW < SHANGHAI.midnight(TODAY) + 12 * HOUR


def test_the_over_indebted_borrower_owes_5300_a_month():
    """Story 1: bank 1,400; a card of 18,000 at 10 %; loans of 900, 650 and 550."""
    debt = only(
        report(
            account("bank", monthly_due=yuan(1400), balance=yuan(20_000), months_left=36),
            account("card", "R2", balance=yuan(18_000), monthly_due=yuan(900)),
            account("x", monthly_due=yuan(900), balance=yuan(9600), months_left=12, lender_kind="microlender"),
            account("y", monthly_due=yuan(650), balance=yuan(1285), months_left=2, lender_kind="consumer_finance"),
            account("z", monthly_due=yuan(550), balance=yuan(3150), months_left=6),
        ),
        "external_debt",
    )  # fmt: skip
    assert debt.monthly_due == yuan(5300)
    assert debt.balance == yuan(20_000 + 18_000 + 9600 + 1285 + 3150)
    assert (debt.lenders, debt.nonbank_lenders) == (5, 2)
    assert (debt.source, debt.currency) == ("bureau", "CNY")


@pytest.mark.parametrize(
    ("one", "due"),
    [
        (account("a", balance=12_000, monthly_due=100, months_left=12), 1000),  # interest only
        (account("a", balance=12_001, months_left=12), 1001),
        (account("a", balance=12_000, monthly_due=1500, months_left=12), 1500),
        (account("a", balance=12_000, months_left=0), 1000),  # open-ended
        (account("a", "R1", balance=12_000), 1000),
        (account("a", "R2", balance=12_000, months_left=1), 1200),
        (account("a", "R3", balance=12_005), 1201),
        (account("a", balance=12_000, status="settled"), 0),
        (account("a", balance=12_000, status="closed"), 0),
    ],
)
def test_monthly_due_is_the_greater_of_contract_and_principal(one, due):
    assert only(report(one), "external_debt").monthly_due == due


def test_conventions_are_parameters():
    rule = DueRule(card_percent=5, open_ended_months=24)
    assert rule.monthly(account("a", "R2", balance=12_000)) == 600
    assert rule.monthly(account("a", balance=12_000)) == 500


def test_a_line_and_its_parts_are_one_debt():
    line = account("L", "R1", balance=30_000, monthly_due=500, months_left=10, limit=50_000)
    parts = [account(f"p{n}", "R4", group="L", balance=15_000, months_left=5) for n in (1, 2)]
    debt = only(
        report(line, *parts, account("other", balance=1000, months_left=1)), "external_debt"
    )
    assert debt.balance == 31_000
    assert debt.monthly_due == 6000 + 1000  # the parts together ask more than the line
    assert debt.lenders == 2
    joint = [account(n, group="loan", balance=9000, monthly_due=900, months_left=10) for n in "ab"]
    assert only(report(*joint), "external_debt").balance == 9000


def test_the_summary_counts_months_late_but_never_m():
    summary = only(
        report(
            account("a", grid="NNM123NN" + "*", overdue_amount=500, status="overdue"),
            account("b", "R2", grid="N1N1N", limit=20_000, balance=5000, disputed=True),
            account("c", grid="7" + "N" * 24, status="frozen"),
            account("d", grid="NB", status="settled"),
            guarantees=2, public_records=1, fraud_alert=True, identity_mismatch=True,
        ),
        "bureau_summary",
    )  # fmt: skip
    assert summary.overdue_months_24m == 3 + 2  # the 7 is more than 24 months ago
    assert summary.max_consecutive_overdue == 3
    assert summary.worst_code_24m == 3
    assert (summary.accounts, summary.open_accounts, summary.overdue_accounts) == (4, 3, 1)
    assert (summary.overdue_amount, summary.bad_debt_accounts) == (500, 1)
    assert (summary.special_status_accounts, summary.disputed_accounts) == (1, 1)
    assert (summary.card_limit, summary.card_used) == (20_000, 5000)
    assert (summary.guarantees, summary.public_records) == (2, 1)
    assert summary.fraud_alert and summary.identity_mismatch
    assert summary.oldest_account_months == 25


def test_what_an_account_leaves_unsaid_is_left_out_of_the_stored_bytes():
    """A field added later must not change the bytes, and so the id, of a report read before."""
    told = write_event(report(account("a", balance=5))[0])
    assert b'"accounts":[{"account":"a","balance":5,"kind":"D1","lender":"lender of a"}]' in told


def test_no_record_is_said_and_is_no_debt():
    events = report(has_record=False)
    assert only(events, "bureau_summary").has_record is False
    assert only(events, "external_debt").monthly_due == 0
    assert [event.type for event in events] == ["credit_report", "bureau_summary", "external_debt"]


def simple(*accounts, **more):
    return only(report(*accounts, format="simple", **more), "bureau_summary")


def test_a_simple_report_tells_no_month_and_none_is_invented():
    late = account("a", late_months_5y=3, late_90_months_5y=0, opened_day=TODAY - 400)
    never = account("b", late_months_5y=0, late_90_months_5y=0)
    summary = simple(late, never)
    assert summary.overdue_months_24m is None
    assert summary.max_consecutive_overdue is None
    assert summary.worst_code_24m is None
    assert (summary.overdue_accounts, summary.overdue_amount) == (0, 0)  # said of today
    assert summary.oldest_account_months == 13


def test_an_account_that_was_never_late_was_not_late_in_24_months():
    never = account("b", late_months_5y=0, late_90_months_5y=0)
    summary = simple(never, account("c", "C1", status="bad_debt"))
    assert (summary.overdue_months_24m, summary.worst_code_24m) == (0, 0)
    assert summary.bad_debt_accounts == 1


@pytest.mark.parametrize("silent", [account("c"), account("c", "R2", opened_day=TODAY - 5)])
def test_a_simple_account_of_which_nothing_is_said_leaves_the_months_unknown(silent):
    assert simple(account("b", late_months_5y=0), silent).overdue_months_24m is None
    assert simple(account("b")).oldest_account_months is None


def test_what_could_not_be_read_may_hide_anything():
    summary = only(
        report(account("a", grid="N" * 24, overdue_amount=500), unread=1), "bureau_summary"
    )
    assert summary.has_record
    for name in ("overdue_accounts", "overdue_amount", "overdue_months_24m", "worst_code_24m",
                 "max_consecutive_overdue", "bad_debt_accounts", "special_status_accounts"):  # fmt: skip
        assert getattr(summary, name) is None, name


def test_a_grid_that_ended_long_ago_tells_nothing_of_the_last_24_months():
    old = account("a", grid="7" * 24, grid_end=TODAY - 800, status="settled")
    part = account("b", grid="1" * 24, grid_end=TODAY - 366, status="settled")
    summary = only(report(old, part), "bureau_summary")
    assert (summary.overdue_months_24m, summary.worst_code_24m) == (24 - 11, 1)
    last = account("c", grid="1" * 24, grid_end=TODAY - 31)
    assert only(report(last), "bureau_summary").overdue_months_24m == 24


def test_one_lender_on_one_day_asks_for_new_credit_once():
    lines = [ReportInquiry(day=TODAY - 1, lender="A", reason=reason)
             for reason in ("card_approval", "post_loan", "loan_approval", "guarantee_check")]  # fmt: skip
    lines.append(ReportInquiry(day=TODAY - 1, lender="B", reason="card_approval"))
    told = [event.payload for event in report(inquiries=lines) if event.type == "credit_inquiry"]
    assert [(one.lender, one.reason) for one in told] == [
        ("A", "loan_approval"), ("A", "post_loan"), ("B", "card_approval"),
    ]  # fmt: skip
