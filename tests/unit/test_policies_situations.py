"""The consumer line put to situations, from events to outcome: one planted fact at a time.

Each situation starts from one sound borrower of whom everything is green, so that the outcome
can only come from the fact that was added.
"""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
import pytest

from xindeng.decision.answer import Light, Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts, PlatformState
from xindeng.decision.request import Request
from xindeng.events.expand import expand
from xindeng.events.read import read_event
from xindeng.kernel.time import DAY, HOUR, from_date, zone
from xindeng.service.policies import load_policy

ZONE = zone("Asia/Shanghai")
NOW = ZONE.parse("2026-07-01T10:00")
TODAY = ZONE.day(NOW)


@pytest.fixture(scope="module")
def policy():
    return load_policy("consumer_line")


def sound() -> list[tuple]:
    """(type, instant, payload) of a borrower in good order."""
    opened = NOW - 500 * DAY
    steps = ("name_and_id", "document", "face", "bank_card", "mobile")
    account = {"account": "a", "kind": "D1", "lender": "bank", "balance": 1_000_000,
               "monthly_due": 50_000, "months_left": 20, "grid": "N" * 24}  # fmt: skip
    told = [
        ("account_opened", opened, {"birth_day": 8000}),
        ("payout_card", opened + HOUR, {"action": "bound", "card": "c1"}),
        ("limit_change", opened + HOUR, {"limit": 2_000_000, "change": "granted"}),
        ("credit_report", NOW - 5 * DAY, {"report_day": TODAY - 5, "accounts": [account]}),
        ("income_evidence", NOW - 20 * DAY,
         {"monthly_income": 900_000, "source": "payroll", "verified": True}),
    ]  # fmt: skip
    told += [("identity_step", NOW - 100 * DAY, {"step": s, "result": "passed"}) for s in steps]
    for month in range(13):
        day = NOW - month * 30 * DAY
        told += [
            ("payment", day - 3 * DAY,
             {"direction": "in", "amount": 900_000, "category": "salary", "counterparty": "e"}),
            ("payment", day - 2 * DAY,
             {"direction": "out", "amount": 600_000, "category": "shopping"}),
            *(("purchase", day - (1 + week) * DAY, {"amount": 30_000, "merchant": f"m{week}"})
              for week in range(3)),
        ]  # fmt: skip
    return told


def answer(policy, *facts, amount=500_000, purpose="consumption", without=None, **platform):
    kept = [fact for fact in sound() if without is None or not without(fact)]
    told = sorted([*kept, *facts], key=lambda fact: fact[1])
    state, seq = policy.kernel.empty(), 0
    for number, (kind, at, payload) in enumerate(told):
        raw = {"type": kind, "id": f"e{number}", "version": 1, "occurred_at": at,
               "payload": payload}  # fmt: skip
        for event in expand(
            read_event(raw, borrower="b", received_at=NOW, zone=ZONE, own=True), ZONE
        ):
            seq += 1
            policy.kernel.fold(state, msgspec.structs.replace(event, seq=seq))
    values, holds = policy.kernel.vector(state, NOW), policy.kernel.holds(state)
    known = Facts(values, holds, PlatformState(**platform))
    return decide(policy, known, Request(amount, 12, purpose), NOW)


def gates(decision) -> set[str]:
    return {reason.rule for reason in decision.reasons if reason.gate}


def refused(hour: int) -> tuple:
    payload = {"decision_id": f"d{hour}", "outcome": "decline", "amount": 0,
               "sitting": f"s{hour}", "counted": True}  # fmt: skip
    return ("decision", NOW - hour * HOUR, payload)


def hold(kind: str, mode: str, days: int, **more) -> tuple:
    payload = {"hold": "h", "kind": kind, "mode": mode, "reason": "r",
               "review_at": NOW + days * DAY, **more}  # fmt: skip
    return ("hold_placed", NOW - 9 * DAY, payload)


CHANGED = ("credential_change", NOW - 2 * HOUR, {"kind": "password"})
TAKEN = ("security_incident", NOW - 2 * HOUR, {"kind": "account_takeover"})
SITUATIONS = {
    "identity.step_failed": (
        Outcome.DECLINE, [("identity_step", NOW - HOUR, {"step": "face", "result": "failed"})]),
    "identity.changed_after_check": (
        Outcome.DECLINE, [("profile_change", NOW - HOUR, {"field": "name"})]),
    "security.incident_open": (Outcome.REVIEW, [TAKEN]),
    "security.fraud_flag": (
        Outcome.REVIEW,
        [("account_flag", NOW - HOUR, {"flag": "fraud_suspect", "raised": True})]),
    "security.hold_in_force": (Outcome.REVIEW, [hold("security", "block", 3)]),
    "security.remote_control": (
        Outcome.RETRY_LATER,
        [("remote_control", NOW - HOUR, {"kind": "screen_sharing", "state": "ended"})]),
    "security.call_forwarding": (
        Outcome.RETRY_LATER, [("call_forwarding", NOW - HOUR, {"state": "on"})]),
    "security.credential_cooldown": (Outcome.APPROVE_LESS, [CHANGED]),
    "security.payout_not_own_name": (
        Outcome.DECLINE,
        [("payout_card", NOW - 9 * DAY, {"action": "changed", "card": "c2", "own_name": False})]),
    "consumption.barred_use_traced": (
        Outcome.DECLINE, [("use_of_funds", NOW - DAY, {"use": "equity", "amount": 100})]),
    "attempts.day_cooldown": (Outcome.RETRY_LATER, [refused(1), refused(2), refused(3)]),
    "line.hold": (Outcome.RETRY_LATER, [hold("manual", "block", 3)]),
    "line.hold_cap": (Outcome.APPROVE_LESS, [hold("manual", "cap", 3, cap=200_000)]),
    "line.hold_overdue": (Outcome.REVIEW, [hold("manual", "block", -3)]),
    "line.own_lock": (Outcome.RETRY_LATER, [hold("own_lock", "block", 3)]),
    "line.overdue_here": (
        Outcome.DECLINE, [("delinquency", NOW - HOUR, {"dpd": 10, "overdue_amount": 110_200})]),
    "line.limit_zeroed": (
        Outcome.RETRY_LATER, [("limit_change", NOW - 40 * DAY, {"limit": 0, "change": "zeroed"})]),
    "line.hardship_open": (
        Outcome.REVIEW, [("hardship_request", NOW - DAY, {"cause": "illness"})]),
    "line.hardship_late": (
        Outcome.REVIEW,
        [("hardship_request", NOW - 9 * DAY, {"cause": "illness"}),
         ("hardship_overdue", NOW - 4 * DAY, {"answer_by": TODAY - 5})]),
    "line.restructuring_watch": (
        Outcome.REVIEW,
        [("restructuring", NOW - 30 * DAY,
          {"loan": "l", "first_due_day": TODAY, "watch_until": TODAY + 365})]),
    "platform.funder_refused": (
        Outcome.RETRY_LATER,
        [("funder_response", NOW - HOUR, {"funder": "f", "draw": "d", "result": "quota"})]),
}  # fmt: skip


def test_the_sound_borrower_is_green_all_over(policy):
    decision = answer(policy)
    assert decision.outcome is Outcome.APPROVE
    assert set(decision.lights.values()) == {Light.GREEN}
    assert decision.frontier == 2_000_000


@pytest.mark.parametrize("rule", SITUATIONS)
def test_one_fact_gives_its_own_outcome(policy, rule):
    outcome, facts = SITUATIONS[rule]
    decision = answer(policy, *facts)
    assert decision.outcome is outcome
    assert gates(decision) == {rule}


def test_a_cleared_incident_is_over(policy):
    cleared = ("security_clearance", NOW - HOUR, {"method": "branch"})
    assert answer(policy, TAKEN, cleared).outcome is Outcome.APPROVE


def test_small_draws_pass_the_wait_unless_the_payout_card_changed(policy):
    card = ("payout_card", NOW - 30 * HOUR, {"action": "changed", "card": "c2"})
    assert answer(policy, CHANGED, amount=200_000).outcome is Outcome.APPROVE
    caught = answer(policy, CHANGED, card, amount=200_000)
    assert caught.outcome is Outcome.RETRY_LATER
    assert caught.retry_at == NOW + 10 * HOUR


def approved(amount: int, minutes: int = 1) -> tuple:
    payload = {"decision_id": "d", "outcome": "approve", "amount": amount, "sitting": "s",
               "counted": False}  # fmt: skip
    return ("decision", NOW - minutes * 60_000_000, payload)


def test_two_halves_need_the_face_check_that_the_whole_needs(policy):
    def face(fact):
        return fact[2].get("step") == "face"

    assert answer(policy, amount=1_000_000, without=face).outcome is Outcome.APPROVE
    half = answer(policy, approved(1_000_000), amount=1_000_000, without=face)
    assert gates(half) == {"identity.face_check_due"}
    assert half.outcome is Outcome.RETRY_LATER and half.frontier == 0
    rest = answer(policy, approved(400_000), amount=1_000_000, without=face)
    assert (rest.outcome, rest.amount_offered) == (Outcome.APPROVE_LESS, 600_000)
    day_later = answer(policy, approved(1_000_000, 25 * 60), amount=900_000, without=face)
    assert day_later.outcome is Outcome.APPROVE


def test_small_draws_pass_the_wait_only_until_their_sum_is_no_longer_small(policy):
    split = answer(policy, CHANGED, approved(200_000), amount=200_000)
    assert split.outcome is Outcome.RETRY_LATER
    assert gates(split) == {"security.credential_cooldown"}


def test_an_unknown_date_of_birth_is_no_proof_of_age(policy):
    for unknown in ([], [("account_opened", NOW - 400 * DAY, {})]):
        decision = answer(policy, *unknown, without=lambda fact: fact[0] == "account_opened")
        assert decision.outcome is Outcome.REVIEW
        assert "identity.birth_date_unknown" in gates(decision)
        assert not decision.counted


@pytest.mark.parametrize("purpose", ["property", "securities", "equity"])
def test_barred_purposes_are_refused(policy, purpose):
    assert gates(answer(policy, purpose=purpose)) == {"consumption.barred_purpose"}


@pytest.mark.parametrize(
    ("rule", "platform"),
    [
        ("platform.maintenance", {"maintenance": True}),
        ("platform.model_down", {"model_available": False}),
        ("platform.funder_down", {"funder_available": False}),
        ("platform.new_draws_paused", {"stance": {"all": ("brake", TODAY + 10)}}),
    ],
)
def test_our_own_side_is_named_and_never_counts(policy, rule, platform):
    decision = answer(policy, **platform)
    assert decision.outcome is Outcome.RETRY_LATER
    assert rule in gates(decision)
    assert decision.our_side
    assert not decision.counted
    assert decision.lights["attempts"] is Light.GREEN


def test_a_recent_report_serves_while_the_bureau_is_away(policy):
    assert answer(policy, bureau_available=False).outcome is Outcome.APPROVE


def test_a_tight_stance_offers_less_and_says_that_it_is_ours(policy):
    decision = answer(policy, amount=1_500_000, stance={"all": ("tight", TODAY + 10)})
    assert decision.outcome is Outcome.APPROVE_LESS
    assert decision.amount_offered == 1_000_000
    assert decision.our_side


@pytest.mark.parametrize("silent_days", [100, 130, 200, 300])
def test_old_evidence_never_revives_an_income_that_fell_silent(policy, silent_days):
    """Long after the last pay, a payslip from before it must not read as full income again."""
    told = [fact for fact in sound() if fact[0] not in ("payment", "income_evidence")]
    last_pay = NOW - silent_days * DAY
    told.append(("income_evidence", last_pay - 10 * DAY,
                 {"monthly_income": 900_000, "source": "payroll", "verified": True}))  # fmt: skip
    told += [
        ("payment", last_pay - month * 30 * DAY,
         {"direction": "in", "amount": 900_000, "category": "salary", "counterparty": "e"})
        for month in range(5)
    ]  # fmt: skip
    state = policy.kernel.empty()
    for seq, (kind, at, payload) in enumerate(sorted(told, key=lambda fact: fact[1]), 1):
        raw = {"type": kind, "id": f"e{seq}", "occurred_at": at, "payload": payload}
        event = read_event(raw, borrower="b", received_at=NOW, zone=ZONE, own=True)
        policy.kernel.fold(state, msgspec.structs.replace(event, seq=seq))
    facts = Facts(policy.kernel.vector(state, NOW), policy.kernel.holds(state), PlatformState())
    decision = decide(policy, facts, Request(500_000, 12), NOW)
    assert decision.outcome.value in ("review", "decline")
    assert decision.frontier == 0 and gates(decision)


def test_many_small_payments_are_not_many_periods(policy):
    """The starter cap of a thin file rises by periods kept, not by presses of a button."""
    opened = ("account_opened", NOW - 60 * DAY, {"birth_day": 8000})
    due = ("instalment_due", NOW - 12 * DAY, {"loan": "l", "due_day": TODAY - 12, "amount": 20_000})
    small = [
        ("repayment", NOW - 13 * DAY + k * HOUR, {"loan": "l", "amount": 100, "principal": 100})
        for k in range(9)
    ]
    names = [feature.name for feature in policy.book.base]
    state = policy.kernel.empty()
    for seq, (kind, at, payload) in enumerate([opened, *small, due], 1):
        raw = {"type": kind, "id": f"e{seq}", "occurred_at": at, "payload": payload}
        event = read_event(raw, borrower="b", received_at=NOW, zone=ZONE)
        policy.kernel.fold(state, msgspec.structs.replace(event, seq=seq))
    values = dict(zip(names, policy.kernel.vector(state, NOW), strict=True))
    assert (values["repayments_in_time"], values["instalments_fallen_due"]) == (9, 1)
    decision = decide(
        policy, Facts(list(values.values()), (), PlatformState()), Request(100_000, 12), NOW
    )
    row = dict(zip(policy.inputs, decision.inputs, strict=True))
    parameters = policy.parameters(TODAY, decision.stance, decision.segment)
    derived = dict(
        zip(policy.definitions, policy.run(list(row.values()), parameters)[0], strict=True)
    )
    assert derived["on_time_repayments"] == 1


def simple_report(**more) -> tuple:
    account = {"account": "a", "kind": "D1", "lender": "bank", "balance": 1_000_000,
               "months_left": 20, "late_months_5y": 0, "late_90_months_5y": 0, **more}  # fmt: skip
    return ("credit_report", NOW - DAY,
            {"report_day": TODAY - 1, "format": "simple", "accounts": [account]})  # fmt: skip


DISPUTED = ("dispute", NOW - HOUR, {"record": "a", "stage": "opened"})


def test_a_simple_report_without_a_late_month_is_as_good_as_a_detailed_one(policy):
    assert answer(policy, simple_report()).outcome is Outcome.APPROVE


@pytest.mark.parametrize("more", [[], [DISPUTED]], ids=["plain", "disputed"])
@pytest.mark.parametrize("months", [1, 7, None])
def test_months_a_simple_report_does_not_tell_go_to_a_person(policy, months, more):
    """What is unknown is neither refused nor approved, whether or not a dispute is open."""
    decision = answer(policy, simple_report(late_months_5y=months, late_90_months_5y=0), *more)
    assert decision.outcome is Outcome.REVIEW


def test_a_report_read_in_part_goes_to_a_person(policy):
    kind, at, payload = simple_report()
    assert answer(policy, (kind, at, {**payload, "unread": 1})).outcome is Outcome.REVIEW


def test_a_simple_report_of_an_overdue_account_refuses_like_any_other(policy):
    late = simple_report(late_months_5y=4, overdue_amount=125_000, status="overdue")
    assert answer(policy, late).outcome is Outcome.DECLINE


@pytest.mark.parametrize("born", [
    "2007-12-31", "2008-02-28", "2008-02-29", "2008-03-01", "2006-06-30", "2005-03-01"
])  # fmt: skip
def test_full_age_begins_with_the_birthday_by_the_calendar(policy, born):
    """Whoever was born on 29 February is of age on 1 March; nobody a day late."""
    birth = date.fromisoformat(born)
    leap = (birth.month, birth.day) == (2, 29)
    birthday = date(birth.year + 18, 3, 1) if leap else birth.replace(year=birth.year + 18)
    state = policy.kernel.empty()
    opened = {"type": "account_opened", "id": "e1", "occurred_at": f"{born}T10:00",
              "payload": {"birth_day": from_date(birth)}}  # fmt: skip
    event = read_event(opened, borrower="b", received_at=NOW, zone=ZONE, own=True)
    policy.kernel.fold(state, msgspec.structs.replace(event, seq=1))
    for day, under in ((birthday - timedelta(days=1), True), (birthday, False)):
        at = ZONE.midnight(from_date(day))
        facts = Facts(policy.kernel.vector(state, at), (), PlatformState())
        made = decide(policy, facts, Request(500_000, 12), at, policy_on=TODAY)
        young = [r for r in made.reasons if r.rule == "identity.under_age"]
        assert bool(young) is under, (born, day)
        assert all(reason.until == ZONE.midnight(from_date(birthday)) for reason in young)
