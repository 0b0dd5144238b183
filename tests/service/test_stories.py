"""Acceptance stories under the reference policy: from events through the store to what is said.

Bounds and orderings, not exact texts; every story is told in both languages.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from tests.service_world import World, event
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.explanation import Explanation
from xindeng.decision.request import Request
from xindeng.kernel.time import from_date
from xindeng.repair.ahead.wait import earliest_yes
from xindeng.service.draw import draw
from xindeng.service.explain import explain
from xindeng.service.policies import read_bundle
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.store import Store, borrowers, states
from xindeng.store.decisions import StoredDecision

STEPS = ("name_and_id", "document", "face", "bank_card", "mobile")


def day(text: str) -> int:
    return from_date(date.fromisoformat(text))


@pytest.fixture
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


class Person:
    """A borrower in good order, to whom a story adds what went wrong."""

    def __init__(self, world: World, name: str, today: str, **about: Any) -> None:
        self.world, self.name, self.keys = world, name, 0
        world.now = world.at(f"{today} 08:00")
        opened, limit = about.get("opened", "2025-01-10"), about.get("limit", 20_000)
        self.tell("account_opened", opened, birth_day=day(about.get("born", "1995-05-05")))
        self.tell("limit_change", opened, limit=limit * 100, change="granted")
        for step in STEPS:
            self.tell("identity_step", opened, step=step, result="passed")
        recently = date.fromisoformat(today) - timedelta(days=20)
        self.tell("identity_step", recently.isoformat(), step="face", result="passed")
        for back in range(2, 80, 3):
            spent = date.fromisoformat(today) - timedelta(days=back)
            self.tell("purchase", spent.isoformat(), amount=4_000, merchant=f"shop{back % 7}",
                      category="groceries")  # fmt: skip

    def tell(self, kind: str, when: str, /, **payload: Any) -> None:
        assert self.world.tell(self.name, event(kind, when, **payload)).accepted

    def salary(self, yuan: int, *days: str) -> None:
        for number, paid in enumerate(days):
            self.tell("payment", f"{paid} 10:00", direction="in", amount=yuan * 100 + number,
                      category="salary", counterparty="employer")  # fmt: skip

    def report(self, on: str, inquiries: Any = (), accounts: Any = (), **more: Any) -> None:
        self.tell("credit_report", f"{on} 00:10", report_day=day(on),
                  inquiries=[{"day": day(d), "lender": who, "reason": why} for d, who, why in inquiries],
                  accounts=list(accounts), **more)  # fmt: skip

    def asks(self, when: str, yuan: int, **more: Any) -> StoredDecision:
        self.world.now = self.world.at(when)
        self.keys += 1
        return draw(self.world.engine, self.name, Request(yuan * 100, **more), f"k{self.keys}")

    def waits(self, when: str, yuan: int) -> str:
        """The local date of the earliest yes by waiting alone."""
        engine, now = self.world.engine, self.world.at(when)
        with self.world.store.snapshot() as conn:
            chain = borrowers.read(conn, engine.store.keys, self.name)
            state = engine.state(conn, chain, states.read(conn, [self.name]).get(self.name))
            platform = engine.platform.now(conn)[1]
        found = earliest_yes(engine.policy, state, platform, Request(yuan * 100), now)
        assert found.at is not None
        return engine.policy.zone.local(found.at).date().isoformat()

    def told(self, stored: StoredDecision, lang: str, audience: str = "borrower") -> Explanation:
        return explain(self.world.engine, stored.id, audience=audience, lang=lang)


def text(explanation: Explanation) -> str:
    return "\n".join(explanation.lines())


OLD_CARD = {"account": "old", "kind": "R2", "lender": "bank", "limit": 1_000_000, "balance": 100_000,
            "grid": "N" * 48}  # fmt: skip
ENQUIRIES = ("01-05", "01-08", "01-20", "02-10", "03-03", "04-11", "05-02", "05-20", "06-05",
             "06-12", "06-25")  # fmt: skip


def enquirer(world: World, name: str) -> Person:
    person = Person(world, name, "2026-07-01")
    person.salary(10_000, *(f"2026-{month:02d}-10" for month in range(1, 7)))
    approvals = [(f"2026-{d}", f"lender{k}", "loan_approval") for k, d in enumerate(ENQUIRIES)]
    after = [(f"2026-0{m}-15", "own lender", "post_loan") for m in (3, 4, 5)]
    person.report("2026-07-01", [*approvals, *after], [OLD_CARD])
    return person


def test_story_2_enquiries(world: World) -> None:
    person = enquirer(world, "s2")
    refused = person.asks("2026-07-01 09:00", 3_000)
    made = refused.decision
    assert made.outcome is Outcome.DECLINE
    assert made.lights["applications"] is Light.RED
    assert (made.limit_shown, made.borrowable_now) == (2_000_000, 0)
    assert all(r.area == "applications" for r in made.reasons if r.gate)
    # 贷后管理 is no hard enquiry: eleven are counted, not fourteen.
    inputs = dict(zip(world.engine.policy.inputs, made.inputs, strict=True))
    assert inputs["hard_inquiries_180d"] == 11

    zh, en = text(person.told(refused, "zh")), text(person.told(refused, "en"))
    assert "■" in zh and "11" in zh and "2026-07-05" in zh and "2026-07-01" in zh
    assert "■" in en and "11" in en and "2026-07-05" in en and "2026-07-01" in en
    assert "不要再申请" in zh and "还款照常" in zh
    assert "前提：收入和日常收支与近30天相当" in zh and "This assumes that income" in en
    assert "midnight" in en or "00:00" in en  # the boundary is stated
    assert "0点" in zh or "零点" in zh or "00:00" in zh

    assert person.waits("2026-07-01 09:00", 3_000) == "2026-07-05"
    still_no = person.asks("2026-07-04 23:59:59", 3_000)
    assert still_no.decision.outcome is Outcome.DECLINE
    yes = person.asks("2026-07-05 00:00", 3_000)
    assert yes.decision.outcome is Outcome.APPROVE
    assert yes.decision.lights["applications"] is Light.YELLOW
    assert person.asks("2026-07-10 12:00", 1_000).decision.lights["applications"] is Light.YELLOW
    assert person.asks("2026-07-11 12:00", 1_000).decision.lights["applications"] is Light.GREEN
    for stored in (refused, still_no, yes):
        assert replay(world.engine, stored.id).decision == stored.decision


def test_story_2_a_new_application_moves_the_date(world: World) -> None:
    person = enquirer(world, "s2b")
    world.now = world.at("2026-07-02 12:00")
    person.tell("credit_inquiry", "2026-07-02 12:00", lender="new", reason="loan_approval")
    refused = person.asks("2026-07-02 12:30", 3_000)
    assert refused.decision.outcome is Outcome.DECLINE
    assert person.waits("2026-07-02 12:30", 3_000) >= "2026-07-07"
    told = text(person.told(refused, "zh"))
    assert "2026-07-08 起按本版政策核算可通过" in told and "2026-07-05" not in told
    assert person.asks("2026-07-06 12:00", 3_000).decision.outcome is Outcome.DECLINE
    assert person.asks("2026-07-08 12:00", 3_000).decision.outcome is Outcome.APPROVE


def test_story_4_brake(world: World) -> None:
    person = Person(world, "s4", "2026-02-02")
    person.salary(10_000, "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01")
    person.report("2026-01-20", accounts=[OLD_CARD])
    neutral = precheck(world.engine, "s4", Request(500_000))
    assert neutral.decision is not None and neutral.decision.outcome is Outcome.APPROVE

    brake = {"segment": "all", "stance": "brake", "review_day": day("2026-02-16")}
    world.now = world.at("2026-02-02 08:31")
    assert world.tell("platform", event("stance_change", "2026-02-02 08:30", **brake)).accepted == 1
    tries = [person.asks(f"2026-02-02 {hour}:00", 5_000) for hour in ("09", "12", "15")]
    for stored in tries:
        made = stored.decision
        assert made.outcome is Outcome.RETRY_LATER
        assert made.our_side and made.neutral_outcome is Outcome.APPROVE
        assert made.lights["attempts"] is Light.GREEN
        assert Light.OUR_SIDE in made.lights.values() and Light.RED not in made.lights.values()
        assert not made.counted
        assert made.limit_shown == 2_000_000 and made.borrowable_now == 0
        for lang, sign in (("zh", "◇"), ("en", "◇")):
            told = person.told(stored, lang)
            assert sign in text(told) and "2026-02-16" in text(told)
            assert not [step for row in told.reasons for step in row.steps if row.light == "our_side"
                        and ("偿还" in step or "Repay" in step)]  # fmt: skip
    assert "平台" in text(person.told(tries[0], "zh"))
    assert "our" in text(person.told(tries[0], "en")).lower()
    world.now = world.at("2026-02-02 16:01")
    world.ease(day("2026-03-02"))
    after = person.asks("2026-02-02 17:00", 5_000).decision
    assert after.outcome is Outcome.APPROVE and after.lights["attempts"] is Light.GREEN


def thin(world: World, name: str) -> Person:
    person = Person(world, name, "2026-06-15", opened="2026-05-20", limit=3_000, born="2004-01-01")
    person.salary(5_200, "2026-05-10", "2026-06-10")
    return person


@pytest.mark.parametrize("reported", [False, True])
def test_story_5_thin_file(world: World, reported: bool) -> None:
    person = thin(world, f"s5{reported}")
    if reported:
        person.report("2026-06-01", has_record=False)
    stored = person.asks("2026-06-15 09:00", 3_000)
    made = stored.decision
    assert made.outcome in (Outcome.APPROVE_LESS, Outcome.REVIEW)
    assert made.lights["bureau"] is Light.NO_DATA
    if made.outcome is Outcome.APPROVE_LESS:
        assert made.amount_offered is not None and 0 < made.amount_offered < 300_000
        again = person.asks("2026-06-15 10:00", made.amount_offered // 100)
        assert again.decision.outcome is Outcome.APPROVE
    assert "○" in text(person.told(stored, "zh")) and "暂无数据" in text(person.told(stored, "zh"))
    assert "○" in text(person.told(stored, "en"))


def test_story_5_a_student_is_refused_plainly(world: World) -> None:
    person = thin(world, "s5s")
    person.tell("occupation", "2026-06-01", kind="student")
    stored = person.asks("2026-06-15 09:00", 1_000)
    assert stored.decision.outcome is Outcome.DECLINE and stored.decision.frontier == 0
    assert not stored.decision.counted
    assert "学生" in text(person.told(stored, "zh")) and "student" in text(
        person.told(stored, "en")
    )


def loan(name: str, balance: int, due: int, left: int, kind: str = "bank") -> dict[str, Any]:
    return {"account": name, "kind": "D1", "lender": name, "lender_kind": kind,
            "balance": balance * 100, "monthly_due": due * 100, "months_left": left}  # fmt: skip


def test_story_1_the_decision(world: World) -> None:
    """The plan is another room's; here the refusal, and that clearing two loans turns it."""
    card = {**OLD_CARD, "account": "card", "limit": 3_000_000, "balance": 1_800_000}
    kept = [loan("home", 60_000, 1_400, 60), card, loan("c1", 9_600, 900, 12, "consumer_finance")]
    small = [loan("c2", 1_285, 650, 2, "microlender"), loan("c3", 3_150, 550, 6, "microlender")]
    for name, accounts in (("s1", kept + small), ("s1b", kept)):
        person = Person(world, name, "2026-09-10")
        person.tell("income_evidence", "2026-08-20", monthly_income=900_000, source="payroll",
                    months=3, verified=True)  # fmt: skip
        person.report("2026-09-05", accounts=accounts)
        made = person.asks("2026-09-10 09:00", 8_000).decision
        if name == "s1":
            assert made.outcome is Outcome.DECLINE and made.frontier == 0
            assert made.lights["debt"] is Light.RED
        else:
            assert 430_000 <= made.frontier <= 444_100
            assert made.outcome is Outcome.APPROVE_LESS


def test_every_story_speaks_to_support_and_auditor_too(world: World) -> None:
    person = enquirer(world, "s2c")
    stored = person.asks("2026-07-01 09:00", 3_000)
    for lang in ("zh", "en"):
        support = person.told(stored, lang, "support")
        assert any(row.rule for row in support.reasons)
        auditor = person.told(stored, lang, "auditor")
        assert auditor.audit is not None
        assert auditor.audit.policy_hash == world.engine.policy.hash
        assert {row.state for row in auditor.audit.rules} >= {"fired", "quiet"}
