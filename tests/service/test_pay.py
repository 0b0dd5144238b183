"""One payment over several loans, and the figures of the product as the policy dates them."""

from __future__ import annotations

import itertools

import pytest

from tests.decision_policy import NOW
from tests.service.test_workout import borrower, days, lent, seen
from tests.service_world import World
from xindeng.kernel.errors import ConflictError, InputError, KeyUsedError
from xindeng.kernel.time import HOUR, MINUTE
from xindeng.service import ledger, limits, workout
from xindeng.service.pay import pay
from xindeng.service.policies import read_bundle
from xindeng.service.product import offer_lasts, unseen_lasts
from xindeng.service.reserve import Order, reserve
from xindeng.store import Store

names = (f"q{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def test_what_is_due_is_paid_first_then_the_oldest_and_the_rest_is_kept(world: World) -> None:
    name = borrower(world)
    first = lent(world, name)
    days(world, 20)
    second = lent(world, name, key="l2")
    days(world, 12)  # an instalment of the first fell due yesterday
    due = seen(world, name, first).due_now
    (part,) = pay(world.engine, name, due, "p1")
    assert (part.amount, part.receipt.loan) == (due, first)
    assert seen(world, name, first).due_now == 0
    owed = seen(world, name, first).payoff + seen(world, name, second).payoff
    parts = pay(world.engine, name, owed + 77, "p2")
    assert {one.receipt.loan for one in parts} == {first, second}
    assert sum(one.amount for one in parts) == owed + 77
    assert [one.receipt.credit for one in parts if one.receipt.credit] == [77]
    assert pay(world.engine, name, owed + 77, "p2") == parts
    with pytest.raises(KeyUsedError, match="another payment"):
        pay(world.engine, name, 1, "p2")
    with pytest.raises(ConflictError, match="nothing is owed"):
        pay(world.engine, name, 1, "p3")
    assert ledger.verify(world.engine).ok


def test_a_loan_written_off_is_paid_last(world: World) -> None:
    name = borrower(world)
    lost, kept = lent(world, name), lent(world, name, key="l2")
    workout.write_off(world.engine, name, lost, "o", by="ana", reason="no answer for years")
    parts = pay(world.engine, name, 500_100, "p1")
    assert [(one.receipt.loan, one.amount) for one in parts] == [(kept, 500_000), (lost, 100)]
    assert parts[1].receipt.owed == 499_900
    assert ledger.verify(world.engine).ok


@pytest.mark.parametrize("amount", [0, -1, 1.5, 10**12])
def test_amounts_that_no_payment_has_are_refused(world: World, amount: int) -> None:
    name = borrower(world)
    loan = lent(world, name)
    with pytest.raises(InputError):
        pay(world.engine, name, amount, "p1")
    assert seen(world, name, loan).payoff == 500_000


def test_a_closed_line_says_so_and_takes_payments(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    limits.change(
        world.engine, name, 0, reason="moved away", by="x", asked_by_borrower=True, close=True
    )
    with pytest.raises(ConflictError, match="the line is closed"):
        reserve(world.engine, name, Order(100, "CNY", b""), "k9")
    (part,) = pay(world.engine, name, 500_000, "p1")
    assert part.receipt.settled and part.receipt.loan == loan


def test_the_products_figures_come_from_the_policy_as_dated(store: Store) -> None:
    bundle = read_bundle("consumer_line")
    path = "parameters/line.yaml"
    text = bundle[path].decode()
    old = '    2020-01-01: {value: 30, source: "reference setting by hand"}\n  low: 5\n'
    assert old in text
    new = old.replace("  low", '    2026-07-02: {value: 45, source: "slower rail"}\n  low')
    bundle[path] = text.replace(old, new).encode()
    world = World(store, bundle)
    assert offer_lasts(world.engine, NOW) == 24 * HOUR
    assert unseen_lasts(world.engine) == 30 * MINUTE
    world.now = world.at("2026-07-02 00:00")
    assert unseen_lasts(world.engine) == 45 * MINUTE
    small = World(store)
    assert offer_lasts(small.engine, NOW) == 24 * HOUR, "a policy that says nothing"
    assert unseen_lasts(small.engine) == 30 * MINUTE
