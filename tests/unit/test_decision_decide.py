"""decide(): precedence, offers, our side, holds, clocks and what counts."""

from __future__ import annotations

import pytest

from tests.decision_policy import NOW, SHANGHAI, ask, brake, facts, files, hold, policy, rule
from xindeng.decision.answer import Light, Outcome, decode, encode
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request, instalment
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import DAY, HOUR
from xindeng.policy.bundle import load


def reasons(decision):
    return [reason.rule for reason in decision.reasons]


def test_an_ordinary_request_is_approved_with_everything_green() -> None:
    decision = ask(800_000)
    assert decision.outcome is Outcome.APPROVE
    assert decision.amount_offered == 800_000
    assert set(decision.lights.values()) == {Light.GREEN}
    assert decision.reasons == () and decision.gate is None
    assert decision.limit_shown == decision.available == decision.borrowable_now == 2_000_000
    assert not decision.our_side and not decision.counted and decision.retry_at is None
    assert decision.score == 600 and decision.score_band == "A"


def test_a_smaller_amount_is_offered_never_disbursed() -> None:
    # 450,000 fen may go to payments, 400,000 already do: 50,000 × 10 months = 500,000.
    decision = ask(800_000, dues=400_000)
    assert decision.outcome is Outcome.APPROVE_LESS
    assert decision.frontier == decision.amount_offered == decision.borrowable_now == 500_000
    assert decision.gate == "debt.burden" and decision.lights["debt"] is Light.RED
    assert ask(500_000, dues=400_000).outcome is Outcome.APPROVE
    assert ask(510_000, dues=400_000).outcome is Outcome.APPROVE_LESS


def test_the_gate_is_named_even_when_the_amount_asked_passes() -> None:
    decision = ask(300_000, dues=400_000)
    assert decision.outcome is Outcome.APPROVE
    assert (decision.available, decision.borrowable_now) == (2_000_000, 500_000)
    assert decision.gate == "debt.burden" and decision.reasons == ()


def test_a_cap_with_nothing_left_declines() -> None:
    decision = ask(800_000, drawn=2_000_000)
    assert decision.outcome is Outcome.DECLINE
    assert decision.frontier == 0 and decision.gate == "line.available"
    assert not decision.counted


def test_an_amount_gate_of_review_asks_for_review_and_shows_the_frontier() -> None:
    decision = ask(6_000_000, limit_shown=9_000_000, income=9_000_000)
    assert decision.outcome is Outcome.REVIEW
    assert decision.frontier == 5_000_000 and decision.amount_offered is None
    assert decision.gate == "debt.large"


def test_precedence_and_ranking() -> None:
    everything = {"inquiries_180d": 11, "refused_24h": 3, "dues": 400_000}
    decision = ask(800_000, **everything, holds=(hold("security"),))
    assert decision.outcome is Outcome.DECLINE
    assert reasons(decision)[:2] == ["applications.many", "line.security_hold"]
    assert reasons(decision)[-1] == "debt.burden"
    assert ask(holds=(hold("security"),), refused_24h=3).outcome is Outcome.REVIEW
    assert ask(refused_24h=3, dues=400_000).outcome is Outcome.RETRY_LATER
    assert ask(dues=400_000).outcome is Outcome.APPROVE_LESS


def test_a_caution_lights_but_does_not_stop() -> None:
    decision = ask(inquiries_90d=6)
    assert decision.outcome is Outcome.APPROVE
    assert decision.lights["applications"] is Light.YELLOW
    assert [(r.rule, r.gate) for r in decision.reasons] == [("applications.often", False)]


def test_retry_is_the_latest_gate_and_unknown_if_one_gate_is() -> None:
    changed = NOW - 2 * HOUR
    cooling = ask(800_000, credential_at=changed)
    assert cooling.outcome is Outcome.APPROVE_LESS and cooling.frontier == 200_000
    held = ask(800_000, credential_at=changed, holds=(hold(days=3),))
    assert held.outcome is Outcome.RETRY_LATER and held.retry_at == NOW + 3 * DAY
    later = ask(800_000, credential_at=NOW - HOUR, holds=(hold(days=0.25),))
    assert later.retry_at == NOW + 11 * HOUR
    unknown = ask(800_000, holds=(hold(days=3),), refused_24h=3)
    assert unknown.outcome is Outcome.RETRY_LATER and unknown.retry_at is None


def test_a_hold_of_security_is_a_matter_for_people_and_is_placed_once() -> None:
    decision = ask(incident_at=NOW - HOUR)
    assert decision.outcome is Outcome.REVIEW
    (order,) = decision.holds_to_place
    assert (order.kind, order.mode, order.review_at) == ("security", "block", NOW + DAY)
    again = ask(incident_at=NOW - HOUR, holds=(hold("security", reason="security.incident"),))
    assert again.holds_to_place == ()


def test_a_missing_condition_never_approves() -> None:
    decision = ask(income=None)
    assert decision.outcome is Outcome.REVIEW and decision.frontier == 0
    assert decision.lights["debt"] is Light.NO_DATA
    assert [(r.rule, r.state) for r in decision.reasons] == [("debt.burden", "missing")]
    assert not decision.counted


def test_missing_data_while_our_own_part_is_away_is_our_side() -> None:
    away = PlatformState(bureau_available=False, until=NOW + HOUR)
    decision = ask(income=None, platform=away)
    assert decision.outcome is Outcome.RETRY_LATER
    assert decision.lights["debt"] is Light.OUR_SIDE
    assert decision.retry_at == NOW + HOUR


def test_maintenance_is_ours_and_the_borrower_would_pass() -> None:
    decision = ask(platform=PlatformState(maintenance=True, until=NOW + 2 * HOUR))
    assert decision.outcome is Outcome.RETRY_LATER and decision.our_side
    assert decision.retry_at == NOW + 2 * HOUR
    assert decision.neutral_outcome is Outcome.APPROVE
    assert decision.lights["platform"] is Light.OUR_SIDE and decision.lights["debt"] is Light.GREEN


def test_brake_is_ours_alone_and_everything_else_stays_green() -> None:
    decision = ask(500_000, platform=brake())
    assert decision.outcome is Outcome.RETRY_LATER and decision.our_side
    assert decision.stance == "brake" and decision.retry_at == SHANGHAI.parse("2026-07-20")
    assert decision.lights["debt"] is Light.OUR_SIDE  # max_burden 0.1 is the stance's, not theirs
    assert all(reason.whose == "platform" for reason in decision.reasons)
    assert not decision.counted


def test_where_neutral_also_refuses_both_causes_are_named() -> None:
    decision = ask(500_000, platform=brake(), inquiries_180d=11)
    assert decision.outcome is Outcome.DECLINE and not decision.our_side
    assert decision.neutral_outcome is Outcome.DECLINE and decision.counted
    whose = {reason.rule: reason.whose for reason in decision.reasons}
    assert whose["applications.many"] == "borrower" and whose["platform.pause"] == "platform"


def test_a_tight_stance_that_only_lessens_is_our_side_too() -> None:
    tight = PlatformState(stance={"seasoned": ("tight", None)})
    decision = ask(1_900_000, dues=100_000, platform=tight)
    assert decision.outcome is Outcome.APPROVE_LESS and decision.our_side
    assert decision.frontier == 1_700_000
    assert decision.lights["debt"] is Light.OUR_SIDE


@pytest.mark.parametrize(
    ("known", "counted"),
    [
        ({"inquiries_180d": 11}, True),
        ({"dues": 890_000}, True),
        ({"refused_24h": 3}, False),
        ({"income": None}, False),
        ({"drawn": 2_000_000}, False),
        ({"holds": (hold(),)}, False),
        ({"platform": PlatformState(maintenance=True)}, False),
        ({"platform": brake()}, False),
    ],
)
def test_only_what_is_the_borrowers_own_counts(known, counted) -> None:
    assert ask(800_000, **known).counted is counted


def test_holds_past_their_review_and_own_lock() -> None:
    from xindeng.decision.facts import hold_columns

    past = hold_columns([hold(days=-1)], NOW)
    assert past["overdue_hold"] and not past["block_hold"] and past["hold_review_at"] is None
    assert hold_columns([hold("security", days=-1)], NOW)["security_hold"]
    assert hold_columns([hold("own_lock", days=-1)], NOW)["own_lock"]
    assert not any(hold_columns([hold(mode="monitor")], NOW).values())
    caps = [hold(mode="cap", cap=300), hold(mode="cap", cap=200)]
    assert hold_columns(caps, NOW)["hold_cap"] == 200
    assert hold_columns([hold(mode="cap")], NOW)["block_hold"]


def test_unfit_requests_say_what_to_do() -> None:
    with pytest.raises(InputError, match="smallest draw") as small:
        ask(9_999)
    assert "¥100" in small.value.next_step
    with pytest.raises(InputError, match="CZK"):
        decide(policy(), facts(), Request(amount=500_000, currency="CZK"), NOW)
    for wrong in ({"amount": 0}, {"amount": 1.5}, {"amount": True}, {"amount": 10**12},
                  {"amount": 1, "term_months": 0}, {"amount": 1, "purpose": "fun"},
                  {"amount": 1, "rate_bp": -1}, {"amount": 1, "currency": "GBP"}):  # fmt: skip
        with pytest.raises(InputError) as refused:
            Request(**wrong)
        assert refused.value.next_step and refused.value.where.startswith("request.")


def test_instalments_are_exact_and_rounded_up() -> None:
    assert instalment(3_000_000, 2400, 12) == 283_679  # ¥2,836.788
    assert instalment(3_000_000, 1800, 36) == 108_458  # ¥1,084.572
    assert instalment(1_000, 0, 3) == 334
    assert all(instalment(a, 1460, 12) <= instalment(a + 1, 1460, 12) for a in range(1, 2_000))


def test_a_decision_survives_storage_even_with_many_rules() -> None:
    more = [rule(f"debt.extra_{n}", f"dues > {n}", "warn", light="yellow", missing="grey", repair="[pay_down]",
                 fires={"dues": 100}, quiet={"dues": 0}) for n in range(70)]  # fmt: skip
    wide = load(files(*more))
    decision = ask(800_000, of=wide)
    assert decision.fired.bit_length() > 64
    assert decode(encode(decision)) == decision
    with pytest.raises(InputError, match="not a stored decision"):
        decode(b'{"fired": "zz"}')


def test_a_policy_without_a_line_rule_still_cannot_lend_more_than_is_there() -> None:
    forgetful = load(files(without="line.available"))
    assert ask(800_000, of=forgetful, drawn=1_900_000).outcome is Outcome.APPROVE_LESS
    assert ask(800_000, of=forgetful, drawn=2_000_000).outcome is Outcome.DECLINE
    assert ask(800_000, of=forgetful, drawn=None).outcome is Outcome.REVIEW
