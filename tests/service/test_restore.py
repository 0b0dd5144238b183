"""Backup and restore: proven before it takes its place, and compared with the rail before a draw."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from tests.decision_policy import files
from tests.service_world import World, asks, seal_all
from xindeng.adapters.anchor import FileAnchor
from xindeng.adapters.rail import SandboxRail
from xindeng.events.line import HoldReleased
from xindeng.kernel.errors import (
    ConflictError,
    ErasedError,
    ForbiddenError,
    InputError,
    UnavailableError,
    XindengError,
)
from xindeng.service import audit, disburse, erasure, holds, ledger, pay, reserve
from xindeng.service.backup import make
from xindeng.service.disburse import Ports
from xindeng.service.draw import draw
from xindeng.service.held import held
from xindeng.service.reconcile import REASON, reconcile
from xindeng.service.restore import Restored, restore
from xindeng.store import borrowers, manifest, open_store
from xindeng.store.migrate import HEAD

pytestmark = pytest.mark.postgres


def silent(what: str, done: int, of: int) -> None:
    assert 0 <= done <= of, what


class Disaster:
    """A lender with one drawn loan, a backup, and what happened after it; then all is lost."""

    def __init__(self, world: World, rail: SandboxRail, place: Path, home: Path) -> None:
        self.world, self.ports, self.place, self.home = world, Ports(rail), place, home
        self.anchor = FileAnchor(place / "anchor.ndjson")
        self.folder = place / "backup"
        world.settle("ann")
        world.settle("ben")
        world.settle("cat")
        erasure.erase(world.engine, "cat", by="staff:test")
        self.first = self.lend(world, "ann", "1")
        pay.pay(world.engine, "ann", 10_000, "p1")
        seal_all(world.engine, self.anchor)
        make(world.store, self.folder, world.engine.clock, silent)
        self.lost = self.lend(world, "ann", "2")
        self.later = len(seal_all(world.engine, self.anchor))
        assert self.later

    def lend(self, world: World, name: str, key: str) -> Any:
        made = draw(world.engine, name, asks(3_000), f"d{key}")
        world.read_cost(name, made.id)
        return disburse.confirm(world.engine, self.ports, name, made.id, f"c{key}")

    def restored(self, monkeypatch: pytest.MonkeyPatch, uri: str) -> Restored:
        monkeypatch.setenv("XINDENG_DATABASE_URL", uri)
        now = self.world.engine.clock
        return restore(self.folder, self.home, now, silent, anchor=self.anchor.path)


@pytest.fixture(scope="module")
def lived(store: Any, test_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Disaster:
    bundle = {**files(), "products.yaml": b"reading_seconds: 0\n"}
    world = World(store, bundle)
    return Disaster(world, SandboxRail(), tmp_path_factory.mktemp("lived"), test_home)


@pytest.fixture
def empty(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def after(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, test_home: Path
) -> Iterator[World]:
    """The lender after the restore, under another database and the same rail."""
    kept = lived.anchor.path.read_bytes()
    found = lived.restored(monkeypatch, empty)
    assert found.report.ok and found.anchored and found.later_seals == lived.later
    with open_store(test_home, empty) as opened:
        yield World(opened, {**files(), "products.yaml": b"reading_seconds: 0\n"})
    lived.anchor.path.write_bytes(kept)


def test_nothing_is_drawn_until_the_rail_was_asked_and_nothing_is_paid_twice(
    lived: Disaster, after: World
) -> None:
    for name in ("ann", "ben"):
        with pytest.raises(UnavailableError) as told:
            draw(after.engine, name, asks(3_000), "d2")
        assert told.value.code == "restore.unreconciled" and told.value.retry_after_s
    # What was told before the backup is told again, and repaying waits for nobody.
    assert disburse.of(after.engine, "ann", lived.first.draw) == lived.first
    assert pay.pay(after.engine, "ann", 10_000, "p1")
    assert pay.pay(after.engine, "ann", 10_000, "p2")

    lived.ports.rail.down = True
    with pytest.raises(UnavailableError):
        reconcile(after.engine, lived.ports)
    with pytest.raises(UnavailableError):
        draw(after.engine, "ben", asks(3_000), "d2")
    lived.ports.rail.down = False
    for _ in range(2):  # again changes nothing
        found = reconcile(after.engine, lived.ports)
        assert [one.key for one in found.unrecorded] == [lived.lost.draw]
    assert draw(after.engine, "ben", asks(3_000), "d2").decision.amount_offered

    # The payout that nobody has a record of: its borrower's draws wait for a person.
    again = draw(after.engine, "ann", asks(3_000), "d2")
    assert again.decision.amount_offered is None
    with pytest.raises(ForbiddenError):
        order = reserve.Order(amount=300_000, currency="CNY", terms=b"")
        reserve.reserve(after.engine, "ann", order, "other")
    with after.store.snapshot() as conn:
        row = conn.execute("SELECT count(*) FROM task WHERE kind = 'unrecorded_payout'").fetchone()
    assert row == (1,)
    assert release(after, "ann") == [f"{REASON}:{lived.lost.draw}"]

    paid = dict(lived.ports.rail.paid)
    repeated = lived.lend(after, "ann", "2x")  # another wish is another payout
    assert repeated.draw not in paid
    same = redo(after, lived)
    assert (same.draw, same.state) == (lived.lost.draw, "settled")
    assert set(lived.ports.rail.paid) == {*paid, repeated.draw}, "the lost one was paid once"
    assert ledger.verify(after.engine).ok
    seal_all(after.engine, lived.anchor)
    assert audit.verify(after.engine, lived.anchor).ok


def redo(world: World, lived: Disaster) -> Any:
    made = draw(world.engine, "ann", asks(3_000), "d2y")
    world.read_cost("ann", made.id)
    return disburse.confirm(world.engine, lived.ports, "ann", made.id, "c2")


def release(world: World, name: str) -> list[str]:
    """End the holds that stand (this policy has no words for it); return what they were for."""
    with held(world.engine, name) as line:
        found = holds.standing(line)
        for hold in found:
            line.tell(HoldReleased(hold=hold.id, how="review"))
    return [hold.reason for hold in found]


def test_a_draw_id_that_does_not_follow_from_its_key_pays_twice(
    lived: Disaster, after: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the id by which the rail knows a draw is a fresh one each time."""
    reconcile(after.engine, lived.ports)
    release(after, "ann")
    monkeypatch.setattr(reserve, "draw_id", lambda borrower, key: after.engine.new_id(after.now))
    before = len(lived.ports.rail.paid)
    assert redo(after, lived).draw != lived.lost.draw
    assert len(lived.ports.rail.paid) == before + 1


# --- damage --------------------------------------------------------------------------------------


def largest(folder: Path) -> Path:
    return max((folder / manifest.DATA).iterdir(), key=lambda path: path.stat().st_size)


def cut(folder: Path) -> None:
    path = largest(folder)
    path.write_bytes(path.read_bytes()[:-1])


def flip(folder: Path) -> None:
    path = largest(folder)
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes(whole)


def edit(folder: Path, change: Callable[[dict[str, Any]], None]) -> None:
    told = json.loads((folder / manifest.NAME).read_bytes())
    change(told)
    (folder / manifest.NAME).write_bytes(msgspec.json.encode(told))


DAMAGE: dict[str, tuple[Callable[[Path], Any], str]] = {
    "cut short": (cut, "backup.changed"),
    "a bit": (flip, "backup.changed"),
    "a file gone": (lambda folder: largest(folder).unlink(), "backup.missing"),
    "never finished": (lambda folder: (folder / manifest.NAME).unlink(), "backup.none"),
    "half a manifest": (
        lambda folder: (folder / manifest.NAME).write_bytes(b'{"format": 1'), "backup.manifest"),
    "of the future": (
        lambda folder: edit(folder, lambda m: m.update(format=2)), "backup.format"),
    "newer tables": (
        lambda folder: edit(folder, lambda m: m.update(schema="9999")), "backup.newer"),
    "another key": (
        lambda folder: edit(folder, lambda m: m["held"].update(keys=["0" * 16])), "backup.key"),
    "a row more": (
        lambda folder: edit(folder, lambda m: m["held"]["rows"].update(event=10_000)),
        "restore.unproven"),
    "a tombstone less": (
        lambda folder: edit(folder, lambda m: m["held"].update(erased=0, erased_root="0" * 64)),
        "restore.unproven"),
    "another head": (
        lambda folder: edit(folder, lambda m: m["held"].update(heads_root="0" * 64)),
        "restore.unproven"),
}  # fmt: skip


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_backup_is_refused_and_nothing_changes(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: str
) -> None:
    damage, code = DAMAGE[what]
    copy = tmp_path / "copy"
    shutil.copytree(lived.folder, copy)
    damage(copy)
    monkeypatch.setenv("XINDENG_DATABASE_URL", empty)
    with pytest.raises(XindengError) as told:
        restore(copy, lived.home, lived.world.engine.clock, silent, anchor=lived.anchor.path)
    assert told.value.code == code
    assert told.value.where and told.value.next_step
    with psycopg.connect(empty) as conn:
        assert conn.execute("SELECT count(*) FROM borrower").fetchone() == (0,)


def test_a_row_changed_before_the_backup_is_found_by_the_audit(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Planted: somebody writes an event anew and then lets a backup be made."""
    with lived.world.store.pool.connection() as conn:
        conn.execute("ALTER TABLE event DISABLE TRIGGER USER")
        done = conn.execute(
            "UPDATE event SET payload = payload || '\\x00' WHERE borrower = 'ben' AND seq = 1"
        )
        assert done.rowcount == 1
    folder = tmp_path / "tampered"
    try:
        make(lived.world.store, folder, lived.world.engine.clock, silent)
    finally:
        with lived.world.store.pool.connection() as conn:
            conn.execute(
                "UPDATE event SET payload = substr(payload, 1, octet_length(payload) - 1)"
                " WHERE borrower = 'ben' AND seq = 1"
            )
            conn.execute("ALTER TABLE event ENABLE TRIGGER USER")
    monkeypatch.setenv("XINDENG_DATABASE_URL", empty)
    with pytest.raises(XindengError, match="ben, event 1") as told:
        restore(folder, lived.home, lived.world.engine.clock, silent, anchor=lived.anchor.path)
    assert told.value.code == "restore.unproven"


def test_who_was_erased_stays_erased(after: World, lived: Disaster) -> None:
    held, _ = manifest.read(lived.folder)
    assert held.held.erased == 1 and len(held.held.erased_root) == 64
    with after.store.snapshot() as conn, pytest.raises(ErasedError):
        borrowers.read(conn, after.store.keys, "cat")


def test_a_backup_that_would_bring_somebody_back_is_refused(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Planted: the key of somebody with a tombstone was put back before the backup was made."""
    with lived.world.store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = (SELECT wrapped FROM borrower_key"
            " WHERE borrower = 'ben'), destroyed_at = NULL WHERE borrower = 'cat'"
        )
    folder = tmp_path / "back"
    try:
        make(lived.world.store, folder, lived.world.engine.clock, silent)
    finally:
        with lived.world.store.pool.connection() as conn:
            conn.execute(
                "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 1 WHERE borrower = 'cat'"
            )
    monkeypatch.setenv("XINDENG_DATABASE_URL", empty)
    with pytest.raises(XindengError, match="could be read again") as told:
        restore(folder, lived.home, lived.world.engine.clock, silent, anchor=lived.anchor.path)
    assert told.value.code == "restore.unproven"


def test_an_interrupted_backup_and_restore_begin_anew(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def stop(what: str, done: int, of: int) -> None:
        if done:
            raise KeyboardInterrupt

    folder = tmp_path / "again"
    with pytest.raises(KeyboardInterrupt):
        make(lived.world.store, folder, lived.world.engine.clock, stop)
    with pytest.raises(InputError, match="never finished"):
        manifest.read(folder)
    done = make(lived.world.store, folder, lived.world.engine.clock, silent)
    assert done.schema == HEAD and done.held.rows["borrower"] >= 2

    monkeypatch.setenv("XINDENG_DATABASE_URL", empty)
    clock = lived.world.engine.clock

    def stop_late(what: str, done: int, of: int) -> None:
        if done and what == "chains verified":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        restore(folder, lived.home, clock, stop_late, anchor=lived.anchor.path)
    with psycopg.connect(empty) as conn:
        assert conn.execute("SELECT count(*) FROM borrower").fetchone() == (0,)
    assert restore(folder, lived.home, clock, silent, anchor=lived.anchor.path).report.ok
    with pytest.raises(ConflictError, match="not empty"):
        restore(folder, lived.home, clock, silent, anchor=lived.anchor.path)


def test_a_folder_that_holds_something_is_left_alone(lived: Disaster, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    for place in (tmp_path, lived.folder):
        with pytest.raises(InputError) as told:
            make(lived.world.store, place, lived.world.engine.clock, silent)
        assert told.value.code == "backup.taken"


def test_a_home_without_the_key_is_told_and_gets_none(
    lived: Disaster, empty: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XINDENG_DATABASE_URL", empty)
    clock = lived.world.engine.clock
    with pytest.raises(InputError, match="no key is here"):
        restore(lived.folder, tmp_path / "new", clock, silent)
    assert not (tmp_path / "new" / "master.key").exists()
    wrong = tmp_path / "wrong"
    wrong.write_text("ab" * 32)
    with pytest.raises(InputError) as told:
        restore(lived.folder, tmp_path / "new", clock, silent, key=wrong)
    assert told.value.code == "backup.key"
    (tmp_path / "new" / "master.key").unlink()
    kept = lived.home / "master.key"
    assert restore(lived.folder, tmp_path / "new", clock, silent, key=kept).report.ok
    assert (tmp_path / "new" / "master.key").stat().st_mode & 0o777 == 0o600
