"""The lake: what is exported, once each; cut short, damaged and erased."""

from __future__ import annotations

import contextlib
import threading

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec import structs

from tests.service_world import World, asks, event, settled
from xindeng.events.life import IncomeEvidence
from xindeng.history import export as export_module
from xindeng.history.export import export, open_or_create
from xindeng.history.lake import Lake, events_table
from xindeng.kernel.errors import (
    ConflictError,
    ImportFileError,
    InputError,
    NotFoundError,
    UnavailableError,
)
from xindeng.service import erasure
from xindeng.service.draw import draw
from xindeng.store import erasures


@pytest.fixture
def world(store):
    return World(store)


@pytest.fixture
def lake(tmp_path, store):
    return open_or_create(tmp_path / "lake", store, zone_name="Asia/Shanghai", currency="CNY")


def told(world, lake, **more) -> int:
    """Export all that is stored."""
    settled(world.store)
    return export(world.store, lake, now=world.now, **more)


def seqs(lake):
    """Every (borrower, seq) in the lake's events."""
    found = []
    for relation in lake.events().values():
        found += duckdb.connect().sql(f"SELECT borrower, seq FROM {relation}").fetchall()
    return sorted(found)


def test_events_and_decisions_are_exported_once_and_incrementally(world, lake, tmp_path):
    world.settle("ann")
    made = draw(world.engine, "ann", asks(), "k1")
    assert told(world, lake) == 5
    assert told(world, lake) == 0
    world.tell("ann", event("payment", "2026-06-01", direction="in", amount=5))
    world.settle("bob")
    assert told(world, lake) == 4
    again = Lake.open(tmp_path / "lake")
    assert [s for b, s in seqs(again) if b == "ann"] == list(range(1, 7))
    assert [s for b, s in seqs(again) if b == "bob"] == [1, 2, 3]
    assert again.manifest.rows["decisions"] == 1
    assert len(list(again.verify())) == len(again.manifest.parts)
    row = duckdb.connect().sql(
        f"SELECT id, seq, outcome, request_amount FROM {again.relation('decisions')}"
    )
    assert row.fetchall() == [(made.id, made.seq, made.decision.outcome.value, 800_000)]


def test_no_transaction_is_open_while_a_batch_is_written(world, lake, monkeypatch):
    """The server ends what is idle in a transaction: a batch that took long broke the export."""
    world.settle("slow")
    add, open_ones = Lake.add, []

    def slowly(self, tables, **changes):
        with world.store.snapshot() as conn:
            open_ones.append(conn.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND state LIKE 'idle in transaction%%' AND pid <> pg_backend_pid()"
            ).fetchone()[0])  # fmt: skip
        add(self, tables, **changes)

    monkeypatch.setattr(Lake, "add", slowly)
    assert told(world, lake, batch=2) >= 3
    assert len(open_ones) > 3 and not any(open_ones)


@pytest.mark.parametrize("killed_at", range(1, 9))
def test_a_killed_export_goes_on_without_loss_or_duplicate(world, lake, monkeypatch, killed_at):
    who = f"kim{killed_at}"
    world.settle(who)
    world.tell(
        who, *(event("payment", f"2026-05-{n:02d}", direction="in", amount=n) for n in range(1, 6))
    )
    write, calls = Lake._write, []

    def dies(self, name, table, batch):
        calls.append(name)
        if len(calls) == killed_at:
            raise KeyboardInterrupt
        return write(self, name, table, batch)

    monkeypatch.setattr(Lake, "_write", dies)
    with contextlib.suppress(KeyboardInterrupt):
        told(world, lake, batch=3)
    monkeypatch.undo()
    again = Lake.open(lake.folder)
    told(world, again, batch=3)
    mine = [s for b, s in seqs(again) if b == who]
    assert mine == list(range(1, 9))
    assert len(seqs(again)) == len(set(seqs(again)))


def test_erased_borrowers_leave_the_lake(world, lake):
    world.settle("gone")
    world.settle("stays")
    told(world, lake)
    world.tamper(
        "UPDATE borrower_key SET destroyed_at = 1, wrapped = NULL WHERE borrower = %s", "gone"
    )
    world.settle("later")
    told(world, lake)
    assert {b for b, _ in seqs(lake)} >= {"stays", "later"}
    assert "gone" not in {b for b, _ in seqs(lake)}
    assert lake.manifest.left_out >= 3
    assert list(lake.verify())


def test_a_lake_tells_which_tombstone_it_heeded(world, lake):
    world.settle("buried")
    told(world, lake)
    before = lake.manifest.erased
    with world.store.snapshot() as conn:
        assert before == erasures.last(conn)
    number = erasure.erase(world.engine, "buried", by="staff:test").number
    told(world, lake)
    assert Lake.open(lake.folder).manifest.erased == number > before
    assert "buried" not in {b for b, _ in seqs(lake)}


def test_a_lake_of_another_store_is_left_as_it_is(world, lake):
    """Whoever is not in a store counts as erased: the other store's lake would be emptied."""
    world.settle("mine")
    told(world, lake)
    before = seqs(lake)
    lake.add({}, source="store 00000000-0000-0000-0000-000000000000")
    with pytest.raises(ConflictError, match="written from store 0000") as caught:
        told(world, lake)
    assert caught.value.code == "lake.other_store" and seqs(Lake.open(lake.folder)) == before


def test_a_restored_store_does_not_go_on_with_the_lake(world, lake):
    world.settle("back")
    told(world, lake)
    with world.store.transaction() as conn:
        conn.execute("UPDATE feed_epoch SET epoch = epoch + 1")
    try:
        with pytest.raises(ConflictError, match="restored") as caught:
            export(world.store, lake, now=world.now)
        assert caught.value.code == "lake.restored"
    finally:
        with world.store.transaction() as conn:
            conn.execute("UPDATE feed_epoch SET epoch = epoch - 1")


def test_two_exports_do_not_write_at_once(world, lake):
    """The second waits, reads what the first wrote, and goes on from there."""
    world.settle("one")
    other, added = Lake.open(lake.folder), []
    second = threading.Thread(target=lambda: added.append(told(world, other)))
    with lake.alone():
        second.start()
        second.join(2)
        assert second.is_alive() and not other.manifest.parts
    second.join(30)
    assert added[0] >= 3 and told(world, lake) == 0
    assert len(seqs(lake)) == len(set(seqs(lake)))


def test_damage_names_the_file(world, lake):
    world.settle("ann2")
    told(world, lake)
    part = next(iter(lake.manifest.parts))
    path = lake.folder / part.path
    whole = path.read_bytes()
    path.write_bytes(whole[:-10])
    with pytest.raises(ImportFileError, match="cut off") as caught:
        lake.check()
    assert part.path in caught.value.where and caught.value.code == "lake.truncated"
    path.write_bytes(whole[:-10] + bytes(10))
    lake.check()  # the quick look cannot know
    with pytest.raises(ImportFileError, match="not the one") as caught:
        list(lake.verify())
    assert caught.value.code == "lake.checksum"
    path.unlink()
    with pytest.raises(ImportFileError, match="missing"):
        lake.check()
    (lake.folder / "manifest.json").write_text("{")
    with pytest.raises(InputError, match="not a manifest"):
        Lake.open(lake.folder)
    with pytest.raises(NotFoundError):
        Lake.open(lake.folder / "nowhere")


def test_a_full_disk_is_said_in_our_words_and_the_lake_goes_on(world, lake, monkeypatch):
    world.settle("full")
    whole = pq.write_table

    def no_room(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", no_room)
    with pytest.raises(UnavailableError, match="No space left") as caught:
        told(world, lake)
    assert caught.value.code == "lake.folder"
    monkeypatch.setattr(pq, "write_table", whole)
    again = Lake.open(lake.folder)
    told(world, again)
    assert [s for b, s in seqs(again) if b == "full"] == [1, 2, 3]


def test_a_folder_that_is_none_is_refused(store, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UnavailableError) as caught:
        open_or_create(tmp_path / "file", store, zone_name="Asia/Shanghai", currency="CNY")
    assert caught.value.code == "lake.folder"
    with pytest.raises(ConflictError) as other:  # something else lies there
        open_or_create(tmp_path, store, zone_name="Asia/Shanghai", currency="CNY")
    assert other.value.code == "lake.not_empty"


def test_a_lake_is_begun_only_in_an_empty_folder(tmp_path):
    (tmp_path / "something").write_text("else")
    with pytest.raises(ConflictError):
        Lake.create(tmp_path, zone="Asia/Shanghai", currency="CNY", source="store")
    assert export_module.BATCH > 1


def test_a_field_that_came_later_has_its_default_in_older_files(world, lake):
    """Event types grow: what was written before one more field is read as if it had been there."""
    world.settle("old")
    told(world, lake)
    name = events_table("income_evidence")
    (part,) = lake.manifest.of(name)
    table = pq.read_table(lake.folder / part.path)
    older = table.drop_columns(["verified"])
    lake.replace(name, older)
    world.settle("new")
    told(world, lake)
    assert len(lake.manifest.of(name)) == 2 and list(lake.verify())
    rows = (
        duckdb.connect()
        .sql(f"SELECT borrower, verified FROM {lake.events()['income_evidence']}")
        .fetchall()
    )
    default = next(f.default for f in structs.fields(IncomeEvidence) if f.name == "verified")
    assert dict(rows)["old"] is default and dict(rows)["new"] is default
    lake.replace(name, table.append_column("strange", pa.array([1] * table.num_rows)))
    with pytest.raises(ImportFileError, match="column strange"):
        lake.check()
