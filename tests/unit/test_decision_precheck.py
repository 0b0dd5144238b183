"""The trial: same rules, no mark, coarse amounts, and silence under a security hold."""

from __future__ import annotations

from tests.decision_policy import NOW, SHANGHAI, Life, files
from xindeng.decision.answer import Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.precheck import explain_precheck, facts_of_attempt, precheck
from xindeng.decision.request import Request
from xindeng.events.credit import ExternalDebt
from xindeng.events.line import HoldPlaced
from xindeng.kernel.time import DAY
from xindeng.policy.bundle import load

QUIET = PlatformState()


def asked(amount: int) -> Request:
    return Request(amount=amount, term_months=10, rate_bp=0)


def test_amounts_are_told_on_a_grid_of_500_yuan() -> None:
    life = Life()
    life.had("2026-06-01", ExternalDebt(monthly_due=402_000, balance=0, lenders=1,
                                        nonbank_lenders=0))  # fmt: skip
    found = precheck(life.policy, life.state, QUIET, asked(812_345), NOW).decision
    assert found is not None and found.outcome is Outcome.APPROVE_LESS
    assert found.amount_asked == 800_000
    assert found.amount_offered == found.frontier == found.borrowable_now == 450_000  # of 480,000
    small = precheck(life.policy, life.state, QUIET, asked(30_000), NOW).decision
    assert small is not None and small.outcome is Outcome.APPROVE
    assert small.amount_offered == 30_000


def test_a_thousand_trials_leave_no_mark() -> None:
    life = Life()
    kernel = life.policy.kernel
    before = kernel.dump_hot(life.state), kernel.dump_buckets(life.state)
    for n in range(1_000):
        precheck(life.policy, life.state, QUIET, asked(100_000 + n), NOW)
    assert (kernel.dump_hot(life.state), kernel.dump_buckets(life.state)) == before


def test_the_attempt_itself_is_seen_when_a_feature_reads_attempts() -> None:
    features = files()["features.yaml"].decode().replace(
        "event: decision, where: \"counted\", op: count, window: 24h",
        "event: draw_attempt, op: count, window: 24h",
    )  # fmt: skip
    life = Life(load({**files(), "features.yaml": features.encode()}))
    index = life.policy.input_index["refused_24h"]
    kernel = life.policy.kernel
    assert facts_of_attempt(kernel, life.state, QUIET, asked(500_000), NOW).values[index] == 1
    assert kernel.vector(life.state, NOW)[index] == 0
    for _ in range(10):
        found = precheck(life.policy, life.state, QUIET, asked(500_000), NOW).decision
        assert found is not None and found.outcome is Outcome.APPROVE


def test_under_a_security_hold_the_only_answer_is_to_verify() -> None:
    life = Life()
    life.had("2026-07-01 09:00", HoldPlaced(hold="h1", kind="security", mode="block",
                                            reason="check", review_at=NOW + DAY))  # fmt: skip
    answer = precheck(life.policy, life.state, QUIET, asked(500_000), NOW)
    assert answer.verify_first
    for lang, word in (("zh", "需先核实"), ("en", "verification needed first")):
        told = explain_precheck(life.policy, answer, lang)
        assert told.headline == word
        assert not (told.figures or told.lights or told.reasons or told.routes or told.when)


def test_a_trial_says_that_it_promises_nothing() -> None:
    life = Life()
    answer = precheck(life.policy, life.state, QUIET, asked(500_000), NOW)
    zh = "\n".join(explain_precheck(life.policy, answer, "zh").lines())
    assert "试算结果，不保证放款" in zh and "试算不查询征信" in zh
    facts = facts_of_attempt(life.policy.kernel, life.state, QUIET, asked(500_000), NOW)
    real = decide(life.policy, facts, asked(500_000), NOW)
    assert answer.decision is not None and answer.decision.outcome is real.outcome
    assert SHANGHAI.day(real.now) == SHANGHAI.day(NOW)
