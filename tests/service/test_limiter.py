"""The guard counts by the hour, for all processes together, and nobody can read who called."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from xindeng.kernel.errors import TooManyError
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.service.limiter import Limiter
from xindeng.store import Store
from xindeng.store.connect import open_pool


def kept(store: Store) -> list[bytes]:
    with store.snapshot() as conn:
        return [row[0] for row in conn.execute("SELECT who FROM guard", binary=True)]


def test_thirty_an_hour_and_forgotten_after_a_day(store: Store) -> None:
    now = 1_000 * DAY
    limiter = Limiter(store, lambda: now)
    for _ in range(30):
        limiter.enter("b1")
        now += MINUTE
    with pytest.raises(TooManyError) as caught:
        limiter.enter("b1")
    assert caught.value.retry_after_s == 30 * 60 + 1
    limiter.enter("b2")
    now += 30 * MINUTE
    limiter.enter("b1")
    assert len(kept(store)) == 2
    assert not any(b"b1" in who for who in kept(store)), "callers are kept as keyed hashes"
    now += DAY + HOUR
    limiter.enter("b3")
    assert len(kept(store)) == 1


def admitted(stores: list[Store], caller: str) -> int:
    """How many of 60 calls at once are let in, by limiters as several workers have them."""
    now = 2_000 * DAY
    limiters = [Limiter(one, lambda: now) for one in stores]

    def call(number: int) -> bool:
        try:
            limiters[number % len(limiters)].enter(caller)
        except TooManyError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(call, range(60)))


def test_thirty_an_hour_are_thirty_whatever_the_worker(store: Store) -> None:
    with open_pool(store.uri, size=4) as other:
        assert admitted([store, replace(store, pool=other)], "shared") == 30


def test_workers_that_count_apart_let_too_many_in(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: each worker knows callers by a name of its own."""
    look_up = type(store.keys).look_up

    def apart(keys: object, purpose: str, text: str) -> bytes:
        return look_up(keys, purpose + str(os.urandom(1)[0] % 2), text)  # type: ignore[arg-type]

    monkeypatch.setattr(type(store.keys), "look_up", apart)
    assert admitted([store], "apart") > 30
