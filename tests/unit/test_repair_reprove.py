"""An old plan under a new policy or new facts: kept, still good, moved, broken, and why."""

from __future__ import annotations

from functools import cache

from msgspec.structs import replace

from tests.repair_life import (
    STORY_1,
    STORY_2,
    Told,
    at,
    card,
    consumer_line,
    dossier,
    enquirer,
    indebted,
    loan,
    plans_for,
    report,
)
from xindeng.kernel.time import DAY
from xindeng.policy.bundle import load
from xindeng.policy.policy import Policy
from xindeng.repair.plans.plan import Plan
from xindeng.repair.plans.reprove import reprove, request_of
from xindeng.service.policies import read_bundle


@cache
def cheapest() -> Plan:
    return plans_for(*indebted(), now=STORY_1, yuan=8_000).plans[0]


def paid_off(left: int = 14_794) -> Told:
    """The report of a week later: two loans gone, the card lower; yuan."""
    return report(
        "2026-09-17",
        loan("bank", 1_400, 30_000, 24, lender_kind="bank", lender="a bank"),
        card("card", left, 40_000),
        loan("nine", 900, 9_600, 11),
    )


def stricter() -> Policy:
    """The same policy, but no more than 40 % of income for payments."""
    files = dict(read_bundle("consumer_line"))
    name = "parameters/debt.yaml"
    before = files[name]
    files[name] = before.replace(b"2020-01-01: {value: 0.50,", b"2020-01-01: {value: 0.40,")
    assert files[name] != before
    return load(files)


def test_a_plan_is_asked_for_again_by_its_product_while_that_is_offered() -> None:
    plan = replace(cheapest(), product="interest_first")
    asked = request_of(consumer_line(), plan)
    assert (asked.product, asked.rate_bp) == ("interest_first", plan.rate_bp)
    assert request_of(consumer_line(), replace(plan, product="withdrawn")).product is None
    assert request_of(consumer_line(), replace(plan, term_months=24)).product is None
    assert request_of(consumer_line(), cheapest()).product == cheapest().product


def test_nothing_done_yet_and_the_yes_still_stands() -> None:
    found = reprove(consumer_line(), cheapest(), dossier(*indebted(), now=STORY_1), at(STORY_1))
    assert (found.fate, found.because, found.to_person) == ("good", "", False)
    assert found.open_steps == (0, 1, 2) and found.yes_at == cheapest().yes_at


def test_all_done_is_kept() -> None:
    known = dossier(*indebted(), paid_off(), now=STORY_1)
    found = reprove(consumer_line(), cheapest(), known, at("2026-09-17 09:00"))
    assert (found.fate, found.open_steps) == ("kept", ())


def test_steps_left_undone_move_the_date() -> None:
    late = at(STORY_1) + 5 * DAY
    found = reprove(consumer_line(), cheapest(), dossier(*indebted(), now=STORY_1), late)
    assert (found.fate, found.because, found.to_person) == ("moved", "not_done", False)
    assert found.yes_at == cheapest().yes_at + 5 * DAY


def test_a_kept_plan_that_a_new_policy_breaks_goes_to_a_person() -> None:
    known = dossier(*indebted(), paid_off(), now=STORY_1)
    found = reprove(stricter(), cheapest(), known, at("2026-09-17 09:00"))
    assert (found.fate, found.because, found.to_person) == ("broken", "policy", True)
    assert found.answer is not None and "debt.payment_to_income_high" in found.answer.gates


def test_a_part_payment_that_was_too_small_is_not_done() -> None:
    known = dossier(*indebted(), paid_off(left=16_000), now=STORY_1)
    found = reprove(consumer_line(), cheapest(), known, at("2026-09-17 09:00"))
    assert found.open_steps == (2,) and found.because == "not_done"


def test_after_its_last_day_it_says_nothing_any_more() -> None:
    known = dossier(*indebted(), now=STORY_1)
    found = reprove(consumer_line(), cheapest(), known, at("2026-12-01"))
    assert (found.fate, found.yes_at, found.to_person) == ("expired", None, False)


def test_a_new_application_is_why_the_date_moved() -> None:
    plan = plans_for(*enquirer(), now=STORY_2, yuan=3_000).plans[0]
    told = ("credit_inquiry", at("2026-07-02 12:00"), {"lender": "new", "reason": "loan_approval"})
    known = dossier(*enquirer(), told, now=STORY_2)
    found = reprove(consumer_line(), plan, known, at("2026-07-02 13:00"))
    assert (found.fate, found.because) == ("moved", "applied_again")
    assert found.yes_at is not None and found.yes_at >= at("2026-07-07")
