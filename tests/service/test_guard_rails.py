"""Guard rails: each stops a challenger by itself, is told and recorded, and none stops a good one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.challenger_world import ANN, BEN, WIDE, draws, members, run, strict
from tests.decision_policy import files
from tests.service_world import World, asks
from xindeng.adapters.notifier import FileNotifier
from xindeng.adapters.rail import SandboxRail
from xindeng.cli import challenger as commands
from xindeng.kernel.errors import InputError, PolicyError, UnavailableError
from xindeng.kernel.time import DAY, HOUR
from xindeng.service import (
    challengers,
    disburse,
    endofday,
    guard_rails,
    trials,
    trying,
    worker,
)
from xindeng.service.challenger_report import compare
from xindeng.service.challenger_terms import Money, Rail, Rate, read_rails
from xindeng.service.disburse import Ports
from xindeng.service.draw import draw
from xindeng.store import Store, actions
from xindeng.store.chunks import Chunk

pytestmark = pytest.mark.postgres
_HOURS = count(1)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    made = World(store, {**files(), "products.yaml": b"reading_seconds: 0\n"})
    made.now += next(_HOURS) * 100 * DAY
    yield made
    for one in challengers.listed(made.engine, every=False):
        challengers.stop(made.engine, one.row.name, why="the test is over", by=ANN)


def bundle(**parameters: Any) -> dict[str, bytes]:
    return {**files(**parameters), "products.yaml": b"reading_seconds: 0\n"}


def with_rail(rail: Rail) -> tuple[Rail, ...]:
    return (*(one for one in WIDE if one.rail != rail.rail), rail)


def looks(world: World) -> list[str]:
    trials.try_all(world.engine)
    return guard_rails.look_at_all(world.engine)


def test_a_shadow_that_approves_far_fewer_is_stopped(world: World, tmp_path: Path) -> None:
    run(world, "fewer", bundle(max_burden=0.1), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="approval", most=0.1, least=10)))  # fmt: skip
    run(world, "alike", bundle(max_burden=0.49), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="approval", most=0.1, least=10)))  # fmt: skip
    gone: list[str] = []
    for number in range(60):
        draws(world, f"fewer{number}", due=100_000 if number % 3 else 10_000)
        gone += looks(world)  # after each single draw, as often as can be
        if number == 8:
            assert gone == []  # `least`
    assert gone == ["fewer"]
    found = challengers.read(world.engine, "fewer").row
    assert found.ended_by == challengers.AUTOMATIC
    assert found.why_ended is not None and "guard rail: approval" in found.why_ended
    with world.store.snapshot() as conn:
        (deed,) = (one for one in actions.of_actor(conn, challengers.AUTOMATIC)
                   if one.subject == "fewer")  # fmt: skip
    assert deed.unseal(None) == {"why": found.why_ended}
    told = tmp_path / "told.ndjson"
    assert guard_rails.tell(world.engine, FileNotifier(told)) == 1
    assert guard_rails.tell(world.engine, FileNotifier(told)) == 0
    (message,) = map(json.loads, told.read_text().splitlines())
    assert message["kind"] == "challenger_ended" and message["to"] == ["staff"]
    assert found.why_ended in message["texts"]["en"]


def test_what_could_not_be_told_is_told_the_next_time(world: World, tmp_path: Path) -> None:
    one = run(world, "untold", bundle(max_burden=0.1), mode="shadow", share=1000, days=1)
    world.now = one.row.ends_at
    assert looks(world) == ["untold"]

    class Away:
        def deliver(self, message: Any) -> None:
            raise UnavailableError("away")

    with pytest.raises(UnavailableError):
        guard_rails.tell(world.engine, Away())
    assert guard_rails.tell(world.engine, FileNotifier(tmp_path / "n")) == 1


def test_more_draws_for_people_stop_it(world: World) -> None:
    run(world, "reviews", bundle(review_from=500_000), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="review", most=0.05, least=5)))  # fmt: skip
    for number in range(25):
        draws(world, f"rev{number}")
    assert looks(world) == ["reviews"]


def test_the_draws_of_one_person_count_once(world: World) -> None:
    """Planted: one borrower who asks again and again would stop it alone."""
    run(world, "once", bundle(max_burden=0.1), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="approval", most=0.1, least=1)))  # fmt: skip
    for number in range(40):
        draws(world, "hammer", 1_000, key=f"k{number}")
        world.now += HOUR
    assert looks(world) == []
    assert compare(world.engine, "once").swap_out.count > 10


def test_errors_stop_a_live_challenger_and_no_draw(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(world, "failing", bundle(max_burden=0.1), share=400,
              rails=with_rail(Rate(rail="errors", most=0.01, least=1)))  # fmt: skip
    names = members(one)
    monkeypatch.setattr(trying, "take", lambda *args, **more: 1 / 0)
    stopped: list[str] = []
    for _ in range(5):
        name = next(names)
        assert draws(world, name).decision.policy_hash == world.engine.policy.hash
        stopped += looks(world)
        if stopped:
            break
    assert stopped == ["failing"]
    assert draws(world, next(names)).arm is None  # the very next draw does not even try


def test_slow_decisions_stop_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    run(world, "slow", bundle(max_burden=0.45), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="slow", most=0.02, ms=20, least=3)))  # fmt: skip
    real = trials.judge
    monkeypatch.setattr(trials, "judge", lambda *a: (trials.time.sleep(0.03), real(*a))[1])
    for number in range(5):
        draws(world, f"slow{number}")
    assert looks(world) == ["slow"]


def lend(world: World, name: str) -> str:
    world.settle(name)
    made = draw(world.engine, name, asks(3_000), "d")
    world.read_cost(name, made.id)
    return disburse.confirm(world.engine, Ports(SandboxRail()), name, made.id, "c").draw


def night(world: World, names: list[str], days: int) -> None:
    """The end of some day `days` later, of these borrowers alone."""
    world.now += days * DAY
    today = world.engine.policy.zone.day(world.now)
    for number, name in enumerate(sorted(names)):
        chunk = Chunk("accrual", today, number, name, name, 1, None, None)
        with world.store.transaction(pipelined=False) as conn:
            endofday.accrue(world.engine, conn, chunk)


def test_money_at_risk_and_lost_is_counted_on_its_own_approvals_alone(world: World) -> None:
    one = run(world, "money", bundle(max_burden=0.6), share=400, days=90,
              rails=(WIDE[0], Money(rail="at_risk", most=700_000),
                     Money(rail="loss", most=250_000, days=30)))  # fmt: skip
    mine, other = members(one), next(members(one, False))
    lent = [next(mine), next(mine)]
    for name in (*lent, other):
        lend(world, name)
    assert looks(world) == []
    at_risk, loss = (r for r in compare(world.engine, "money").rails if r.rail.rail in ("at_risk", "loss"))  # fmt: skip
    assert (at_risk.value, loss.value) == (600_000, 0)
    night(world, [*lent, other], 70)  # the first instalments are a month late now
    gone = looks(world)
    assert gone == ["money"]
    why = challengers.read(world.engine, "money").row.why_ended
    assert why is not None and "loss 600,000 fen of at most 250,000" in why


def test_a_loan_too_much_at_risk_stops_it(world: World) -> None:
    one = run(world, "risky", bundle(max_burden=0.6), share=400,
              rails=with_rail(Money(rail="at_risk", most=500_000)))  # fmt: skip
    mine = members(one)
    lend(world, next(mine))
    assert looks(world) == []
    lend(world, next(mine))
    assert looks(world) == ["risky"]


def test_first_instalments_that_are_late_stop_it(world: World) -> None:
    one = run(world, "early", bundle(max_burden=0.6), share=400, days=90,
              rails=with_rail(Rate(rail="fpd7", most=0.05, least=3)))  # fmt: skip
    mine = members(one)
    names = [next(mine) for _ in range(4)]
    for name in names:
        lend(world, name)
    night(world, names, 33)
    trials.try_all(world.engine)
    reading = next(r for r in compare(world.engine, "early").rails if r.rail.rail == "fpd7")
    assert (reading.count, reading.hit) == (0, False)  # nothing can be known of them yet
    night(world, names, 10)
    assert looks(world) == ["early"]


def test_the_worker_does_all_of_it(world: World, tmp_path: Path) -> None:
    run(world, "worked", bundle(max_burden=0.1), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="approval", most=0.1, least=5)))  # fmt: skip
    for number in range(25):
        draws(world, f"work{number}")
    worker.run_once(world.engine, None, FileNotifier(tmp_path / "notices"))
    assert not challengers.read(world.engine, "worked").running
    assert "challenger-worked" in (tmp_path / "notices").read_text()


def test_planted_a_rail_that_is_blind_lets_it_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check of the approval rail above would notice a test that never finds anything."""
    run(world, "blind", bundle(max_burden=0.1), mode="shadow", share=1000,
        rails=with_rail(Rate(rail="approval", most=0.1, least=5)))  # fmt: skip
    for number in range(25):
        draws(world, f"blind{number}")
    monkeypatch.setattr(guard_rails, "evidence", lambda *counts: 0.0)
    assert looks(world) == []
    monkeypatch.undo()
    assert looks(world) == ["blind"]


def test_rails_are_read_strictly() -> None:
    good = b"- {kind: rate, rail: errors, most: 0.01}\n- {kind: money, rail: loss, most: 500}\n"
    assert [rail.rail for rail in read_rails(good, "rails.yaml")] == ["errors", "loss"]
    for bad in (b"- {kind: rate, rail: errors, most: 2}", b"- {kind: money, rail: luck, most: 1}",
                b"- {kind: rate, rail: errors}", b"rails: 1",
                b"- {kind: rate, rail: errors, most: 0.1, more: 1}"):  # fmt: skip
        with pytest.raises(InputError, match="guard rails"):
            read_rails(bad, "rails.yaml")
    with pytest.raises(PolicyError):
        read_rails(b"- [", "rails.yaml")
    assert {rail.rail for rail in challengers.bounds().rails} >= {"errors", "loss", "at_risk"}


def test_the_command_line_lists_shows_and_reads_json(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(world, "told", strict() | {"products.yaml": b"reading_seconds: 0\n"}, mode="shadow", share=1000)  # fmt: skip
    draws(world, "told-1")
    trials.try_all(world.engine)
    monkeypatch.setenv("XINDENG_DATABASE_URL", world.store.uri)

    def runs(*words: str) -> str:
        done = CliRunner().invoke(commands.app, words)
        assert done.exit_code == 0, (done.output, done.exception)
        return done.output

    assert "told  shadow 100 %" in runs("list")
    assert "idle here" in runs("list")  # the shipped policy is not its champion
    (row,) = (one for one in json.loads(runs("list", "--json")) if one["name"] == "told")
    assert (row["author"], row["approved_by"], row["ended_at"]) == (ANN, BEN, None)
    page = runs("show", "told")
    assert "swapped out: 1 draws" in page and "reason BURDEN: 0 → 1 draws" in page
    told = json.loads(runs("show", "told", "--json"))
    assert told["swap_out"]["count"] == 1 and told["champion_says"]["approved"] == 1
