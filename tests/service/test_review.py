"""The daily look at all lines: nothing is done twice, however often or by how many it is run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests.service.test_stories import Person
from tests.service_world import World
from xindeng.kernel.time import DAY
from xindeng.service import endofday
from xindeng.service import line as lines
from xindeng.service.policies import read_bundle
from xindeng.store import Store, chunks

names = (f"rv{number:03}" for number in count())


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    made = World(store, read_bundle("consumer_line"))
    made.now = made.at("2026-03-01 02:00")
    yield made


def moved(world: World, name: str) -> tuple[int, int]:
    """How many events a borrower has, and how many notices."""
    with world.store.snapshot() as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM event WHERE borrower = %s),"
            " (SELECT count(*) FROM notice WHERE borrower = %s)",
            [name, name],
        ).fetchone()
    assert row is not None
    return row[0], row[1]


def crowd(world: World, size: int) -> list[str]:
    """Lines that the policy will want to move: granted long ago, and by far too high."""
    made = [next(names) for _ in range(size)]
    for name in made:
        person = Person(world, name, "2026-03-01")
        person.salary(6_000, "2026-01-10", "2026-02-10")
        person.tell("limit_change", "2025-06-01", limit=15_000_000, change="increased")
    world.now = world.at("2026-03-01 02:00")
    return made


def test_two_workers_and_a_second_run_change_nothing_twice(world: World) -> None:
    made = crowd(world, 6)
    today = world.engine.policy.zone.day(world.now)
    before = {name: moved(world, name) for name in made}
    with world.store.transaction(pipelined=False) as conn:
        waiting = chunks.plan(conn, "review", today, over="line", size=2)
    assert len(waiting) >= 3
    numbers = [one.chunk for one in waiting] * 2
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(
            lambda number: endofday.run_chunk(world.engine, "review", today, number), numbers
        ))  # fmt: skip
    assert sum(done) == len(waiting), "each chunk was done once"
    after = {name: moved(world, name) for name in made}
    for name in made:
        assert after[name] == (before[name][0] + 1, before[name][1] + 1), "warned once, told once"
    assert endofday.run_day(world.engine, "review", today).finished
    assert {name: moved(world, name) for name in made} == after
    # Another day has its own chunks, and finds nothing new to say of a warned limit.
    world.now += DAY
    again = endofday.run_day(world.engine, "review", today + 1)
    assert again.finished and {name: moved(world, name) for name in made} == after


def test_a_broken_run_is_taken_up_where_it_ended(world: World) -> None:
    made = crowd(world, 4)
    today = world.engine.policy.zone.day(world.now) + 30
    world.now += 30 * DAY
    with world.store.transaction(pipelined=False) as conn:
        waiting = chunks.plan(conn, "review", today, over="line", size=2)
    endofday.run_chunk(world.engine, "review", today, waiting[0].chunk)
    with world.store.snapshot() as conn:
        half = chunks.progress(conn, "review", today)
    assert (half.done, half.lines_done) == (1, waiting[0].lines) and not half.finished
    seen: list[int] = []
    found = endofday.run_day(world.engine, "review", today, advance=seen.append)
    assert found.finished and sum(seen) == found.lines - waiting[0].lines
    assert all(lines.show(world.engine, name).numbers.limit for name in made)
