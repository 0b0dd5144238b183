"""What kind of answer each situation gets, and the steps of the plans that turn it.

Every situation adds one fact to a borrower in good order, so the answer can only come from it.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from tests.repair_life import (
    ZONE,
    Told,
    at,
    consumer_line,
    date,
    day,
    dossier,
    loan,
    plans_for,
    report,
    sound,
)
from xindeng.decision.answer import Outcome
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.repair.debt import Debt
from xindeng.repair.debts.consolidate import Consolidation, consolidate
from xindeng.repair.debts.walk import Budget
from xindeng.repair.plans.case import case_of
from xindeng.repair.plans.offer import LoanOffer
from xindeng.repair.plans.plan import Plan, Plans
from xindeng.repair.plans.reprove import reprove
from xindeng.repair.plans.told import tell

NOW = "2026-07-01 10:00"
T = at(NOW)
BASE: tuple[Told, ...] = (*sound(NOW), report("2026-06-26", loan("a", 500, 10_000, 20)))


def ask(*facts: Told, yuan: int = 5_000, **more) -> Plans:
    return plans_for(*BASE, *facts, now=NOW, yuan=yuan, **more)


def steps(plan: Plan) -> list[str]:
    return [step.action for step in plan.steps]


def counted(hour: int) -> Told:
    return ("decision", T - hour * HOUR, {"decision_id": f"d{hour}", "outcome": "decline",
            "amount": 0, "sitting": f"s{hour}", "counted": True})  # fmt: skip


def hold(kind: str, days: int, **more) -> Told:
    return ("hold_placed", T - 2 * DAY, {"hold": "h", "kind": kind, "mode": "block", "reason": "r",
            "review_at": T + days * DAY, **more})  # fmt: skip


LEAK = ("security_incident", T - 5 * HOUR, {"kind": "password_leak"})
FLOW = ("payment", at("2026-06-30 09:00"), {"direction": "in", "amount": 18_000_000,
        "category": "unknown", "counterparty": "x"})  # fmt: skip
OWED = ("disbursement", at("2026-05-01"), {"draw": "L", "amount": 300_000, "term_months": 3,
        "monthly_due": 102_000})  # fmt: skip
LATE = [
    OWED,
    (
        "instalment_due",
        at("2026-06-20"),
        {"loan": "L", "due_day": day("2026-06-20"), "amount": 102_000},
    ),
    ("delinquency", T - HOUR, {"dpd": 10, "overdue_amount": 102_000}),
]
NO_WORK = (
    "income_evidence",
    T - DAY,
    {"monthly_income": 0, "source": "declared", "verified": False},
)
STUDENT = ("occupation", T - DAY, {"kind": "student"})


def flag(kind: str) -> Told:
    return ("account_flag", T - HOUR, {"flag": kind, "raised": True})


SITUATIONS = {
    "fine": ([], "approved"),
    "student": ([STUDENT], "fixed"),
    "fraud": ([flag("fraud_suspect")], "verify_first"),
    "deceased": ([flag("deceased")], "verify_first"),
    "court order": ([flag("court_order")], "verify_first"),
    "takeover": ([("security_incident", T - HOUR, {"kind": "account_takeover"})], "verify_first"),
    "overdue and without work": ([*LATE, NO_WORK], "hardship"),
    "without income": ([NO_WORK], "hardship"),
    "help asked for": ([("hardship_request", T - DAY, {"cause": "illness"})], "hardship"),
    "overdue, able to pay": (LATE, "plan"),
    "a hold a person ends": ([hold("manual", 3)], "review"),
    "password leaked": ([LEAK], "plan"),
    "sudden money": ([FLOW], "plan"),
    "own lock": ([hold("own_lock", 300)], "plan"),
    "tries": ([counted(1), counted(2), counted(3)], "only_time"),
    "limit zeroed": ([("limit_change", T - 40 * DAY, {"limit": 0, "change": "zeroed"})], "only_time"),
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_each_situation_has_its_status(name: str) -> None:
    facts, status = SITUATIONS[name]
    found = ask(*facts)
    assert found.status == status, (found.gates, found.plans)
    for plan in found.plans:
        assert plan.proof.yes.outcome is Outcome.APPROVE
        assert plan.proof.before.outcome is not Outcome.APPROVE
        assert all(one.answer.outcome is not Outcome.APPROVE for one in plan.proof.without)


@pytest.mark.parametrize("kind", ["fraud_suspect", "mule_suspect", "deceased", "court_order"])
def test_safety_says_one_thing_whatever_else_is_wrong(kind: str) -> None:
    """Nothing tells which flag it is: the whole answer is the same, down to every word."""
    plain = ask(flag("fraud_suspect"))
    assert ask(flag(kind), *LATE, FLOW) == plain
    assert (plain.gates, plain.plans, plain.do_nothing, plain.frontier_by_month) == (
        (),
        (),
        None,
        (),
    )
    for lang in ("zh", "en"):
        told = tell(consumer_line(), plain, lang)
        assert told.waiting == told.months == told.plans == ()


def test_our_side_asks_nothing_and_names_the_review() -> None:
    brake = PlatformState(stance={"all": ("brake", day("2026-07-15"))})
    found = ask(platform=brake)
    assert (found.status, found.plans, found.leads) == ("our_side", (), ())
    assert date(found.review_at) == "2026-07-15 00:00"


def test_both_sides_are_named_and_the_plan_waits_for_ours() -> None:
    brake = PlatformState(stance={"all": ("brake", day("2026-07-15"))})
    heavy = report("2026-06-27", loan("b", 4_500, 9_000, 2))
    found = ask(heavy, platform=brake)
    assert found.status == "plan" and "platform.new_draws_paused" in found.gates
    for plan in found.plans:
        assert plan.kind == "conditional" and "our_side_lifted" in plan.assumptions
        assert "platform.new_draws_paused" in plan.proof.asked.gates
        no = next(branch for branch in plan.branches if branch.says == "no")
        assert no.answer.outcome is not Outcome.APPROVE


def test_a_new_password_starts_its_own_wait() -> None:
    (plan,) = ask(LEAK).plans
    assert steps(plan) == ["secure_account", "wait"] and plan.yes_at - T >= 12 * HOUR
    assert "password_cooldown" in plan.steps[0].side_effects


def test_no_password_is_changed_without_suspicion() -> None:
    network = ("login", T - HOUR, {"success": True, "network": "anonymised"})
    found = ask(network, counted(1), counted(2), counted(3))
    assert all(step.action != "secure_account" for plan in found.plans for step in plan.steps)


def test_sudden_money_both_branches_and_a_small_first_draw() -> None:
    found = ask(FLOW)
    plan = next(plan for plan in found.plans if "explain_flow" in steps(plan))
    assert plan.kind == "conditional" and plan.steps[0].decider == "platform"
    assert date(plan.yes_at) == "2026-07-02 00:00"
    no = next(branch for branch in plan.branches if branch.says == "no")
    assert no.yes_at is not None and T < no.yes_at <= T + 7 * DAY
    assert [stage.amount for stage in plan.stages] == [100_000, 400_000]
    assert [stage.after_hold for stage in plan.stages] == [True, False]
    assert "observe_do" in found.warnings and "observe_avoid" in found.warnings


def test_settling_here_leaves_a_late_repayment() -> None:
    (plan,) = ask(*LATE).plans
    assert steps(plan) == ["settle_overdue"] and plan.cash_total == 102_000
    assert plan.steps[0].side_effects == ("late_repayment",)
    assert date(plan.yes_at) == "2026-07-02 00:00"  # days past due are counted at the day's end
    assert ask(*LATE).leads[0] == "seek_hardship_help"


def test_less_now_or_room_for_the_rest() -> None:
    used = ("disbursement", at("2026-05-01"), {"draw": "L", "amount": 1_800_000,
            "term_months": 12, "monthly_due": 162_000})  # fmt: skip
    found = ask(used)
    by_goal = {plan.goal: plan for plan in found.plans}
    assert by_goal["smaller"].amount == 200_000 and by_goal["smaller"].cash_total == 0
    assert by_goal["fastest"].cash_total == 300_000


NUMBERS = ("accounts", "open_accounts", "overdue_accounts", "overdue_amount", "overdue_months_24m",
           "max_consecutive_overdue", "worst_code_24m", "bad_debt_accounts",
           "special_status_accounts", "disputed_accounts", "guarantees", "public_records",
           "card_limit", "card_used")  # fmt: skip


def test_debts_known_only_as_a_sum_say_what_is_missing() -> None:
    known = ("bureau_summary", T - 2 * DAY, {"report_day": day("2026-06-29"), "has_record": True,
             **dict.fromkeys(NUMBERS, 0), "fraud_alert": False, "identity_mismatch": False})  # fmt: skip
    summed = ("external_debt", T - DAY, {"monthly_due": 480_000, "balance": 6_000_000, "lenders": 3,
              "nonbank_lenders": 1})  # fmt: skip
    told = [fact for fact in BASE if fact[0] != "credit_report"]
    found = plans_for(*told, known, summed, now=NOW, yuan=5_000)
    assert found.status == "no_plan" and found.need is not None
    assert found.need.due_now == 480_000 and found.need.due_most + found.need.cut == 480_000
    assert "¥4,800" in " ".join(tell(consumer_line(), found, "zh").lines)


def test_a_loan_from_a_friend_gives_no_relief() -> None:
    own = Debt(id="f", lender="a friend", lender_kind="person", kind="person", balance=900_000,
               annual_rate_bp=0, monthly_due=450_000, months_left=2, evidenced=False,
               source="table:1")  # fmt: skip
    heavy = report("2026-06-27", loan("b", 4_500, 9_000, 2))
    found = ask(heavy, debts=[own])
    assert all(step.action != "pay_down" for plan in found.plans for step in plan.steps)


OFFER = LoanOffer(lender="a bank", lender_kind="bank", annual_rate_bp=720, months=24)


DEAR = report("2026-06-27", loan("b", 3_000, 20_000, 8), loan("c", 2_000, 15_000, 9))


def test_merging_is_only_offered_where_all_of_it_gets_cheaper() -> None:
    found = ask(DEAR, offers=[OFFER], yuan=10_000)
    plans = [plan for plan in found.plans if "consolidate" in steps(plan)]
    assert plans, found
    for plan in plans:
        step = next(step for step in plan.steps if step.action == "consolidate")
        assert plan.kind == "conditional" and (step.interest_delta or 0) < 0
        assert step.side_effects == ("new_enquiry", "new_account")
        assert step.params["offer"] == OFFER.id  # by what it is, not by its place in a list


def test_the_whole_of_a_merger_is_reckoned_to_the_fen() -> None:
    """By the same rule as the check-up's: what is paid in all, fees among it, beside paying on."""
    fee = replace(OFFER, fee_bp=200)
    plan = next(p for p in ask(DEAR, offers=[fee], yuan=10_000).plans if "consolidate" in steps(p))
    step = next(step for step in plan.steps if step.action == "consolidate")
    known = dossier(*BASE, DEAR, now=NOW).debts
    judged = consolidate([d for d in known if d.id in {"b", "c"}], fee.loan,
                         Budget(start=ZONE.day(T), monthly=0))  # fmt: skip
    assert judged.amount == step.params["amount"] == 35_000_00
    assert step.interest_delta == judged.new.total - judged.kept
    assert step.params["rate_bp"] > 720  # all in, the fee as well
    told = " ".join(line for p in tell(consumer_line(), ask(DEAR, offers=[fee], yuan=10_000), "zh").plans
                    for line in [one.title for one in p.steps])  # fmt: skip
    assert "含费用年化9." in told
    said = "".join(tell(consumer_line(), ask(DEAR, offers=[fee], yuan=10_000), "zh").notices)
    assert "除了上面核算过总额确实更少的那一笔" in said


@pytest.mark.parametrize("says", [True, False])
def test_no_new_borrowing_to_pay_borrowing_unless_it_gets_cheaper(
    says: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted bug: a rule that lets everything pass is seen at once."""
    long = LoanOffer(lender="l", lender_kind="bank", annual_rate_bp=1800, months=36)
    if says:
        monkeypatch.setattr(Consolidation, "proposed", property(lambda self: True))
    cheap = report("2026-06-27", loan("b", 3_000, 32_000, 11), loan("c", 2_000, 23_500, 12))
    found = ask(cheap, offers=[long], yuan=10_000)
    assert any("consolidate" in steps(plan) for plan in found.plans) == says


def test_a_merger_is_proven_again_without_being_told_of_the_offer_twice() -> None:
    plan = next(
        p for p in ask(DEAR, offers=[OFFER], yuan=10_000).plans if "consolidate" in steps(p)
    )
    again = reprove(consumer_line(), plan, dossier(*BASE, DEAR, now=NOW), T)
    assert again.fate == "good" and again.yes_at == plan.yes_at
    other = report("2026-06-28", loan("new", 1_700, 35_000, 24, annual_rate_bp=720,
                                      lender_kind="bank"), loan("dear", 900, 8_000, 12))  # fmt: skip
    done = reprove(consumer_line(), plan, dossier(*BASE, DEAR, other, now=NOW), T)
    assert steps(plan).index("consolidate") not in done.open_steps  # another debt is none of its


def without_income() -> list[Told]:
    """Somebody in good order whose income is in none of the data."""
    return [
        fact for fact in BASE
        if fact[0] != "income_evidence" and fact[2].get("category") != "salary"
    ]  # fmt: skip


def test_a_gap_of_income_can_be_closed_by_showing_it() -> None:
    known = without_income()
    found = plans_for(*known, now=NOW, yuan=5_000)
    assert (found.status, found.gates) == ("plan", ("debt.income_unknown",))
    (plan,) = found.plans
    assert (steps(plan), plan.kind, date(plan.yes_at)) == (
        ["show_income"], "conditional", "2026-07-04 00:00",
    )  # fmt: skip
    yes, no = plan.branches
    assert (yes.decider, yes.says, yes.yes_at) == ("platform", "yes", plan.yes_at)
    assert (no.says, no.yes_at, no.answer.outcome) == ("no", None, Outcome.REVIEW)
    income = int(plan.steps[0].params["income"])
    told = tell(consumer_line(), found, "zh").plans[0]
    assert f"不低于¥{income // 100:,}" in told.steps[0].title
    assert any("照实提交" in line for line in told.assumptions)


def test_the_income_that_is_named_is_the_least_that_does() -> None:
    known = without_income()
    income = int(plans_for(*known, now=NOW, yuan=5_000).plans[0].steps[0].params["income"])
    for shown, outcome in ((income, "approved"), (income - 10_000, "plan")):
        paper = ("income_evidence", T - MINUTE, {"monthly_income": shown, "source": "payslip",
                 "months": 3, "verified": True})  # fmt: skip
        assert plans_for(*known, paper, now=NOW, yuan=5_000).status == outcome
    assert all(
        step.action != "show_income" for plan in ask(yuan=19_000).plans for step in plan.steps
    )


def test_showing_an_income_is_one_step_where_more_stands_in_the_way() -> None:
    asked = tuple((f"2026-06-{d:02d}", f"l{d}", "loan_approval") for d in range(1, 13))
    found = plans_for(*without_income(), report("2026-06-28", inquiries=asked), now=NOW, yuan=5_000)
    assert {"debt.income_unknown"} < set(found.gates)
    assert found.plans and all("show_income" in steps(plan) for plan in found.plans)
    assert all(plan.yes_at > at("2026-07-04") for plan in found.plans)


def test_a_wrong_record_is_shown_but_promises_nothing() -> None:
    bad = report("2026-06-27", loan("b", 500, 9_000, 20, grid="N" * 10 + "1234" + "N" * 10))
    found = ask(bad)
    assert found.status == "no_plan"
    (plan,) = found.plans
    assert steps(plan)[0] == "dispute" and plan.kind == "conditional"
    assert "record_is_wrong" in plan.assumptions and plan.yes_at >= T + 19 * DAY
    no = next(branch for branch in plan.branches if branch.says == "no")
    assert no.answer.outcome is not Outcome.APPROVE


def test_a_date_beyond_the_horizon_is_told() -> None:
    young = [fact for fact in BASE if fact[0] != "account_opened"]
    born = ZONE.day(T) - (18 * 365 + 4) + 300  # four leap days, the last of 2024
    told = (*young, ("account_opened", T - 600 * DAY, {"birth_day": born}))
    found = plans_for(*told, now=NOW, yuan=5_000)
    assert found.gates == ("identity.under_age",) and found.review_at is not None
    assert ZONE.day(found.review_at) == ZONE.day(T) + 300


def test_a_fixed_refusal_says_why() -> None:
    known = dossier(*BASE, STUDENT, now=NOW)
    case = case_of(consumer_line(), known, Request(500_000), T)
    told = tell(consumer_line(), ask(STUDENT), "zh", decision=case.first)
    assert "学生" in told.lines[0]


def test_who_borrows_to_repay_is_told_of_help() -> None:
    heavy = report("2026-06-27", loan("b", 4_500, 9_000, 2))
    assert ask(heavy, purpose="repay_loans").leads[0] == "seek_hardship_help"


def test_somebody_already_late_gets_help_and_no_draw_to_pay_it() -> None:
    found = ask(*LATE, purpose="repay_loans")
    assert (found.status, found.plans) == ("hardship", ())


def test_a_hold_ends_when_the_policy_says_so() -> None:
    """The projection and the page that explains agree: seven days, and no paper is needed."""
    found = ask(FLOW)
    assert found.do_nothing is not None and found.do_nothing.yes_at is not None
    assert T < found.do_nothing.yes_at <= T + 7 * DAY


@pytest.mark.parametrize("minutes", [0, 3, 61])
def test_the_last_refusal_really_was_one_whatever_life_brings_that_day(minutes: int) -> None:
    """Somebody signs in on the day of the yes, after the hour at which the gate opened."""
    habit = ("login", T - 23 * DAY + minutes * MINUTE, {"success": True})
    (waiting, *_) = ask(FLOW, habit, ("login", T - 24 * DAY, {"success": True})).plans
    assert waiting.proof.before.outcome is not Outcome.APPROVE
    assert waiting.proof.before.at < waiting.yes_at
