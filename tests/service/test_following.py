"""What is published takes effect in a running process: at its time, and under nobody's hands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.decision_policy import files
from tests.service_world import World, asks
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import DAY
from xindeng.policy.bundle import load
from xindeng.service import following, proposals
from xindeng.service.changes import Publish
from xindeng.service.draw import draw
from xindeng.service.following import Follower, follow
from xindeng.service.groups import Groups, Rule
from xindeng.store import Store

ANA, BEN = "staff:ana", "staff:ben"


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def published(world: World, mark: str, **more: Any) -> str:
    """Publish the bundle with one thing more in it; return its hash."""
    bundle = files()
    bundle["policy.yaml"] += f"# {mark}\n".encode()
    told = {path: text.decode() for path, text in bundle.items()}
    made = proposals.propose(world.engine, Publish(files=told, **more), why=mark, by=ANA)
    proposals.judge(world.engine, made.row.id, "approved", by=BEN)
    return load(bundle).hash


def test_what_is_published_decides_without_a_new_start(world):
    before = world.engine.policy.hash
    new = published(world, "at once")
    assert world.engine.policy.hash == before != new
    assert follow(world.engine) and world.engine.policy.hash == new
    assert not follow(world.engine)
    made = draw(world.engine, world.settle("follows"), asks(), "k")
    assert made.decision.policy_hash == new


def test_it_waits_for_its_time_and_the_one_that_took_effect_last_is_in_force(world):
    later = published(world, "tomorrow", effective_at=world.now + DAY)
    now = published(world, "today")
    assert follow(world.engine) and world.engine.policy.hash == now
    world.now += DAY - 1
    assert not follow(world.engine)
    world.now += 1
    assert follow(world.engine) and world.engine.policy.hash == later


def test_work_in_hand_ends_under_the_version_it_began_with(world):
    engine = world.engine
    before, new = engine.policy, load({**files(), "policy.yaml": files()["policy.yaml"] + b"# x\n"})
    begun, taken = threading.Event(), threading.Event()

    def do(_: Any, asked: list[str]) -> list[tuple[str, str]]:
        first = engine.policy.hash
        begun.set()
        assert taken.wait(10)
        return [(first, engine.policy.hash) for _ in asked]

    committer: Groups[str, tuple[str, str]] = Groups(engine, Rule("x", do, lambda one: (one,)))
    committer.start()
    answer = committer.submit("ann")
    assert begun.wait(10)
    with engine.one_policy():
        engine.take_up(new)
        taken.set()
        assert engine.policy is before  # this thread, too
        with engine.one_policy():
            assert engine.policy is before
    assert answer.result(10) == (before.hash, before.hash)
    committer.stop()
    assert engine.policy is new


def test_a_follower_looks_by_itself_and_outlives_what_it_cannot_load(world, monkeypatch):
    monkeypatch.setattr(following, "INTERVAL_S", 0.02)
    heard: list[str] = []
    with Follower(world.engine, lambda error: heard.append(error.code)):
        new = published(world, "by itself")
        until(lambda: world.engine.policy.hash == new)
        with monkeypatch.context() as patched:
            bad = published(world, "too new for this process", effective_at=world.now + DAY)
            patched.setattr("xindeng.service.engine.load", unknown)
            world.now += DAY
            until(lambda: heard == ["policy.format"])
            time.sleep(0.2)
            assert heard == ["policy.format"] and world.engine.policy.hash == new
        until(lambda: world.engine.policy.hash == bad)


def unknown(_: Any) -> Any:
    raise XindengError("a format of tomorrow", code="policy.format")


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
