"""Late, helped, paid, bounced, written off: from what happens to a loan to what a draw is told."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from msgspec.structs import replace

from tests.service.test_stories import Person, day
from tests.service_world import World
from xindeng.adapters.rail import SandboxRail
from xindeng.decision.answer import Decision, Outcome
from xindeng.service import endofday, hardship, ledger, repay, workout
from xindeng.service import line as lines
from xindeng.service.disburse import Ports, confirm
from xindeng.service.held import held
from xindeng.service.policies import read_bundle
from xindeng.servicing.view import View
from xindeng.store import Store
from xindeng.store.chunks import Chunk

names = (f"a{n}" for n in itertools.count())
LATE = "OVERDUE_ON_THIS_LINE"


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


@pytest.fixture(autouse=True)
def proven(world: World) -> Iterator[None]:
    yield
    assert ledger.verify(world.engine).wrong == []


def nights(world: World, person: Person, *days: str) -> None:
    """The end of some days for one borrower; a day of all is planned but once."""
    for number, passed in enumerate(days):
        world.now = world.at(f"{passed} 00:30")
        chunk = Chunk("accrual", day(passed), number, person.name, person.name, 1, None, None)
        with world.store.transaction(pipelined=False) as conn:
            endofday.accrue(world.engine, conn, chunk)


def late(world: World, loans: int = 1) -> tuple[Person, list[str]]:
    """A borrower of whom all was green, ten days late on 2026-04-20."""
    person = Person(world, next(names), "2026-03-10")
    person.salary(7_500, *(f"{month}-10" for month in ("2025-10", "2025-11", "2025-12", "2026-01",
                                                       "2026-02")), "2026-03-08")  # fmt: skip
    person.report("2026-03-05", accounts=[{"account": "old", "kind": "R2", "lender": "bank",
                                           "limit": 1_000_000, "balance": 100_000,
                                           "grid": "N" * 48}])  # fmt: skip
    drawn = []
    for number in range(loans):
        asked = person.asks(f"2026-03-10 1{number}:00", 2_000)
        assert asked.decision.outcome is Outcome.APPROVE
        ports = Ports(SandboxRail())
        world.read_cost(person.name, asked.id)
        drawn.append(confirm(world.engine, ports, person.name, asked.id, f"c{number}").draw)
    nights(world, person, "2026-04-10", "2026-04-11", "2026-04-20")
    return person, drawn


def seen(world: World, person: Person) -> View:
    with held(world.engine, person.name) as line:
        return line.view()


def in_arrears(world: World, person: Person) -> bool:
    return seen(world, person).value("in_arrears") is True


def asks(person: Person, when: str) -> tuple[Decision, set[str]]:
    made = person.asks(when, 500).decision
    return made, {reason.code for reason in made.reasons}


def restructured(world: World, person: Person, loan: str) -> None:
    hardship.answer(
        world.engine, person.name, result="restructuring", by="ana", loan=loan,
        first_due_day=day("2026-06-10"), months=18,
    )  # fmt: skip


def deferred(world: World, person: Person, loan: str) -> None:
    workout.defer(
        world.engine, person.name, loan, day("2026-06-10"), "d1", by="ana", reason="illness"
    )


@pytest.mark.parametrize("helped", [deferred, restructured])
def test_help_moves_arrears_and_the_policy_knows(
    world: World, helped: Callable[[World, Person, str], None]
) -> None:
    person, (loan,) = late(world)
    made, why = asks(person, "2026-04-20 10:00")
    assert made.outcome is Outcome.DECLINE and LATE in why
    world.now = world.at("2026-04-21 10:00")
    helped(world, person, loan)
    view = seen(world, person)
    assert (view.value("in_arrears"), view.value("unpaid_dues")) == (False, 0)
    if helped is restructured:
        assert view.segment == "restructured" and view.value("in_restructuring_watch") is True
        assert view.value("watch_until") == day("2027-06-10")
    made, why = asks(person, "2026-04-21 10:05")
    assert made.outcome is not Outcome.DECLINE and LATE not in why, "the arrears were moved"
    nights(world, person, "2026-04-22", "2026-06-09", "2026-06-10")
    assert not in_arrears(world, person), "due today is not late"
    with held(world.engine, person.name) as line:
        told = [one.payload.due_day for one in line.history(("instalment_due",))]  # type: ignore[union-attr]
        assert set(told[1:]) == {day("2026-06-10")} and len(told) <= 3, "told when it falls due"
    nights(world, person, "2026-06-11")
    assert seen(world, person).whole("line_dpd") == 1
    made, why = asks(person, "2026-06-11 10:00")
    assert made.outcome is Outcome.DECLINE and LATE in why, "the new instalment was missed"
    due = next(one for one in lines.show(world.engine, person.name).loans if one.loan == loan)
    repay.repay(world.engine, person.name, loan, due.due_now, "p1")
    assert not in_arrears(world, person)


@pytest.mark.parametrize("helped", [deferred, restructured])
def test_planted_help_that_tells_nobody_leaves_the_borrower_late(
    world: World, helped: Callable[[World, Person, str], None]
) -> None:
    person, (loan,) = late(world)
    helped(world, person, loan)
    types = tuple(name for name in world.engine.policy.kernel._place if name != "dues_moved")
    with held(world.engine, person.name) as line:
        assert line.view().value("in_arrears") is False
        told = line.history(types)
        line.state = world.engine.policy.kernel.empty()
        for seq, event in enumerate(told, 1):
            world.engine.policy.kernel.fold(line.state, replace(event, seq=seq))
        assert line.view().value("in_arrears") is True
        line.told = []


def test_a_payment_counts_at_once_and_so_does_its_return(world: World) -> None:
    person, (loan,) = late(world)
    world.now = world.at("2026-04-20 10:00")
    due = next(one for one in lines.show(world.engine, person.name).loans if one.loan == loan)
    paid = repay.repay(world.engine, person.name, loan, due.due_now, "p1")
    assert not in_arrears(world, person)
    repay.reverse(world.engine, person.name, loan, paid.seq, "r1", reason="bounced")
    view = seen(world, person)
    assert view.value("in_arrears") is True and view.whole("line_dpd") == 10
    assert view.whole("unpaid_dues") >= 16_000


def test_a_payment_that_bounces_after_help_leaves_nothing_due(world: World) -> None:
    """Had it not been paid, the help would have moved it."""
    person, (loan,) = late(world)
    world.now = world.at("2026-04-20 10:00")
    due = next(one for one in lines.show(world.engine, person.name).loans if one.loan == loan)
    paid = repay.repay(world.engine, person.name, loan, due.due_now, "p1")
    deferred(world, person, loan)
    repay.reverse(world.engine, person.name, loan, paid.seq, "r1", reason="bounced")
    view = seen(world, person)
    assert (view.value("in_arrears"), view.whole("line_dpd")) == (False, 0)
    with held(world.engine, person.name) as line:
        assert [one.payload.cause for one in line.history(("dues_moved",))] == ["correction"]  # type: ignore[union-attr]


def test_a_waiver_of_all_that_is_due_ends_the_arrears(world: World) -> None:
    person, (loan,) = late(world)
    world.now = world.at("2026-04-20 10:00")
    before = seen(world, person).whole("unpaid_dues")
    done = workout.waive(
        world.engine, person.name, loan, "w1", by="ana", reason="our error", interest=1_000
    )
    assert done.owed and seen(world, person).whole("unpaid_dues") == before - 1_000
    assert in_arrears(world, person), "the principal is still due"
    repay.repay(world.engine, person.name, loan, before - 1_000 + 100, "p1")
    assert not in_arrears(world, person), "what was forgiven is not asked for"


def test_the_worst_loan_is_told_until_one_written_off_is_recovered(world: World) -> None:
    person, (gone, open_) = late(world, loans=2)
    world.now = world.at("2026-04-20 10:00")
    lost = workout.write_off(world.engine, person.name, gone, "o1", by="ana", reason="bankrupt")
    assert seen(world, person).whole("line_dpd") == 10
    due = next(one for one in lines.show(world.engine, person.name).loans if one.loan == open_)
    repay.repay(world.engine, person.name, open_, due.due_now, "p1")
    view = seen(world, person)
    assert view.value("in_arrears") is True and view.whole("line_overdue_amount") == lost.owed
    nights(world, person, "2026-04-21", "2026-04-22")
    with held(world.engine, person.name) as line:
        last = line.history(("delinquency",))[-1].payload
        assert (last.dpd, last.tier) == (12, "loss"), "a loan written off goes on ageing"  # type: ignore[union-attr]
    nights(world, person, "2026-05-10", "2026-05-11")
    assert seen(world, person).whole("line_dpd") == 31, "of the two the older is told"
    workout.recover(world.engine, person.name, gone, lost.owed - 1, "v1")
    assert seen(world, person).whole("line_dpd") == 31
    workout.recover(world.engine, person.name, gone, 1, "v2")
    assert seen(world, person).whole("line_dpd") == 1, "the other one is late still"
    nights(world, person, "2026-05-12")
    assert seen(world, person).whole("line_dpd") == 2
    due = next(one for one in lines.show(world.engine, person.name).loans if one.loan == open_)
    repay.repay(world.engine, person.name, open_, due.due_now, "p2")
    nights(world, person, "2026-05-13")
    assert not in_arrears(world, person)


def test_planted_end_of_day_that_forgets_what_was_written_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, (gone, _) = late(world, loans=2)
    workout.write_off(world.engine, person.name, gone, "o1", by="ana", reason="bankrupt")
    told = endofday.worst
    monkeypatch.setattr(
        "xindeng.service.endofday.worst", lambda found: told(s for s in found if not s.written_off)
    )
    nights(world, person, "2026-04-21")
    with held(world.engine, person.name) as line:
        last = line.history(("delinquency",))[-1].payload
        assert last.tier != "loss", "which the test above would notice"  # type: ignore[union-attr]
