"""Sealing and verifying on a real PostgreSQL: windows, anchors, restored dumps, planted changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.service_world import World, asks, event, seal_all, settled
from xindeng.adapters.anchor import FileAnchor
from xindeng.kernel.errors import NotFoundError, UnavailableError, XindengError
from xindeng.service import audit, sealing
from xindeng.service.draw import draw
from xindeng.store import Store, actions, borrowers, feed, merkle, seals

STAFF = ("hold.release", "b1")


def chains_of(made: list[seals.Seal]) -> set[str]:
    return {leaf.chain for seal in made for leaf in seal.chains()}


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


@pytest.fixture(scope="module")
def anchor(tmp_path_factory: pytest.TempPathFactory) -> FileAnchor:
    return FileAnchor(tmp_path_factory.mktemp("outside") / "anchor.ndjson")


def acted(world: World, actor: str, **body: Any) -> None:
    with world.store.transaction(pipelined=False) as conn:
        actions.record(
            conn, actor, *STAFF, body, ident=world.engine.new_id(world.now), at=world.now
        )


def test_a_life_is_sealed_and_verifies(world: World, anchor: FileAnchor) -> None:
    for name in ("b1", "b2"):
        world.settle(name)
    draw(world.engine, "b1", asks(), "k1")
    acted(world, "staff:wang", reason="checked")
    before = audit.verify(world.engine, anchor)
    assert before.ok and before.sealed_at is None and before.unsealed == before.entries > 6
    made = seal_all(world.engine, anchor)
    assert chains_of(made) == {"b1", "b2", "staff:wang"}
    assert sealing.seal(world.engine, anchor) is None  # nothing new
    report = audit.verify(world.engine, anchor)
    assert report.ok and report.unsealed == 0 and report.decisions == 1
    assert report.anchored == report.seals == made[-1].number
    draw(world.engine, "b2", asks(), "k2")
    later = seal_all(world.engine, anchor)
    assert chains_of(later) == {"b2"} and later[0].prev == made[-1].hash


def test_a_proof_holds_against_the_anchor_alone(world: World, anchor: FileAnchor) -> None:
    seal, leaf, steps = audit.prove(world.engine, "b1")
    outside = {one.number: one for one in anchor.read()}[seal.number]
    assert merkle.follow(leaf, steps).hex() == outside.root
    with pytest.raises(NotFoundError):
        audit.prove(world.engine, "nobody")


CHANGES = {
    "event": ("UPDATE event SET occurred_at = occurred_at + 1 WHERE borrower = 'b1' AND seq = 2",
              "borrower b1, event 2"),
    "decision": ("UPDATE decision SET outcome = 'decline' WHERE borrower = 'b1'", "borrower b1, event"),
    "head": ("UPDATE borrower SET seq = seq + 1 WHERE borrower = 'b2'", "borrower b2, event"),
    "action": ("UPDATE action SET subject = 'b9' WHERE actor = 'staff:wang'",
               "actor staff:wang, action 1"),
    "seal": ("UPDATE seal SET at = at + 1 WHERE number = 1", "seal 1"),
}  # fmt: skip


@pytest.mark.parametrize("table", CHANGES)
def test_a_change_in_the_database_is_named(world: World, anchor: FileAnchor, table: str) -> None:
    statement, where = CHANGES[table]
    undo = {
        "event": "UPDATE event SET occurred_at = occurred_at - 1 WHERE borrower = 'b1' AND seq = 2",
        "decision": "UPDATE decision SET outcome = %s WHERE borrower = 'b1'",
        "head": "UPDATE borrower SET seq = seq - 1 WHERE borrower = 'b2'",
        "action": "UPDATE action SET subject = 'b1' WHERE actor = 'staff:wang'",
        "seal": "UPDATE seal SET at = at - 1 WHERE number = 1",
    }[table]
    with world.store.pool.connection() as conn:
        row = conn.execute("SELECT outcome FROM decision WHERE borrower = 'b1'").fetchone()
    assert row is not None
    by_hand(world, table, statement)
    report = audit.verify(world.engine, anchor)
    by_hand(world, table, undo, *([row[0]] if table == "decision" else []))
    assert [one.where for one in report.findings if one.where.startswith(where)], report.findings
    assert audit.verify(world.engine, anchor).ok


def by_hand(world: World, table: str, statement: str, *values: object) -> None:
    guarded = table in {"event", "decision", "action", "seal"}
    with world.store.pool.connection() as conn:
        if guarded:
            conn.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only")  # type: ignore[call-overload]
        assert conn.execute(statement, values).rowcount == 1  # type: ignore[call-overload]
        if guarded:
            conn.execute(f"ALTER TABLE {table} ENABLE TRIGGER append_only")  # type: ignore[call-overload]


def test_actions_and_seals_are_facts(world: World) -> None:
    for statement in ("UPDATE action SET subject = 'x'", "DELETE FROM action", "DELETE FROM seal",
                      "TRUNCATE seal"):  # fmt: skip
        with pytest.raises(Exception, match="are facts"), world.store.pool.connection() as conn:
            conn.execute(statement)  # type: ignore[call-overload]


def test_a_sealed_body_goes_with_the_borrowers_key(world: World) -> None:
    with world.store.transaction(pipelined=False) as conn:
        chain = borrowers.lock(conn, world.store.keys, ["b1"])["b1"]
        done = actions.record(
            conn, "staff:li", *STAFF, {"reason": "met the person"}, about=chain,
            ident=world.engine.new_id(world.now), at=world.now,
        )  # fmt: skip
    assert b"met" not in done.body and done.unseal(chain.key) == {"reason": "met the person"}


def test_the_window_waits_for_transactions_that_began_earlier(
    world: World, anchor: FileAnchor
) -> None:
    """A planted reader that went by the highest number seen would lose the slow one's rows."""
    seal_all(world.engine, anchor)
    with world.store.pool.connection() as slow:
        actions.record(slow, "staff:slow", *STAFF, {}, ident=world.engine.new_id(world.now), at=1)
        acted(world, "staff:quick")
        while_open = sealing.seal(world.engine, anchor)
    assert while_open is None  # the quick one is visible, and still waits for the slow one
    assert chains_of(seal_all(world.engine, anchor)) == {"staff:slow", "staff:quick"}


def test_the_feed_tells_each_event_once_and_each_chain_in_order(world: World) -> None:
    stored = world.counts()["event"]
    until = settled(world.store)
    with world.store.snapshot(pipelined=False) as conn:
        told = list(feed.read(conn, feed.BEGINNING, until))
    assert len({(link.borrower, link.seq) for _, link in told}) == len(told) == stored
    for name in ("b1", "b2"):
        assert [k.seq for _, k in told if k.borrower == name] == list(
            range(1, sum(k.borrower == name for _, k in told) + 1)
        )
    with world.store.snapshot(pipelined=False) as conn:
        rest = list(feed.read(conn, feed.BEGINNING, until, after=told[2][0]))
    assert rest == told[3:]


def test_a_new_epoch_comes_after_everything_before(world: World, anchor: FileAnchor) -> None:
    """After a dump is restored transactions are counted from the beginning again."""
    seal_all(world.engine, anchor)
    with world.store.snapshot() as conn:
        before = feed.horizon(conn)
    with world.store.transaction(pipelined=False) as conn:
        assert feed.begin_epoch(conn) == before.epoch + 1
    with world.store.snapshot() as conn:
        assert feed.horizon(conn) > before
    world.tell("b1", event("login", "2026-06-01", success=True))
    assert chains_of(seal_all(world.engine, anchor)) == {"b1"}
    assert audit.verify(world.engine, anchor).ok


def test_what_could_not_be_anchored_is_anchored_later(
    world: World, anchor: FileAnchor, tmp_path: Path
) -> None:
    blocked = FileAnchor(tmp_path)  # a directory cannot be appended to
    acted(world, "staff:late")
    settled(world.store)
    with pytest.raises(UnavailableError, match="anchored"):
        sealing.seal(world.engine, blocked)
    with world.store.snapshot() as conn:
        newest = seals.last(conn)
    assert newest is not None and anchor.last() == newest.number - 1
    assert sealing.seal(world.engine, anchor) is None
    assert anchor.last() == newest.number
    assert audit.verify(world.engine, anchor).ok


def test_a_line_cut_short_by_a_crash_is_written_again(world: World, anchor: FileAnchor) -> None:
    whole = anchor.path.read_bytes()
    anchor.path.write_bytes(whole[:-40])
    acted(world, "staff:after")
    seal_all(world.engine, anchor)
    assert audit.verify(world.engine, anchor).ok
    with world.store.snapshot() as conn:
        newest = seals.last(conn)
    assert newest is not None and anchor.last() == newest.number


def test_a_forged_anchor_line_is_no_anchor(world: World, tmp_path: Path) -> None:
    bad = FileAnchor(tmp_path / "anchor")
    bad.path.write_text('{"number": "one"}\n')
    with pytest.raises(XindengError, match="not an anchored seal") as caught:
        audit.verify(world.engine, bad)
    assert caught.value.where.endswith(":1")
