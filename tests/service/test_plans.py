"""Plans through the store: made, followed to the yes, looked at again, told when they break."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.service.test_stories import OLD_CARD, Person, enquirer, loan
from tests.service_world import World, event
from xindeng.decision.answer import Outcome
from xindeng.decision.request import Request
from xindeng.intake.events_file import read_events
from xindeng.kernel.errors import ConflictError, ErasedError, InputError, NotFoundError
from xindeng.kernel.time import DAY, MINUTE
from xindeng.lab.draws import draw_requests, read_truth
from xindeng.lab.follow import follow
from xindeng.lab.simulate import simulate
from xindeng.service import plan as planning
from xindeng.service import worker
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest
from xindeng.service.plan import KeptPlans
from xindeng.service.plan_looks import due, look_at_all
from xindeng.service.policies import read_bundle
from xindeng.service.show import show
from xindeng.store import Store, borrowers, notices


@pytest.fixture
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


def over_indebted(world: World, name: str) -> Person:
    """Story 1: ¥5,300 a month on an income of ¥9,000."""
    card = {**OLD_CARD, "account": "card", "limit": 3_000_000, "balance": 1_800_000}
    person = Person(world, name, "2026-09-10")
    person.salary(9_000, *(f"2026-{month:02d}-05" for month in range(1, 10)))
    person.tell("income_evidence", "2026-08-20", monthly_income=900_000, source="payroll",
                months=3, verified=True)  # fmt: skip
    person.report("2026-09-05", accounts=[
        loan("home", 60_000, 1_400, 60), card, loan("c1", 9_600, 900, 12, "consumer_finance"),
        loan("c2", 1_285, 650, 2, "microlender"), loan("c3", 3_150, 550, 6, "microlender"),
    ])  # fmt: skip
    return person


def planned(person: Person, when: str, yuan: int, **more: Any) -> KeptPlans:
    person.world.now = person.world.at(when)
    return planning.make(person.world.engine, person.name, Request(yuan * 100, **more))


def dossier(world: World, name: str) -> planning.Known:
    with world.store.snapshot() as conn:
        return planning.facts(world.engine, conn, borrowers.read(conn, world.store.keys, name))


class Life:
    """Following one of the plans: what happens is taken in at the instant it happens."""

    def __init__(self, world: World, kept: KeptPlans, choice: int) -> None:
        self.world, self.plan = world, kept.made.plans.plans[choice - 1]
        known = dossier(world, kept.made.borrower)
        self.ahead = list(
            follow(world.engine.policy, known.dossier, self.plan, known.now, self.plan.yes_at)
        )

    def until(self, at: int) -> None:
        while self.ahead and self.ahead[0].occurred_at <= at:
            self.world.now = max(self.world.now, self.ahead[0].occurred_at)
            ingest(self.world.engine, [self.ahead.pop(0)])
        self.world.now = at


def asks(world: World, kept: KeptPlans, choice: int, key: str) -> Outcome:
    plan = kept.made.plans.plans[choice - 1]
    request = replace(kept.made.request, amount=plan.amount, term_months=plan.term_months)
    return draw(world.engine, kept.made.borrower, request, key).decision.outcome


def test_story_1_a_plan_is_followed_to_the_yes(world: World) -> None:
    person = over_indebted(world, "p1")
    refused = person.asks("2026-09-10 09:00", 8_000)
    kept = planning.make_for(world.engine, refused.id)
    assert kept.made.plans.status == "plan" and kept.kept
    cheapest = next(p for p in kept.made.plans.plans if "cheapest" in (p.goal, *p.also))
    choice = kept.made.plans.plans.index(cheapest) + 1
    assert cheapest.kind == "verified" and cheapest.amount == 800_000
    assert abs(cheapest.cash_total - 764_500) <= 10_000 and cheapest.enough
    # Settlement plus the reporting lag, never the same day on stale data.
    assert cheapest.yes_at > kept.made.made_at + DAY
    assert planning.read(world.engine, kept.made.id) == kept
    assert planning.of_borrower(world.engine, "p1") == [kept]

    life = Life(world, kept, choice)
    life.until(cheapest.yes_at - MINUTE)
    assert asks(world, kept, choice, "before") is not Outcome.APPROVE
    life.until(cheapest.yes_at)
    assert asks(world, kept, choice, "then") is Outcome.APPROVE


def test_story_1_what_is_cleared_is_read_off_the_next_report(world: World) -> None:
    """Two loans cleared for ¥4,435: the frontier the plan tells is the one the service finds."""
    person = over_indebted(world, "p1b")
    kept = planned(person, "2026-09-10 09:00", 4_000)
    own = [p for p in kept.made.plans.plans if p.amount == 400_000]
    assert own and min(plan.cash_total for plan in own) <= 443_500
    choice = kept.made.plans.plans.index(own[0]) + 1
    Life(world, kept, choice).until(own[0].yes_at)
    view = show(world.engine, "p1b")
    assert view.features["ext_monthly_due"] < 530_000  # type: ignore[operator]
    assert asks(world, kept, choice, "then") is Outcome.APPROVE


def test_story_2_the_plan_is_to_wait_and_not_to_apply(world: World) -> None:
    person = enquirer(world, "p2")
    kept = planned(person, "2026-07-01 09:00", 3_000)
    assert kept.made.plans.status == "only_time"
    (plan,) = kept.made.plans.plans
    assert {step.action for step in plan.steps} <= {"wait", "stop_applying"}
    assert world.engine.policy.zone.local(plan.yes_at).strftime("%Y-%m-%d %H:%M") in (
        "2026-07-04 00:00", "2026-07-05 00:00",
    )  # fmt: skip
    life = Life(world, kept, 1)
    life.until(plan.yes_at - MINUTE)
    assert asks(world, kept, 1, "before") is Outcome.DECLINE
    life.until(plan.yes_at)
    assert asks(world, kept, 1, "then") is Outcome.APPROVE


def test_making_a_plan_leaves_no_mark(world: World) -> None:
    person = over_indebted(world, "p3")
    counts, view = world.counts(), show(world.engine, "p3")
    planned(person, "2026-09-10 09:00", 8_000)
    assert world.counts() == counts
    world.now = view.now
    assert show(world.engine, "p3") == view


def test_a_safety_hold_tells_nothing_but_to_verify(world: World) -> None:
    person = over_indebted(world, "p4")
    person.tell("hold_placed", "2026-09-09", hold="h1", kind="security", mode="block",
                reason="SECURITY", review_at=world.at("2026-09-20"))  # fmt: skip
    kept = planned(person, "2026-09-10 09:00", 8_000)
    found = kept.made.plans
    assert found.status == "verify_first" and not kept.kept
    assert (found.plans, found.gates, found.do_nothing, found.rungs) == ((), (), None, ())
    assert planning.of_borrower(world.engine, "p4") == []


def test_our_side_asks_nothing_of_the_borrower(world: World) -> None:
    name = "p5"
    person = Person(world, name, "2026-02-02")
    person.salary(10_000, *(f"2025-{month:02d}-10" for month in range(8, 13)), "2026-01-10")
    person.report("2026-02-01", accounts=[OLD_CARD])
    world.now = world.at("2026-02-02 09:00")
    world.tell("platform", event("platform_status", "2026-02-01", part="maintenance",
               available=False))  # fmt: skip
    try:
        kept = planned(person, "2026-02-02 09:00", 5_000)
        assert kept.made.plans.status == "our_side" and not kept.made.plans.plans
    finally:
        world.tell("platform", event("platform_status", "2026-02-02", part="maintenance",
                   available=True))  # fmt: skip


def test_what_cannot_be_changed_is_said_plainly(world: World) -> None:
    person = Person(world, "p6", "2026-06-15", opened="2026-05-20", limit=3_000, born="2004-01-01")
    person.salary(5_200, "2026-05-10", "2026-06-10")
    person.tell("occupation", "2026-06-01", kind="student")
    kept = planned(person, "2026-06-15 09:00", 1_000)
    assert kept.made.plans.status == "fixed" and not kept.kept


def test_an_erased_borrower_has_no_plans_and_no_worker_stumbles(world: World) -> None:
    person = over_indebted(world, "p7")
    kept = planned(person, "2026-09-10 09:00", 8_000)
    world.tamper("UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'p7'")
    for call in (lambda: planning.read(world.engine, kept.made.id),
                 lambda: planning.of_borrower(world.engine, "p7"),
                 lambda: planning.make(world.engine, "p7", kept.made.request)):  # fmt: skip
        with pytest.raises(ErasedError):
            call()
    world.now += DAY
    found = look_at_all(world.engine, borrower="p7")
    assert (found.done, found.broken, found.failed) == (1, 0, [])
    assert look_at_all(world.engine, borrower="p7").done == 0


def test_a_step_is_ticked_off_once_and_only_where_there_is_one(world: World) -> None:
    person = over_indebted(world, "p8")
    kept = planned(person, "2026-09-10 09:00", 8_000)
    view = show(world.engine, "p8")
    assert planning.done(world.engine, kept.made.id, 1, 1)
    assert not planning.done(world.engine, kept.made.id, 1, 1)
    assert dict(planning.read(world.engine, kept.made.id).done) == {(1, 1): world.now}
    assert show(world.engine, "p8") == view
    for choice, step in ((0, 1), (9, 1), (1, 0), (1, 99)):
        with pytest.raises(InputError, match="no step"):
            planning.done(world.engine, kept.made.id, choice, step)
    with pytest.raises(NotFoundError):
        planning.done(world.engine, "nonsense", 1, 1)


def tightened(**values: str) -> dict[str, bytes]:
    """The reference policy with other values of some parameters."""
    bundle = dict(read_bundle("consumer_line"))
    for name, (path, old, new) in {
        "max_payment_to_income": ("parameters/debt.yaml", "value: 0.50", "value: 0.40"),
    }.items():
        assert name in values and bundle[path].count(old.encode()) >= 1
        bundle[path] = bundle[path].replace(old.encode(), new.encode())
    return bundle


def told(world: World, name: str) -> list[Mapping[str, str]]:
    with world.store.transaction() as conn:
        key = borrowers.read(conn, world.store.keys, name).key
        return [one.unseal(key)[0] for one in notices.unsent(conn)
                if one.borrower == name and one.kind == "plan_broken"]  # fmt: skip


def tasks(world: World, name: str) -> list[tuple[str, str, int]]:
    with world.store.snapshot() as conn:
        return [one for one in notices.tasks(conn, name) if one[0] == "kept_plan"]


def test_a_kept_plan_broken_by_a_publish_goes_to_a_person(world: World) -> None:
    person = over_indebted(world, "p9")
    kept = planned(person, "2026-09-10 09:00", 8_000)
    assert look_at_all(world.engine, borrower="p9").done == 0  # nothing has changed
    published = Engine(world.store, tightened(max_payment_to_income="0.40"),
                       clock=lambda: world.now)  # fmt: skip
    world.now += 3_600_000_000
    found = look_at_all(published, borrower="p9")
    assert (found.done, found.broken, found.failed) == (1, 1, [])
    after = planning.read(world.engine, kept.made.id)
    assert {look.because for look in after.standing.values()} == {"policy"}
    assert len(after.looks) == 1 and after.looks[0].policy_hash == published.policy.hash
    (notice,) = told(world, "p9")
    assert "政策有了调整" in notice["zh"] and "our policy changed" in notice["en"]
    today = world.engine.policy.zone.day(world.now)
    assert tasks(world, "p9") == [("kept_plan", kept.made.id, today + 3)]
    assert look_at_all(published, borrower="p9").done == 0
    assert len(told(world, "p9")) == 1


def test_a_new_application_breaks_the_plan_without_a_person(world: World) -> None:
    person = enquirer(world, "p10")
    kept = planned(person, "2026-07-01 09:00", 3_000)
    world.now = world.at("2026-07-02 12:00")
    person.tell("credit_inquiry", "2026-07-02", lender="one more", reason="loan_approval")
    found = look_at_all(world.engine, borrower="p10")
    assert (found.done, found.broken) == (1, 1)
    (look,) = planning.read(world.engine, kept.made.id).standing.values()
    assert (look.fate, look.because) == ("moved", "applied_again")
    assert look.yes_at is not None and look.yes_at >= world.at("2026-07-07 00:00")
    (notice,) = told(world, "p10")
    assert "新的借款申请" in notice["zh"] and "enquiry" in notice["en"]
    assert tasks(world, "p10") == []


def test_a_plan_ends_with_its_last_day_and_says_nothing(world: World) -> None:
    person = enquirer(world, "p11")
    kept = planned(person, "2026-07-01 09:00", 3_000)
    world.now = world.engine.policy.zone.midnight(kept.made.plans.plans[0].expires_day + 1)
    assert look_at_all(world.engine, borrower="p11").done == 1
    after = planning.read(world.engine, kept.made.id)
    assert [look.fate for look in after.standing.values()] == ["expired"] and not after.open
    assert told(world, "p11") == []
    with pytest.raises(ConflictError, match="no longer holds"):
        planning.done(world.engine, kept.made.id, 1, 1)


def test_our_stance_neither_breaks_a_plan_nor_tells_anybody(world: World) -> None:
    person = enquirer(world, "p12")
    kept = planned(person, "2026-07-01 09:00", 3_000)
    world.now = world.at("2026-07-02 09:00")
    world.tell("platform", event("platform_status", "2026-07-01 10:00", part="maintenance",
               available=False))  # fmt: skip
    try:
        assert look_at_all(world.engine, borrower="p12").broken == 0
    finally:
        world.tell("platform", event("platform_status", "2026-07-02 09:00", part="maintenance",
                   available=True))  # fmt: skip
    (look,) = planning.read(world.engine, kept.made.id).standing.values()
    assert look.fate in ("our_side", "kept", "good") and told(world, "p12") == []


def test_two_workers_look_at_nothing_twice(world: World) -> None:
    names = [f"q{number}" for number in range(8)]
    for name in names:
        planned(enquirer(world, name), "2026-07-01 09:00", 3_000)
    published = Engine(world.store, tightened(max_payment_to_income="0.40"),
                       clock=lambda: world.now)  # fmt: skip
    waiting = due(published)[0]
    assert waiting >= len(names)
    done: list[int] = []
    workers = [Thread(target=lambda: done.append(look_at_all(published).done)) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sum(done) == waiting and due(published)[0] == 0
    for name in names:
        (kept,) = planning.of_borrower(world.engine, name)
        assert len(kept.looks) <= 1


def test_the_worker_looks_at_plans_and_delivers_what_it_found(world: World) -> None:
    person = enquirer(world, "p13")
    planned(person, "2026-07-01 09:00", 3_000)
    world.now = world.at("2026-07-02 12:00")
    person.tell("credit_inquiry", "2026-07-02", lender="one more", reason="loan_approval")
    assert worker.prove_plans(world.engine) is True
    assert worker.prove_plans(world.engine) is False  # queued once is enough
    delivered: list[str] = []

    class Ear:
        def deliver(self, message: Any) -> None:
            delivered.append(message.kind)

    worker.run_once(world.engine, None, Ear())
    assert "plan_broken" in delivered
    assert due(world.engine)[0] == 0 and worker.prove_plans(world.engine) is False


def test_changed_bytes_of_a_plan_are_noticed(world: World) -> None:
    kept = planned(enquirer(world, "p14"), "2026-07-01 09:00", 3_000)
    with world.store.pool.connection() as conn:
        conn.execute("ALTER TABLE plan DISABLE TRIGGER append_only")
        conn.execute("UPDATE plan SET made_at = made_at + 1 WHERE borrower = 'p14'")
        conn.execute("ALTER TABLE plan ENABLE TRIGGER append_only")
    with pytest.raises(Exception, match="changed or moved"):
        planning.read(world.engine, kept.made.id)


def test_plans_of_simulated_borrowers_come_true(world: World, tmp_path: Path) -> None:
    """Random lives, random debts: what was promised for a day is what that day's draw answers."""
    made = simulate(tmp_path, borrowers=34, seed=23)
    zone = world.engine.policy.zone
    stored = read_events(made.events_path, received_at=zone.midnight(made.day), zone=zone)
    history = {name: list(events) for name, events in groupby(stored, lambda e: e.borrower)}
    wishes = draw_requests(read_truth(made.truth_path), made.day, 23, zone=zone)
    followed = 0
    for wish in wishes:
        if wish.attempt > 1 or followed == 12:
            continue
        world.now = wish.at
        ingest(world.engine, history[wish.borrower])
        request = Request(wish.amount, wish.term_months, wish.purpose)
        refused = draw(world.engine, wish.borrower, request, "first")
        if refused.decision.outcome is Outcome.APPROVE:
            continue
        kept = planning.make_for(world.engine, refused.id)
        for choice, plan in enumerate(kept.made.plans.plans[:1], start=1):
            if plan.kind == "verified":
                Life(world, kept, choice).until(plan.yes_at)
                assert asks(world, kept, choice, "then") is Outcome.APPROVE, plan
                followed += 1
    assert followed >= 6


def test_what_was_approved_needs_no_plan(world: World) -> None:
    """The approval's own room on the line would look like what stands in the way."""
    person = Person(world, "approved", "2026-09-10")
    person.salary(9_000, *(f"2026-{month:02d}-05" for month in range(1, 10)))
    person.report("2026-09-05", accounts=[OLD_CARD])
    approved = person.asks("2026-09-10 10:00", 3_000)
    assert approved.decision.outcome is Outcome.APPROVE
    with pytest.raises(ConflictError, match="approved") as caught:
        planning.make_for(world.engine, approved.id)
    assert caught.value.code == "plan.approved" and "confirm" in caught.value.next_step
