"""Batches taken in together: each whole or not at all, each told its own report."""

from __future__ import annotations

from typing import Any

import pytest

from tests.service_world import World, event, ordinary
from xindeng.events.read import read_event
from xindeng.kernel.errors import ConflictError, EventError, UnavailableError
from xindeng.service import ingest_group as module
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import Batch, ingest_group
from xindeng.store import Store, borrowers, events
from xindeng.store.connect import Conn


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


def batch(world: World, *sent: dict[str, Any], borrower: str) -> Batch:
    policy = world.engine.policy

    def read() -> list[Any]:
        return [
            read_event(one, borrower=borrower, received_at=world.now, zone=policy.zone,
                       currency=policy.currency)
            for one in sent
        ]  # fmt: skip

    return Batch(read, len(sent))


def counted(found: IngestReport | Exception) -> tuple[int, int, int]:
    assert isinstance(found, IngestReport), found
    return found.accepted, found.duplicates, len(found.quarantined)


def paid(amount: int, ident: str, when: str = "2025-06-02") -> dict[str, Any]:
    return {**event("purchase", when, amount=amount, merchant="m"), "id": ident}


def test_each_batch_is_told_its_own(world: World) -> None:
    late = paid(1, "late", "2099-01-01")
    found = ingest_group(
        world.engine,
        [batch(world, *ordinary(), borrower="g1"), batch(world, paid(1, "p"), borrower="g1"),
         batch(world, paid(1, "p"), late, borrower="g1"), batch(world, *ordinary(), borrower="g2")],
    )  # fmt: skip
    assert [counted(one) for one in found] == [(3, 0, 0), (1, 0, 0), (0, 1, 1), (3, 0, 0)]


def test_what_is_refused_takes_nobody_along(world: World) -> None:
    found = ingest_group(
        world.engine,
        [batch(world, paid(1, "a"), borrower="h1"), batch(world, paid(2, "a"), borrower="h1"),
         batch(world, paid(-1, "b"), borrower="h2"), batch(world, paid(1, "c"), borrower="h2")],
    )  # fmt: skip
    assert counted(found[0]) == (1, 0, 0) and counted(found[3]) == (1, 0, 0)
    assert isinstance(found[1], ConflictError) and isinstance(found[2], EventError)


def test_a_batch_that_cannot_be_read_at_all_takes_nobody_along(world: World) -> None:
    """A fault of ours that one sender has found is that sender's alone."""

    def breaks() -> list[Any]:
        raise OverflowError("planted")

    found = ingest_group(
        world.engine, [batch(world, paid(1, "d"), borrower="h3"), Batch(breaks, 1)]
    )
    assert counted(found[0]) == (1, 0, 0) and isinstance(found[1], OverflowError)


def test_a_fault_of_the_whole_is_tried_batch_by_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the group cannot be stored. Nothing is stored twice, nothing is lost."""
    take_in = module.take_in

    def fails(*given: Any, **more: Any) -> None:
        take_in(*given, **more)
        raise UnavailableError("planted")

    monkeypatch.setattr(module, "take_in", fails)
    before = world.counts()["event"]
    found = ingest_group(
        world.engine, [batch(world, paid(n, f"w{n}"), borrower=f"w{n}") for n in range(1, 4)]
    )
    assert [counted(one) for one in found] == [(1, 0, 0)] * 3
    assert world.counts()["event"] == before + 3


READ = "SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_xact_user_tables WHERE relname LIKE 'event%'"


def test_what_is_known_is_looked_up_and_not_searched_for(world: World) -> None:
    """The table of events is read by its index, however many are asked about: it only grows."""
    many = [paid(n, f"m{n}") for n in range(1, 3_001)]
    assert counted(ingest_group(world.engine, [batch(world, *many, borrower="m")])[0])[0] == 3_000
    asked = [("m", f"m{n}") for n in range(2_901, 3_301)]
    with world.engine.store.pool.connection() as conn:
        conn.execute("ANALYZE event")
        conn.commit()
        chains = borrowers.lock(conn, world.engine.store.keys, ["m"])
        # It holds by how it is asked alone, whatever the planner is told besides.
        conn.execute("SET LOCAL enable_seqscan = on")
        conn.execute("SET LOCAL plan_cache_mode = auto")
        read = read_so_far(conn)
        assert len(events.known_ids(conn, asked)) == 100
        assert len(events.read_known(conn, chains, asked)) == 100
        assert read_so_far(conn) == read
        # Planted: the same question as a join.
        conn.execute(
            "SELECT id FROM event JOIN (SELECT * FROM unnest(%s::text[], %s::text[]) AS a (b, i)) a"
            " ON borrower = b AND id = i",
            [[one[0] for one in asked], [one[1] for one in asked]],
        )
        assert read_so_far(conn) > read
        conn.rollback()


def read_so_far(conn: Conn) -> int:
    row = conn.execute(READ).fetchone()
    assert row is not None
    return int(row[0])
