"""`kill -9` of workers and of PostgreSQL under load: what was acknowledged is there, and once.

50 kills here; `make soak` sets XINDENG_SOAK_KILLS=2000.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.fault import judge
from tests.fault.load import Load
from tests.fault.served import PLANTS, Served, served
from xindeng.adapters.anchor import FileAnchor
from xindeng.kernel.errors import XindengError
from xindeng.service import sealing
from xindeng.service.engine import Engine, open_engine

pytestmark = pytest.mark.postgres
KILLS = int(os.environ.get("XINDENG_SOAK_KILLS", "50"))
KILLS_A_HOME = 50
RECOVERY_S = 30
BETWEEN = 12
"""Answers between one kill and the next: the load goes on all the while."""


@contextmanager
def sealer(engine: Engine, anchor: FileAnchor) -> Iterator[None]:
    """Seal each second, as a worker does, whatever happens to the database."""
    stop = threading.Event()

    def seal() -> None:
        while not stop.wait(1):
            try:
                sealing.seal(engine, anchor)
            except XindengError:
                continue

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def verdict(service: Served, load: Load, engine: Engine, anchor: FileAnchor) -> list[str]:
    wrong = list(load.book.breaches)
    service.wait_ready(RECOVERY_S)
    wrong += judge.repeated(service, load.book)
    wrong += judge.finish(service, engine)
    sealing.seal(engine, anchor)
    return (
        wrong + judge.stored(engine, load.book) + judge.rail(service, engine, load.book)
        + judge.books(engine, anchor)
    )  # fmt: skip


@pytest.mark.parametrize("home", range(max(KILLS // KILLS_A_HOME, 1)))
def test_nothing_acknowledged_is_lost_and_nothing_is_paid_twice(home: int) -> None:
    dice, slowest = random.Random(home), 0.0
    harmed = {"worker": 0, "postgres": 0}
    with served(workers=3) as service, open_engine(service.policy, url=service.uri,
                                                   home=service.home) as engine:  # fmt: skip
        anchor = FileAnchor(service.home / "anchor.ndjson")
        with Load(service, seed=home) as load, sealer(engine, anchor):
            load.wait_for(BETWEEN)
            for _ in range(min(KILLS, KILLS_A_HOME)):
                if dice.random() < 0.6:
                    service.kill_worker(dice)
                    harmed["worker"] += 1
                else:
                    service.kill_postgres(dice)
                    harmed["postgres"] += 1
                slowest = max(slowest, load.wait_for(BETWEEN, RECOVERY_S))
        wrong = verdict(service, load, engine, anchor)
        acks = len(load.book.acks)
    assert not wrong, "\n".join(wrong[:20])
    assert min(harmed.values()) >= KILLS_A_HOME // 4, harmed
    assert slowest <= RECOVERY_S
    assert acks >= KILLS_A_HOME * BETWEEN
    print(f"\n{harmed}, {acks} acknowledged, {dict(load.book.refusals)}, slowest {slowest:.1f} s")


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        ("answers before it is durable", "lost: "),
        ("pays under a new key each time", "no draw knows"),
    ],
)
def test_a_planted_bug_is_found(plant: str, found: str) -> None:
    env = {"PLANT": plant, "PYTHONPATH": str(PLANTS)}
    with served(workers=1, env=env) as service, open_engine(service.policy, url=service.uri,
                                                            home=service.home) as engine:  # fmt: skip
        anchor = FileAnchor(service.home / "anchor.ndjson")
        with Load(service) as load:
            for _ in range(3):
                load.wait_for(BETWEEN)
                service.kill_postgres()
                load.wait_for(1)
        wrong = verdict(service, load, engine, anchor)
    assert [one for one in wrong if found in one], wrong
