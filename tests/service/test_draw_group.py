"""Group commit: draws decided together answer as each alone would, durable and in turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.service_world import World, asks
from xindeng.decision.answer import Outcome
from xindeng.kernel.errors import (
    ConflictError,
    KeyUsedError,
    NotFoundError,
    TooManyError,
    UnavailableError,
)
from xindeng.service import draw as alone
from xindeng.service.draw import Asked, draw
from xindeng.service.draw_group import DRAWS, Result, draw_group
from xindeng.service.groups import Groups
from xindeng.service.replay import replay
from xindeng.store import Store
from xindeng.store.decisions import StoredDecision


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


@pytest.fixture
def groups(world: World) -> Iterator[Groups]:
    started = Groups(world.engine, DRAWS)
    started.start()
    yield started
    started.stop()


def made(answer: Result) -> StoredDecision:
    assert isinstance(answer, StoredDecision), answer
    return answer


def test_a_group_answers_as_each_alone_would(world: World) -> None:
    """Together and one by one, twins get the same answer; each can be replayed."""
    dues = (100_000, 402_000, 470_000)
    for side in ("t", "a"):
        for n, due in enumerate(dues):
            world.settle(f"{side}{n}", due=due)
    together = draw_group(world.engine, [Asked(f"t{n}", asks(), "k") for n in range(3)])
    by_one = [draw(world.engine, f"a{n}", asks(), "k") for n in range(3)]
    assert [made(one).decision for one in together] == [one.decision for one in by_one]
    assert {one.decision.outcome for one in by_one} > {Outcome.APPROVE}
    for one in together:
        replay(world.engine, made(one).id)


def test_one_who_errs_takes_nobody_along(world: World) -> None:
    world.settle("good")
    world.settle("gone")
    with world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'gone'"
        )
    first = draw(world.engine, "good", asks(), "before")
    answers = draw_group(
        world.engine,
        [Asked("good", asks(9_000), "before"), Asked("nobody", asks(), "k"),
         Asked("gone", asks(), "k"), Asked("platform", asks(), "k"), Asked("t1", asks(), "")],
    )  # fmt: skip
    assert isinstance(answers[0], KeyUsedError)  # the key stands for another request
    assert isinstance(answers[1], NotFoundError) and isinstance(answers[3], NotFoundError)
    assert [getattr(one, "code", "") for one in answers[2:]] == [
        "erased", "not_found.borrower", "request.key",
    ]  # fmt: skip
    again = draw_group(world.engine, [Asked("good", asks(), "before")])
    assert made(again[0]) == first


def test_two_of_one_borrower_are_no_group(world: World) -> None:
    with pytest.raises(ValueError, match="one draw a borrower"):
        draw_group(world.engine, [Asked("t0", asks(), "x"), Asked("t0", asks(), "y")])


def test_whoever_is_locked_elsewhere_is_left_for_later(world: World) -> None:
    world.settle("held")
    world.settle("free")
    with world.store.pool.connection() as conn:
        conn.execute("SELECT 1 FROM borrower WHERE borrower = 'held' FOR UPDATE")
        answers = draw_group(world.engine, [Asked(n, asks(), "k") for n in ("held", "free")])
    assert answers[0] is None
    assert made(answers[1]).decision.outcome is Outcome.APPROVE


def test_what_the_database_refuses_is_tried_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A planted fault in the group's write: every draw is stored by itself, none twice."""
    for n in range(3):
        world.settle(f"w{n}")
    write, calls = alone.write, []

    def fails_for_many(engine: Any, conn: Any, many: Any) -> None:
        calls.append(len(many))
        write(engine, conn, many)
        if len(many) > 1:
            raise UnavailableError("planted")

    monkeypatch.setattr(alone, "write", fails_for_many)
    answers = draw_group(world.engine, [Asked(f"w{n}", asks(), "k") for n in range(3)])
    assert calls == [3, 1, 1, 1]
    assert [made(one).seq for one in answers] == [5, 5, 5]


def test_a_hundred_times_the_same_key_is_one_draw(world: World, groups: Groups) -> None:
    world.settle("same")
    before = world.counts()["decision"]
    waiting = [groups.submit(Asked("same", asks(), "once")) for _ in range(100)]
    answers = [one.result(20) for one in waiting]
    assert len({one.id for one in answers}) == 1
    assert world.counts()["decision"] == before + 1


def test_many_callers_are_answered_in_turn_and_nothing_is_lost(
    world: World, groups: Groups
) -> None:
    names = [world.settle(f"m{n}") for n in range(12)]
    found: dict[str, list[StoredDecision]] = {name: [] for name in names}

    def ask(name: str) -> None:
        for n in range(8):
            found[name].append(groups.submit(Asked(name, asks(100 + n), f"k{n}")).result(20))

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    for name in names:
        seqs = [one.seq for one in found[name]]
        assert len(seqs) == 8 and seqs == sorted(set(seqs))
        assert draw(world.engine, name, asks(100), "k0") == found[name][0]


def test_a_borrower_who_stays_locked_is_told_to_come_back(world: World, groups: Groups) -> None:
    world.settle("stuck")
    with world.store.pool.connection() as conn:
        conn.execute("SELECT 1 FROM borrower WHERE borrower = 'stuck' FOR UPDATE")
        waiting = groups.submit(Asked("stuck", asks(), "k"))
        with pytest.raises(ConflictError) as caught:
            waiting.result(15)
    assert caught.value.code == "store.busy"


def test_too_many_are_turned_away_and_those_who_wait_are_answered(world: World) -> None:
    gate = threading.Event()

    def slow(engine: Any, asked: list[Asked]) -> list[Result]:
        gate.wait(10)
        return draw_group(engine, asked)

    names = [world.settle(f"q{n}") for n in range(5)]
    small = Groups(world.engine, replace(DRAWS, committers=1, most_waiting=3, do=slow))
    small.start()
    waiting = [small.submit(Asked(names[0], asks(), "k"))]
    until = time.monotonic() + 5
    while small._queue and time.monotonic() < until:
        time.sleep(0.01)  # the first is with the committer
    waiting += [small.submit(Asked(name, asks(), "k")) for name in names[1:4]]
    with pytest.raises(TooManyError) as caught:
        small.submit(Asked(names[4], asks(), "k"))
    assert caught.value.retry_after_s >= 1
    gate.set()
    assert all(one.result(10).decision.outcome is Outcome.APPROVE for one in waiting)
    small.stop()
    with pytest.raises(UnavailableError):
        small.submit(Asked(names[4], asks(), "k"))


def test_a_caller_who_left_does_not_stop_the_others(world: World, groups: Groups) -> None:
    names = [world.settle(f"left{n}") for n in range(3)]
    waiting = [groups.submit(Asked(name, asks(), "k")) for name in names]
    waiting[0].cancel()
    assert all(one.result(10) for one in waiting[1:])
    assert groups.submit(Asked(names[0], asks(), "k")).result(10).seq == 5


def test_small_groups_gather_and_full_ones_are_taken_at_once(world: World) -> None:
    begun, sizes = [], []

    def noted(engine: Any, asked: list[Asked]) -> list[Result]:
        begun.append(time.monotonic())
        sizes.append(len(asked))
        return draw_group(engine, asked)

    names = [world.settle(f"apart{n}") for n in range(9)]
    rule = replace(DRAWS, do=noted, apart=400_000, most_together=4)
    apart = Groups(world.engine, rule)
    apart.start()
    apart.submit(Asked(names[0], asks(), "k")).result(10)
    few = [apart.submit(Asked(name, asks(), "k")) for name in names[1:4]]
    assert all(one.result(10) for one in few)
    assert sizes == [1, 3] and begun[1] - begun[0] >= 0.399
    time.sleep(0.5)  # nobody waits for a pause that is over
    asked_at = time.monotonic()
    apart.submit(Asked(names[4], asks(), "k")).result(10)
    assert begun[2] - asked_at < 0.3
    apart.stop()
    gate = threading.Event()

    def held(engine: Any, asked: list[Asked]) -> list[Result]:
        gate.wait(10)
        return noted(engine, asked)

    full = Groups(world.engine, replace(rule, do=held, apart=1_500_000))
    full.start()
    waiting = [full.submit(Asked(name, asks(), "k2")) for name in names]
    gate.set()
    started = time.monotonic()
    assert all(one.result(10) for one in waiting[:5])
    assert time.monotonic() - started < 1.2
    assert all(one.result(20) for one in waiting)
    full.stop()


def test_an_unforeseen_fault_is_answered_and_survived(world: World) -> None:
    calls = []

    def breaks(engine: Any, asked: list[Asked]) -> list[Result]:
        calls.append(len(asked))
        if len(calls) == 1:
            raise RuntimeError("planted")
        return draw_group(engine, asked)

    world.settle("after")
    fragile = Groups(world.engine, replace(DRAWS, committers=1, do=breaks))
    fragile.start()
    with pytest.raises(RuntimeError, match="planted"):
        fragile.submit(Asked("after", asks(), "k")).result(10)
    assert fragile.submit(Asked("after", asks(), "k")).result(10).seq == 5
    fragile.stop()
