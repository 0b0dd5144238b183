"""An offer that was not confirmed: it is named with its end, and whoever lets go of it has its room
back at once, once, and for good."""

from __future__ import annotations

import itertools

import pytest

from tests.decision_policy import NOW
from tests.service_world import World, asks
from xindeng.adapters.rail import SandboxRail
from xindeng.decision.answer import Outcome
from xindeng.kernel.errors import ConflictError, NotFoundError
from xindeng.kernel.time import HOUR
from xindeng.service.disburse import Ports, confirm
from xindeng.service.draw import draw
from xindeng.service.offers import DROPPED, drop, standing
from xindeng.store import Store, reservations

names = (f"o{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def test_offers_that_stand_are_named_until_they_lapse(world: World) -> None:
    name = world.settle(next(names))
    first = draw(world.engine, name, asks(3_000, rate_bp=1825), "a").id
    world.now += HOUR
    second = draw(world.engine, name, asks(2_000, rate_bp=1825), "b").id
    found = standing(world.engine, name)
    assert [(one.decision, one.amount, one.keeps) for one in found] == [
        (second, 200_000, True), (first, 300_000, True)
    ]  # fmt: skip
    assert found[1].until == NOW + 24 * HOUR
    world.now = NOW + 24 * HOUR + 1
    assert [one.decision for one in standing(world.engine, name)] == [second]
    world.read_cost(name, second)
    confirm(world.engine, Ports(SandboxRail()), name, second, "k")
    assert standing(world.engine, name) == ()


def test_letting_go_is_once_and_for_good(world: World) -> None:
    name = world.settle(next(names))
    made = draw(world.engine, name, asks(3_000, rate_bp=1825), "a").id
    world.read_cost(name, made)
    void = drop(world.engine, name, made)
    assert (void.state, void.cause, void.amount) == ("void", DROPPED, 300_000)
    assert drop(world.engine, name, made) == void
    assert standing(world.engine, name) == ()
    rail = SandboxRail()
    with pytest.raises(ConflictError, match="has been used"):
        confirm(world.engine, Ports(rail), name, made, "k")
    assert not rail.sent
    with world.store.snapshot() as conn:
        assert reservations.of_borrower(conn, name) == []


def test_what_was_drawn_is_not_let_go_nor_what_is_somebody_elses(world: World) -> None:
    name, other = world.settle(next(names)), world.settle(next(names))
    made = draw(world.engine, name, asks(3_000, rate_bp=1825), "a").id
    with pytest.raises(NotFoundError):
        drop(world.engine, other, made)
    world.read_cost(name, made)
    confirm(world.engine, Ports(SandboxRail()), name, made, "k")
    with pytest.raises(ConflictError, match="has been used"):
        drop(world.engine, name, made)


def test_a_smaller_offer_keeps_no_room_and_gives_none_back(world: World) -> None:
    name = world.settle(next(names), due=402_000)
    less = draw(world.engine, name, asks(8_000, rate_bp=1825), "d")
    assert less.decision.outcome is Outcome.APPROVE_LESS
    (found,) = standing(world.engine, name)
    assert not found.keeps
    with world.store.snapshot() as conn:
        before = conn.execute("SELECT count(*) FROM event WHERE borrower = %s", [name]).fetchone()
    assert drop(world.engine, name, less.id).state == "void"
    with world.store.snapshot() as conn:
        after = conn.execute("SELECT count(*) FROM event WHERE borrower = %s", [name]).fetchone()
    assert before == after, "nothing was kept, so nothing is told to be free"
