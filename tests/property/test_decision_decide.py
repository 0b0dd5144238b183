"""Properties of decide(): a proven frontier, NULL that never approves, trials without a mark."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.decision_policy import NOW, ask, brake, facts, files, hold, policy
from xindeng.decision import look as look_module
from xindeng.decision.answer import Decision, Light, Outcome, decode, encode
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.frontier import Frontier, find_frontier
from xindeng.decision.request import Request
from xindeng.kernel.time import DAY, HOUR
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy

STEP = LEAST = 10_000

borrowers = st.fixed_dictionaries(
    {},
    optional={
        "income": st.sampled_from([None, 0, 1, 450_000, 900_000]) | st.integers(0, 2_000_000),
        "dues": st.none() | st.integers(0, 900_000),
        "has_record": st.booleans(),
        "inquiries_180d": st.none() | st.integers(0, 12),
        "inquiries_90d": st.integers(0, 12),
        "surprise": st.none() | st.floats(-10, 10),
        "incident_at": st.sampled_from([None, NOW - HOUR, NOW - 3 * DAY]),
        "credential_at": st.sampled_from([None, NOW - HOUR, NOW - 3 * DAY]),
        "refused_24h": st.integers(0, 4),
        "limit_shown": st.sampled_from([0, 9_999, 10_000, 123_456, 2_000_000]),
        "drawn": st.none() | st.integers(0, 2_000_000),
        "holds": st.sampled_from(
            [(), (hold(),), (hold("security"),), (hold(mode="cap", cap=100_000),), (hold(days=-1),)]
        ),
        "platform": st.sampled_from(
            [
                PlatformState(),
                brake(),
                PlatformState(stance={"seasoned": ("tight", None)}),
                PlatformState(maintenance=True),
                PlatformState(bureau_available=False, until=NOW + HOUR),
                PlatformState(model_available=False),
            ]
        ),
    },
)
amounts = st.integers(LEAST, 2_500_000)


def disagreements(decision: Decision, known: dict[str, Any], of: Policy) -> list[str]:
    """Where the frontier differs from asking for every amount near it and for a sample of all."""
    top = decision.available or 0
    near = {decision.frontier, decision.frontier + 1, decision.frontier + STEP, LEAST, top}
    grid = set(range(LEAST, top + 1, 7 * STEP)) | near
    wrong = []
    for amount in sorted(a for a in grid if LEAST <= a <= top):
        passes = ask(amount, of=of, **known).outcome is Outcome.APPROVE
        inside = amount <= decision.frontier
        if passes != inside and not decision.frontier < amount < decision.frontier + STEP:
            wrong.append(f"{amount} passes: {passes}, frontier {decision.frontier}")
    return wrong


@given(borrowers, amounts)
@settings(max_examples=60, deadline=None)
def test_the_frontier_is_what_asking_for_every_amount_shows(
    known: dict[str, Any], amount: int
) -> None:
    assert not disagreements(ask(amount, **known), known, policy())


def test_planted_a_frontier_off_by_one_step_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    def generous(*args: Any, **more: Any) -> Frontier:
        found = find_frontier(*args, **more)
        return found._replace(amount=found.amount + STEP) if found.beyond else found

    known = {"dues": 400_000}
    assert not disagreements(ask(800_000, **known), known, policy())
    monkeypatch.setattr(look_module, "find_frontier", generous)
    assert disagreements(ask(800_000, **known), known, policy())


@given(borrowers, amounts)
@settings(max_examples=150, deadline=None)
def test_an_answer_hangs_together(known: dict[str, Any], amount: int) -> None:
    decision = ask(amount, **known)
    approved = decision.outcome is Outcome.APPROVE
    assert (decision.frontier >= amount) is approved
    assert decision.borrowable_now == decision.frontier <= (decision.available or 0)
    if decision.outcome is Outcome.APPROVE_LESS:
        assert decision.amount_offered == decision.frontier >= LEAST
    else:
        assert decision.amount_offered == (amount if approved else None)
    assert approved or any(reason.gate for reason in decision.reasons)
    assert decision.gate is not None or decision.borrowable_now == decision.available or approved
    assert not (decision.our_side and decision.neutral_outcome is not Outcome.APPROVE)
    assert decision.retry_at is None or decision.retry_at > NOW
    for reason in decision.reasons:
        assert decision.lights[reason.area] is not Light.GREEN
        assert (reason.whose == "platform") == (reason.light is Light.OUR_SIDE)
    assert decode(encode(decision)) == decision
    assert ask(amount, **known) == decision


BLANKABLE = ("income", "dues", "inquiries_180d", "inquiries_90d", "limit_shown", "drawn")
"""Features that may be NULL and have no documented default: there the unknown must never help."""


def helped_by_nothing(known: dict[str, Any], amount: int, blank: str, of: Policy) -> bool:
    before = ask(amount, of=of, **known)
    after = ask(amount, of=of, **known | {blank: None})
    if before.outcome is not Outcome.APPROVE and after.outcome is Outcome.APPROVE:
        return True
    return after.frontier > before.frontier


@given(borrowers, amounts, st.sampled_from(BLANKABLE))
@settings(max_examples=200, deadline=None)
def test_null_never_approves(known: dict[str, Any], amount: int, blank: str) -> None:
    assert not helped_by_nothing(known, amount, blank, policy())


def test_planted_a_rule_that_lets_null_pass_is_caught() -> None:
    text = files()["areas/debt.yaml"].decode()
    lax = text.replace("burden > $max_burden", "COALESCE(burden > $max_burden, FALSE)")
    of = load({**files(), "areas/debt.yaml": lax.replace("  missing: grey\n", "").encode()})
    assert helped_by_nothing({"dues": 890_000}, 800_000, "income", of)
    assert not helped_by_nothing({"dues": 890_000}, 800_000, "income", policy())


@given(borrowers, amounts)
@example(known={"income": 3862, "dues": 931}, amount=10_001)  # soft on an ordinary day, hard braked
@example(known={"income": 6188, "limit_shown": 0, "dues": 2094}, amount=10_001)
@settings(max_examples=100, deadline=None)
def test_stance_never_marks_the_borrower(known: dict[str, Any], amount: int) -> None:
    """Under brake nothing new becomes the borrower's own, and nothing more counts."""
    calm = ask(amount, **known | {"platform": PlatformState()})
    braked = ask(amount, **known | {"platform": brake()})
    own = {r.rule for r in calm.reasons}
    assert {r.rule for r in braked.reasons if r.whose != "platform"} <= own
    assert not braked.counted or calm.counted
    assert braked.outcome is not Outcome.DECLINE or calm.outcome is Outcome.DECLINE
    assert braked.neutral_outcome is calm.outcome or calm.outcome is Outcome.APPROVE
    if calm.outcome is Outcome.APPROVE:
        assert braked.our_side


def test_decide_touches_nothing_it_is_given() -> None:
    known = facts(dues=400_000)
    before = list(known.values)
    request = Request(amount=800_000, term_months=10, rate_bp=0)
    assert decide(policy(), known, request, NOW) == decide(policy(), known, request, NOW)
    assert known.values == before
