"""A request for help waits for its answer, in working days; past its day the delay is ours."""

from __future__ import annotations

import pytest

from tests.line_life import Life, day, sound
from xindeng.decision.answer import Outcome
from xindeng.servicing.hardship import answer, ask
from xindeng.servicing.hardship_clock import OpenRequest, open_request, review
from xindeng.servicing.orders import Orders


@pytest.fixture
def life() -> Life:
    return sound("2026-04-20")


def asked(life: Life, when: str, **more: object) -> int:
    waiting = open_request(life.events)
    menu = ask(life.at(when), waiting=waiting, **more)  # type: ignore[arg-type]
    life.carry(menu.orders)
    return menu.answer_by


def looked(life: Life, when: str) -> Orders:
    return life.carry(review(life.at(when), open_request(life.events)))


def test_three_working_days_step_over_weekends_and_holidays(life: Life) -> None:
    assert asked(life, "2026-04-23 10:00") == day("2026-04-28"), "a Thursday, over a weekend"
    other = sound("2026-04-20")
    menu = ask(other.at("2026-04-30 10:00"))  # 05-01 to 05-05 by the policy's own calendar
    assert menu.answer_by == day("2026-05-08"), "the holiday is no working day"
    assert "2026-05-08" in menu.orders.notices[0].texts["zh"]
    worked = ask(other.at("2026-05-07 10:00"))
    assert worked.answer_by == day("2026-05-11"), "a Saturday that is worked counts"


def test_a_request_stays_open_until_it_is_answered(life: Life) -> None:
    asked(life, "2026-04-23 10:00")
    for when in ("2026-04-28 23:00", "2026-05-20 10:00", "2026-09-01 10:00"):
        assert life.at(when).value("hardship_open") is True, when
    life.carry(answer(life.at("2026-09-01 11:00"), result="withdrawn", by="borrower"))
    assert life.at("2026-09-01 11:01").value("hardship_open") is False
    assert open_request(life.events) is None


def test_past_its_day_our_delay_is_told_once_and_goes_to_a_person(life: Life) -> None:
    asked(life, "2026-04-23 10:00")
    assert not looked(life, "2026-04-28 23:59"), "the day itself is in time"
    done = looked(life, "2026-04-29 00:01")
    assert [task.kind for task in done.tasks] == ["hardship_past_answer"]
    assert done.tasks[0].due_day == day("2026-04-29"), "today, before all others"
    zh, en = done.notices[0].texts["zh"], done.notices[0].texts["en"]
    assert "2026-04-28" in zh and "我们的延误" in zh and "不需要再次申请" in zh
    assert "2026-04-28" in en and "the delay is ours" in en
    assert not looked(life, "2026-04-30 00:01"), "told once"
    view = life.at("2026-05-10 10:00")
    assert view.value("hardship_open") is True and view.value("hardship_late") is True
    assert {rule.id for i, rule in enumerate(life.policy.rules) if view.fired >> i & 1} >= {
        "line.hardship_late"
    }
    life.carry(answer(life.at("2026-05-11 10:00"), result="advice", by="ana"))
    assert life.at("2026-05-11 10:01").value("hardship_late") is False
    assert not looked(life, "2026-05-12 00:01")
    asked(life, "2026-06-01 10:00")
    assert life.at("2026-06-01 10:01").value("hardship_late") is False, "a new request, a new clock"


def test_asking_again_never_moves_the_day(life: Life) -> None:
    first = asked(life, "2026-04-23 10:00")
    assert asked(life, "2026-04-27 10:00", wish="deferral") == first
    assert looked(life, "2026-04-29 00:01"), "the clock runs from the first"
    menu = ask(life.at("2026-04-30 10:00"), waiting=open_request(life.events))
    assert "我们的延误" in menu.orders.notices[0].texts["zh"], "no day that is past is promised"
    assert "最迟" not in menu.orders.notices[0].texts["zh"]


def test_asking_never_turns_the_borrower_down(life: Life) -> None:
    before = life.at("2026-04-23 09:00").decision
    assert before.outcome is Outcome.APPROVE
    asked(life, "2026-04-23 10:00")
    looked(life, "2026-04-29 00:01")
    for when in ("2026-04-29 10:00", "2026-06-29 10:00"):
        made = life.asks(when, 500)
        assert made.outcome is Outcome.REVIEW and not made.counted, (
            "a person looks, nobody declines"
        )


def test_planted_clock_that_lapses_would_be_noticed(life: Life) -> None:
    asked(life, "2026-04-23 10:00")
    assert not review(life.at("2026-06-01"), None), "a lapsed request is told to nobody"
    assert review(life.at("2026-06-01"), OpenRequest(life.events[-1].occurred_at))
