"""The shipped policies put to the same properties as the small one."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xindeng.decision.answer import Light, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.explain import explain
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.request import Request
from xindeng.language import Kind
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy

NAMES = ("consumer_line", "bank_cashflow")
ABSENCE = re.compile(r"COALESCE|IS (?:NOT )?NULL")
USUAL: dict[str, Any] = {
    "bureau_has_record": True, "id_name_result": "passed", "id_document_result": "passed",
    "id_face_result": "passed", "account_age_days": 400, "limit_shown": 2_000_000,
    "income_evidence": 900_000, "income_stated": 900_000, "income_90d": 2_700_000,
    "income_35d": 900_000, "income_125d": 3_700_000, "bureau_oldest_months": 80,
    "occupation": "employed", "payout_own_name": True, "call_forwarding_state": "off",
}  # fmt: skip


@cache
def policy(name: str) -> Policy:
    return load_policy(name)


def instant(of: Policy) -> int:
    return of.zone.parse("2026-07-01 10:00")


@st.composite
def vectors(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """Values inside each feature's declared bounds, mostly calm, with a few struck at random."""
    of, now = policy(name), instant(policy(name))
    values: dict[str, Any] = {}
    for feature, column in of.book.columns.items():
        if column.kind is Kind.BOOL:
            calm: Any = False
        elif column.kind is Kind.TEXT:
            calm = column.values[0]
        elif feature.endswith("_at"):
            calm = now - 40 * 86_400_000_000
        elif feature.endswith("_day"):
            calm = of.zone.day(now) - 20
        else:
            calm = 0 if column.kind is Kind.BIGINT else 0.0
        values[feature] = USUAL.get(feature, calm)
    names = sorted(values)
    for feature in draw(st.lists(st.sampled_from(names), max_size=4, unique=True)):
        column = of.book.columns[feature]
        if column.kind is Kind.BOOL:
            values[feature] = draw(st.booleans())
        elif column.kind is Kind.TEXT:
            values[feature] = draw(st.sampled_from(column.values))
        else:
            low, high = max(column.low or 0, -(10**9)), column.high if column.high else 1
            near = min(high, draw(st.sampled_from([1, 3, 12, 200, 500_000, 30_000_000, high])))
            values[feature] = max(low, int(near) if column.kind is Kind.BIGINT else float(near))
    return values


def asked(name: str, values: dict[str, Any], amount: int):
    of = policy(name)
    request = Request(amount=amount, currency=of.currency)
    return decide(of, Facts([values[n] for n in of.book.columns]), request, instant(of))


amounts = st.sampled_from([100_000, 300_000, 800_000, 2_000_000, 5_000_000])


@cache
def blankable(name: str) -> list[str]:
    """Nullable features whose absence no expression gives a meaning of its own."""
    of = policy(name)
    texts = [*of.compiled.definitions, *of.compiled.conditions.items(), *of.compiled.segments]
    meant = {
        column for _, e in texts if ABSENCE.search(e.text) for column in of.compiled.columns_of(e)
    }
    return sorted(n for n, c in of.book.columns.items() if c.nullable and n not in meant)


@pytest.mark.parametrize("name", NAMES)
def test_null_never_approves_nor_raises_the_frontier(name: str) -> None:
    features = blankable(name)
    assert features

    @given(vectors(name), amounts, st.sampled_from(features))
    @settings(max_examples=120, deadline=None)
    def check(values: dict[str, Any], amount: int, blank: str) -> None:
        before, after = asked(name, values, amount), asked(name, values | {blank: None}, amount)
        assert after.frontier <= before.frontier
        assert before.outcome is Outcome.APPROVE or after.outcome is not Outcome.APPROVE

    check()


@pytest.mark.parametrize("name", NAMES)
def test_the_frontier_is_what_asking_shows(name: str) -> None:
    of = policy(name)
    step = of.parameter("amount_step", of.zone.day(instant(of)))
    assert isinstance(step, int)

    @given(vectors(name), amounts)
    @settings(max_examples=60, deadline=None)
    def check(values: dict[str, Any], amount: int) -> None:
        decision = asked(name, values, amount)
        top = amount if decision.available is None else decision.available
        assert decision.frontier <= top
        for tried in (decision.frontier, decision.frontier // 2 // step * step):
            if tried >= step:
                assert asked(name, values, tried).outcome is Outcome.APPROVE
        if step <= decision.frontier + step <= top:
            beyond = asked(name, values, decision.frontier + step)
            assert beyond.outcome is not Outcome.APPROVE

    check()


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_can_be_explained_to_everybody(name: str) -> None:
    @given(vectors(name), amounts)
    @settings(max_examples=40, deadline=None)
    def check(values: dict[str, Any], amount: int) -> None:
        decision = asked(name, values, amount)
        for lang in ("zh", "en"):
            for audience in ("borrower", "support", "auditor"):
                told = explain(policy(name), decision, audience=audience, lang=lang)
                assert told.headline and "\n".join(told.lines())
            assert all(row.steps and row.source for row in told.reasons)
        assert all(r.light is not Light.GREEN for r in decision.reasons)

    check()


@pytest.mark.parametrize("stance", ["tight", "brake", "open"])
def test_a_stance_never_counts_against_the_borrower(stance: str) -> None:
    of = policy("consumer_line")

    @given(vectors("consumer_line"), amounts)
    @settings(max_examples=60, deadline=None)
    def check(values: dict[str, Any], amount: int) -> None:
        calm = asked("consumer_line", values, amount)
        day = of.zone.day(instant(of)) + 14
        facts = Facts([values[n] for n in of.book.columns],
                      platform=PlatformState(stance={"all": (stance, day)}))  # fmt: skip
        leaning = decide(of, facts, Request(amount=amount), instant(of))
        assert not leaning.counted or calm.counted
        if calm.outcome is Outcome.APPROVE and leaning.outcome is not Outcome.APPROVE:
            assert leaning.our_side and leaning.neutral_outcome is Outcome.APPROVE
            assert {r.whose for r in leaning.reasons if r.gate} == {"platform"}

    check()
