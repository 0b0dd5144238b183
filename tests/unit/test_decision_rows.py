"""Rows that hold true: figures that add up, gates with a reason, honest dates and possible steps."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import fields

from tests.decision_policy import NOW, SHANGHAI, Life, ask, brake, files, hold, policy, rule
from xindeng.decision.answer import Decision, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.explain import explain
from xindeng.decision.explanation import Explanation
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.precheck import explain_precheck, precheck
from xindeng.decision.request import Request
from xindeng.events.credit import BureauSummary, CreditInquiry, LoanApplication
from xindeng.events.life import AccountOpened, IncomeEvidence, Purchase
from xindeng.events.line import DecisionMade, DrawAttempt
from xindeng.events.security import IdentityStep
from xindeng.kernel.time import DAY
from xindeng.policy.bundle import load
from xindeng.policy.texts import render
from xindeng.service.policies import read_bundle

LANGUAGES = ("zh", "en")


def summary(day: str, **told: Any) -> BureauSummary:
    """A credit report of local `day` with nothing against the borrower but what is told."""
    nothing: dict[str, Any] = {f.name: 0 for f in fields(BureauSummary) if f.required}
    own = {"report_day": SHANGHAI.day(SHANGHAI.parse(day)), "has_record": True}
    return BureauSummary(**nothing | own | told)


class Borrower(Life):
    """Somebody in good order on the reference line of ¥20,000."""

    def __init__(self) -> None:
        super().__init__(load(read_bundle("consumer_line")))
        self.had("2025-06-01", AccountOpened(birth_day=9_000))
        paid = IncomeEvidence(monthly_income=900_000, source="payroll", months=3, verified=True)
        self.had("2026-06-20", paid)
        self.had("2026-06-20", summary("2026-06-20", oldest_account_months=60))
        for step in ("name_and_id", "document", "face", "bank_card", "mobile"):
            self.had("2026-06-20", IdentityStep(step=step, result="passed"))
        for day in range(10, 30):
            bought = Purchase(amount=4_000, merchant=f"m{day % 7}", category="groceries")
            self.had(f"2026-06-{day}", bought)

    def asks(self, when: str, yuan: int, **more: Any) -> Decision:
        """Decide a draw and fold its attempt and its answer."""
        now, request = SHANGHAI.parse(when), Request(yuan * 100, **more)
        self.had(when, DrawAttempt(amount=request.amount, term_months=12, sitting="s"))
        kernel = self.policy.kernel
        known = Facts(kernel.vector(self.state, now), kernel.holds(self.state), PlatformState())
        made = decide(self.policy, known, request, now)
        told = DecisionMade(decision_id=when, outcome=made.outcome.value, sitting="s",
                            amount=made.amount_offered or 0, counted=made.counted)  # fmt: skip
        self.had(when, told)
        return made

    def told(self, made: Decision, **more: Any) -> Explanation:
        return explain(self.policy, made, **more)


def text(explanation: Explanation) -> str:
    return "\n".join(explanation.lines())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_approved_and_not_paid_out_is_named(lang: str) -> None:
    life = Borrower()
    first = life.asks("2026-07-01 10:00", 6_000)
    assert first.outcome is Outcome.APPROVE
    made = life.asks("2026-07-01 10:05", 20_000)
    row = next(r for r in life.told(made, lang=lang).reasons if "¥14,000" in r.fact)
    assert "¥6,000" in row.fact and "¥20,000" in row.fact and "¥0" in row.fact
    assert not any(word in step for step in row.steps for word in ("提前归还", "Repay part"))


def test_steps_that_cannot_be_taken_are_not_proposed() -> None:
    over = rule("line.over", "request_amount > available", "cap", missing="grey", repair="[borrow_less, pay_down]",
                fires={"request_amount": 200_000, "available": 100_000},
                quiet={"request_amount": 100_000, "available": 100_000})  # fmt: skip
    bundle = files(over, without="line.available")
    bundle["repair.yaml"] += (
        "  borrow_less: {texts: {zh: 改借较小的金额, en: ask for less}}\n".encode()
    )
    of = load(bundle)

    def steps(**known: Any) -> tuple[str, ...]:
        told = explain(of, ask(800_000, of=of, **known), audience="support", lang="en")
        return next(row.steps for row in told.reasons if row.rule == "line.over")

    less, pay = "You can: ask for less", "You can: pay part of it down (usually shows after 3 days)"
    assert steps(limit_shown=500_000) == (less,)
    assert steps(limit_shown=500_000, drawn=100_000) == (less, pay)
    assert steps(limit_shown=500_000, drawn=500_000) == (pay,)
    assert steps(limit_shown=0) == ("There is nothing you need to do.",)


def test_a_gate_above_an_approved_amount_has_a_row() -> None:
    decision = ask(300_000, dues=400_000)
    assert decision.outcome is Outcome.APPROVE and decision.gate == "debt.burden"
    before = decision.lights.copy()
    for lang, more in (("zh", "如果借得更多"), ("en", "If you were to draw more")):
        told = explain(policy(), decision, lang=lang)
        (row,) = told.reasons
        assert told.gate and more in row.fact and "¥20,000" in row.fact
        assert "66.7% > 50%" in row.fact  # (4,000 + 20,000 ÷ 10) ÷ 9,000
        assert row.steps and row.light is decision.lights["debt"]
        assert {light.area: light.light for light in told.lights} == before
    less = explain(policy(), ask(800_000, dues=400_000), lang="zh")
    assert len(less.reasons) == 1 and "如果借得更多" not in text(less)


def test_a_gate_of_the_stance_alone_is_ours() -> None:
    tight = PlatformState(stance={"all": ("tight", None)})
    decision = ask(1_000_000, dues=100_000, platform=tight)
    assert decision.outcome is Outcome.APPROVE and decision.frontier < 2_000_000
    (row,) = explain(policy(), decision, lang="en").reasons
    assert row.whose == "our side" and row.steps == ("There is nothing you need to do.",)


def test_a_withheld_gate_stays_untold() -> None:
    secret = rule("cash_flow.odd", "COALESCE(surprise > 3.0, FALSE) AND request_amount > 500000", "review",
                  whose="withheld", repair="[pay_down]", fires={"surprise": 4.0, "request_amount": 600_000},
                  quiet={"surprise": 1.0, "request_amount": 600_000})  # fmt: skip
    of = load(files(secret))
    decision = ask(300_000, of=of, surprise=4.0)
    assert decision.outcome is Outcome.APPROVE and decision.gate == "cash_flow.odd"
    assert not explain(of, decision, lang="zh").reasons
    assert explain(of, decision, audience="auditor", lang="zh").reasons


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_review_day_is_told_one_way_only(lang: str) -> None:
    told = text(explain(policy(), ask(platform=brake()), lang=lang))
    assert "2026-07-20" in told
    assert "最早" not in told and "Earliest" not in told and "ends on" not in told
    assert ("我们最迟在 2026-07-20 复核" if lang == "zh" else "by 2026-07-20 at the latest") in told
    held = text(explain(policy(), ask(holds=(hold(),)), lang=lang))
    assert "最早" not in held and "Earliest" not in held and "2026-07-04 10:00" in held
    cooling = ask(800_000, credential_at=NOW - DAY // 4)
    assert ("解除" if lang == "zh" else "ends on") in text(explain(policy(), cooling, lang=lang))


def test_an_unknown_date_is_left_out_and_a_trial_has_its_own() -> None:
    decision = ask(800_000, inquiries_180d=11)
    row = explain(policy(), decision, lang="zh").reasons[0]
    assert row.as_of == "" and "截至" not in text(explain(policy(), decision, lang="zh"))
    life = Life()
    for day in range(11):
        life.had(f"2026-05-{day + 1:02}", CreditInquiry(lender=f"b{day}", reason="loan_approval"))
    answer = precheck(life.policy, life.state, PlatformState(), Request(500_000, rate_bp=0), NOW)
    told = explain_precheck(life.policy, answer, "zh")
    assert told.reasons[0].as_of == "2026-05-11"


def row_of(decision: Decision, life: Any, rule_id: str, **seen: int) -> Any:
    told = explain(life.policy, decision, audience="support", lang="zh", as_of=seen)
    return next(row for row in told.reasons if row.rule == rule_id)


def test_a_report_speaks_as_of_its_own_day() -> None:
    life = Borrower()
    came = "2026-06-28 09:00"
    life.had(came, summary("2026-06-20", overdue_amount=900_000))
    seen = {"bureau_summary": SHANGHAI.parse(came)}
    made = life.asks("2026-07-01 10:00", 3_000)
    assert row_of(made, life, "bureau.overdue_now", **seen).as_of == "2026-06-20"


def test_a_draw_of_today_does_not_date_what_a_report_says() -> None:
    life = Borrower()
    came = "2026-06-28 09:00"
    life.had(came, summary("2026-06-20", has_record=False))
    now = SHANGHAI.parse("2026-07-01 10:00")
    draws = dict.fromkeys(("decision", "draw_attempt", "draw_reserved", "disbursement"), now)
    made = life.asks("2026-07-01 10:00", 9_000)
    seen = {"bureau_summary": SHANGHAI.parse(came), **draws}
    told = explain(life.policy, made, audience="support", lang="zh", as_of=seen)
    dated = {row.rule: row.as_of for row in told.reasons}
    assert dated["bureau.thin_file_starter_cap"] == "2026-06-20"


def test_sources_are_true() -> None:
    life = Borrower()
    for name in ("a", "b", "c", "d", "e", "f"):
        life.had("2026-06-29", LoanApplication(lender=name, result="refused"))
    made = life.asks("2026-07-01 10:00", 3_000, purpose="securities")
    barred = row_of(made, life, "consumption.barred_purpose")
    assert (barred.source, barred.as_of) == ("您这次的申请", "2026-07-01")
    elsewhere = row_of(made, life, "applications.refused_elsewhere")
    assert elsewhere.source == "合作机构的借款申请记录"


def test_a_hint_does_not_say_that_waiting_is_enough() -> None:
    hint = rule("applications.hint", "inquiries_90d >= 1", "warn", light="yellow", missing="grey",
                whose="time", repair="[pay_down]", fires={"inquiries_90d": 6}, quiet={"inquiries_90d": 0})  # fmt: skip
    of = load(files(hint.replace("repair: [pay_down]", "repair: []")))
    told = explain(of, ask(of=of, inquiries_90d=2), lang="en")
    assert told.reasons and "Waiting is enough" not in text(told)


def test_one_day_is_one_day() -> None:
    bundle = files(objection_answer_days=1)
    bundle["repair.yaml"] = bundle["repair.yaml"].replace(b"lag_days: 3", b"lag_days: 1")
    of = load(bundle)
    told = text(explain(of, ask(of=of, dues=890_000), lang="en"))
    assert "usually shows after 1 day)" in told and "within 1 day." in told
    assert "1 days" not in told.replace("21 days", "")


def test_support_reads_one_row_about_a_withheld_rule() -> None:
    told = explain(policy(), ask(surprise=8.0), audience="support", lang="zh")
    assert len({row.title for row in told.reasons}) == len(told.reasons) == 1
    assert "surprise 说明" in "".join(told.reasons[0].steps)


def test_chinese_has_no_space_between_characters() -> None:
    def fill(template: str) -> str:
        return render(template, lambda _: 900, language="zh", currency="CNY", zone=SHANGHAI)

    assert fill("已 {idle:days} 没有使用") == "已 900 天没有使用"
    assert fill("须 {idle:hours} 内，{n:count} 次") == "须 900 小时内，900 次"
