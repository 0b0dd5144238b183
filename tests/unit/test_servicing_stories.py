"""Stories 3 (house money) and 6 (hardship) without a store: from events to what is said."""

from __future__ import annotations

import re

import pytest

from tests.line_life import ZONE, Life, day, sound
from xindeng.decision.answer import Light, Outcome
from xindeng.kernel.time import DAY
from xindeng.servicing.hardship import answer, ask, observations
from xindeng.servicing.history import history
from xindeng.servicing.history_words import history_lines
from xindeng.servicing.holds import place
from xindeng.servicing.limits import reevaluate
from xindeng.servicing.three_numbers import line_of, three_numbers

UNFIT = re.compile(r"冻结|修复|预审通过|阻断|多赚|增加收入|earn more|raise your income", re.I)


def said(life: Life) -> list[str]:
    return [text for notice in life.notices for text in notice.texts.values()]


def house_money() -> Life:
    life = sound("2026-03-02", income=6_000)
    life.tell("payment", "2026-03-02 09:00", direction="in", amount=18_000_000, category="transfer",
              counterparty="nobody known")  # fmt: skip
    return life


def test_story_3_house_money() -> None:
    life = house_money()
    made = life.asks("2026-03-02 10:00", 5_000)
    assert made.outcome is Outcome.RETRY_LATER
    assert made.lights["cash_flow"] in (Light.YELLOW, Light.RED)
    assert (made.limit_shown, made.available, made.borrowable_now) == (2_000_000, 2_000_000, 0)
    (hold,) = life.holds
    assert hold.kind == "cash_flow" and hold.review_at - life.now <= 7 * DAY
    numbers = three_numbers(life.policy, life.at("2026-03-03").decision)
    assert numbers.amounts == (2_000_000, 2_000_000, 0) and numbers.area in ("line", "cash_flow")
    assert "受“" in line_of(life.policy, numbers, "zh") and "held back" in line_of(
        life.policy, numbers, "en"
    )
    # Nothing happens on an ordinary day; an unaccepted paper changes nothing either.
    assert not life.reviewed("2026-03-04 03:00")
    life.tell("flow_explained", "2026-03-04 09:00", document="receipt", accepted=False)
    assert not life.reviewed("2026-03-04 09:01")
    life.tell("flow_explained", "2026-03-05 15:00", document="contract", accepted=True)
    done = life.reviewed("2026-03-05 15:01")
    assert [p.how for p in done.payloads] == ["condition"] and life.holds == ()
    assert life.asks("2026-03-05 16:00", 5_000).outcome is Outcome.APPROVE
    for lang in ("zh", "en"):
        text = "\n".join(life.explained(made, lang).lines())
        parameters = ("sudden_inflow_ratio", "60,000", "¥60,000")
        assert not any(word in text for word in parameters), "the threshold is not disclosed"
    told = " ".join(said(life))
    assert "还款照常" in told and "诈骗" in told and "合同" in told and not UNFIT.search(told)


def test_story_3_its_history_names_each_cause() -> None:
    life = house_money()
    life.asks("2026-03-02 10:00", 5_000)
    life.tell("flow_explained", "2026-03-05 15:00", document="contract", accepted=True)
    life.reviewed("2026-03-05 15:01")
    changes = history(life.policy, life.events, since=ZONE.parse("2026-03-01"), until=life.now)
    assert [(c.event.type if c.event else c.cause, c.after.borrowable) for c in changes] == [
        ("time", 1_000_000), ("payment", 0), ("hold_placed", 0), ("hold_released", 1_000_000),
    ]  # fmt: skip
    zh = history_lines(life.policy, changes, "zh")
    assert "账户资金往来" in zh[0] and "受“" in zh[0] and "解除条件已满足" in zh[2]
    assert "暂停借款" in zh[1] and "还款不受影响" in zh[1]
    en = history_lines(life.policy, changes, "en")
    assert "2026-03-05 15:01" in en[2] and "what it waited for has happened" in en[2]


def test_story_3_without_papers_it_ends_at_its_review() -> None:
    life = house_money()
    life.asks("2026-03-02 10:00", 5_000)
    (hold,) = life.holds
    assert not life.reviewed(hold.review_at - DAY)
    done = life.reviewed(hold.review_at + 1)
    assert next(p.how for p in done.payloads) in ("expired", "condition")
    assert not life.holds and not life.reviewed(life.now)


@pytest.fixture
def distressed() -> Life:
    life = sound("2026-04-01", income=7_500)
    life.tell(
        "disbursement",
        "2026-03-10",
        draw="l1",
        amount=1_200_000,
        term_months=12,
        monthly_due=110_200,
    )
    life.tell("income_evidence", "2026-04-01", monthly_income=0, source="declared", verified=True)
    life.tell("instalment_due", "2026-04-10", loan="l1", due_day=day("2026-04-10"), amount=110_200)
    life.tell(
        "delinquency", "2026-04-20 00:10", dpd=10, overdue_amount=110_200, tier="special_mention"
    )
    return life


def test_story_6_no_draw_and_help_first(distressed: Life) -> None:
    made = distressed.asks("2026-04-20 10:00", 1_000, purpose="repay_loans")
    assert made.outcome is not Outcome.APPROVE and made.frontier == 0
    assert made.amount_offered is None
    for lang, help_ in (("zh", "困难"), ("en", "help")):
        explained = distressed.explained(made, lang)
        steps = [step for row in explained.reasons for step in row.steps]
        assert help_ in steps[0], steps
        assert not UNFIT.search("\n".join(explained.lines()))


def test_story_6_the_menu_a_person_and_no_points(distressed: Life) -> None:
    view = distressed.at("2026-04-20 10:00")
    before = view.decision
    menu = ask(view, cause="job_loss", wish="deferral")
    assert [option.kind for option in menu.options] == [
        "deferral",
        "restructuring",
        "collection_pause",
        "advice",
    ]
    assert menu.answer_by == day("2026-04-23")  # Thursday, three working days after Monday
    assert [task.due_day for task in menu.orders.tasks] == [menu.answer_by]
    distressed.carry(menu.orders)
    after = distressed.at("2026-04-20 10:01").decision
    assert (after.score, after.score_band) == (before.score, before.score_band)
    changed = {area for area in before.lights if before.lights[area] is not after.lights[area]}
    assert changed <= {"line"}, "asking costs nothing"
    text = " ".join([*menu.lines("zh"), *menu.lines("en")])
    assert "不扣分、不收费" in text and "2026-04-23" in text and not UNFIT.search(text)


def test_story_6_restructured_is_watched_for_a_year(distressed: Life) -> None:
    view = distressed.at("2026-04-23 10:00")
    distressed.carry(
        answer(view, result="restructuring", by="ana", loan="l1", first_due_day=day("2026-07-10"))
    )
    watched = distressed.at("2027-07-10 12:00")
    assert watched.value("watch_until") == day("2027-07-10")
    assert watched.segment == "restructured"
    assert distressed.at("2027-07-11 12:00").segment != "restructured"


def test_story_6_the_two_observations_are_not_mixed(distressed: Life) -> None:
    view = distressed.at("2026-04-23 10:00")
    distressed.carry(
        answer(view, result="restructuring", by="ana", loan="l1", first_due_day=day("2026-07-10"))
    )
    distressed.carry(
        place(distressed.at("2026-04-23 11:00"), "manual", hold="h", reason="WATCH", by="ana")
    )
    found = observations(distressed.at("2026-04-24"), distressed.holds)
    assert [(one.kind, one.until_day) for one in found] == [
        ("draws", day("2026-04-30")), ("restructuring", day("2027-07-10")),
    ]  # fmt: skip
    zh = [one.texts["zh"] for one in found]
    assert zh[0].startswith("用信观察期") and zh[1].startswith("重组观察期")
    assert "两回事" in zh[1]


def test_no_limit_is_raised_in_hardship(distressed: Life) -> None:
    orders = reevaluate(distressed.at("2026-04-20 10:00"), distressed.book)
    assert not any(getattr(p, "change", "") == "increased" for p in orders.payloads)
