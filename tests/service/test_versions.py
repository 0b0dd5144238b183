"""The life of a version: proposed, approved, in force, superseded; and decisions of old ones."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from tests.decision_policy import files
from tests.service_world import World, asks
from xindeng.kernel.errors import ConflictError, InputError, XindengError
from xindeng.kernel.time import DAY, MINUTE
from xindeng.policy.bundle import load
from xindeng.service import proposals, versions
from xindeng.service.changes import Publish
from xindeng.service.draw import draw
from xindeng.service.following import follow
from xindeng.service.replay import ReplayMismatch, replay
from xindeng.service.versions import backtest_digest, lives
from xindeng.store import open_store

ANA, BEN = "staff:ana", "staff:ben"


@pytest.fixture
def world(test_home: Path, new_database: Callable[[], str]) -> Iterator[World]:
    """A store of its own, as publications are everybody's."""
    with open_store(test_home, new_database()) as store:
        yield World(store)


def version(number: int) -> dict[str, bytes]:
    """Version `number`: each leaves a little less room for payments; from 7 on none is enough."""
    return files(max_burden=round(0.5 - number * 0.05, 2))


def propose(world: World, made: dict[str, bytes], **more: Any) -> str:
    told = {path: text.decode() for path, text in made.items()}
    return proposals.propose(world.engine, Publish(files=told, **more), why="x", by=ANA).row.id


def publish(world: World, made: dict[str, bytes], **more: Any) -> str:
    world.now += MINUTE
    ident = propose(world, made, **more)
    world.now += MINUTE
    proposals.judge(world.engine, ident, "approved", by=BEN)
    return load(made).hash


def state(world: World) -> dict[str, str]:
    return {one.hash: one.state for one in lives(world.engine)}


def test_a_decision_comes_out_the_same_after_ten_newer_versions(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(world, version(0))
    follow(world.engine)
    old = draw(world.engine, world.settle("kept"), asks(), "k0")
    made = []
    for number in range(1, 11):
        publish(world, version(number) if number < 10 else files(max_burden=0.01))
        assert follow(world.engine)
        made.append(draw(world.engine, "kept", asks(), f"k{number}"))
    outcomes = [one.decision.outcome.value for one in (old, *made)]
    assert outcomes[0] != outcomes[-1], "the versions must really decide otherwise"
    assert len({one.decision.policy_hash for one in (old, *made)}) == 11
    for one in (old, *made):
        assert replay(world.engine, one.id).decision == one.decision
    # Planted: deciding again under the version in force now is found out.
    monkeypatch.setattr(world.engine, "policy_of", lambda conn, hash_: world.engine.policy)
    with pytest.raises(ReplayMismatch):
        replay(world.engine, old.id)


def test_each_version_has_a_life(world: World) -> None:
    own = world.engine.policy.hash
    assert state(world) == {own: "stored"}
    first, second = version(1), version(2)
    ident = propose(world, first)
    one = load(first).hash
    assert state(world)[one] == "proposed"
    world.now += MINUTE
    proposals.judge(world.engine, ident, "approved", by=BEN)
    assert state(world)[one] == "in_force"
    two = publish(world, second, effective_at=world.now + DAY)
    assert (state(world)[one], state(world)[two]) == ("in_force", "approved")
    world.now += DAY
    assert (state(world)[one], state(world)[two]) == ("superseded", "in_force")
    refused = propose(world, version(3))
    proposals.judge(world.engine, refused, "refused", by=BEN)
    assert state(world)[load(version(3)).hash] == "refused"
    world.now += MINUTE
    back = proposals.propose(world.engine, Publish(version=one), why="back", by=ANA)
    world.now += MINUTE
    proposals.judge(world.engine, back.row.id, "approved", by=BEN)
    assert (state(world)[one], state(world)[two]) == ("in_force", "superseded")
    (life,) = [each for each in lives(world.engine) if each.hash == one]
    assert [step.judged_by for step in life.steps] == [BEN, BEN] and len(life.steps) == 2


def test_a_version_cannot_begin_on_a_day_that_is_over(world: World) -> None:
    with pytest.raises(InputError, match="is over") as caught:
        propose(world, version(1), effective_at=world.now - DAY)
    assert caught.value.code == "policy.from"
    assert propose(world, version(1), effective_at=world.now - MINUTE), "today may have begun"


def test_of_two_drafts_on_one_version_only_one_is_published(world: World) -> None:
    publish(world, version(0))
    world.now += MINUTE
    first, second = propose(world, version(1)), propose(world, version(2))
    world.now += MINUTE
    proposals.judge(world.engine, first, "approved", by=BEN)
    with pytest.raises(ConflictError, match="another version was published") as caught:
        proposals.judge(world.engine, second, "approved", by=BEN)
    assert caught.value.code == "policy.stale" and "xindeng policy diff" in caught.value.next_step
    assert load(version(2)).hash not in {one.hash for one in proposals.published(world.engine)}
    assert proposals.read(world.engine, second).state == "open"
    with world.store.snapshot() as conn, pytest.raises(XindengError):
        world.engine.policy_of(conn, load(version(2)).hash)


def test_two_who_publish_at_the_same_moment_take_turns(world: World) -> None:
    publish(world, version(0))
    world.now += MINUTE
    idents = [propose(world, version(number)) for number in (1, 2)]
    world.now += MINUTE
    told: list[str] = []
    begin = threading.Barrier(2)

    def judges(ident: str) -> None:
        begin.wait()
        try:
            proposals.judge(world.engine, ident, "approved", by=BEN)
            told.append("published")
        except ConflictError as error:
            told.append(error.code)

    threads = [threading.Thread(target=judges, args=(ident,)) for ident in idents]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(told) == ["policy.stale", "published"]
    assert len(proposals.published(world.engine)) == 2


def test_a_clock_before_the_last_version_publishes_nothing(world: World) -> None:
    ident = propose(world, version(2))
    world.now += DAY
    publish(world, version(1))
    world.now -= DAY // 2
    with pytest.raises(ConflictError) as caught:
        proposals.judge(world.engine, ident, "approved", by=BEN)
    assert caught.value.code == "policy.clock" and "clock" in caught.value.next_step
    assert len(proposals.published(world.engine)) == 1
    assert proposals.read(world.engine, ident).state == "open"


def test_a_backtest_is_kept_by_its_hash_and_is_of_this_very_bundle(
    world: World, tmp_path: Path
) -> None:
    draft = version(1)
    report = tmp_path / "report.json"
    told = {"champion": {"hash": "a" * 64}, "challenger": {"hash": load(draft).hash}, "more": 1}
    report.write_text(json.dumps(told), encoding="utf-8")
    digest = backtest_digest(report, draft)
    assert digest == sha256(report.read_bytes()).hexdigest()
    one = publish(world, draft, backtest=digest)
    (life,) = [each for each in lives(world.engine) if each.hash == one]
    assert life.steps[0].backtest == digest
    with pytest.raises(InputError, match="the report is about"):
        backtest_digest(report, version(2))
    with pytest.raises(InputError, match="cannot be read: No such file") as caught:
        backtest_digest(tmp_path / "none.json", draft)
    assert caught.value.where.startswith("--backtest")
    report.write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="no report of a backtest"):
        backtest_digest(report, draft)


def test_versions_are_found_by_hash_and_as_published(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XINDENG_DATABASE_URL", world.store.uri)
    one = publish(world, version(1))
    assert versions.files_of(one[:8]) == version(1)
    assert versions.files_of("published") == version(1)
    with pytest.raises(XindengError, match="no stored version"):
        versions.files_of("0" * 12)
