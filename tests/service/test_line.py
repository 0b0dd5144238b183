"""Holds, limits and reviews through the store, under the shipped policy."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from tests.decision_policy import NOW
from tests.service_world import World, event, ordinary
from xindeng.adapters.notifier import FileNotifier
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from xindeng.kernel.time import DAY, to_date
from xindeng.service import hardship, holds, limits, notify, worker
from xindeng.service import line as lines
from xindeng.service.held import held
from xindeng.service.policies import read_bundle
from xindeng.service.reserve import Order, numbers, reserve
from xindeng.servicing.history_words import history_lines
from xindeng.store import Store, notices

names = (f"l{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def person(world: World) -> str:
    name = next(names)
    world.tell(name, *ordinary())
    return name


def test_a_hold_is_placed_extended_and_released(world: World, tmp_path: Path) -> None:
    name = person(world)
    with pytest.raises(InputError, match="reason"):
        holds.place(world.engine, name, "manual", reason=" ", by="staff-1")
    hold = holds.place(world.engine, name, "manual", reason="odd documents", by="staff-1")
    with pytest.raises(ForbiddenError):
        reserve(world.engine, name, Order(100, "CNY", b""), "k1")
    with pytest.raises(InputError, match="evidence"):
        holds.extend(world.engine, name, hold, days=1, evidence="", by="staff-1")
    holds.extend(world.engine, name, hold, days=1, evidence="a second odd document", by="staff-1")
    holds.release(world.engine, name, hold, by="staff-2", why="documents are genuine")
    assert reserve(world.engine, name, Order(100, "CNY", b""), "k1").state == "reserved"
    with pytest.raises(NotFoundError):
        holds.release(world.engine, name, hold, by="staff-2", why="again")
    told = FileNotifier(tmp_path / "n")
    assert notify.deliver_all(world.engine, told) == 3
    assert "还款" in told.path.read_text(encoding="utf-8")
    assert notify.deliver_all(world.engine, told) == 0


def test_staff_cannot_hold_again_for_a_reason_that_ended_but_on_something_new(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = person(world)
    call = {"reason": "odd documents", "by": "staff-1"}
    first = holds.place(world.engine, name, "manual", **call)
    holds.release(world.engine, name, first, by="staff-2", why="documents are genuine")
    with pytest.raises(ConflictError, match="nothing new is named"):
        holds.place(world.engine, name, "manual", **call)
    assert reserve(world.engine, name, Order(100, "CNY", b""), "k1").state == "reserved"
    second = holds.place(world.engine, name, "manual", note="the issuer denies them", **call)
    with held(world.engine, name) as line:
        assert [one.evidence for one in holds.standing(line)] == [("the issuer denies them",)]
    holds.release(world.engine, name, second, by="staff-2", why="a mix-up")
    monkeypatch.setattr(holds, "check_again", lambda *_, **__: None)  # planted
    assert holds.place(world.engine, name, "manual", **call)


def test_the_own_lock_is_instant_and_stays(world: World) -> None:
    name = person(world)
    holds.lock(world.engine, name)
    holds.lock(world.engine, name)
    with held(world.engine, name) as line:
        assert [found.kind for found in holds.standing(line)] == ["own_lock"]
    with pytest.raises(ForbiddenError):
        reserve(world.engine, name, Order(100, "CNY", b""), "k1")
    with pytest.raises(ForbiddenError, match="face check"):
        holds.ask_unlock(world.engine, name)


def test_a_cut_by_hand_is_warned_of_first(world: World) -> None:
    name = person(world)
    warned = limits.change(world.engine, name, 1_000_000, reason="fraud ring", by="staff-1")
    assert [type(one).__name__ for one in warned.payloads] == ["LimitWarning"]
    with held(world.engine, name) as line:
        assert numbers(line).limit == 2_000_000
    day = warned.payloads[0].effective_day  # type: ignore[union-attr]
    world.now = world.engine.policy.zone.midnight(day) + 1
    limits.change(world.engine, name, 1_000_000, reason="fraud ring", by="staff-1")
    with held(world.engine, name) as line:
        assert numbers(line).limit == 1_000_000
    limits.change(world.engine, name, 0, reason="mine", by="x", asked_by_borrower=True, close=True)
    with pytest.raises(ConflictError, match="closed"):
        limits.change(world.engine, name, 500, reason="why not", by="staff-1")


def test_the_worker_ends_holds_whose_time_is_over(world: World, tmp_path: Path) -> None:
    name = person(world)
    holds.place(world.engine, name, "cash_flow", reason="odd inflow", by="policy", days=1)
    world.now += 30 * DAY
    worker.run_once(world.engine, None, FileNotifier(tmp_path / "n"))
    with held(world.engine, name) as line:
        left = holds.standing(line)
        tasks = notices.tasks(line.conn, name)
        seq = line.state.seq
    assert not left or (left[0].escalated and tasks)
    assert worker.run_once(world.engine, None, FileNotifier(tmp_path / "n")) == 0
    with held(world.engine, name) as line:
        assert line.state.seq == seq, "a second review of the day finds nothing to do"


def test_repayments_work_under_every_hold(world: World) -> None:
    name = person(world)
    holds.place(world.engine, name, "manual", reason="x", by="staff-1")
    report = world.tell(
        name, event("repayment", "2026-06-30", loan="old", amount=100, principal=100)
    )
    assert report.accepted == 1


def test_the_line_is_shown_and_every_change_has_a_cause(world: World) -> None:
    name = person(world)
    reserve(world.engine, name, Order(500_000, "CNY", b""), "k1")
    holds.place(world.engine, name, "manual", reason="x", by="staff-1")
    seen = lines.show(world.engine, name)
    assert seen.numbers.limit == 2_000_000
    assert seen.numbers.available == 1_500_000
    assert seen.numbers.borrowable == 0
    assert seen.numbers.gate
    assert [one.amount for one in seen.draws] == [500_000]
    found = lines.changes(world.engine, name, since=world.now - DAY)
    causes = [one.event.type for one in found if one.event]
    assert causes == ["limit_change", "draw_reserved", "hold_placed"]
    assert [one.after.available for one in found][-1] == 1_500_000
    for language, paused in (("zh", "暂停借款"), ("en", "draws paused")):
        staff = history_lines(world.engine.policy, found, language, audience="support")
        assert len(staff) == len(found)
        assert paused in history_lines(world.engine.policy, found, language)[-1]


def test_help_is_asked_for_and_a_person_has_three_working_days(world: World) -> None:
    name = person(world)
    menu = hardship.ask(world.engine, name, cause="job_loss", wish="advice")
    assert menu.options[0].kind == "advice"
    assert lines.show(world.engine, name).tasks == (("hardship", "advice", menu.answer_by),)


def test_an_answer_is_due_in_working_days_of_the_policys_own_calendar(
    world: World, tmp_path: Path
) -> None:
    world.now = world.at("2026-09-30 10:00")  # a Wednesday; 10-01 to 10-07 are holidays
    name = person(world)
    menu = hardship.ask(world.engine, name, cause="illness", wish="deferral")
    assert to_date(menu.answer_by).isoformat() == "2026-10-10", (
        "Thursday, Friday, a worked Saturday"
    )
    for when, late in (("2026-10-10 23:00", False), ("2026-10-11 09:00", True)):
        world.now = world.at(when)
        worker.run_once(world.engine, None, FileNotifier(tmp_path / when[:10]))
        with held(world.engine, name) as line:
            assert bool(line.history(("hardship_overdue",))) is late, when
