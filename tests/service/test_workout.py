"""Holds that stop interest and collection, help that changes the loan, losses and what comes back.

Every test ends with the proof of the ledger.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.decision_policy import NOW
from tests.service_world import World, event, ordinary
from xindeng.adapters.notifier import FileNotifier
from xindeng.decision.request import Request
from xindeng.events.line import HoldPlaced
from xindeng.kernel.errors import InputError, KeyUsedError, NotFoundError
from xindeng.kernel.time import DAY
from xindeng.lending.terms import Terms, write_terms
from xindeng.service import (
    books,
    endofday,
    hardship,
    holds,
    ledger,
    notify,
    repay,
    review,
    workout,
)
from xindeng.service import line as lines
from xindeng.service.draw import draw
from xindeng.service.held import held
from xindeng.service.line import LoanLine
from xindeng.service.policies import read_bundle
from xindeng.service.replay import replay
from xindeng.service.reserve import Order, reserve
from xindeng.store import Store, loans, reservations
from xindeng.store.chunks import Chunk

names = (f"w{n}" for n in itertools.count())
TERMS = write_terms(Terms(182_500, 12))


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


@pytest.fixture(autouse=True)
def proven(world: World) -> Iterator[None]:
    world.now = NOW
    yield
    assert ledger.verify(world.engine).wrong == []


def borrower(world: World) -> str:
    name = next(names)
    world.tell(name, *ordinary())
    return name


def lent(world: World, name: str, amount: int = 500_000, key: str = "l1") -> str:
    """A loan paid out today, whatever the policy would have said."""
    made = reserve(world.engine, name, Order(amount, "CNY", TERMS), key)
    with held(world.engine, name) as line:
        books.open_loan(line, made)
        reservations.move(line.conn, made, "settled", "test", line.now)
    return made.draw


def seen(world: World, name: str, loan: str) -> LoanLine:
    return next(one for one in lines.show(world.engine, name).loans if one.loan == loan)


def days(world: World, count: int) -> None:
    """So many ends of day."""
    for _ in range(count):
        world.now += DAY
        endofday.run_day(world.engine, "accrual", world.engine.policy.zone.day(world.now))


def tasks(world: World, name: str, kind: str) -> list[str]:
    return [task[1] for task in lines.show(world.engine, name).tasks if task[0] == kind]


def test_a_claim_of_theft_stops_interest_on_the_contested_loan_alone(world: World) -> None:
    name = borrower(world)
    contested, own = lent(world, name), lent(world, name, key="l2")
    days(world, 5)
    before = seen(world, name, contested).payoff
    with pytest.raises(NotFoundError):
        holds.claim_theft(world.engine, name, loan=lent(world, borrower(world)))
    hold = holds.claim_theft(world.engine, name, loan=contested)
    days(world, 10)
    assert seen(world, name, contested).payoff == before, "no interest runs"
    assert seen(world, name, own).payoff > before, "the other goes on as agreed"
    assert repay.repay(world.engine, name, contested, 100, "p1").owed == before - 100
    with held(world.engine, name) as line:
        row, told = books.loan_row(line, contested)
        assert row.posted["interest_receivable"] == before - 500_000 - 100
        assert [one.key for one in told if one.key.startswith("hold:")]
    holds.release(world.engine, name, hold, by="staff-1", why="the papers are genuine")
    days(world, 10)
    after = seen(world, name, contested).payoff
    assert before < after < seen(world, name, own).payoff, "the days between stay free"


def test_a_hold_that_events_tell_of_stops_interest_too(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    world.tell(name, event(
        "hold_placed", "2026-07-01T09:00", hold="core-1", kind="identity_theft", mode="block",
        reason="core", review_at=world.now + 20 * DAY, loan=loan, accrual=True, collection=True,
    ))  # fmt: skip
    days(world, 5)
    assert seen(world, name, loan).payoff == 500_000
    world.tell(name, event("hold_released", "2026-07-06T09:00", hold="core-1", how="review"))
    days(world, 5)
    assert seen(world, name, loan).payoff > 500_000


def test_planted_hold_that_nobody_follows_lets_interest_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = borrower(world)
    loan = lent(world, name)
    monkeypatch.setattr("xindeng.service.pauses.follow", lambda line: None)
    holds.claim_theft(world.engine, name, loan=loan)
    days(world, 5)
    assert seen(world, name, loan).payoff > 500_000


def test_collection_stops_and_goes_on_with_its_hold(world: World) -> None:
    name, other = borrower(world), borrower(world)
    loan, another = lent(world, name), lent(world, other)
    days(world, 32)  # the first instalment fell due yesterday
    assert tasks(world, name, "collection") == [loan]
    hardship.ask(world.engine, name, wish="collection_pause")
    paused = hardship.answer(world.engine, name, result="collection_pause", by="ana", loan=loan)
    hold = next(one.hold for one in paused.payloads if isinstance(one, HoldPlaced))
    assert tasks(world, name, "collection") == []
    days(world, 29)  # into the next bucket, past another due day
    assert seen(world, name, loan).dpd == seen(world, other, another).dpd == 30
    world.now += DAY
    endofday.run_day(world.engine, "accrual", world.engine.policy.zone.day(world.now))
    assert tasks(world, name, "collection") == [], "nobody calls while the pause lasts"
    assert tasks(world, other, "collection") == [another]
    assert seen(world, name, loan).payoff > 500_000, "a pause of collection alone is no free money"
    with held(world.engine, name) as line:
        standing = {one.id for one in holds.standing(line)}
    if hold in standing:
        holds.release(world.engine, name, hold, by="ana", why="the pause is over")
    assert tasks(world, name, "collection") == [loan]
    repay.repay(world.engine, name, loan, seen(world, name, loan).due_now, "p1")
    assert tasks(world, name, "collection") == [], "who has paid is left in peace"


def test_who_has_asked_for_help_is_not_pressed_before_the_answer(world: World) -> None:
    world.now += 120 * DAY  # on days whose end no other test has run
    name, other = borrower(world), borrower(world)
    loan, another = lent(world, name), lent(world, other)
    days(world, 28)
    hardship.ask(world.engine, name, wish="deferral")
    days(world, 4)  # the first instalment fell due yesterday
    assert seen(world, name, loan).dpd == seen(world, other, another).dpd == 1
    assert tasks(world, name, "collection") == []
    assert tasks(world, other, "collection") == [another]
    hardship.answer(world.engine, name, result="advice", by="ana")
    days(world, 30)
    assert tasks(world, name, "collection") == [loan], "and is asked again once it is answered"


KINDS = ("security", "cash_flow", "bureau", "delinquency", "platform", "manual", "identity_theft",
         "own_lock")  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_repaying_taking_back_and_refunding_work_under_every_hold(world: World, kind: str) -> None:
    name = borrower(world)
    loan = lent(world, name, 10_000)
    if kind == "own_lock":
        holds.lock(world.engine, name)
    elif kind == "identity_theft":
        holds.claim_theft(world.engine, name, loan=loan)
    else:
        holds.place(world.engine, name, kind, reason="x", by="ana")
    assert lines.show(world.engine, name).numbers.borrowable == 0
    paid = repay.repay(world.engine, name, loan, 4_000, "p1")
    assert repay.reverse(world.engine, name, loan, paid.seq, "r1").owed == 10_000
    assert repay.repay(world.engine, name, loan, 10_300, "p2").credit == 300
    assert repay.refund(world.engine, name, loan, 300, "f1").credit == 0


def test_after_a_change_of_contact_or_card_the_former_contact_hears_of_everything(
    world: World, tmp_path: Path
) -> None:
    name, calm = borrower(world), borrower(world)
    history = event("payout_card", "2025-06-01T09:00", action="bound", card="c1")
    world.tell(name, history)
    notify.deliver_all(world.engine, FileNotifier(tmp_path / "before"))
    told = tmp_path / "n"

    def sent() -> list[dict[str, object]]:
        notify.deliver_all(world.engine, FileNotifier(told))
        found = [json.loads(line) for line in told.read_text(encoding="utf-8").splitlines()]
        told.write_text("")
        return found

    world.tell(name, event("payout_card", "2026-07-01T08:00", action="changed", card="c2"))
    (change,) = sent()
    assert change["kind"] == "card_changed" and "previous" in change["to"]  # type: ignore[operator]
    assert "锁定借款" in change["texts"]["zh"] and "lock draws" in change["texts"]["en"]  # type: ignore[index]
    for who in (name, calm):
        holds.place(world.engine, who, "manual", reason="x", by="ana")
    to = {one["borrower"]: one["to"] for one in sent()}
    assert to == {name: ["current", "previous"], calm: ["current"]}
    world.now += 8 * DAY
    hardship.ask(world.engine, name)
    assert "previous" not in sent()[0]["to"], "a week later it is the contact"  # type: ignore[operator]
    when = world.engine.policy.zone.local(world.now).isoformat()
    world.tell(name, event("credential_change", when, kind="mobile"))
    told_of = {one["kind"]: one["to"] for one in sent()}
    assert told_of["contact_changed"] == ["current", "previous"]


def test_a_request_that_nobody_answers_is_our_delay(world: World, tmp_path: Path) -> None:
    name = borrower(world)
    lent(world, name)
    hardship.ask(world.engine, name, cause="illness")
    for _ in range(3):
        world.now += 3 * DAY
        today = world.engine.policy.zone.day(world.now)
        with world.store.transaction(pipelined=False) as conn:
            review.review(world.engine, conn, Chunk("review", today, 0, name, name, 1, None, None))
    assert len(tasks(world, name, "hardship_past_answer")) == 1
    notify.deliver_all(world.engine, FileNotifier(tmp_path / "n"))
    assert (tmp_path / "n").read_text(encoding="utf-8").count("hardship_late") == 1
    with held(world.engine, name) as line:
        assert line.view().value("hardship_open") is True
    hardship.answer(world.engine, name, result="advice", by="ana")
    assert not tasks(world, name, "hardship_past_answer") and not tasks(world, name, "hardship")


def test_a_deferral_moves_the_due_days(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    due = seen(world, name, loan).next_due
    assert due is not None
    hardship.ask(world.engine, name, cause="illness", wish="deferral")
    with pytest.raises(InputError, match="needs its loan"):
        hardship.answer(world.engine, name, result="deferral", by="ana", loan=loan)
    with pytest.raises(InputError, match="not on offer"):
        hardship.answer(
            world.engine, name, result="deferral", by="ana", loan=loan, first_due_day=due[0] + 200
        )
    assert tasks(world, name, "hardship"), "what was refused has changed nothing"
    given = {"result": "deferral", "by": "ana", "loan": loan, "first_due_day": due[0] + 61}
    assert hardship.answer(world.engine, name, key="a1", **given)  # type: ignore[arg-type]
    assert not hardship.answer(world.engine, name, key="a1", **given)  # type: ignore[arg-type]
    later = seen(world, name, loan).next_due
    assert later is not None and later[0] == due[0] + 61
    assert not tasks(world, name, "hardship")
    days(world, 60)
    assert seen(world, name, loan).dpd == 0
    assert workout.defer(
        world.engine, name, loan, due[0] + 92, "d2", by="ana", reason="still ill"
    ).owed > 500_000  # fmt: skip


def test_a_restructuring_never_costs_more(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    day = world.engine.policy.zone.day(world.now) + 60
    why = {"by": "ana", "reason": "income fell"}
    for wrong in ({"rate_ppm": 200_000}, {"months": 61}, {"months": 0}):
        asked = {"months": 24, **wrong}
        with pytest.raises(InputError):
            workout.restructure(world.engine, name, loan, day, key="r0", **asked, **why)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="reason"):
        workout.restructure(world.engine, name, loan, day, 24, "r0", by="ana", reason=" ")
    done = workout.restructure(world.engine, name, loan, day, 24, "r1", rate_ppm=100_000, **why)
    again = workout.restructure(world.engine, name, loan, day, 24, "r1", rate_ppm=100_000, **why)
    assert (done, done.principal) == (again, 500_000)
    anew = seen(world, name, loan)
    assert anew.next_due is not None and anew.next_due[0] == day
    assert anew.tier == "special_mention"
    with held(world.engine, name) as line:
        assert line.view().value("watch_until") is not None
        assert len(line.history(("restructuring",))) == 1


def test_a_back_dated_payment_counts_from_its_day_and_alone_brings_the_days_down(
    world: World,
) -> None:
    """Nothing but a named event lowers the days past due: here a payment that came in earlier."""
    name = borrower(world)
    loan, on_time = lent(world, name), lent(world, name, key="l2")
    opened = world.engine.policy.zone.day(world.now)
    days(world, 30)  # 2026-07-31, the day before the first instalment
    due = seen(world, name, loan).next_due
    assert due is not None and due[0] == opened + 31
    for one in (loan, on_time):
        repay.repay(world.engine, name, one, 1, f"tiny-{one}")
    for number in range(6):
        world.now += DAY
        today = world.engine.policy.zone.day(world.now)
        chunk = Chunk("accrual", today, 1_000 + number, name, name, 1, None, None)
        with world.store.transaction(pipelined=False) as conn:
            endofday.accrue(world.engine, conn, chunk)
    late = seen(world, name, loan)
    assert late.dpd == 5 and seen(world, name, on_time).dpd == 5
    before = told_days(world, name)
    assert before[-1] == 5 and before == sorted(before), "with time they only rise"
    repay.repay(world.engine, name, loan, late.due_now, "p1", value_day=opened + 31)
    assert (seen(world, name, loan).dpd, seen(world, name, on_time).dpd) == (0, 5)
    assert seen(world, name, loan).credit == 0
    penalty = [one for one in posted(world, loan) if one.account == "penalty_receivable"]
    assert penalty and sum(one.amount for one in penalty) == 0, "what it had cost is taken back"
    assert told_days(world, name)[-1] == 5, "the line is as late as its worst loan"
    owed = seen(world, name, on_time).due_now
    repay.repay(world.engine, name, on_time, owed, "p2")
    assert told_days(world, name)[-1] == 0
    assert ledger.verify(world.engine).ok
    with pytest.raises(InputError, match="before the payout"):
        repay.repay(world.engine, name, loan, 1, "p3", value_day=opened - 1)
    assert ledger.verify(world.engine).ok


def told_days(world: World, name: str) -> list[int]:
    with held(world.engine, name) as line:
        return [one.payload.dpd for one in line.history(("delinquency",))]  # type: ignore[union-attr]


def posted(world: World, loan: str) -> list[loans.PostingRow]:
    with world.store.snapshot() as conn:
        return loans.postings(conn, loan)


def test_nothing_is_posted_for_what_no_line_takes(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    paid = repay.repay(world.engine, name, loan, 500_007, "p1")
    assert (paid.credit, paid.owed) == (7, 0)
    back = repay.reverse(world.engine, name, loan, paid.seq, "r1")
    before = posted(world, loan)
    wrong: list[Callable[[], object]] = [
        lambda: repay.reverse(world.engine, name, loan, back.seq, "r2"),  # of a reversal
        lambda: repay.reverse(world.engine, name, loan, paid.seq, "r3"),  # a second time
        lambda: repay.reverse(world.engine, name, loan, 99, "r4"),
        lambda: repay.repay(world.engine, name, loan, 100, "p2", currency="USD"),
        lambda: repay.repay(world.engine, name, loan, 0, "p3"),
        lambda: repay.repay(world.engine, name, loan, -1, "p4"),
        lambda: repay.repay(world.engine, name, loan, 10.5, "p5"),  # type: ignore[arg-type]
        lambda: repay.refund(world.engine, name, loan, 7, "f1"),  # there is no credit any more
        lambda: workout.recover(world.engine, name, loan, 100, "w1"),  # nothing was written off
        lambda: workout.write_off(world.engine, name, loan, "w2", by="ana", reason=" "),
        lambda: workout.waive(world.engine, name, loan, "w3", by="ana", reason="x", interest=10**9),
    ]
    for act in wrong:
        with pytest.raises(InputError) as refused:
            act()
        assert refused.value.next_step and refused.value.code != "input"
    assert posted(world, loan) == before
    assert seen(world, name, loan).payoff == 500_000
    assert ledger.verify(world.engine).ok


def test_a_write_off_and_what_comes_back(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    days(world, 3)
    owed = seen(world, name, loan).payoff
    why = {"by": "ana", "reason": "bankrupt"}
    with pytest.raises(InputError, match="record it as a repayment"):
        workout.recover(world.engine, name, loan, 100, "v0")
    lost = workout.write_off(world.engine, name, loan, "o1", **why)
    assert (lost.owed, lost.principal, lost.settled) == (owed, 0, False), "the debt remains"
    assert workout.write_off(world.engine, name, loan, "o1", **why) == lost
    with pytest.raises(InputError, match="recovery"):
        repay.repay(world.engine, name, loan, 100, "p1")
    with held(world.engine, name) as line:
        row, _ = books.loan_row(line, loan)
        assert row.posted == {"cash": -500_000, "interest_income": 500_000 - owed,
                              "write_off": owed}  # fmt: skip
        assert line.view().value("in_arrears") is True
        assert line.view().whole("exposure") == 500_000, "it still takes its room"
    part = workout.recover(world.engine, name, loan, 200_000, "v1")
    assert (part.owed, part.settled) == (owed - 200_000, False)
    with held(world.engine, name) as line:
        assert line.view().whole("exposure") == 300_000
    rest = workout.recover(world.engine, name, loan, owed - 200_000 + 55, "v2")
    assert (rest.owed, rest.credit) == (0, 55)
    assert repay.refund(world.engine, name, loan, 55, "f1").credit == 0
    with held(world.engine, name) as line:
        assert line.view().whole("exposure") == 0
        assert line.view().value("in_arrears") is not True
    days(world, 2)


def test_a_waiver_forgives_what_is_owed_and_no_more(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    days(world, 3)
    interest = seen(world, name, loan).payoff - 500_000
    why = {"by": "ana", "reason": "our error"}
    with pytest.raises(InputError, match="waive at most"):
        workout.waive(world.engine, name, loan, "w0", interest=interest + 1, **why)
    done = workout.waive(world.engine, name, loan, "w1", interest=interest, **why)
    assert done.owed == 500_000
    with pytest.raises(KeyUsedError, match="another transaction"):
        workout.waive(world.engine, name, loan, "w1", interest=1, **why)


@pytest.mark.parametrize("key", ["", "k" * 101, "a\nb"])
def test_keys_that_cannot_be_stored_are_refused(world: World, key: str) -> None:
    name = borrower(world)
    loan = lent(world, name)
    with pytest.raises(InputError, match="key"):
        workout.write_off(world.engine, name, loan, key, by="ana", reason="x")
    with world.store.snapshot() as conn:
        assert len(loans.transactions(conn, [loan])[loan]) == 1


def test_a_hold_of_a_draw_lives_as_its_kind_says(world: World, tmp_path: Path) -> None:
    """Placed by a decision: within the kind's longest length, told to the former contact too."""
    name = borrower(world)
    notify.deliver_all(world.engine, FileNotifier(tmp_path / "old"))
    world.tell(name, event("security_incident", "2026-07-01T09:00", kind="account_takeover"))
    stored = draw(world.engine, name, Request(500_000), "k1")
    (order,) = stored.decision.holds_to_place
    (placed,) = lines.show(world.engine, name).holds
    assert placed.owner == "security_operations" and placed.review_at <= order.review_at
    notify.deliver_all(world.engine, FileNotifier(tmp_path / "n"))
    told = (tmp_path / "n").read_text(encoding="utf-8")
    assert told.count("hold_placed") == 1 and "previous" in told and "还款照常" in told
    assert replay(world.engine, stored.id).decision == stored.decision
