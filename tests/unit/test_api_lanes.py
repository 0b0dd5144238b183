"""How many are taken in hand: all that fit, and fewer the more are being refused."""

from __future__ import annotations

import asyncio

import pytest

from xindeng.api.lanes import Lane, Refused
from xindeng.kernel.errors import UnavailableError


class Hand:
    """A clock that is set by hand, s."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def lane(most: int = 8) -> tuple[Lane, Hand]:
    clock = Hand()
    return Lane(most, refused=Refused(clock)), clock


def knock(one: Lane, clock: Hand, seconds: float, times: int, here: int) -> int:
    """How many of so many, spread over so long, are let in while so many are in hand."""
    one.here, taken = here, 0
    for _ in range(times):
        clock.now += seconds / times
        taken += not one.full()
    return taken


def test_a_full_lane_refuses() -> None:
    one, clock = lane()
    assert knock(one, clock, 0.01, 10, here=7) == 10
    assert not one.stormy
    assert knock(one, clock, 0.01, 10, here=8) == 0
    assert one.stormy


def test_the_more_are_refused_the_fewer_are_taken() -> None:
    one, clock = lane(most=64)
    knock(one, clock, 0.2, 1_000, here=64)
    assert knock(one, clock, 0.05, 100, here=24) == 0, "all were refused: three eighths at most"
    assert knock(one, clock, 0.05, 100, here=23) == 100
    one, clock = lane(most=64)
    for _ in range(100):  # nine in ten are taken
        knock(one, clock, 0.0018, 9, here=10)
        knock(one, clock, 0.0002, 1, here=64)
    assert knock(one, clock, 0.001, 10, here=56) == 10
    assert knock(one, clock, 0.001, 10, here=61) == 0


def test_a_storm_goes_on_when_those_in_hand_are_done() -> None:
    """A group is done at once: the lane is empty for a moment, and the next wave is there."""
    one, clock = lane(most=64)
    knock(one, clock, 0.2, 1_000, here=64)
    knock(one, clock, 0.001, 1, here=0)
    assert one.stormy
    assert knock(one, clock, 0.001, 10, here=24) == 0


def test_a_storm_is_over_when_nobody_comes_or_nobody_is_refused() -> None:
    one, clock = lane(most=64)
    knock(one, clock, 0.2, 1_000, here=64)
    clock.now += 0.3
    assert knock(one, clock, 0.001, 10, here=63) == 10
    assert not one.stormy
    knock(one, clock, 0.2, 1_000, here=64)
    knock(one, clock, 0.3, 100, here=10)
    assert not one.stormy
    assert knock(one, clock, 0.001, 10, here=63) == 10


def test_whoever_was_let_in_counts_before_the_task_has_begun() -> None:
    """In one turn of the loop a hundred may come, and none of them is in hand before the next."""

    async def come() -> list[bool]:
        one, clock = lane(most=8)
        one.here, found = 3, []
        for _ in range(7):
            found.append(one.full())
            if not found[-1]:
                one.expect()
        await asyncio.sleep(0)
        assert one.coming == 0
        clock.now += 1
        assert not one.full(), "they are in hand now, or have gone"
        return found

    assert asyncio.run(come()) == [False] * 5 + [True] * 2


def test_no_more_are_in_hand_than_there_is_room_for() -> None:
    one, _ = lane(most=1)
    with one, pytest.raises(UnavailableError), one:
        raise AssertionError
    assert one.here == 0
