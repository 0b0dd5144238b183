"""More stories under the reference policy: what is told must still be true when its day comes.

Dates stand at awkward places: a year's turn, 29 February, the last minute before midnight.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.service.test_stories import OLD_CARD, Person, day, enquirer, loan, text
from tests.service_world import World
from xindeng.adapters.notifier import FileNotifier
from xindeng.adapters.rail import SandboxRail
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.request import Request
from xindeng.repair.plans.plan import Plans
from xindeng.repair.plans.told import tell
from xindeng.service import hardship, holds, worker
from xindeng.service import line as lines
from xindeng.service import plan as planning
from xindeng.service.disburse import Ports, confirm
from xindeng.service.policies import read_bundle
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.servicing.three_numbers import line_of
from xindeng.store import Store
from xindeng.store.decisions import StoredDecision

LANGUAGES = ("zh", "en")


@pytest.fixture
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


def settled(world: World, name: str, today: str, *paydays: str, yuan: int = 9_000) -> Person:
    """A borrower in good order who is paid on `paydays`, with a card and a report of `today`."""
    person = Person(world, name, today)
    person.salary(yuan, *paydays)
    person.report(today, accounts=[OLD_CARD])
    return person


def plans_of(world: World, stored: StoredDecision) -> Plans:
    return planning.make_for(world.engine, stored.id).made.plans


def gates(stored: StoredDecision) -> set[str]:
    return {reason.rule for reason in stored.decision.reasons if reason.gate}


# ---- hammering the button ---------------------------------------------------------------------
def test_the_third_refusal_of_a_day_counts_in_the_date_it_tells(world: World) -> None:
    """Enquiries leave at midnight, but three refusals make the next try wait twelve hours."""
    person = enquirer(world, "m1")
    first, _, third = (person.asks(f"2026-07-04 {hour}:00", 3_000) for hour in ("09", "13", "20"))
    assert "2026-07-05 起按本版政策核算可通过" in text(person.told(first, "zh"))
    assert third.decision.lights["attempts"] is Light.YELLOW
    zh, en = text(person.told(third, "zh")), text(person.told(third, "en"))
    assert "2026-07-05 08:00 起按本版政策核算可通过 ¥3,000" in zh and "2026-07-05 起" not in zh
    assert "2026-07-05 08:00：借款尝试 未通过 → 注意（从这次结果起算）" in zh
    assert "passes under this policy from 2026-07-05 08:00" in en
    assert (
        "2026-07-05 08:00: Draw attempts not passed → take care (counted from this answer on)" in en
    )
    (plan,) = plans_of(world, third).plans
    assert plan.yes_at == world.at("2026-07-05 08:00")
    early = person.asks("2026-07-05 07:59", 3_000).decision
    assert (early.outcome, early.counted) == (Outcome.RETRY_LATER, False)
    assert early.retry_at == world.at("2026-07-05 08:00")
    assert person.asks("2026-07-05 08:00", 3_000).decision.outcome is Outcome.APPROVE


def test_pressing_on_while_told_to_wait_does_not_move_the_end_of_the_wait(world: World) -> None:
    """The year turns while somebody presses again and again; the hour told stays the hour."""
    person = settled(world, "m2", "2027-12-30", "2027-10-11", "2027-11-11", "2027-12-11")
    months = ((8, 3), (8, 9), (9, 1), (9, 20), (10, 5), (10, 15), (10, 30), (11, 5), (11, 20),
              (12, 1), (12, 20))  # fmt: skip
    asked = [(f"2027-{m:02d}-{d:02d}", f"lender {m} {d}", "loan_approval") for m, d in months]
    person.report("2027-12-30", asked, [OLD_CARD])
    for at in ("2027-12-31 09:00", "2027-12-31 09:05", "2027-12-31 13:00", "2027-12-31 20:00"):
        assert person.asks(at, 3_000).decision.counted, at
    for at in ("2027-12-31 23:59", "2028-01-01 02:00", "2028-01-01 07:59"):
        again = person.asks(at, 3_000)
        assert again.decision.outcome is Outcome.DECLINE and not again.decision.counted, at
        assert again.decision.lights["attempts"] is Light.RED
        assert "这一项在 2028-01-01 08:00 解除" in text(person.told(again, "zh")), at
        assert replay(world.engine, again.id).decision == again.decision
    after = person.asks("2028-01-01 08:00", 3_000)
    assert gates(after) == {"applications.enquiries_180d"}
    # 2027-08-03 is the 181st day before 2028-01-31: from its midnight on ten are left.
    assert person.waits("2028-01-01 08:00", 3_000) == "2028-01-31"


# ---- a date that would not last ---------------------------------------------------------------
def test_a_gap_between_two_payments_is_no_date(world: World) -> None:
    """11,000 a month on 8,000 of pay. On 2026-03-16 the payment of December has left the count
    and that of March has yet to come: for a day the figures look well, and nothing has changed."""
    person = settled(world, "m3", "2026-02-28", "2025-11-10", "2025-12-10", "2026-01-10",
                     "2026-02-10", yuan=8_000)  # fmt: skip
    for month in ("2025-12", "2026-01", "2026-02"):
        person.tell("payment", f"{month}-15 12:00", direction="out", amount=1_100_000,
                    category="shopping", counterparty="mall")  # fmt: skip
    capped = person.asks("2026-02-28 10:00", 8_000)
    assert (capped.decision.outcome, capped.decision.amount_offered) == (
        Outcome.APPROVE_LESS, 500_000,
    )  # fmt: skip
    zh = text(person.told(capped, "zh"))
    assert "137.5%" in zh and "2026-03-16" not in zh and "184 天内还不能借 ¥8,000" in zh
    assert "这不影响本次结果" not in zh, "it is the very fact that holds the amount down"
    for plan in plans_of(world, capped).plans:
        assert plan.yes_at != world.at("2026-03-16")
    person.world.now = world.at("2026-03-15 12:00")
    person.tell("payment", "2026-03-15 12:00", direction="out", amount=1_100_000,
                category="shopping", counterparty="mall")  # fmt: skip
    person.salary(8_000, "2026-03-10")
    assert person.asks("2026-03-16 10:00", 8_000).decision.outcome is Outcome.APPROVE_LESS


def test_an_area_that_never_opened_does_not_close_again(world: World) -> None:
    """Evidence of income runs out within the year: unknown income then stands where debts stood."""
    person = Person(world, "m4", "2026-02-28")
    person.tell("income_evidence", "2026-02-01", monthly_income=1_200_000, source="payroll",
                months=3, verified=True)  # fmt: skip
    card = {**OLD_CARD, "account": "card", "limit": 2_000_000, "balance": 1_500_000}
    person.report("2026-02-20", accounts=[
        loan("bank", 24_000, 2_100, 12), loan("micro", 3_000, 1_050, 3, "microlender"),
        loan("cf", 9_000, 820, 12, "consumer_finance"), card,
    ])  # fmt: skip
    world.now = world.at("2026-02-28 22:00")
    trial = precheck(world.engine, "m4", Request(1_000_000)).decision
    assert trial is not None and trial.amount_offered == 550_000
    # 2,100 + 1,050 + 820 + 10 % of 15,000 = 5,470 of the 6,000 allowed leave 530 a month.
    less = person.asks("2026-02-28 23:59", 10_000)
    assert (less.decision.outcome, less.decision.amount_offered) == (Outcome.APPROVE_LESS, 580_000)
    zh, en = text(person.told(less, "zh")), text(person.told(less, "en"))
    assert "¥5,470" in zh and "只靠等待不能解除“负债与收入”" in zh and "又会成为限制" not in zh
    assert "waiting alone does not clear “Debt and income”" in en and "later" not in en


# ---- consent withdrawn ------------------------------------------------------------------------
def test_a_withdrawn_consent_is_told_as_what_it_is(world: World) -> None:
    """One row a category: no safety notice, no caution, no fault, no nineteen rules."""
    person = settled(world, "m5", "2026-02-09", "2025-11-10", "2025-12-10", "2026-01-10")
    for category, when in (("bureau", "2026-02-09 11:00"), ("transactions", "2026-02-09 12:00")):
        world.now = world.at(when)
        person.tell("consent", when, category=category, granted=False)
        stored = person.asks(when, 3_000)
        made = stored.decision
        assert made.outcome is Outcome.REVIEW and made.borrowable_now == 0 and not made.our_side
        assert set(made.lights.values()) == {Light.GREEN, Light.NO_DATA}
        assert made.lights["platform"] is Light.GREEN
        told = {lang: person.told(stored, lang) for lang in LANGUAGES}
        wanted = 1 if category == "bureau" else 2
        assert [row.light for row in told["zh"].reasons] == [Light.NO_DATA] * wanted
        assert all("撤回" in row.fact and "不是不良记录" in row.fact for row in told["zh"].reasons)
        assert all("withdrew your consent" in row.fact for row in told["en"].reasons)
        assert "信用报告" in told["zh"].reasons[0].fact
        assert "受“资料授权”限制" in text(told["zh"]) and "核实" not in text(told["zh"])
        assert "暂停借款" not in text(told["zh"]) and "Draws are paused" not in text(told["en"])
        assert "held back by: Use of your data" in text(told["en"])
        numbers = lines.show(world.engine, "m5", veil=True).numbers
        assert "受“资料授权”限制" in line_of(world.engine.policy, numbers, "zh")
        assert len(person.told(stored, "zh", "auditor").reasons) > wanted
        trial = precheck(world.engine, "m5", Request(300_000))
        assert trial.decision is not None and trial.decision.outcome is Outcome.REVIEW
        assert replay(world.engine, stored.id).decision == made
    for category in ("bureau", "transactions"):
        world.now = world.at("2026-02-10 00:00")
        person.tell("consent", "2026-02-10 00:00", category=category, granted=True)
    assert person.asks("2026-02-10 00:00", 3_000).decision.outcome is Outcome.APPROVE


# ---- a wrong record ---------------------------------------------------------------------------
def test_a_dispute_has_its_day_and_what_was_corrected_is_not_held_against_anybody(
    world: World,
) -> None:
    person = Person(world, "m6", "2026-02-09")
    person.salary(9_000, "2025-11-10", "2025-12-10", "2026-01-10")
    wrong = {"account": "x", "kind": "D1", "lender": "a bank", "balance": 100_000,
             "monthly_due": 10_000, "months_left": 10, "status": "overdue",
             "overdue_amount": 50_000, "grid": "N" * 20 + "123"}  # fmt: skip
    person.report("2026-02-05", accounts=[OLD_CARD, wrong])
    refused = person.asks("2026-02-09 10:00", 3_000)
    assert gates(refused) == {"bureau.overdue_now", "bureau.overdue_in_a_row"}
    zh = text(person.told(refused, "zh"))
    # One page, one advice: what is overdue is one's own, the months in a row are a matter of time.
    assert "只靠等待不能解除" not in zh and "算到 2028-01-01 为止" in zh
    assert "您这边先做：还清逾期的部分" in zh
    (plan,) = plans_of(world, refused).plans
    # Twenty days from the ninth: February has 28, so the first of March.
    assert plan.kind == "conditional" and plan.yes_at == world.at("2026-03-01")

    world.now = world.at("2026-02-10 23:59")
    person.tell("dispute", "2026-02-10 23:59", record="x", stage="opened")
    looked_at = person.asks("2026-02-11 10:00", 3_000)
    assert looked_at.decision.outcome is Outcome.REVIEW
    assert "最迟是 2026-03-02" in text(person.told(looked_at, "zh"))
    assert "by 2026-03-02 at the latest" in text(person.told(looked_at, "en"))
    # The day may pass: nobody is left with a date that is over and no next step.
    for lang, says in (("zh", "延误不算在您头上"), ("en", "does not count against you")):
        assert says in text(person.told(looked_at, lang))
    world.now = world.at("2026-02-25 09:00")
    person.tell("dispute", "2026-02-25 09:00", record="x", stage="marked")
    marked = person.asks("2026-02-25 10:00", 3_000)
    assert "最迟是 2026-03-02" in text(person.told(marked, "zh")), "the clock does not start anew"

    person.salary(9_000, "2026-02-10")
    world.now = world.at("2026-03-02 09:00")
    person.tell("dispute", "2026-03-02 09:00", record="x", stage="corrected")
    stale = person.asks("2026-03-02 10:00", 3_000)
    assert stale.decision.outcome is Outcome.REVIEW and not stale.decision.counted
    assert gates(stale) == {"bureau.record_corrected"}
    for lang, says in (("zh", "不会因旧记录直接拒绝您"), ("en", "not refused for the old record")):
        told = text(person.told(stale, lang))
        assert says in told and "2026-03-02" in told and "2026-02-05" in told
    world.now = world.at("2026-03-03 09:00")
    person.report("2026-03-03", accounts=[OLD_CARD])
    assert person.asks("2026-03-03 10:00", 3_000).decision.outcome is Outcome.APPROVE


# ---- idle -------------------------------------------------------------------------------------
def test_what_can_be_done_today_shows_in_the_amounts_of_today(world: World) -> None:
    person = Person(world, "m7", "2025-01-20", opened="2024-01-10")
    world.now = world.at("2026-02-20 10:00")
    person.report("2026-02-10", accounts=[OLD_CARD])
    person.tell("income_evidence", "2026-02-10", monthly_income=900_000, source="payroll",
                verified=True)  # fmt: skip
    asleep = person.asks("2026-02-20 10:00", 3_000)
    assert gates(asleep) == {"activity.idle_check_owner"}
    plans = plans_of(world, asleep)
    (plan,) = plans.plans
    today = plans.frontier_by_month[0]
    assert plan.yes_at <= world.at("2026-02-20 10:01")
    assert (today.idle, today.planned) == (0, 2_000_000)
    said = tell(world.engine.policy, plans, "en")
    assert not [line for line in said.plans[0].proof if "on today" in line]
    world.now = world.at("2026-02-20 11:00")
    person.tell("identity_step", "2026-02-20 11:00", step="face", result="passed")
    assert person.asks("2026-02-20 11:01", 3_000).decision.outcome is Outcome.APPROVE


# ---- one's own lock ---------------------------------------------------------------------------
def test_the_end_of_ones_own_lock_is_told_once_it_was_asked_for(world: World) -> None:
    person = settled(world, "m8", "2026-12-30", "2026-10-10", "2026-11-10", "2026-12-10")
    world.now = world.at("2026-12-31 23:59")
    holds.lock(world.engine, "m8")
    locked = person.asks("2027-01-01 00:05", 1_000)
    assert gates(locked) == {"line.own_lock"} and locked.decision.retry_at is None
    world.now = world.at("2027-01-01 00:10")
    person.tell("identity_step", "2027-01-01 00:10", step="face", result="passed")
    holds.ask_unlock(world.engine, "m8")
    waits = person.asks("2027-01-01 12:09", 1_000)
    assert waits.decision.retry_at == world.at("2027-01-01 12:10")
    assert "最早可在 2027-01-01 12:10 再试" in text(person.told(waits, "zh"))
    assert "Earliest time to try again: 2027-01-01 12:10" in text(person.told(waits, "en"))
    assert person.asks("2027-01-01 12:10", 1_000).decision.outcome is Outcome.APPROVE
    # Locked again and a new device before the wait is over: no hour is promised.
    holds.lock(world.engine, "m8")
    world.now = world.at("2027-01-01 12:20")
    person.tell("identity_step", "2027-01-01 12:20", step="face", result="passed")
    holds.ask_unlock(world.engine, "m8")
    world.now = world.at("2027-01-01 13:00")
    person.tell("device_change", "2027-01-01 13:00", device="new", verified=True)
    assert person.asks("2027-01-01 13:01", 1_000).decision.retry_at is None


# ---- in need, or robbed -----------------------------------------------------------------------
def owing(world: World, name: str, today: str, *paydays: str) -> tuple[Person, str]:
    """A borrower who has drawn 6,000 on `today`; the loan with its id."""
    person = settled(world, name, today, *paydays)
    asked = person.asks(f"{today} 10:00", 6_000, product="equal_instalments")
    assert asked.decision.outcome is Outcome.APPROVE
    world.read_cost(name, asked.id)
    return person, confirm(world.engine, Ports(SandboxRail()), name, asked.id, "c").draw


def test_who_asked_for_help_is_not_told_to_ask_nor_warned_of_a_cut(
    world: World, tmp_path: Path
) -> None:
    """Asked before the National Day holidays: three working days end on Saturday 2026-10-10,
    which is worked; we miss it, and an instalment too has fallen due by then."""
    paydays = ("2026-04-10", "2026-05-10", "2026-06-10", "2026-07-10", "2026-08-10")
    person, _ = owing(world, "m9", "2026-09-01", *paydays)
    world.now = world.at("2026-09-30 10:00")
    assert hardship.ask(world.engine, "m9", cause="job_loss", wish="deferral").answer_by == day(
        "2026-10-10"
    )
    notices = tmp_path / "n"
    for at in ("2026-10-02 09:00", "2026-10-11 09:00"):
        world.now = world.at(at)
        worker.run_once(world.engine, None, FileNotifier(notices))
    told_of = [json.loads(line) for line in notices.read_text().splitlines()]
    kinds = [one["kind"] for one in told_of if one["borrower"] == "m9"]
    assert "hardship_late" in kinds and "limit_warning" not in kinds
    refused = person.asks("2026-10-11 11:00", 1_000)
    assert {"line.overdue_here", "line.hardship_late"} <= gates(refused)
    for lang, help_, waiting, lag in (
        ("zh", "申请困难帮助（", "只靠等待", "还清逾期的部分（对应机构的还款页面；本平台的账单在贷款 App 里还）"),
        ("en", "Ask for hardship help", "Waiting alone", "Settle what is overdue (That lender's"),
    ):  # fmt: skip
        told = person.told(refused, lang)
        steps = [step for row in told.reasons for step in row.steps]
        assert not [step for step in steps if help_ in step], "it is with us already"
        assert not [line for line in told.when if waiting in line]
        assert [step for step in steps if lag in step]
    own = person.told(refused, "en")
    assert "what is due to us in your lender's app)" in text(own), (
        "what is paid to us shows at once"
    )


def test_no_cut_is_announced_over_a_loan_that_is_said_to_be_anothers(
    world: World, tmp_path: Path
) -> None:
    _, loan_id = owing(world, "m10", "2026-01-30", "2025-10-10", "2025-11-10", "2025-12-10",
                       "2026-01-10")  # fmt: skip
    world.now = world.at("2026-02-14 23:00")
    holds.claim_theft(world.engine, "m10", loan=loan_id)
    notices = tmp_path / "n"
    for at in ("2026-02-15 09:00", "2026-02-28 09:00", "2026-03-01 09:00", "2026-03-03 09:00"):
        world.now = world.at(at)
        worker.run_once(world.engine, None, FileNotifier(notices))
    told = [json.loads(line) for line in notices.read_text().splitlines()]
    kinds = [one["kind"] for one in told if one["borrower"] == "m10"]
    assert "hold_escalated" in kinds and "limit_warning" not in kinds
    assert "collection_reminder" not in kinds
    (contested,) = lines.show(world.engine, "m10").loans
    # ¥6,000 at 14.6 % over 12 months is 540.42 a month; interest stops on 02-14, 15 days of 29.
    assert contested.due_now < 54_042 and contested.principal == 600_000
