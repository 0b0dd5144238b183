"""The sealer: one at a time, taken over when it ends, and what is not sealed yet is told."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.service_world import World, event
from xindeng.adapters.anchor import FileAnchor
from xindeng.kernel.errors import UnavailableError, XindengError
from xindeng.kernel.time import SECOND
from xindeng.service import sealing
from xindeng.service.sealing import Sealer, window
from xindeng.store import Store, seals


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


def until(done: Callable[[], bool], wait_s: float = 20) -> bool:
    deadline = time.monotonic() + wait_s
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.05)
    return False


def test_only_one_seals_and_another_takes_over(store: Store) -> None:
    with seals.alone(store.uri) as first:
        assert first() and first()
        with seals.alone(store.uri) as second:
            assert not second()
    with seals.alone(store.uri) as third:
        assert third()


def test_a_sealer_seals_what_comes_and_the_window_is_told(world: World, tmp_path: Path) -> None:
    anchor, troubles = FileAnchor(tmp_path / "anchor"), list[XindengError]()
    assert window(world.engine) == (None, None)
    sealers = [Sealer(world.engine, anchor, troubles.append) for _ in range(2)]
    world.settle("sealed")
    for one in sealers:
        one.start()
    assert until(lambda: window(world.engine) == (world.now, 0.0))
    for one in sealers:
        one.stop()
    world.now += 5 * SECOND
    world.tell("sealed", event("income_evidence", "2025-07-01", monthly_income=1, source="payroll"))
    assert window(world.engine) == (world.now - 5 * SECOND, 5.0), "nobody seals any more"
    assert not troubles
    told = list(anchor.read())
    assert [one.number for one in told] == list(range(1, len(told) + 1)), "each anchored once"


def test_what_is_away_is_told_and_tried_again(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal, calls, troubles = sealing.seal, list[int](), list[XindengError]()

    def away_once(*args: object) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise UnavailableError("planted")
        return seal(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "seal", away_once)
    world.settle("again")
    sealer = Sealer(world.engine, FileAnchor(tmp_path / "anchor"), troubles.append)
    sealer.start()
    assert until(lambda: window(world.engine)[1] == 0.0)
    sealer.stop()
    assert [str(one) for one in troubles] == ["planted"]
