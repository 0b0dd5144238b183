"""A credit report reviewed by the reading rules, and letters that only say what a person claims."""

from __future__ import annotations

import re
from datetime import date

import pytest

from xindeng.decision.answer import Light
from xindeng.decision.words import LANGUAGES
from xindeng.events.credit import (
    CreditReport,
    ReportAccount,
    ReportGuarantee,
    ReportInquiry,
    ReportPublicRecord,
)
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, to_date
from xindeng.repair.review import words
from xindeng.repair.review.letter_words import CLAIMS, LETTER
from xindeng.repair.review.letters import CLAIM_NAMES, disputable, letter
from xindeng.repair.review.record import review
from xindeng.repair.review.tell import Teller
from xindeng.repair.review.terms import add_months, month_end, review_terms
from xindeng.service.policies import load_policy


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


TODAY = day("2026-07-01")


@pytest.fixture(scope="module")
def policy():
    return load_policy("consumer_line")


@pytest.fixture(scope="module")
def terms(policy):
    return review_terms(policy, TODAY)


def account(name="a", **about):
    return ReportAccount(**{"account": name, "kind": "D1", "lender": "甲银行", **about})


def reviewed(terms, *accounts, today=TODAY, **about):
    report = CreditReport(report_day=TODAY - 2, accounts=accounts, **about)
    return review(report, terms, today, source="report.pdf")


def kinds(found):
    return {finding.kind: finding for finding in found.findings}


def test_m_is_not_overdue(terms):
    found = kinds(reviewed(terms, account(grid="NMMMMMMN")))
    assert set(found) == {"late_within_month"}
    assert found["late_within_month"].light is Light.GREEN
    assert found["late_within_month"].facts["count"] == 6


@pytest.mark.parametrize(("grid", "kind"), [
    ("NN123NNN", "late_heavy"), ("N1N1N1N1N1N1", "late_heavy"), ("NN4NNNNN", "late_heavy"),
    ("NN12NNNN", "late_some"), ("N1N1N1N1N1NM", "late_some"),
])  # fmt: skip
def test_three_in_a_row_or_six_in_all(terms, grid, kind):
    found = kinds(reviewed(terms, account(grid=grid)))
    assert set(found) - {"one_off"} == {kind}
    assert found[kind].light is (Light.RED if kind == "late_heavy" else Light.YELLOW)


def test_the_five_years_run_from_the_end_of_the_bad_behaviour(terms):
    grid_end = day("2026-06-15")
    found = kinds(reviewed(terms, account(grid="12NN", grid_end=grid_end)))["late_some"]
    # the last bad month is April 2026: its last day, and 60 months on
    assert found.gone_on is not None
    assert to_date(found.gone_on).isoformat() == "2031-05-01"
    still = kinds(reviewed(terms, account(grid="NN12", grid_end=grid_end, overdue_amount=50_000,
                                          status="overdue", overdue_months=2)))  # fmt: skip
    assert still["late_some"].gone_on is None, "the clock has not begun while it is overdue"
    assert still["overdue_now"].light is Light.RED
    open_end = kinds(reviewed(terms, account(grid="NN12", grid_end=grid_end)))["late_some"]
    assert open_end.gone_on is None


def test_one_is_one():
    from xindeng.repair.review.tell import one_of

    said = "1 months, 11 months, 2026-07-1 days, 1.1 accounts, 1 accounts, 1 time"
    assert one_of(said) == "1 month, 11 months, 2026-07-1 days, 1.1 accounts, 1 account, 1 time"


def test_calendar_months_end_where_the_month_ends():
    assert to_date(add_months(day("2026-01-31"), 1)).isoformat() == "2026-02-28"
    assert to_date(month_end(day("2026-03-05"), 1)).isoformat() == "2026-02-28"


def test_a_line_and_its_parts_are_one_record(terms):
    parts = (account("line", kind="R1", group="g", overdue_amount=20_000, status="overdue"),
             account("part", kind="R4", group="g", overdue_amount=20_000, status="overdue"))  # fmt: skip
    found = [one for one in reviewed(terms, *parts).findings if one.kind == "overdue_now"]
    assert len(found) == 1
    assert found[0].facts["joined"] is True and found[0].facts["amount"] == 20_000


def test_enquiries_one_lender_a_day_and_only_hard_ones(terms):
    lines = [ReportInquiry(day=day("2026-01-05"), lender="甲", reason="loan_approval"),
             ReportInquiry(day=day("2026-01-05"), lender="甲", reason="card_approval"),
             ReportInquiry(day=day("2026-06-20"), lender="甲", reason="post_loan"),
             ReportInquiry(day=day("2026-06-20"), lender="本人", reason="own")]  # fmt: skip
    found = reviewed(terms, inquiries=tuple(lines))
    assert found.counts == {30: 0, 90: 0, 180: 1}
    assert found.not_hard == 2
    hard = next(one for one in found.enquiries if one.hard)
    assert to_date(hard.leaves[180]).isoformat() == "2026-07-05", "story 2's boundary"
    assert to_date(hard.gone_on).isoformat() == "2028-01-05"


@pytest.mark.parametrize("today", ["2026-07-04", "2026-07-05"])
def test_the_window_is_the_policys_own(policy, today):
    """The day told here is the day on which the policy's feature really lets the enquiry go."""
    from xindeng.events.read import read_event

    zone = policy.zone
    when = zone.midnight(day(today)) + 1
    raw = {"id": "e", "borrower": "b", "type": "credit_inquiry", "occurred_at": "2026-01-05T12:00",
           "payload": {"lender": "甲", "reason": "loan_approval"}}  # fmt: skip
    seen = read_event(raw, received_at=when, zone=zone, currency="CNY")
    state = policy.kernel.rebuild([])
    from msgspec.structs import replace

    policy.kernel.fold(state, replace(seen, seq=1))
    vector = dict(zip(policy.book.columns, policy.kernel.vector(state, when), strict=True))
    assert vector["hard_inquiries_180d"] == (1 if today == "2026-07-04" else 0)
    terms = review_terms(policy, day(today))
    line = ReportInquiry(day=day("2026-01-05"), lender="甲", reason="loan_approval")
    report = CreditReport(report_day=day("2026-07-01"), inquiries=(line,))
    assert review(report, terms, day(today)).counts[180] == vector["hard_inquiries_180d"]


def test_the_one_off_relief_is_checked_after_its_window(terms):
    late = account(grid="N1NNNNNNNNNN", grid_end=day("2026-05-10"))
    assert "one_off" in kinds(reviewed(terms, late))
    later = account(grid="N1N", grid_end=day("2026-05-10"))
    assert "one_off" not in kinds(reviewed(terms, later)), "April 2026 is outside"
    early = review(CreditReport(report_day=day("2026-01-31"), accounts=(late,)), terms, TODAY)
    assert "one_off" not in kinds(early), "a report of before the window's end tells nothing"


def test_special_records(terms):
    found = kinds(reviewed(
        terms,
        account("b", status="bad_debt", balance=500_000),
        account("c", kind="C1", balance=100_000),
        account("d", kind="R2", status="frozen"), account("e", status="stopped"),
        account("f", status="judicial"), account("g", tier="loss"),
        account("h", tier="special_mention"), account("i", disputed=True),
        account("j", late_months_5y=4), account("k", late_months_5y=4, late_90_months_5y=1),
        account("l", overdue_amount=500),
        guarantee_list=(ReportGuarantee(lender="乙", amount=1_000_000, tier="loss"),
                        ReportGuarantee(lender="丙", amount=2_000_000)),
        guarantees=3,
        public_record_list=(ReportPublicRecord(kind="court_judgement", day=TODAY - 90),),
        public_records=1, fraud_alert=True, identity_mismatch=True,
    ))  # fmt: skip
    red = {kind for kind, one in found.items() if one.light is Light.RED}
    assert red == {"bad_debt", "repaid_for", "card_frozen", "stopped", "judicial", "tier_bad",
                   "late_simple_90", "guarantee_bad"}  # fmt: skip
    assert {"overdue_small", "disputed", "guarantee", "guarantees_counted", "public_record",
            "fraud_alert", "identity_mismatch", "late_simple", "tier_watch"} <= set(found)  # fmt: skip


def test_no_record_is_no_red_light(terms):
    found = reviewed(terms, has_record=False)
    assert [one.light for one in found.findings] == [Light.NO_DATA]


def test_every_kind_has_words_in_both_languages_and_can_be_told(policy, terms):
    from typing import get_args

    from xindeng.repair.review.findings import Finding, Kind

    facts = {"amount": 100, "months": 1, "lender": "甲", "balance": 100, "since": None, "late": 1,
             "row": 1, "all": 1, "ninety": 1, "count": 1, "repaid_by": TODAY, "what": "other",
             "authority": "法院", "day": TODAY, "text": "声明", "window": 180, "tier": "loss"}  # fmt: skip
    assert set(words.FINDINGS["zh"]) == set(words.FINDINGS["en"]) == set(get_args(Kind))
    for lang in LANGUAGES:
        teller = Teller(terms, lang, policy.zone, "CNY")
        for kind in get_args(Kind):
            told = teller.tell(Finding(kind=kind, light=Light.RED, record="a", source="s",
                                       facts=facts, gone_on=TODAY))  # fmt: skip
            assert told.title and told.meaning and "{" not in told.title + told.meaning + told.step
            if lang == "en":
                assert not re.search(
                    "[\u4e00-\u9fff]",
                    re.sub("异议|关注|呆账|甲|声明|法院", "", told.title + told.meaning),
                )


def report_with_a_fault():
    return CreditReport(
        report_day=TODAY - 2,
        accounts=(account("A1", lender="丁<b>银行", balance=120_000, overdue_amount=30_000,
                          status="overdue", opened_day=day("2024-03-01"), grid="NN1"),),
        inquiries=(ReportInquiry(day=day("2026-06-01"), lender="戊", reason="loan_approval"),
                   ReportInquiry(day=day("2026-06-02"), lender="己", reason="post_loan")),
    )  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_is_filled_from_the_record(terms, lang):
    found = {one.record: one for one in disputable(report_with_a_fault())}
    made = letter(found["A1"], terms, TODAY, TODAY - 2, lang, claim="already_settled")
    text = made.text()
    assert "丁<b>银行" in text and "¥300" in text and "¥1,200" in text and "2024-03-01" in text
    assert CLAIMS[lang]["already_settled"] in text
    assert to_date(made.answer_by).isoformat() == "2026-07-21" and "2026-07-21" in text
    assert "□" not in text
    # only what the person alone can fill is left open
    assert sum("____" in line for line in text.splitlines()) == len(made.blanks) == 5
    lender = letter(found["A1"], terms, TODAY, TODAY - 2, lang, to_lender=True)
    assert "丁<b>银行" in lender.to and "□" in lender.text()
    assert LETTER[lang]["only_if_wrong"] in lender.text() and LETTER[lang]["free"] in text


def test_a_claim_must_fit_the_record(terms):
    found = {one.record: one for one in disputable(report_with_a_fault())}
    assert "E1" in found and "E2" not in found, "reviews are no enquiries to dispute"
    with pytest.raises(InputError) as error:
        letter(found["A1"], terms, TODAY, TODAY, "zh", claim="enquiry_not_mine")
    assert "already_settled" in error.value.next_step
    with pytest.raises(InputError):
        letter(found["ID"], terms, TODAY, TODAY, "zh", to_lender=True)


def test_words_are_complete_and_clean():
    for table in (words.FINDINGS, words.REASONS, words.PUBLIC_KINDS, CLAIMS, LETTER):
        assert set(table["zh"]) == set(table["en"])
    assert set(CLAIMS["zh"]) == set(CLAIM_NAMES)
    for lang in LANGUAGES:
        for table in (words.FINDINGS, CLAIMS, LETTER):
            said = " ".join(str(text) for text in table[lang].values())
            assert "修复" not in said and "保证" not in said
            assert set(re.findall("..冻结", said)) <= {"态：冻结"}
