"""Explanations: what each audience reads, in both languages, and what nobody may read."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.decision_policy import NOW, SHANGHAI, ask, brake, facts, files, hold, policy, rule
from xindeng.decision.answer import EarliestYes, GateEnd, Light, LightChange
from xindeng.decision.explain import explain
from xindeng.decision.facts import PlatformState
from xindeng.decision.trace import trace
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.time import DAY, HOUR
from xindeng.policy.bundle import load

BANNED = re.compile(r"冻结|修复|预审通过|关注|阻断|保证放款(?<!不保证放款)")


def told(decision, lang="zh", audience="borrower", **more) -> str:
    return "\n".join(explain(policy(), decision, audience=audience, lang=lang, **more).lines())


SITUATIONS = {
    "approve": {},
    "less": {"dues": 400_000},
    "decline": {"inquiries_180d": 11},
    "missing": {"income": None},
    "held": {"holds": (hold(),)},
    "security": {"incident_at": NOW - HOUR},
    "withheld": {"surprise": 8.0},
    "brake": {"platform": brake()},
    "both": {"platform": brake(), "inquiries_180d": 11},
    "maintenance": {"platform": PlatformState(maintenance=True)},
}


@pytest.mark.parametrize("name", SITUATIONS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_situation_reads_cleanly_for_everybody(name: str, lang: str) -> None:
    decision = ask(800_000, **SITUATIONS[name])
    for audience in ("borrower", "support", "auditor"):
        text = told(decision, lang, audience)
        assert "{" not in text.replace("{'", "") and "None" not in text.split("policy ")[0]
        assert not BANNED.search(text)
        explanation = explain(policy(), decision, audience=audience, lang=lang)
        if audience == "borrower":
            for row in explanation.reasons:
                assert row.fact and row.source and row.steps
                assert re.fullmatch(r"(\d{4}-\d\d-\d\d)?", row.as_of)
                assert not row.rule and not row.code
        if name != "approve":
            assert len(explanation.routes) == 3


def test_the_three_numbers_stand_together_with_the_gate() -> None:
    decision = ask(800_000, dues=400_000)
    zh = told(decision)
    assert "额度：¥20,000  可用额度：¥20,000  当前可借：¥5,000（受“负债与收入”限制）" in zh
    assert "现在不能借 ¥8,000，最多可以借 ¥5,000；借不借由您决定。" in zh
    en = told(decision, "en")
    assert "Borrowable now: ¥5,000 (held back by: debt and income)" in en


def test_lights_have_their_symbols_and_words() -> None:
    zh = told(ask(800_000, inquiries_180d=11, inquiries_90d=6, income=None))
    assert "■ 近期借款申请  未通过" in zh
    assert "○ 负债与收入  暂无数据" in zh
    assert "● 综合评分  正常" in zh
    assert "▲ 近期借款申请  注意" in told(ask(inquiries_90d=6))
    assert "◇ 平台状态  平台原因" in told(ask(platform=brake()))


def test_a_borrowers_reason_has_fact_source_date_and_step() -> None:
    decision = ask(800_000, inquiries_180d=11)
    seen = {"credit_inquiry": SHANGHAI.parse("2026-06-25 09:00")}
    row = explain(policy(), decision, lang="zh", as_of=seen).reasons[0]
    assert "11" in row.fact and row.as_of == "2026-06-25"
    assert row.steps == ("您可以：先不要再申请新的借款",)
    assert row.whose == "您可以改变"
    lag = explain(policy(), ask(dues=400_000), lang="zh").reasons[0]
    assert lag.steps == ("您可以：先还清一部分借款（通常 3 天后体现）",)


def test_brake_asks_nothing_and_says_whose_doing_it_is() -> None:
    for lang, ours, nothing in (
        ("zh", "这次是平台的原因，不是您的问题", "不需要您做任何事。"),
        ("en", "This is our side, not you", "There is nothing you need to do."),
    ):
        explanation = explain(policy(), ask(platform=brake()), lang=lang)
        assert any(line.startswith(ours) for line in explanation.lead)
        assert any("2026-07-20" in line for line in explanation.lead)
        assert {row.steps for row in explanation.reasons} == {(nothing,)}
    both = explain(policy(), ask(platform=brake(), inquiries_180d=11), lang="zh")
    assert "平台目前的安排和您这边的情况都有影响，下面分别说明。" in both.lead


def test_a_withheld_rule_shows_one_safety_row_and_nothing_else() -> None:
    known = {"surprise": 8.0, "dues": 400_000}
    explanation = explain(policy(), ask(800_000, **known), lang="zh")
    assert explanation.headline == "账户需要核实"
    assert len(explanation.reasons) == len(explanation.lights) == 1
    assert explanation.gate == "" and explanation.figures[-1].minor is None
    text = "\n".join(explanation.lines())
    assert "资金往来" not in text and "负债" not in text and "8.0" not in text
    assert "15 天内答复" in text and "还款照常" in text and "诈骗" in text
    support = told(ask(800_000, **known), audience="support")
    assert "资金往来" not in support and "cash_flow" not in support
    assert "surprise 说明" in support
    auditor = told(ask(800_000, **known), audience="auditor")
    assert "fired   cash_flow.surprise: COALESCE(surprise > 6.0, FALSE)  [surprise=8.0]" in auditor


def test_a_withheld_caution_is_not_shown_to_the_borrower() -> None:
    quiet = rule("cash_flow.odd", "COALESCE(surprise > 3.0, FALSE)", "warn", light="yellow", repair="[pay_down]",
                 whose="withheld", fires={"surprise": 4.0}, quiet={"surprise": 1.0})  # fmt: skip
    of = load(files(quiet))
    decision = ask(800_000, of=of, surprise=4.0)
    assert decision.lights["cash_flow"] is Light.YELLOW
    borrower = explain(of, decision, lang="zh")
    assert {row.light for row in borrower.lights} == {Light.GREEN} and not borrower.reasons


def test_holds_say_that_repayments_go_on_and_warn_of_swindlers() -> None:
    zh = told(ask(holds=(hold(),)))
    assert "暂停借款（还款不受影响）" not in zh or "还款照常。" in zh
    assert "还款照常。" in zh
    assert "任何人以“解冻费、提额、洗白征信”收费都是诈骗。" in zh
    assert "我们最迟在 2026-07-04 10:00 复核，届时可再试。" in zh
    assert "暂停借款（还款不受影响）" in told(ask(incident_at=NOW - HOUR))


def test_not_known_is_said_so() -> None:
    assert "目前还不知道何时恢复" in told(ask(refused_24h=3))
    assert "not known yet" in told(ask(refused_24h=3), "en")


def test_a_review_day_that_is_over_is_no_day_to_come() -> None:
    assert "2026-07-20" in told(ask(platform=brake("2026-07-20")))
    assert "2026-07-01" in told(ask(platform=brake("2026-07-01"))), "the day itself is not over"
    missed = told(ask(platform=brake("2026-06-20")), "en")
    assert "2026-06-20" not in missed and "This is our side" in missed


def test_three_ways_to_object_each_with_its_clock() -> None:
    zh = told(ask(inquiries_180d=11))
    assert "异议：" in zh and "20 天内答复" in zh
    assert "申诉：" in zh and "15 天内答复" in zh
    assert "投诉：" in zh and "12378" in zh


def test_the_boundary_of_a_wait_is_stated() -> None:
    midnight = SHANGHAI.parse("2026-07-05")
    wait = EarliestYes(
        asked_at=NOW,
        at=midnight,
        amount=800_000,
        horizon_days=400,
        light_changes=(
            LightChange(at=midnight, area="applications", before=Light.RED, after=Light.YELLOW),
        ),
    )
    decision = ask(800_000, inquiries_180d=11)
    zh = told(decision, earliest_yes=wait)
    assert "2026-07-05 起按本版政策核算可通过 ¥8,000（核算截至 2026-07-01，不保证放款）" in zh
    assert "超出上限的那部分查询记录到 2026-07-05 零点移出统计窗口，零点之前仍然计入" in zh
    assert "2026-07-05：近期借款申请 未通过 → 注意" in zh
    en = told(decision, "en", earliest_yes=wait)
    assert "have left the counting window at midnight at the start of 2026-07-05" in en
    assert "前提：期间没有任何新的变化。" in zh and "nothing new happens meanwhile" in en


def wait_without_date(**more: Any) -> EarliestYes:
    return EarliestYes(asked_at=NOW, at=None, amount=None, horizon_days=400, **more)


def test_without_a_date_it_says_what_opens_and_what_stands() -> None:
    opens = GateEnd(rule="applications.many", at=SHANGHAI.parse("2026-07-05"))
    both = ask(dues=890_000, inquiries_180d=11)
    wait = wait_without_date(cleared=(opens,), standing=("debt.burden",), assumed="life")
    zh = told(both, earliest_yes=wait)
    assert "只靠等待，400 天内还不能借 ¥8,000。" in zh
    assert "2026-07-05 起，“近期借款申请”不再限制这笔借款。" in zh
    assert "只靠等待不能解除“负债与收入”的限制" in zh
    assert "收入和日常收支与近30天相当" in zh
    en = told(both, "en", earliest_yes=wait)
    assert "From 2026-07-05, nothing under “recent applications” stands in the way." in en
    assert "waiting alone does not clear “debt and income”;" in en

    alone = told(ask(dues=890_000), earliest_yes=wait_without_date(standing=("debt.burden",)))
    assert "只靠等待不能解除" in alone and "前提：" not in alone
    later = wait_without_date(cleared=(opens,), standing=("debt.burden",))
    assert "之后“负债与收入”又会成为限制" in told(ask(inquiries_180d=11), earliest_yes=later)


def test_a_withheld_rule_ahead_is_not_named() -> None:
    wait = wait_without_date(standing=("cash_flow.surprise",))
    assert "“资金往来”" not in told(ask(dues=890_000), earliest_yes=wait)
    assert "“资金往来”" in told(ask(dues=890_000), audience="auditor", earliest_yes=wait)


def test_the_auditor_sees_everything_needed_to_run_it_again() -> None:
    decision = ask(800_000, dues=400_000)
    audit = explain(policy(), decision, audience="auditor", lang="en").audit
    assert audit is not None and audit.policy_hash == policy().hash
    assert len(audit.rules) == len(policy().rules)
    burden = next(row for row in audit.rules if row.rule == "debt.burden")
    assert burden.state == "fired" and burden.values["$max_burden"] == 0.5
    assert round(burden.values["burden"], 3) == 0.533
    limit = next(row for row in audit.parameters if row.name == "max_burden")
    assert (limit.value, limit.unit, limit.source) == (0.5, "ratio", "test")
    assert audit.inputs["dues"] == 400_000 and audit.inputs["request_amount"] == 800_000
    assert explain(policy(), decision, lang="en").audit is None


def test_the_trace_tells_quiet_fired_and_missing() -> None:
    states = {row.rule: row.state for row in trace(policy(), ask(income=None, inquiries_90d=6))}
    assert states["debt.burden"] == "missing" and states["applications.often"] == "fired"
    assert states["applications.many"] == "quiet"


def test_wrong_audience_language_or_policy_is_refused() -> None:
    decision = ask()
    with pytest.raises(InputError, match="audience"):
        explain(policy(), decision, audience="boss")
    with pytest.raises(InputError, match="lang"):
        explain(policy(), decision, lang="fr")
    with pytest.raises(ConflictError, match="was made by policy"):
        explain(load(files(min_draw=20_000)), decision)


def test_days_are_in_the_policys_zone() -> None:
    late = SHANGHAI.parse("2026-07-01 00:30")
    decision = ask(inquiries_180d=11, now=late)
    row = explain(policy(), decision, lang="zh", as_of={"credit_inquiry": late}).reasons[0]
    assert row.as_of == "2026-07-01"
    assert facts().values and late % DAY > 16 * HOUR
