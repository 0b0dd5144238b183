"""Draws that end, money that comes back, days that pass: the ledger always proves the lines."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import repeat
from pathlib import Path
from threading import Barrier, Thread

import psycopg
import pytest

from tests.decision_policy import NOW, files
from tests.service_world import World, asks
from xindeng.adapters.funder import SandboxFunder
from xindeng.adapters.notifier import FileNotifier
from xindeng.adapters.ports import RailAnswer, Transfer
from xindeng.adapters.rail import SandboxRail
from xindeng.events.line import HoldPlaced, HoldReleased, LimitChange
from xindeng.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    KeyUsedError,
    UnavailableError,
)
from xindeng.kernel.time import DAY, HOUR
from xindeng.lending.terms import Terms, write_terms
from xindeng.service import disburse, endofday, ledger, repay, worker
from xindeng.service import reserve as reserving
from xindeng.service.disburse import Ports, confirm
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.policies import load_policy
from xindeng.service.quote import OWN_FUNDS, quote
from xindeng.servicing.cost_sheet import cost_sheet
from xindeng.store import Store, loans, reservations
from xindeng.store.reservations import Reservation

CLIENTS, ROUNDS = 64, 200
ORDER = reserving.Order(250_000, "CNY", write_terms(Terms(182_500, 12)))
names = (f"m{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    bundle = files()
    features = bundle["features.yaml"].decode()
    assert 'exposure: {derive: "drawn"}' in features
    bundle["features.yaml"] = features.replace(
        'exposure: {derive: "drawn"}',
        """exposure: {derive: "GREATEST(drawn - repaid + taken_back, 0)"}
repaid: {event: repayment, op: sum(principal), window: all}
taken_back: {event: repayment_reversed, op: sum(principal), window: all}""",
    ).encode()
    return World(store, bundle)


@pytest.fixture(autouse=True)
def today(world: World) -> None:
    world.now = NOW


def drawn(world: World, name: str, ports: Ports, yuan: int = 8_000) -> Reservation:
    made = draw(world.engine, name, asks(yuan, rate_bp=1825), f"d-{yuan}")
    world.read_cost(name, made.id, ports.funder.name if ports.funder else OWN_FUNDS)
    return confirm(world.engine, ports, name, made.id, f"c-{yuan}")


def numbers(world: World, name: str) -> tuple[int, int]:
    with held(world.engine, name) as line:
        found = reserving.numbers(line)
    return found.exposure, found.reserved


def test_a_draw_settles_and_is_on_the_ledger(world: World) -> None:
    name, rail = world.settle(next(names)), SandboxRail()
    made = drawn(world, name, Ports(rail, SandboxFunder()))
    assert (made.state, made.cause) == ("settled", "paid out")
    assert [one.amount for one in rail.paid.values()] == [800_000]
    assert numbers(world, name) == (800_000, 0)
    assert drawn(world, name, Ports(rail, SandboxFunder())) == made
    assert len(rail.sent) == 1
    with world.store.snapshot() as conn:
        posted = {one.account: one.amount for one in loans.postings(conn, made.draw)}
    assert posted == {"cash": -800_000, "principal": 800_000}


@pytest.mark.parametrize(
    ("behaviour", "first", "last"),
    [
        ("time_out", "unknown", "settled"),
        ("pending", "unknown", "unknown"),
        ("fail", "void", "void"),
        ("contradict", "settled", "settled"),
        ("time_out_before", "unknown", "unknown"),
    ],
)
def test_the_rail_may_misbehave(world: World, behaviour: str, first: str, last: str) -> None:
    name, rail = world.settle(next(names)), SandboxRail([behaviour])
    ports = Ports(rail)
    made = drawn(world, name, ports)
    assert made.state == first
    made = disburse.advance(world.engine, ports, made)
    assert made.state == last
    moved = 800_000 if last == "settled" else 0
    assert numbers(world, name) == (moved, 800_000 if last == "unknown" else 0)
    assert len(rail.paid) == (1 if moved else 0)
    assert set(rail.sent) == {made.draw}, "never sent under another key"


def test_the_rail_is_down_and_the_reservation_is_released_by_rule(world: World) -> None:
    name, rail = world.settle(next(names)), SandboxRail()
    rail.down = True
    ports = Ports(rail)
    made = drawn(world, name, ports)
    assert made.state == "unknown"
    assert numbers(world, name) == (0, 800_000)
    world.now += HOUR
    assert disburse.advance(world.engine, ports, made).state == "unknown", "still not known"
    rail.down = False
    with world.store.snapshot() as conn:
        made = reservations.read(conn, made.draw)
    done = disburse.advance(world.engine, ports, made)
    assert (done.state, done.cause) == ("void", "the payment rail never heard of it")
    assert numbers(world, name) == (0, 0)
    assert not rail.paid


def test_money_that_left_is_booked_although_the_rail_said_no(world: World) -> None:
    name, rail = world.settle(next(names)), SandboxRail(["fail"])
    made = drawn(world, name, Ports(rail))
    assert made.state == "void"
    again = disburse.answer(world.engine, made.draw, RailAnswer.settled)
    assert again.state == "settled"
    assert "after all" in again.cause
    assert numbers(world, name)[0] == 800_000
    assert disburse.answer(world.engine, made.draw, RailAnswer.settled) == again
    assert disburse.answer(world.engine, made.draw, RailAnswer.failed) == again


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ([RailAnswer.settled, RailAnswer.settled], "settled"),
        ([RailAnswer.settled, RailAnswer.failed], "settled"),
        ([RailAnswer.failed, RailAnswer.failed], "void"),
        ([RailAnswer.failed, RailAnswer.settled, RailAnswer.failed], "settled"),
        ([RailAnswer.pending, RailAnswer.unseen], "unknown"),
    ],
)
def test_the_rail_may_answer_twice_and_against_itself(
    world: World, said: list[RailAnswer], state: str
) -> None:
    name, rail = world.settle(next(names)), SandboxRail(["pending"])
    made = drawn(world, name, Ports(rail))
    assert made.state == "unknown"
    for one in said:
        made = disburse.answer(world.engine, made.draw, one)
    assert made.state == state
    with world.store.snapshot() as conn:
        booked = loans.postings(conn, made.draw)
        told = [step for _, step, _ in reservations.steps(conn, made.draw)]
    assert len(booked) == (2 if state == "settled" else 0), "booked once or not at all"
    assert told.count("settled") == (state == "settled")
    assert numbers(world, name) == {
        "settled": (800_000, 0), "void": (0, 0), "unknown": (0, 800_000),
    }[state]  # fmt: skip
    assert rail.sent == [made.draw], "sent once, under one key"
    assert ledger.verify(world.engine).ok


def test_planted_rail_client_that_sends_again_is_seen(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, rail = world.settle(next(names)), SandboxRail(["time_out"])
    ports = Ports(rail)

    def again(engine: Engine, asked: SandboxRail, draw: Reservation) -> Reservation:
        asked.send(Transfer(f"{draw.draw}-2", draw.borrower, draw.amount, draw.currency))
        return draw

    monkeypatch.setattr(disburse, "_ask", again)
    made = drawn(world, name, ports)
    disburse.advance(world.engine, ports, made)
    assert len(rail.paid) == 2, "money left twice, which the real one never lets happen"


def test_the_cost_is_told_before_it_is_confirmed_and_never_above_the_cap(world: World) -> None:
    name = world.settle(next(names))
    made = draw(world.engine, name, asks(8_000, rate_bp=1825), "d1")
    sheet = quote(world.engine, name, made.id)
    assert sum(charge.amount for charge in sheet.charges) > 0
    assert not sheet.caps, "the trial policy names no cap"
    terms = Terms(240_100, 12)
    consumer = load_policy("consumer_line")
    day = world.engine.policy.zone.day(world.engine.policy.zone.parse("2026-09-01"))
    caps = consumer.products.caps_on(day)
    assert [(cap.ppm, cap.scope) for cap in caps] == [
        (240_000, "performing"), (240_000, "default_total"),
    ]  # fmt: skip
    with pytest.raises(InputError):
        cost_sheet(terms, 800_000, day, lender="x", caps=caps)


@pytest.mark.parametrize("said", ["refused", "quota"])
def test_a_funders_no_voids_the_draw(world: World, said: str) -> None:
    name, rail = world.settle(next(names)), SandboxRail()
    made = drawn(world, name, Ports(rail, SandboxFunder([said])))
    assert (made.state, made.cause) == ("void", f"funder: {said}")
    assert not rail.sent


def test_a_silent_funder_is_asked_again(world: World) -> None:
    name, rail = world.settle(next(names)), SandboxRail()
    ports = Ports(rail, SandboxFunder(["timeout"]))
    with pytest.raises(UnavailableError, match="stays reserved"):
        drawn(world, name, ports)
    assert numbers(world, name) == (0, 800_000)
    assert drawn(world, name, ports).state == "settled"


def test_repay_reverse_refund(world: World) -> None:
    name = world.settle(next(names))
    loan = drawn(world, name, Ports(SandboxRail())).draw
    world.now += 10 * DAY  # 1.5208 % a month of 31 days: ¥39.25 in ten days
    paid = repay.repay(world.engine, name, loan, 103_925, "p1")
    assert (paid.principal, paid.owed, paid.settled) == (700_000, 700_000, False)
    assert numbers(world, name) == (700_000, 0)
    assert repay.repay(world.engine, name, loan, 103_925, "p1") == paid
    with pytest.raises(KeyUsedError, match="another transaction"):
        repay.repay(world.engine, name, loan, 103_926, "p1")
    back = repay.reverse(world.engine, name, loan, paid.seq, "r1")
    assert (back.principal, back.owed) == (800_000, 803_925)
    assert numbers(world, name) == (800_000, 0)
    with pytest.raises(InputError, match="already"):
        repay.reverse(world.engine, name, loan, paid.seq, "r2")
    with pytest.raises(InputError, match="not a payment"):
        repay.reverse(world.engine, name, loan, back.seq, "r3")
    more = repay.repay(world.engine, name, loan, 804_925, "p2")
    assert (more.owed, more.credit) == (0, 1_000)
    with pytest.raises(InputError, match="the credit is 1000"):
        repay.refund(world.engine, name, loan, 1_001, "f1")
    assert repay.refund(world.engine, name, loan, 1_000, "f2").settled
    assert numbers(world, name) == (0, 0)
    assert ledger.verify(world.engine).ok


@pytest.mark.parametrize("amount", [0, -5, 10**12, 1.5])
def test_bad_payments_post_nothing(world: World, amount: int) -> None:
    name = world.settle(next(names))
    loan = drawn(world, name, Ports(SandboxRail())).draw
    with world.store.snapshot() as conn:
        before = loans.postings(conn, loan)
    with pytest.raises(InputError):
        repay.repay(world.engine, name, loan, amount, "p1")
    day = world.engine.policy.zone.day(world.now)
    for wrong in ({"currency": "USD"}, {"value_day": day - 1}, {"value_day": day + 1}):
        with pytest.raises(InputError):
            repay.repay(world.engine, name, loan, 100, "p1", **wrong)  # type: ignore[arg-type]
    with world.store.snapshot() as conn:
        assert loans.postings(conn, loan) == before


def settle_many(world: World, count: int) -> list[str]:
    made = [world.settle(next(names)) for _ in range(count)]
    for name in made:
        drawn(world, name, Ports(SandboxRail()))
    return made


def posted(world: World) -> int:
    with world.store.snapshot() as conn:
        row = conn.execute("SELECT count(*) FROM posting WHERE job IS NOT NULL").fetchone()
    return row[0] if row else 0


def test_end_of_day_twice_and_in_parallel_posts_once(world: World) -> None:
    settle_many(world, 12)
    world.now += DAY
    day = world.engine.policy.zone.day(world.now)
    threads = [
        Thread(target=endofday.run_day, args=(world.engine, "accrual", day), kwargs={"size": 3})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    first = posted(world)
    assert first > 0
    assert endofday.run_day(world.engine, "accrual", day).finished
    assert posted(world) == first
    assert ledger.verify(world.engine).ok


def test_the_worker_does_the_day_and_tells_the_people(world: World, tmp_path: Path) -> None:
    (name,) = settle_many(world, 1)
    disburse_down = SandboxRail()
    world.now += 2 * DAY
    notifier = FileNotifier(tmp_path / "notices.ndjson")
    with held(world.engine, name) as line:
        line.notify("test", {"zh": "通知", "en": "notice"}, old_contact=True)
    queued = worker.run_once(world.engine, Ports(disburse_down), notifier)
    assert queued >= 2
    assert worker.run_once(world.engine, Ports(disburse_down), notifier) == 0
    assert name in notifier.path.read_text(encoding="utf-8")
    assert ledger.verify(world.engine).ok


def test_a_changed_balance_is_found(world: World) -> None:
    (name,) = settle_many(world, 1)

    def shown(principal: int) -> None:
        with world.store.pool.connection() as conn:
            conn.execute(
                "UPDATE loan SET posted = jsonb_set(posted, '{principal}', %s::text::jsonb)"
                " WHERE borrower = %s",
                [str(principal), name],
            )

    shown(1)
    found = ledger.verify(world.engine)
    assert not found.ok
    assert name in found.wrong[0]
    shown(800_000)
    assert ledger.verify(world.engine).ok


def test_the_database_refuses_what_would_break_the_books(world: World) -> None:
    (name,) = settle_many(world, 1)
    world.now += DAY
    day = world.engine.policy.zone.day(world.now)
    endofday.run_day(world.engine, "accrual", day, size=1)
    with world.store.snapshot() as conn:
        loan = loans.of_borrower(conn, name)[0].loan
        posting = loans.postings(conn, loan)[0]
    one_sided = replace(posting, entry=world.engine.new_id(world.now), job=None)
    with pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="sum to zero"):
        book(world, [one_sided])
    twice = [
        replace(one, entry=world.engine.new_id(world.now), job="again", cause=str(number))
        for number in range(2)
        for one in (posting, replace(posting, amount=-posting.amount, account="x"))
    ]
    with pytest.raises(psycopg.errors.UniqueViolation, match="loan_value_day_job_account"):
        book(world, twice)
    assert ledger.verify(world.engine).ok


def book(world: World, rows: list[loans.PostingRow]) -> None:
    with world.store.transaction(pipelined=False) as conn:
        loans.post(conn, rows)


def test_sixty_four_clients_draw_repay_hold_and_cut_for_200_rounds(world: World) -> None:
    """Draws that settle at once, mixed with everything else that moves the room.

    In each round 64 clients come at once to one line: most draw, some repay, one in sixteen cuts
    the limit or raises it again, one in sixteen holds the line or lets it go. After each round
    what is owed and reserved is within the greatest limit of that round, and every draw the rail
    paid is a loan; then the loans are repaid in full so that the next round has room again.
    """
    name = world.settle(next(names), limit=2_000_000)
    rail, trouble = SandboxRail(), []
    ports = Ports(rail)
    told: Counter[str] = Counter()

    def client(number: int, turn: int, gate: Barrier) -> None:
        gate.wait()
        try:
            told[patiently(client_turn, number, turn)] += 1
        except (ConflictError, ForbiddenError) as error:
            told[error.code] += 1
        except Exception as error:
            trouble.append(error)

    def client_turn(number: int, turn: int) -> str:
        key = f"{number}-{turn}"
        if number % 8 == 5:
            with world.store.snapshot() as conn:
                mine = loans.of_borrower(conn, name, living=True)
            if mine:
                repay.repay(world.engine, name, mine[number % len(mine)].loan, 1_000, f"p-{key}")
            return "repaid"
        if number % 16 == 3:
            with held(world.engine, name) as line:
                change = "increased" if turn % 2 else "decreased"
                limit = 2_000_000 if turn % 2 else 1_000_000
                line.tell(LimitChange(limit=limit, change=change))  # type: ignore[arg-type]
            return change
        if number % 16 == 11:
            with held(world.engine, name) as line:
                block = HoldPlaced(
                    hold=f"h{number}", kind="manual", mode="block", reason="x",
                    review_at=line.now + DAY,
                )  # fmt: skip
                line.tell(block if turn % 4 == 0 else HoldReleased(hold=f"h{number}", how="review"))
            return "held" if turn % 4 == 0 else "let go"
        made = reserving.reserve(world.engine, name, ORDER, key)
        for _ in range(200):
            try:
                disburse.advance(world.engine, ports, made)
                return "drawn"
            except ConflictError:
                with world.store.snapshot() as conn:
                    made = reservations.read(conn, made.draw)
        return "starved"

    with ThreadPoolExecutor(CLIENTS) as pool:
        for turn in range(ROUNDS):
            before, gate = len(rail.paid), Barrier(CLIENTS)
            list(pool.map(client, range(CLIENTS), repeat(turn), repeat(gate)))
            with world.store.snapshot() as conn:
                mine = loans.of_borrower(conn, name, living=True)
                taken = reservations.reserved(conn, name)[0] + loans.principal(conn, name)
            assert not trouble
            assert taken <= 2_000_000, "never above the limit"
            assert len(mine) == len(rail.paid) - before <= 8
            for loan in mine:
                repay.repay(world.engine, name, loan.loan, 250_000, f"all-{loan.loan}")
    assert min(told[one] for one in ("drawn", "repaid", "decreased", "held", "draw.room")) >= ROUNDS
    assert not told["starved"]
    assert ledger.verify(world.engine).ok


def patiently(turn: Callable[[int, int], str], *which: int) -> str:
    """Try again where the line was busy for two seconds, as a client would."""
    for _ in range(50):
        try:
            return turn(*which)
        except ConflictError as error:
            if error.code != "store.busy":
                raise
    return "starved"


def test_the_worker_stops_at_sigterm(test_home: Path, database_url: str) -> None:
    environment = {**os.environ, "XINDENG_DATABASE_URL": database_url}
    process = subprocess.Popen(
        [sys.executable, "-m", "xindeng", "worker", "--home", str(test_home), "--lang", "en"],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert "no payment rail" in process.stderr.readline()
    assert "working" in process.stderr.readline()
    time.sleep(2)  # its signal handlers stand once its queue is open
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stderr.close()
