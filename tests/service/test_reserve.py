"""Reservations: room is taken once, whoever asks and however often."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from tests.service_world import World, asks
from xindeng.events.line import LimitChange
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError, KeyUsedError
from xindeng.lending.terms import Terms, write_terms
from xindeng.service import books
from xindeng.service import reserve as reserving
from xindeng.service.draw import draw
from xindeng.service.held import held
from xindeng.service.policies import read_bundle
from xindeng.service.product import legal_cap
from xindeng.service.reserve import Order, numbers, reserve
from xindeng.store import Store, reservations

CLIENTS, ROUNDS = 64, 200
names = (f"r{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store)


def order(amount: int, **more: object) -> Order:
    return Order(amount, "CNY", b"terms", **more)  # type: ignore[arg-type]


def test_room_is_taken_and_shown(world: World) -> None:
    name = world.settle(next(names), limit=1_000_000)
    made = reserve(world.engine, name, order(400_000), "k1")
    assert made.state == "reserved"
    with held(world.engine, name) as line:
        found = numbers(line)
        assert (found.limit, found.exposure, found.reserved, found.room) == (
            1_000_000, 0, 400_000, 600_000,
        )  # fmt: skip
        assert line.state.seq == 4
    with pytest.raises(ConflictError, match="600,000 minor units are free"):
        reserve(world.engine, name, order(600_001), "k2")
    assert reserve(world.engine, name, order(600_000), "k3").state == "reserved"


def test_the_same_key_reserves_once(world: World) -> None:
    name = world.settle(next(names), limit=1_000_000)
    first = reserve(world.engine, name, order(400_000), "k1")
    assert reserve(world.engine, name, order(400_000), "k1") == first
    with pytest.raises(KeyUsedError, match="another request"):
        reserve(world.engine, name, order(400_001), "k1")
    with held(world.engine, name) as line:
        assert numbers(line).reserved == 400_000


@pytest.mark.parametrize("amount", [0, -1, 10**11 + 1, True, 1.5])
def test_amounts_that_no_draw_has_are_refused(world: World, amount: int) -> None:
    name = world.settle(next(names))
    before = world.counts()
    with pytest.raises(InputError):
        reserve(world.engine, name, order(amount), "k1")
    with pytest.raises(InputError, match="the line is in CNY"):
        reserve(world.engine, name, Order(100, "USD", b""), "k1")
    assert world.counts() == before


def test_a_hold_stops_draws(world: World) -> None:
    name = world.settle(next(names))
    world.tell(
        name,
        {"type": "hold_placed", "occurred_at": "2026-06-30",
         "payload": {"hold": "h", "kind": "manual", "mode": "block", "reason": "x",
                     "review_at": world.now + 10**12}},
    )  # fmt: skip
    with pytest.raises(ForbiddenError, match="repayments go on"):
        reserve(world.engine, name, order(1), "k1")


def bounded(store: Store, parameter: str, old: int, new: int) -> World:
    """A world under the shipped policy with one figure of the product changed."""
    bundle = read_bundle("consumer_line")
    text = bundle["parameters/line.yaml"].decode()
    head, tail = text.split(f"\n{parameter}:\n", 1)
    assert tail.count(f"value: {old},")
    changed = f"{head}\n{parameter}:\n{tail.replace(f'value: {old},', f'value: {new},', 1)}"
    return World(store, bundle | {"parameters/line.yaml": changed.encode()})


def test_how_many_draws_may_be_open_is_a_parameter(store: Store) -> None:
    world = bounded(store, "max_open_draws", 50, 2)
    name = world.settle(next(names))
    first = reserve(world.engine, name, order(10_000), "k1")
    with held(world.engine, name) as line:  # one of the two is a loan by now
        books.open_loan(line, replace(first, terms=write_terms(Terms(146_000, 12))))
        reservations.move(line.conn, first, "settled", "test", line.now)
    reserve(world.engine, name, order(10_000), "k2")
    with pytest.raises(
        ConflictError, match="2 draws are open or on their way, and 2 may"
    ) as caught:
        reserve(world.engine, name, order(10_000), "k3")
    assert caught.value.code == "draw.too_many"
    assert reserve(world.engine, name, order(10_000), "k2").state == "reserved"
    assert taken(world, name) == 20_000


def test_the_legal_cap_of_a_line_is_a_dated_parameter(store: Store) -> None:
    world = World(store, read_bundle("consumer_line"))
    name = world.settle(next(names), limit=30_000_000)
    reserve(world.engine, name, order(15_000_000), "k1")
    with pytest.raises(ConflictError, match="law allows 20,000,000") as caught:
        reserve(world.engine, name, order(5_000_001), "k2")
    assert caught.value.code == "draw.legal_cap"
    assert reserve(world.engine, name, order(5_000_000), "k3").state == "reserved"
    world.now = world.at("2020-03-01")
    assert legal_cap(world.engine) == 30_000_000


def test_the_largest_draw_is_a_parameter(store: Store) -> None:
    wide, narrow = (
        World(store, read_bundle("consumer_line")),
        bounded(store, "max_draw", 4_000_000, 500_000),
    )
    for world, gate in ((wide, None), (narrow, "line.draw_too_large")):
        name = world.settle(next(names))
        made = draw(world.engine, name, asks(6_000, term_months=12, rate_bp=1460), "k").decision
        fired = {one.rule for one in made.reasons}
        assert ("line.draw_too_large" in fired) is (gate is not None)


def crowd(world: World, name: str, amount: int, tag: str, how: object) -> Counter[str]:
    """64 clients at once, each wanting `amount` under a key of its own."""
    gate = Barrier(CLIENTS)

    def client(number: int) -> str:
        gate.wait()
        for _ in range(200):
            try:
                how(world.engine, name, order(amount), f"{tag}-{number}")  # type: ignore[operator]
                return "granted"
            except ForbiddenError:
                return "held"
            except ConflictError as error:
                if error.code != "store.busy":
                    return "full"
        return "starved"

    with ThreadPoolExecutor(CLIENTS) as pool:
        return Counter(pool.map(client, range(CLIENTS)))


def taken(world: World, name: str) -> int:
    with held(world.engine, name) as line:
        found = numbers(line)
        return found.reserved + found.exposure


def check_then_write(engine: object, name: str, wanted: Order, key: str) -> object:
    """The planted fault: the room is read in one transaction and taken in another."""
    with held(engine, name) as line:  # type: ignore[arg-type]
        reserving.check_room(numbers(line), wanted.amount)
    with held(engine, name) as line:  # type: ignore[arg-type]
        return reserving.book(line, wanted, key, b"\0" * 32)


def test_planted_read_check_write_goes_over_the_limit(world: World) -> None:
    name = world.settle(next(names), limit=1_000_000)
    crowd(world, name, 250_000, "fault", check_then_write)
    assert taken(world, name) > 1_000_000


def test_64_clients_200_rounds_never_go_over_the_limit(world: World) -> None:
    name = world.settle(next(names), limit=1_000_000)
    for number in range(ROUNDS):
        if number % 10 == 7:  # a cut, later taken back
            with held(world.engine, name) as line:
                line.tell(LimitChange(limit=600_000, change="decreased"))
        limit = 600_000 if number % 10 >= 7 else 1_000_000
        outcome = crowd(world, name, 200_000, f"round{number}", reserve)
        assert taken(world, name) == limit, "an exact grant, for the amount divides the limit"
        assert outcome == {"granted": limit // 200_000, "full": CLIENTS - limit // 200_000}
        with held(world.engine, name) as line:
            for one in reservations.of_borrower(line.conn, name):
                reservations.move(line.conn, one, "void", "test", line.now)
            if number % 10 == 9:
                line.tell(LimitChange(limit=1_000_000, change="increased"))
