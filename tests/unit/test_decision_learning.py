"""The test-and-learn arm: what a bundle may say of it, who is drawn, and what a lot can pass."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.decision_policy import NOW, ask, facts, files, hold
from tests.learning_arm import ARM, with_arm
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.explain import explain
from xindeng.decision.learning import Group, Spent, drawn, group_of, was_learnt
from xindeng.decision.request import Request
from xindeng.kernel.lots import PLACES, lot
from xindeng.policy.bundle import load
from xindeng.policy.check import problems
from xindeng.service.policies import read_bundle

REFERENCE = read_bundle("consumer_line")
SMALL = ARM.replace("score.too_low, applications.enquiries_180d", "applications.many, score.low")


def trial(old: str = "", new: str = ""):
    """The trial policy with an arm; its rules on enquiries and score serve creditworthiness."""
    known = files()
    for path in ("areas/applications.yaml", "areas/score.yaml"):
        known[path] = known[path].replace(b"purpose: lending", b"purpose: creditworthiness")
    return load(with_arm(known, old, new, arm=SMALL))


TRIAL = trial()
REQUEST = Request(amount=800_000, term_months=10, rate_bp=0)
DRAWN = replace(REQUEST, learning=True)


class TestCheck:
    def test_a_sound_arm_is_read(self) -> None:
        policy = load(with_arm(REFERENCE))
        assert policy.learning is not None and policy.learning.share_ppm == 10_000
        assert policy.hash != load(REFERENCE).hash, "who is drawn is part of the policy"

    @pytest.mark.parametrize(
        ("rule", "why"),
        [
            ("security.bust_out", "fraud"), ("security.fraud_flag", "fraud"),
            ("cash_flow.passed_straight_on", "fraud"), ("cash_flow.sudden_inflow", "fraud_prevention"),
            ("identity.under_age", "legal duty"), ("line.legal_cap", "legal duty"),
            ("debt.student_protected", "legal duty"), ("consumption.barred_purpose", "legal duty"),
            ("debt.payment_to_income_high", "affordability"), ("debt.income_none", "affordability"),
            ("debt.nonbank_lenders_many", "affordability"), ("security.device_cooldown", "account_protection"),
            ("bureau.public_record", "effect is review"), ("line.overdue_here", "repayment"),
            ("attempts.day_cooldown", "fair_treatment"), ("bureau.fraud_alert", "identity_protection"),
        ],
    )  # fmt: skip
    def test_no_lot_passes_fraud_law_affordability_or_a_person(self, rule: str, why: str) -> None:
        found = problems(with_arm(REFERENCE, "score.too_low", rule))
        assert [(p.code, p.path, p.line) for p in found] == [
            ("learning.passes", "learning.yaml", 5)
        ]
        assert why in found[0].what and rule in found[0].what

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ("share_ppm: 10000", "share_ppm: 10001", "bundle.type"),
            ("share_ppm: 10000", "share_ppm: 0", "bundle.type"),
            ("budget: 5000000\n", "", "bundle.missing_key"),
            ("salt: autumn-2026\n", "", "bundle.missing_key"),
            ("hold_out_ppm: 20000\n", "", "bundle.missing_key"),
            ("from: 2025-01-01\n", "", "learning.from"),
            ("from: 2025-01-01", "from: 2025-01-01\nuntil: 2025-01-01", "learning.until"),
            ("passes: [score.too_low, applications.enquiries_180d]", "passes: []", "learning.passes"),
            ("score.too_low", "score.to_low", "learning.passes"),
            ("share_ppm", "share", "bundle.unknown_key"),
        ],
    )  # fmt: skip
    def test_what_is_not_an_arm_is_refused(self, old: str, new: str, code: str) -> None:
        assert code in {p.code for p in problems(with_arm(REFERENCE, old, new))}


class TestDrawn:
    def test_shares_are_kept_and_groups_do_not_move(self) -> None:
        arm = TRIAL.learning
        assert arm is not None
        names = [f"b{n}" for n in range(200_000)]
        groups = [group_of(arm, name) for name in names]
        assert groups.count(Group.ARM) == pytest.approx(2_000, abs=200)  # 4.5 deviations
        assert groups.count(Group.HOLD_OUT) == pytest.approx(4_000, abs=285)
        assert [group_of(arm, name) for name in names[:500]] == groups[:500]
        other = replace(arm, salt="winter-2026")
        both = sum(
            group_of(other, name) is Group.ARM is group
            for name, group in zip(names, groups, strict=True)
        )
        assert both < 50, "another salt draws independently"

    def test_a_lot_is_the_same_for_ever(self) -> None:
        """Written down: were it to change, every running trial would be drawn anew."""
        assert [lot("autumn-2026", f"b{n}") for n in range(3)] == LOTS
        assert lot("ab", "c") != lot("a", "bc")
        assert all(0 <= lot("s", str(n)) < PLACES for n in range(1_000))

    def test_only_small_draws_of_the_arm_within_days_and_budget(self) -> None:
        arm = TRIAL.learning
        assert arm is not None
        inside = next(f"b{n}" for n in range(10**6) if group_of(arm, f"b{n}") is Group.ARM)
        outside = next(f"b{n}" for n in range(10**6) if group_of(arm, f"b{n}") is not Group.ARM)
        calls = []

        def spent(lost: int, owed: int):
            return lambda: (calls.append(1), Spent(lost, owed))[1]

        assert drawn(TRIAL, REQUEST, inside, NOW, spent(0, 0)).learning
        assert drawn(TRIAL, REQUEST, inside, NOW, spent(4_200_000, 0)).learning
        assert drawn(TRIAL, REQUEST, inside, NOW, spent(0, 4_200_001)) is REQUEST
        assert drawn(TRIAL, REQUEST, inside, NOW, spent(2_200_000, 2_200_000)) is REQUEST
        asked = len(calls)
        assert drawn(TRIAL, REQUEST, outside, NOW, spent(0, 0)) is REQUEST
        large = replace(REQUEST, amount=800_001)
        assert drawn(TRIAL, large, inside, NOW, spent(0, 0)) is large
        early = trial("from: 2025-01-01", "from: 2026-07-02")
        assert drawn(early, REQUEST, inside, NOW, spent(0, 0)) is REQUEST
        over = trial("from: 2025-01-01", "from: 2025-01-01\nuntil: 2026-07-01")
        assert drawn(over, REQUEST, inside, NOW, spent(0, 0)) is REQUEST
        assert len(calls) == asked, "who is not drawn costs no look at the budget"


class TestDecide:
    def decision(self, request: Request = DRAWN, of=TRIAL, **known):
        return decide(of, facts(of, **known), request, NOW)

    def test_a_rule_of_the_arm_is_passed_and_stays_on_record(self) -> None:
        refused = self.decision(REQUEST, inquiries_180d=11)
        made = self.decision(inquiries_180d=11)
        assert refused.outcome is Outcome.DECLINE and made.outcome is Outcome.APPROVE
        assert made.amount_offered == 800_000 and not made.counted
        assert made.fired == refused.fired and made.missing == refused.missing
        assert was_learnt(TRIAL, DRAWN, made) and not was_learnt(TRIAL, REQUEST, refused)

    def test_whoever_was_passed_sees_no_light_that_says_not_passed(self) -> None:
        made = self.decision(inquiries_180d=11)
        assert made.lights["applications"] is Light.RED, "the record keeps what the rule said"
        for lang in ("zh", "en"):
            told = explain(TRIAL, made, lang=lang)
            assert Light.RED not in {row.light for row in (*told.lights, *told.reasons)}
            assert {row.area: row.light for row in told.lights}["applications"] is Light.YELLOW
        seen = explain(TRIAL, made, audience="auditor")
        assert {row.area: row.light for row in seen.lights}["applications"] is Light.RED

    def test_who_is_approved_anyway_is_no_loan_of_the_arm(self) -> None:
        made = self.decision()
        assert made == self.decision(REQUEST) and not was_learnt(TRIAL, DRAWN, made)

    @pytest.mark.parametrize(
        "known",
        [
            {"dues": 600_000},  # affordability
            {"surprise": 7.0},  # fraud
            {"incident_at": NOW - 1},  # a taken account
            {"holds": (hold("security"),)}, {"refused_24h": 3}, {"income": None},
            {"drawn": 1_500_000}, {"inquiries_180d": None},
        ],
    )  # fmt: skip
    def test_what_the_arm_does_not_name_still_stands(self, known) -> None:
        """To the last bit: a request drawn and refused is a request refused."""
        for extra in ({}, {"inquiries_180d": 11}):
            both = {**extra, **known}
            made = self.decision(**both)
            assert made == self.decision(REQUEST, **both)
            assert made.outcome is not Outcome.APPROVE

    def test_a_lot_is_nothing_under_a_policy_without_an_arm_or_above_its_amount(self) -> None:
        assert ask(inquiries_180d=11) == self.decision(of=load(files()), inquiries_180d=11)
        large = replace(DRAWN, amount=810_000)
        assert self.decision(large, inquiries_180d=11).outcome is Outcome.DECLINE
        over = trial("from: 2025-01-01", "from: 2025-01-01\nuntil: 2026-07-01")
        assert self.decision(of=over, inquiries_180d=11).outcome is Outcome.DECLINE


LOTS = [203_864, 192_822, 211_742]
