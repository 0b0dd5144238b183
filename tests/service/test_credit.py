"""What was paid too much: shown, refunded when asked for, else used for what falls due next."""

from __future__ import annotations

import pytest

from tests.decision_policy import NOW
from tests.service.test_workout import borrower, days, lent, seen
from tests.service_world import World
from xindeng.kernel.errors import ConflictError, InputError, KeyUsedError
from xindeng.service import credit, endofday, ledger
from xindeng.service.pay import pay
from xindeng.service.policies import read_bundle
from xindeng.service.repay import repay
from xindeng.store import Store


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    return World(store, read_bundle("consumer_line"))


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def night(world: World) -> None:
    today = world.engine.policy.zone.day(world.now)
    for job in ("accrual", "credit"):
        endofday.run_day(world.engine, job, today)


def test_too_much_is_refunded_once_and_never_more_than_there_is(world: World) -> None:
    name = borrower(world)
    loan = lent(world, name)
    with pytest.raises(ConflictError, match="nothing was paid too much"):
        credit.refund(world.engine, name, "r0")
    pay(world.engine, name, 500_300, "p1")
    assert seen(world, name, loan).credit == 300
    for wrong in (0, -1, 301, 1.5):
        with pytest.raises(InputError, match="300 are there"):
            credit.refund(world.engine, name, "r1", wrong)  # type: ignore[arg-type]
    (part,) = credit.refund(world.engine, name, "r1", 100)
    assert part.credit == 200
    assert credit.refund(world.engine, name, "r1", 100)[0].credit == 200
    with pytest.raises(KeyUsedError, match="another refund"):
        credit.refund(world.engine, name, "r1", 200)
    with pytest.raises(KeyUsedError):
        credit.refund(world.engine, name, "p1")
    (rest,) = credit.refund(world.engine, name, "r2")
    assert rest.credit == 0 and seen(world, name, loan).credit == 0
    assert ledger.verify(world.engine).ok


def test_a_credit_balance_pays_what_falls_due_next(world: World) -> None:
    name = borrower(world)
    first = lent(world, name)
    second = lent(world, name, key="l2")
    owed = seen(world, name, first).payoff
    repay(world.engine, name, first, owed + 20_000, "p1")
    night(world)
    assert seen(world, name, first).credit == 20_000, "nothing is due yet, so it waits"
    days(world, 31)
    due = seen(world, name, second).due_now
    assert due > 20_000
    night(world)
    assert seen(world, name, first).credit == 0
    assert seen(world, name, second).due_now == due - 20_000
    before = seen(world, name, second)
    night(world)
    assert seen(world, name, second) == before, "once"
    with world.store.snapshot() as conn:
        row = conn.execute(
            "SELECT count(*) FROM notice WHERE borrower = %s AND kind = 'credit_used'", [name]
        ).fetchone()
    assert row == (1,)
    assert ledger.verify(world.engine).ok
