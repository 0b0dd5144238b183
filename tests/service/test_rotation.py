"""A new master key: every data key moves under it, the service goes on, the former opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.decision_policy import NOW, files
from tests.service_world import World, asks, seal_all
from xindeng.adapters.anchor import FileAnchor
from xindeng.kernel.errors import UnavailableError
from xindeng.service import audit, rotation
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.replay import replay
from xindeng.service.rotation import rotate
from xindeng.store import Store, inventory, masters, open_store
from xindeng.store.crypto import KeyRing, name_of

pytestmark = pytest.mark.postgres
PEOPLE = 7


@pytest.fixture
def uri(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def world(tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(rotation, "AT_ONCE", 3)
    with open_store(tmp_path, uri) as store:
        made = World(store)
        for number in range(PEOPLE):
            made.settle(f"p{number}")
        yield made


def under(uri: str) -> dict[str, int]:
    with psycopg.connect(uri) as conn:
        return dict(
            conn.execute(
                "SELECT master_id, count(*) FROM borrower_key WHERE wrapped IS NOT NULL GROUP BY 1"
            ).fetchall()
        )


def present(home: Path) -> str:
    return name_of(masters.master_key(home))


def test_all_is_read_under_the_new_key_alone(world: World, tmp_path: Path, uri: str) -> None:
    made = draw(world.engine, "p1", asks(300), "d1")
    known = world.store.keys.look_up("trace device", "d-77")
    former = present(tmp_path)
    done = rotate(world.engine, tmp_path)
    assert (done.former, done.keys, done.present) == (former, PEOPLE, present(tmp_path))
    assert under(uri) == {done.present: PEOPLE}
    assert done.kept is not None
    done.kept.unlink()  # the former is destroyed
    with open_store(tmp_path, uri) as store:
        engine = Engine(store, files(), clock=lambda: NOW)
        assert replay(engine, made.id).id == made.id
        anchor = FileAnchor(tmp_path / "anchor.ndjson")
        seal_all(engine, anchor)
        assert audit.verify(engine, anchor).ok
        draw(engine, "p2", asks(300), "d2")
        # Whom one device or address stood for is found again.
        assert store.keys.look_up("trace device", "d-77") == known
        # Planted: hashes made from the key of the day would find nobody.
        fresh = KeyRing(masters.master_key(tmp_path))
        assert fresh.look_up("trace device", "d-77") != known
        with store.snapshot() as conn:
            assert inventory.of(conn).keys == (done.present,)


def test_who_is_running_goes_on_and_new_people_come_under_the_next(
    world: World, tmp_path: Path, uri: str
) -> None:
    """A process that was started before, in the middle and after the end of the move."""
    calls: list[int] = []

    def meanwhile(moved: int) -> None:
        calls.append(moved)
        with open_store(tmp_path, uri) as other:  # one that starts in the middle
            draw(Engine(other, files(), clock=lambda: NOW), f"p{len(calls)}", asks(300), "d")
        world.settle(f"new{len(calls)}")

    rotate(world.engine, tmp_path, meanwhile)
    world.settle("later")
    assert len(calls) > 1
    assert set(under(uri)) == {present(tmp_path)}
    draw(world.engine, "later", asks(300), "d")


def test_an_interrupted_move_is_taken_up(world: World, tmp_path: Path, uri: str) -> None:
    former = present(tmp_path)

    def dies(moved: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rotate(world.engine, tmp_path, dies)
    assert under(uri)[former] == PEOPLE - 3
    assert present(tmp_path) == former
    with open_store(tmp_path, uri) as store:
        done = rotate(Engine(store, files(), clock=lambda: NOW), tmp_path)
    assert (done.keys, under(uri)) == (PEOPLE - 3, {done.present: PEOPLE})
    again = rotate(world.engine, tmp_path)  # and another, from that to the next
    assert (again.former, again.keys) == (done.present, PEOPLE)


def test_a_move_that_leaves_somebody_behind_is_found(
    world: World, tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: it stops after the first thousand."""
    monkeypatch.setattr(masters, "move_some", lambda conn, keys, name, most: 0)
    done = rotate(world.engine, tmp_path)
    assert done.kept is not None
    done.kept.unlink()
    with open_store(tmp_path, uri) as store, pytest.raises(UnavailableError) as caught:
        draw(Engine(store, files(), clock=lambda: NOW), "p1", asks(300), "d")
    assert caught.value.code == "store.master_key"


def test_keys_of_the_environment(
    world: World, tmp_path: Path, uri: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    present_key = masters.master_key(tmp_path).hex()
    (tmp_path / masters.FILE).unlink()
    monkeypatch.setenv(masters.PRESENT, present_key)
    with pytest.raises(UnavailableError, match=masters.NEXT):
        rotate(world.engine, tmp_path)
    following = bytes(range(32)).hex()
    monkeypatch.setenv(masters.NEXT, following)
    done = rotate(world.engine, tmp_path)
    assert (done.keys, done.kept) == (PEOPLE, None)
    monkeypatch.setenv(masters.PRESENT, following)
    monkeypatch.delenv(masters.NEXT)
    with open_store(tmp_path, uri) as store:
        draw(Engine(store, files(), clock=lambda: NOW), "p1", asks(300), "d")
    monkeypatch.setenv(masters.PRESENT, bytes(range(1, 33)).hex())
    with pytest.raises(UnavailableError, match="not here"), open_store(tmp_path, uri):
        pass


def test_a_backup_is_restored_under_the_keys_it_names(world: World, tmp_path: Path) -> None:
    """What is in the database once the move is over names the new key alone."""
    store: Store = world.store
    with store.snapshot() as conn:
        before = inventory.of(conn).keys
    done = rotate(world.engine, tmp_path)
    with store.snapshot() as conn:
        after = inventory.of(conn).keys
    assert before == (done.former,) and after == (done.present,)
    assert masters.find(tmp_path, done.former) is not None
