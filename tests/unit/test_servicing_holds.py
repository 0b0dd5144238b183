"""The life of a hold: caps, new evidence, release by condition, expiry, and who is told."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from tests.line_life import ZONE, Life, sound
from xindeng.events.line import HoldExtended, HoldPlaced, HoldReleased, HoldReviewed
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from xindeng.kernel.time import DAY, HOUR
from xindeng.servicing.hold_again import check_again
from xindeng.servicing.hold_book import standing_holds, stops_accrual, stops_collection
from xindeng.servicing.holds import extend, place, release, review
from xindeng.servicing.identity_theft import claim
from xindeng.servicing.own_lock import ask_unlock, lock


@pytest.fixture
def life() -> Life:
    return sound("2026-06-01")


def placed(life: Life, kind: str = "manual", when: str = "2026-06-02 10:00", **more: object) -> str:
    hold = life.new_id()
    life.carry(place(life.at(when), kind, hold=hold, reason="WATCH", by="ana", **more))
    return hold


def test_a_hold_has_words_a_date_and_never_stops_a_repayment(life: Life) -> None:
    placed(life)
    (hold,) = life.holds
    assert hold.review_at == life.now + 7 * DAY
    texts = life.notices[-1].texts
    for text in texts.values():
        assert ("还款照常" in text) or ("Repayments go on as usual" in text)
        assert "2026-06-09 10:00" in text and ("诈骗" in text or "swindler" in text)
    assert "暂停借款（还款不受影响）" in texts["zh"] and "冻结" not in texts["zh"]
    assert life.asks("2026-06-03 10:00", 500).outcome.value == "retry_later"
    life.tell("repayment", "2026-06-03 11:00", loan="l", amount=100, principal=100)  # goes through


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"reason": " "}, "hold.reason"), ({"days": 0}, "hold.length"), ({"days": 31}, "hold.length"),
        ({"mode": "cap"}, "hold.mode"), ({"cap": 5}, "hold.mode"), ({"mode": "freeze"}, "hold.mode"),
    ],
)  # fmt: skip
def test_what_no_hold_can_be_is_refused(life: Life, more: dict, code: str) -> None:
    with pytest.raises(InputError) as caught:
        place(life.at("2026-06-02"), "manual", **{"hold": "h", "reason": "R", **more})
    assert caught.value.code == code and caught.value.next_step


def test_an_unknown_kind_is_refused(life: Life) -> None:
    with pytest.raises(NotFoundError):
        place(life.at("2026-06-02"), "vibes", hold="h", reason="R")


def test_an_extension_needs_new_evidence_and_a_notice(life: Life) -> None:
    placed(life, note="statement of May")
    (hold,) = life.holds
    view = life.at("2026-06-05")
    for stale in ("", "  ", "statement of May"):
        with pytest.raises(InputError, match="not there before"):
            extend(view, hold, days=5, evidence=stale, by="ana")
    done = life.carry(extend(view, hold, days=5, evidence="employer did not answer", by="ana"))
    assert [type(p) for p in done.payloads] == [HoldReviewed, HoldExtended]
    (later,) = life.holds
    assert later.review_at == hold.review_at + 5 * DAY and later.extensions == 1
    assert "申诉" in done.notices[0].texts["zh"] and "appeal" in done.notices[0].texts["en"]
    # The engine's own view of the hold moved too, so draws stay paused until the new review.
    (known,) = life.policy.kernel.holds(life.state)
    assert known.review_at == later.review_at


def test_extensions_are_capped_in_number_and_length(life: Life) -> None:
    placed(life)
    for number in range(2):
        life.carry(
            extend(life.at(life.now + DAY), life.holds[0], days=2, evidence=f"new {number}", by="a")
        )
    with pytest.raises(ConflictError, match="extended 2 times"):
        extend(life.at(life.now), life.holds[0], days=1, evidence="yet another", by="a")
    placed(life, when="2026-06-06")
    second = next(h for h in life.holds if h.extensions == 0)
    with pytest.raises(ConflictError, match="at most 30 days in all"):
        extend(life.at(life.now), second, days=24, evidence="long", by="a")


def test_after_its_review_a_hold_cannot_come_back_to_life(life: Life) -> None:
    placed(life)
    (hold,) = life.holds
    with pytest.raises(ConflictError, match="review date is over"):
        extend(life.at(hold.review_at + 25 * HOUR), hold, days=1, evidence="late", by="a")


def test_expiry_goes_to_a_person_once(life: Life) -> None:
    placed(life)
    (hold,) = life.holds
    done = life.reviewed(hold.review_at)
    assert [p.result for p in done.payloads] == ["escalated"]
    assert [task.kind for task in done.tasks] == ["hold_past_review"]
    assert "我们的延误" in done.notices[0].texts["zh"]
    assert not life.reviewed(hold.review_at + DAY), "told once"
    # Draws are a person's matter now and no longer paused by the hold.
    assert life.at(life.now).decision.gate == "line.hold_overdue"


def test_a_rule_extends_only_on_what_came_after_the_last_look(life: Life) -> None:
    life.tell("payment", "2026-06-01 09:00", direction="in", amount=30_000_000, category="unknown")
    life.asks("2026-06-01 10:00", 1_000)
    (hold,) = life.holds
    life.tell("payment", "2026-06-07 09:00", direction="in", amount=40_000_000, category="unknown")
    done = life.reviewed(hold.review_at)
    assert [type(p) for p in done.payloads] == [HoldReviewed, HoldExtended]
    (longer,) = life.holds
    assert longer.review_at > hold.review_at and longer.extensions == 1
    assert life.notices[-1].kind == "hold_extended"
    life.reviewed(longer.review_at + 1)
    assert life.holds == (), "nothing newer came up, so it ends"


def again(life: Life, when: str | int, note: str = "", **more: Any) -> None:
    """A member of staff places a hold as the service has it."""
    view = life.at(when)
    asked = {"kind": "manual", "reason": "WATCH", "days": None, **more}
    check_again(view, life.events, note=note, **asked)
    life.carry(place(view, hold=life.new_id(), by="ana", note=note, **asked))


def test_a_person_places_no_hold_again_on_what_the_last_one_rested_on(life: Life) -> None:
    again(life, "2026-06-02 10:00", "statement of May")
    with pytest.raises(ConflictError, match="stands for that reason"):
        again(life, "2026-06-03 10:00", "something new")
    ended(life, "2026-06-07 10:00", "review")
    for stale in ("", " ", "Statement  of may"):
        with pytest.raises(ConflictError, match="nothing new is named") as caught:
            again(life, "2026-06-07 10:05", stale)
        assert caught.value.code == "hold.again" and "since" in caught.value.next_step
    with pytest.raises(ConflictError, match="nothing new"):
        again(life, "2026-06-07 10:05", reason="  watch ")
    again(life, "2026-06-07 10:05", reason="ANOTHER CAUSE")
    again(life, "2026-06-07 10:06", "the employer denies the salary")
    assert "the employer denies the salary" in life.holds[0].evidence + life.holds[1].evidence


def test_what_a_person_overrides_counts_toward_the_caps(life: Life) -> None:
    again(life, "2026-06-02 10:00", days=20)
    ended(life, "2026-06-22 10:00", "review")
    with pytest.raises(ConflictError, match="20 days in 1 spells") as caught:
        again(life, "2026-06-22 11:00", "new papers", days=11)
    assert caught.value.code == "hold.cap"
    for day_, note in (("2026-06-23", "new papers"), ("2026-06-25", "yet newer ones")):
        again(life, f"{day_} 10:00", note, days=2)
        ended(life, f"{day_} 20:00", "review")
    with pytest.raises(ConflictError, match="in 3 spells"):
        again(life, "2026-06-26 10:00", "the newest", days=1)


def test_what_the_policy_sees_anew_begins_anew_for_a_person_too(life: Life) -> None:
    life.tell("payment", "2026-06-01 09:00", **LARGE)
    rule = {"kind": "cash_flow", "reason": "cash_flow.sudden_inflow"}
    life.asks("2026-06-01 10:00", 500)
    assert life.holds[0].reason == rule["reason"]
    ended(life, "2026-06-03 10:00")
    with pytest.raises(ConflictError, match="nothing new"):
        again(life, "2026-06-03 10:05", **rule)
    life.tell("payment", "2026-06-04 09:00", **LARGE)
    again(life, "2026-06-04 10:00", **rule)
    assert [hold.reason for hold in life.holds] == [rule["reason"]]


LARGE = {"direction": "in", "amount": 30_000_000, "category": "unknown"}


def ended(life: Life, when: str, how: str = "expired") -> None:
    (hold,) = life.holds
    life.at(when)
    life.put(HoldReleased(hold=hold.id, how=how))  # type: ignore[arg-type]


@pytest.mark.parametrize("how", ["expired", "review", "condition"])
def test_a_hold_that_ended_is_not_placed_again_on_the_same_evidence(life: Life, how: str) -> None:
    life.tell("payment", "2026-06-01 09:00", **LARGE)
    assert life.asks("2026-06-01 10:00", 500).outcome.value == "retry_later"
    ended(life, "2026-06-03 10:00", how)
    made = life.asks("2026-06-03 10:05", 500)
    assert made.outcome.value == "approve" and life.holds == (), "the end stands"
    assert life.at("2026-06-03 10:06").value("sudden_inflow") is True, "on the same evidence"
    life.tell("payment", "2026-06-04 09:00", **LARGE)
    assert life.asks("2026-06-04 10:00", 500).outcome.value == "retry_later"
    (anew,) = life.holds
    assert anew.placed_at == life.now, "something newer is a cause of its own"


def test_where_a_person_decides_the_same_evidence_goes_to_a_person(life: Life) -> None:
    life.tell("security_incident", "2026-06-01 10:00", kind="sim_swap", severity="high")
    life.asks("2026-06-01 11:00", 500)
    ended(life, "2026-06-02 10:00", "review")
    made = life.asks("2026-06-02 11:00", 500)
    assert made.outcome.value == "review" and life.holds == () and not made.counted
    life.tell("security_incident", "2026-06-03 10:00", kind="malware", severity="high")
    life.asks("2026-06-03 11:00", 500)
    assert [hold.kind for hold in life.holds] == ["security"]


@pytest.mark.parametrize(
    ("facts", "later"),
    [
        ([("account_flag", {"flag": "fraud_suspect", "raised": True})], 1),
        ([("login", {"success": False})] * 12, 12),
        ([("security_incident", {"kind": "identity_theft_claim", "severity": "high"})], 1),
    ],
)
def test_each_safety_rule_knows_what_came_later(life: Life, facts: list, later: int) -> None:
    for kind, payload in facts:
        life.tell(kind, "2026-06-01 10:00", **payload)
    life.asks("2026-06-01 11:00", 500)
    ended(life, "2026-06-01 12:00", "review")
    assert life.asks("2026-06-01 13:00", 500).outcome.value == "review" and life.holds == ()
    for kind, payload in facts[:later]:
        life.tell(kind, "2026-06-02 10:30", **payload)
    life.asks("2026-06-02 11:00", 500)
    assert len(life.holds) == 1


def test_no_chain_of_holds_outlasts_its_longest_length(life: Life) -> None:
    """A draw every day for a quarter, reviews every night, nothing new: the cap holds in all."""
    life.tell("security_incident", "2026-06-01 10:00", kind="sim_swap", severity="high")
    placed = 0
    for number in range(90):
        now = ZONE.parse("2026-06-01 11:00") + number * DAY
        placed += sum(isinstance(p, HoldPlaced) for p in asked_at(life, now))
        life.carry(review(life.at(now + HOUR), life.holds))
        if life.holds and number == 40:
            life.carry(release(life.at(now + HOUR), life.holds[0], by="ana", why="30 days over"))
    assert placed == 1 and life.holds == ()


def asked_at(life: Life, now: int) -> list[object]:
    before = len(life.events)
    life.asks(now, 500)
    return [event.payload for event in life.events[before:]]


def test_planted_rule_that_forgets_how_its_hold_ended(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xindeng.decision.decide.lapsed", lambda look, facts: (0, 0))
    life.tell("payment", "2026-06-01 09:00", **LARGE)
    life.asks("2026-06-01 10:00", 500)
    ended(life, "2026-06-03 10:00")
    life.asks("2026-06-03 10:05", 500)
    assert len(life.holds) == 1, "which the tests above would notice"


def test_release_by_hand_needs_a_reason_and_spares_the_own_lock(life: Life) -> None:
    placed(life)
    (hold,) = life.holds
    with pytest.raises(InputError):
        release(life.at("2026-06-03"), hold, by="ana", why=" ")
    life.carry(release(life.at("2026-06-03"), hold, by="ana", why="called and checked"))
    assert life.holds == ()
    life.carry(lock(life.at("2026-06-04"), life.holds, hold="own"))
    with pytest.raises(ConflictError, match="only the borrower"):
        release(life.at("2026-06-04"), life.holds[0], by="ana", why="asked nicely")


def test_a_security_hold_ends_by_a_clearance_after_it_not_before(life: Life) -> None:
    life.tell("security_clearance", "2026-06-01 09:00", method="branch")
    life.tell("security_incident", "2026-06-01 10:00", kind="sim_swap", severity="high")
    life.asks("2026-06-01 11:00", 1_000)
    (hold,) = life.holds
    assert hold.kind == "security" and life.notices[-1].old_contact
    assert not life.reviewed("2026-06-01 12:00")
    life.tell("security_clearance", "2026-06-02 09:00", method="branch")
    assert life.reviewed("2026-06-02 09:01") and life.holds == ()


def test_a_corrected_report_ends_a_bureau_hold_before_its_review(life: Life) -> None:
    placed(life, "bureau")
    life.tell("dispute", "2026-06-03", record="r1", stage="opened")
    assert not life.reviewed("2026-06-04 10:00")
    life.tell("dispute", "2026-06-10", record="r1", stage="corrected")
    assert not life.reviewed("2026-06-10 10:00"), "a newer report must show it"
    report = {"report_day": ZONE.day(ZONE.parse("2026-06-11")), "accounts": [
        {"account": "old", "kind": "R2", "lender": "bank", "limit": 1_000_000, "balance": 100_000,
         "grid": "N" * 48}]}  # fmt: skip
    life.tell("credit_report", "2026-06-12", **report)
    (hold,) = life.holds
    assert [p.how for p in life.reviewed("2026-06-12 10:00").payloads] == ["condition"]
    assert life.now < hold.review_at and life.holds == ()


def test_a_replaced_payout_card_leaves_no_small_amount_exempt(life: Life) -> None:
    life.tell("payout_card", "2026-06-02 11:00", action="changed", card="c2")
    made = life.asks("2026-06-02 11:30", 100)
    assert made.outcome.value == "retry_later" and made.gate == "security.payout_cooldown"
    assert life.asks("2026-06-03 11:30", 100).outcome.value == "approve"


def test_a_security_notice_names_no_cause(life: Life) -> None:
    placed(life, "security")
    text = life.notices[-1].texts["zh"]
    assert "需要先核实" in text and not any(w in text for w in ("登录", "转入", "对方", "名单"))


# ---- the borrower's own lock -----------------------------------------------------------------


def locked(life: Life) -> None:
    life.carry(lock(life.at("2026-06-02 10:00"), life.holds, hold="own"))


def test_the_lock_is_instant_and_taken_once(life: Life) -> None:
    locked(life)
    assert life.at(life.now).decision.gate == "line.own_lock"
    assert not lock(life.at(life.now), life.holds, hold="again")
    assert life.notices[-1].old_contact


def test_unlocking_takes_a_step_up_a_known_device_and_a_wait(life: Life) -> None:
    locked(life)
    with pytest.raises(ForbiddenError):
        ask_unlock(life.at("2026-06-03 10:00"), life.holds)
    life.tell("identity_step", "2026-06-03 10:01", step="face", result="passed")
    done = life.carry(ask_unlock(life.at("2026-06-03 10:05"), life.holds))
    assert done.notices[0].old_contact
    assert done.payloads[0].opens_at == life.now + 12 * HOUR
    assert not life.reviewed("2026-06-03 22:04")
    assert [p.how for p in life.reviewed("2026-06-03 22:05").payloads] == ["customer"]
    assert life.at(life.now).decision.outcome.value == "approve"


def test_a_face_check_long_ago_is_no_step_up(life: Life) -> None:
    locked(life)
    life.tell("identity_step", "2026-06-03 10:01", step="face", result="passed")
    with pytest.raises(ForbiddenError):
        ask_unlock(life.at("2026-06-03 10:17"), life.holds)


@pytest.mark.parametrize("verified", [False, True])
def test_a_newly_changed_device_cannot_unlock(life: Life, verified: bool) -> None:
    locked(life)
    life.tell("device_change", "2026-06-03 09:00", device="stolen", verified=verified)
    life.tell("identity_step", "2026-06-03 10:01", step="face", result="passed")
    with pytest.raises(ForbiddenError):
        ask_unlock(life.at("2026-06-03 10:02"), life.holds)


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("device_change", {"device": "new"}),
        ("device_change", {"device": "new", "verified": True}),
        ("credential_change", {"kind": "password"}),
        ("payout_card", {"action": "changed", "card": "c2"}),
    ],
)
def test_a_change_during_the_wait_voids_the_request(life: Life, kind: str, payload: dict) -> None:
    locked(life)
    life.tell("identity_step", "2026-06-03 10:01", step="face", result="passed")
    life.carry(ask_unlock(life.at("2026-06-03 10:02"), life.holds))
    life.tell(kind, "2026-06-03 12:00", **payload)
    assert not life.reviewed("2026-06-05 12:00"), "void: it must be asked for again"
    assert life.holds


def test_a_changed_payout_card_voids_the_small_amount_exemption(life: Life) -> None:
    life.tell("credential_change", "2026-06-02 09:00", kind="password")
    assert life.asks("2026-06-02 10:00", 500).outcome.value == "approve"
    life.tell("payout_card", "2026-06-02 11:00", action="changed", card="c2")
    assert life.asks("2026-06-02 11:30", 500).outcome.value == "retry_later"


# ---- identity theft --------------------------------------------------------------------------


def test_a_claim_stops_draw_accrual_and_collection_on_that_loan_alone(life: Life) -> None:
    life.carry(claim(life.at("2026-06-02 10:00"), hold="h", loan="l1"))
    assert stops_accrual(life.holds, "l1") and stops_collection(life.holds, "l1")
    assert not stops_accrual(life.holds, "l2") and not stops_collection(life.holds, "l2")
    made = life.asks("2026-06-02 11:00", 500)
    assert made.outcome.value == "review" and len(life.holds) == 1, "the rule adds no second one"
    assert life.notices[0].old_contact and "其他借款照常" in life.notices[0].texts["zh"]


def test_a_claim_without_a_loan_stops_no_interest(life: Life) -> None:
    life.carry(claim(life.at("2026-06-02 10:00"), hold="h"))
    assert life.holds[0].pauses_draws
    assert not stops_accrual(life.holds, "l1") and not stops_collection(life.holds, "l1")


def test_the_book_agrees_with_the_engine_whatever_happens() -> None:
    """Kernel and book fold the same events; they must always tell of the same holds."""
    dice = Random(5)
    for _ in range(30):
        life = Life()
        life.tell("limit_change", "2026-01-01", limit=100, change="granted")
        now = ZONE.parse("2026-01-02")
        for step in range(40):
            name, now = f"h{dice.randrange(5)}", now + HOUR
            review_at = now + dice.randrange(1, 100) * HOUR
            match dice.randrange(3):
                case 0:
                    life.tell("hold_placed", now, hold=name, kind="manual", mode="block",
                              reason=f"R{step}", review_at=review_at)  # fmt: skip
                case 1:
                    life.tell("hold_extended", now, hold=name, review_at=review_at, evidence="e")
                case _:
                    life.tell("hold_released", now, hold=name, how="review")
            mine = [(h.id, h.review_at, h.reason) for h in standing_holds(life.events)]
            assert mine == [
                (h.id, h.review_at, h.reason) for h in life.policy.kernel.holds(life.state)
            ]


def test_placed_payloads_carry_accrual_apart_from_draws(life: Life) -> None:
    orders = place(life.at("2026-06-02"), "manual", hold="p", reason="HARDSHIP", mode="monitor",
                   collection=True)  # fmt: skip
    (payload,) = orders.payloads
    assert isinstance(payload, HoldPlaced)
    assert payload.collection and not payload.accrual and payload.mode == "monitor"
    life.carry(orders)
    assert life.asks("2026-06-02 12:00", 500).outcome.value == "approve", "draws are not touched"
    assert stops_collection(life.holds, "any") and not stops_accrual(life.holds, "any")
