"""Stories 1 and 2 as plans: to the yuan and the day, from events to proof."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.repair_life import (
    STORY_1,
    STORY_2,
    at,
    card,
    consumer_line,
    date,
    day,
    dossier,
    enquirer,
    indebted,
    loan,
    plans_for,
    report,
    sound,
)
from xindeng.decision.answer import Light, Outcome
from xindeng.decision.request import instalment
from xindeng.kernel.time import DAY
from xindeng.repair.plans.plan import Plan, Plans
from xindeng.repair.plans.told import tell


def of_goal(plans: Plans, goal: str) -> Plan:
    return next(plan for plan in plans.plans if plan.goal == goal or goal in plan.also)


@pytest.fixture(scope="module")
def story_1() -> Plans:
    return plans_for(*indebted(), now=STORY_1, yuan=8_000)


def test_story_1_the_cheapest_way_to_the_full_amount(story_1: Plans) -> None:
    assert story_1.status == "plan" and story_1.gates == ("debt.payment_to_income_high",)
    plan = of_goal(story_1, "cheapest")
    assert plan.kind == "verified" and plan.amount == 800_000
    paid = {step.params["debt"]: step.cash for step in plan.steps}
    # Dues of 5,300 must fall to 4,500 less the instalment of the draw itself.
    due_most = 450_000 - instalment(800_000, 1460, 12)
    assert paid["six"] == 128_500 and paid["five"] == 315_000
    assert 530_000 - 65_000 - 55_000 - paid["card"] // 10 <= due_most
    assert 530_000 - 65_000 - 55_000 - (paid["card"] - 100) // 10 > due_most
    assert plan.cash_total == 443_500 + paid["card"] and 763_000 <= plan.cash_total <= 765_000
    assert plan.enough  # at least 80 % of what was asked: perhaps no loan is needed


def test_story_1_closing_two_debts_lets_less_pass(story_1: Plans) -> None:
    plan = of_goal(story_1, "smaller")
    assert [step.action for step in plan.steps] == ["pay_down", "pay_down", "borrow_less"]
    assert plan.cash_total == 443_500 and 430_000 <= plan.amount <= 444_100
    assert story_1.rungs[0].cash == 443_500
    assert set(story_1.rungs[0].closes) == {"six", "five"}


def test_story_1_never_on_the_day_itself(story_1: Plans) -> None:
    for plan in story_1.plans:
        shown = max(step.shows_at for step in plan.steps if step.action == "pay_down")
        paid = max(step.day for step in plan.steps if step.action == "pay_down")
        assert plan.yes_at >= shown >= at("2026-09-10") + (paid - day("2026-09-10") + 7) * DAY
    assert date(of_goal(story_1, "fastest").yes_at) == "2026-09-17 00:00"


def test_story_1_doing_nothing_and_paying_by_month(story_1: Plans) -> None:
    assert story_1.do_nothing is not None and story_1.do_nothing.yes_at is None
    assert [month.idle for month in story_1.frontier_by_month] == [0] * 7
    planned = [month.planned or 0 for month in story_1.frontier_by_month]
    assert planned[0] == 0 and min(planned[1:]) >= 800_000


def test_story_1_the_gentlest_pays_one_debt_a_month(story_1: Plans) -> None:
    plan = of_goal(story_1, "gentlest")
    days = [step.day for step in plan.steps if step.cash]
    assert len(days) == 3 and all(b - a >= 30 for a, b in pairwise(days))
    assert plan.yes_at > of_goal(story_1, "fastest").yes_at


@pytest.mark.parametrize("yuan", [300, 2_000, 5_000, 9_500, 12_000])
def test_story_1_at_other_amounts_costs_more_the_more_is_asked(yuan: int) -> None:
    here = of_goal(plans_for(*indebted(), now=STORY_1, yuan=yuan), "cheapest")
    more = of_goal(plans_for(*indebted(), now=STORY_1, yuan=yuan + 400), "cheapest")
    assert here.cash_total <= more.cash_total
    for plan in (here, more):
        assert plan.proof.yes.outcome is Outcome.APPROVE
        assert plan.proof.before.outcome is not Outcome.APPROVE


def test_story_2_wait_and_do_not_apply() -> None:
    found = plans_for(*enquirer(), now=STORY_2, yuan=3_000)
    assert found.status == "only_time"
    (plan,) = found.plans
    assert [step.action for step in plan.steps] == ["stop_applying", "wait"]
    assert date(plan.yes_at) == "2026-07-05 00:00" and plan.cash_total == 0
    assert plan.proof.before.outcome is Outcome.DECLINE
    assert plan.proof.before.lights["applications"] is Light.RED
    assert plan.proof.yes.lights["applications"] is Light.YELLOW
    # One more application, and the very same day is a no.
    assert [one.answer.outcome for one in plan.proof.without] == [Outcome.DECLINE]
    assert found.do_nothing is not None
    turns = [(date(c.at)[:10], c.before, c.after) for c in found.do_nothing.changes
             if c.area == "applications"]  # fmt: skip
    assert turns == [
        ("2026-07-05", Light.RED, Light.YELLOW),
        ("2026-07-11", Light.YELLOW, Light.GREEN),
    ]


def test_story_2_a_new_application_moves_the_date() -> None:
    told = enquirer("2026-07-02 12:00", more=("07-02",))
    found = plans_for(*told, now="2026-07-02 12:00", yuan=3_000)
    assert found.plans[0].yes_at >= at("2026-07-07")


@pytest.mark.parametrize("story", [indebted(), enquirer()], ids=["one", "two"])
def test_the_dossier_is_left_alone(story) -> None:
    now = STORY_1 if story == indebted() else STORY_2
    found = dossier(*story, now=now)
    kernel = consumer_line().kernel
    before = kernel.dump_hot(found.state), kernel.dump_buckets(found.state)
    plans_for(*story, now=now, yuan=8_000)
    from xindeng.decision.request import Request
    from xindeng.repair.plans.search import find_plans

    find_plans(consumer_line(), found, Request(800_000), at(now))
    assert (kernel.dump_hot(found.state), kernel.dump_buckets(found.state)) == before


def test_a_card_and_a_loan_of_one_bank_are_told_apart() -> None:
    """Dues of 5,000 on 9,000: 60 of 600 to be cut, and only the card's due falls with a part paid."""
    told = (
        *sound(STORY_1),
        report(STORY_1[:10], loan("home", 3_800, 80_000, 24, lender_kind="bank", lender="a bank"),
               card("plastic", 12_000, 20_000, lender="a bank")),
    )  # fmt: skip
    plans = plans_for(*told, now=STORY_1, yuan=2_000)
    plan = of_goal(plans, "cheapest")
    (step,) = [one for one in plan.steps if one.cash]
    assert step.params["debt"] == "plastic"
    for lang, says in (("zh", "向a bank信用卡还"), ("en", "to your card of a bank")):
        said = tell(consumer_line(), plans, lang)
        assert any(says in one.title for chosen in said.plans for one in chosen.steps), lang
