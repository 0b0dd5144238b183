"""Draws for real: one transaction, one answer a key, our own side, and nothing of what failed."""

from __future__ import annotations

from threading import Thread

import pytest

from tests.service_world import World, asks, event
from xindeng.decision.answer import Light, Outcome
from xindeng.events.line import DecisionMade, DrawAttempt, HoldPlaced
from xindeng.kernel.errors import (
    InputError,
    KeyUsedError,
    NotFoundError,
    TooManyError,
    UnavailableError,
)
from xindeng.kernel.time import DAY, HOUR, MINUTE
from xindeng.service import draw as module
from xindeng.service.draw import draw
from xindeng.service.precheck import precheck
from xindeng.service.show import show
from xindeng.store import Store, borrowers, decisions, events
from xindeng.store.chain import verify


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def told(world: World, borrower: str) -> list:
    with world.store.snapshot() as conn:
        chain = borrowers.read(conn, world.store.keys, borrower)
        links = events.read_links(conn, borrower)
        assert verify(borrower, links) == (chain.seq, chain.head)
        return list(events.unseal(links, chain.key))


def test_a_draw_is_an_attempt_and_a_decision(world: World) -> None:
    world.settle("drawer-one")
    stored = draw(world.engine, "drawer-one", asks(8_000), "k1")
    assert stored.decision.outcome is Outcome.APPROVE
    attempt, made = told(world, "drawer-one")[3:]
    assert isinstance(attempt.payload, DrawAttempt) and isinstance(made.payload, DecisionMade)
    assert (attempt.seq, made.seq, stored.seq) == (4, 5, 5)
    assert stored.attempt == attempt.id and stored.id == made.id == made.payload.decision_id
    assert attempt.occurred_at == made.known_at == stored.decision.now == world.now
    assert show(world.engine, "drawer-one").last_decision == stored.id
    with world.store.snapshot() as conn:
        sealed = decisions.read(conn, stored.id)
        key = borrowers.read(conn, world.store.keys, "drawer-one").key
    assert sealed.unseal(key) == stored
    assert b"drawer-one" not in sealed.column("record")
    assert int.from_bytes(sealed.column("fired"), "big") == stored.decision.fired


def test_a_key_gives_the_first_answer_for_ever(world: World) -> None:
    world.settle("d2")
    first = draw(world.engine, "d2", asks(8_000), "same")
    before = world.counts()
    world.now += 400 * DAY
    assert draw(world.engine, "d2", asks(8_000), "same") == first
    with pytest.raises(KeyUsedError):
        draw(world.engine, "d2", asks(8_001), "same")
    assert world.counts() == before
    world.settle("d2b")
    assert draw(world.engine, "d2b", asks(8_000), "same").id != first.id, (
        "keys are a borrower's own"
    )


def test_the_same_key_at_once_decides_once(world: World) -> None:
    world.settle("d3")
    answers: list[str] = []
    threads = [
        Thread(target=lambda: answers.append(draw(world.engine, "d3", asks(5_000), "one").id))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8 and len(set(answers)) == 1
    assert len(told(world, "d3")) == 5


def test_draws_of_one_borrower_queue_up_and_see_each_other(world: World) -> None:
    world.settle("d4")
    seqs: list[int] = []
    threads = [
        Thread(target=lambda n=n: seqs.append(draw(world.engine, "d4", asks(5_000), f"k{n}").seq))
        for n in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seqs) == [5, 7, 9, 11, 13, 15]
    told(world, "d4")


def test_unknown_borrowers_and_bad_requests_store_nothing(world: World) -> None:
    world.settle("d5")
    before = world.counts()
    for borrower in ("nobody", "platform"):
        with pytest.raises(NotFoundError):
            draw(world.engine, borrower, asks(), "k")
    for request in (asks(1), asks(currency="USD")):
        with pytest.raises(InputError):
            draw(world.engine, "d5", request, "k")
    for key in ("", "x" * 129, "a\nb"):
        with pytest.raises(InputError, match="idempotency key"):
            draw(world.engine, "d5", asks(), key)
    assert world.counts() == before


def test_the_clock_never_runs_behind_what_is_known(world: World) -> None:
    world.settle("d6")
    world.tell("d6", event("payment", "2026-07-01T10:03", direction="in", amount=5))
    world.now -= HOUR
    stored = draw(world.engine, "d6", asks(), "k")
    assert stored.decision.now == world.now + HOUR
    world.now -= DAY
    assert draw(world.engine, "d6", asks(), "k2").decision.now == stored.decision.now


def test_refused_sittings_count_once_and_lead_to_a_wait(world: World) -> None:
    world.settle("d7", due=500_000)
    sittings = set()
    for n in range(4):
        stored = draw(world.engine, "d7", asks(), f"k{n}")
        sittings.add(told(world, "d7")[-2].payload.sitting)
        world.now += 40 * MINUTE
        if n < 3:
            assert stored.decision.outcome is Outcome.DECLINE and stored.decision.counted
    assert stored.decision.lights["attempts"] is Light.RED
    assert len(sittings) == 4
    world.now += MINUTE
    world.settle("d7b", due=500_000)
    for n in range(2):
        draw(world.engine, "d7b", asks(), f"k{n}")
        world.now += MINUTE
    assert len({e.payload.sitting for e in told(world, "d7b") if e.type == "draw_attempt"}) == 1


def test_a_hold_that_a_decision_orders_is_placed_with_it(world: World) -> None:
    world.settle("d8")
    world.tell("d8", event("security_incident", "2026-07-01T09:00", kind="password_leak"))
    stored = draw(world.engine, "d8", asks(), "k1")
    assert stored.decision.outcome in (Outcome.REVIEW, Outcome.RETRY_LATER)
    placed = told(world, "d8")[-1]
    assert isinstance(placed.payload, HoldPlaced) and placed.seq == stored.seq + 1
    assert placed.payload.kind == "security"
    assert [hold.id for hold in show(world.engine, "d8").holds] == [placed.id]
    again = draw(world.engine, "d8", asks(), "k2")
    assert again.decision.holds_to_place == (), "it stands already"
    assert again.decision.outcome is Outcome.REVIEW


def test_our_side_is_read_from_the_platform_s_own_chain(world: World) -> None:
    world.settle("d9")
    assert draw(world.engine, "d9", asks(), "k0").decision.outcome is Outcome.APPROVE
    day = {"review_day": 20_655}
    world.tell(
        "platform", event("stance_change", "2026-07-01T09:00", segment="all", stance="brake", **day)
    )
    stored = draw(world.engine, "d9", asks(), "k1")
    assert stored.platform_seq == 1
    assert stored.decision.our_side and stored.decision.stance == "brake"
    assert stored.decision.outcome is Outcome.RETRY_LATER and not stored.decision.counted
    world.ease(**day)
    assert draw(world.engine, "d9", asks(), "k2").decision.outcome is Outcome.APPROVE
    world.tell(
        "platform",
        event("platform_status", "2026-07-01T09:40", part="maintenance", available=False),
    )
    assert draw(world.engine, "d9", asks(), "k3").decision.lights["platform"] is Light.OUR_SIDE
    world.tell(
        "platform", event("platform_status", "2026-07-01T09:50", part="maintenance", available=True)
    )
    assert draw(world.engine, "d9", asks(), "k4").decision.outcome is Outcome.APPROVE


@pytest.mark.parametrize(
    ("room", "step"),
    [("openings", "lock_and_read"), ("events", "insert"), ("decisions", "insert"),
     ("borrowers", "save_heads"), ("decisions", "remember")],
)  # fmt: skip
def test_a_crash_between_steps_rolls_back(
    world: World, monkeypatch: pytest.MonkeyPatch, room: str, step: str
) -> None:
    borrower = world.settle(f"crash-{step}-{room}")
    before = world.counts()
    original = getattr(getattr(module, room), step)

    def explode(*arguments: object) -> None:
        original(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(getattr(module, room), step, explode)
        with pytest.raises(KeyboardInterrupt):
            draw(world.engine, borrower, asks(), "k")
    assert world.counts() == before
    assert draw(world.engine, borrower, asks(), "k").seq == 5


def test_a_connection_lost_before_the_commit_stores_nothing(
    world: World, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    borrower = world.settle("lost")
    before = world.counts()
    original = decisions.remember

    def cut(conn, *rest: object) -> None:
        original(conn, *rest)
        with psycopg.connect(server_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])

    with monkeypatch.context() as patch:
        patch.setattr(module.decisions, "remember", cut)
        with pytest.raises(UnavailableError):
            draw(world.engine, borrower, asks(), "k")
    assert world.counts() == before
    assert draw(world.engine, borrower, asks(), "k").seq == 5


# --- pre-checks ----------------------------------------------------------------------------------


def test_a_thousand_prechecks_leave_no_mark(world: World) -> None:
    world.settle("p1", due=402_000)
    world.settle("p2", due=402_000)
    before = world.counts()
    for n in range(1_000):
        world.now += n % 7
        precheck(world.engine, "p1", asks(3_000 + n))
    assert world.counts() == before
    after_many, after_none = (draw(world.engine, name, asks(8_000), "k") for name in ("p1", "p2"))
    assert after_many.decision == after_none.decision
    assert after_many.decision.outcome is Outcome.APPROVE_LESS


def test_prechecks_round_down_and_are_limited(world: World) -> None:
    world.settle("p3", due=402_000)
    tried = precheck(world.engine, "p3", asks(8_000)).decision
    real = draw(world.engine, "p3", asks(8_000), "k").decision
    assert tried and (tried.frontier, real.frontier) == (450_000, 480_000)
    world.engine.limiter.per_hour = 30
    world.settle("p4")
    for _ in range(30):
        precheck(world.engine, "p4", asks())
    with pytest.raises(TooManyError) as caught:
        precheck(world.engine, "p4", asks())
    assert 0 < caught.value.retry_after_s <= 3_601
    precheck(world.engine, "p3", asks())
    world.now += HOUR
    precheck(world.engine, "p4", asks())
    with pytest.raises(NotFoundError):
        precheck(world.engine, "nobody", asks())


def test_under_a_security_hold_a_precheck_only_says_verify(world: World) -> None:
    world.settle("p5")
    world.tell("p5", event("hold_placed", "2026-07-01T09:00", hold="h", kind="security", mode="block",
                           reason="check", review_at=world.now + DAY))  # fmt: skip
    assert precheck(world.engine, "p5", asks()).verify_first
