"""The test-and-learn arm as it is lived: who is lent to by lot, and a budget that holds."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from psycopg import IntegrityError
from typer.testing import CliRunner

from tests.challenger_world import run
from tests.decision_policy import files
from tests.learning_arm import ARM, with_arm
from tests.service_world import World, asks
from xindeng.adapters.rail import SandboxRail
from xindeng.cli import challenger as commands
from xindeng.decision.answer import Outcome
from xindeng.decision.learning import Group, group_of
from xindeng.kernel.time import DAY
from xindeng.service import disburse, lots, trials, trying
from xindeng.service.disburse import Ports
from xindeng.service.draw import Asked, draw
from xindeng.service.draw_group import draw_group
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.store import Store
from xindeng.store.decisions import StoredDecision

pytestmark = pytest.mark.postgres
SALTS = count(1)


def bundle(salt: str, budget: int) -> dict[str, bytes]:
    known = {**files(), "products.yaml": b"reading_seconds: 0\n"}
    known["areas/applications.yaml"] = known["areas/applications.yaml"].replace(
        b"purpose: lending", b"purpose: creditworthiness"
    )
    arm = ARM.replace("score.too_low, applications.enquiries_180d", "applications.many")
    arm = arm.replace("autumn-2026", salt).replace("budget: 5000000", f"budget: {budget}")
    return with_arm(known, arm=arm)


class Arm(World):
    """A world whose policy has an arm of its own salt, and borrowers in each group of it."""

    def __init__(self, store: Store, budget: int = 5_000_000) -> None:
        self.salt = f"salt-{next(SALTS)}"
        super().__init__(store, bundle(self.salt, budget))

    def of(self, group: Group) -> Iterator[str]:
        """Borrowers of a group whom `applications.many` refuses."""
        arm = self.engine.policy.learning
        assert arm is not None
        for number in count():
            name = f"{self.salt}-{number}"
            if group_of(arm, name) is group:
                self.settle(name)
                self.tell(name, *(
                    {"type": "credit_inquiry", "occurred_at": f"2026-06-{day:02}",
                     "payload": {"lender": f"bank {day}", "reason": "loan_approval"}}
                    for day in range(1, 13)
                ))  # fmt: skip
                yield name

    def stake(self) -> tuple[int, int]:
        with self.store.snapshot() as conn:
            found = lots.stake(self.engine, conn, self.salt)
        return found.lost, found.owed


def outcome(stored: Any) -> Outcome:
    assert isinstance(stored, StoredDecision), stored
    return stored.decision.outcome


def test_the_lot_passes_its_rules_for_its_few_and_nobody_else(store: Store) -> None:
    world = Arm(store)
    drawn = draw(world.engine, next(world.of(Group.ARM)), asks(8_000), "k")
    held = draw(world.engine, next(world.of(Group.HOLD_OUT)), asks(8_000), "k")
    usual = draw(world.engine, next(world.of(Group.USUAL)), asks(8_000), "k")
    assert [outcome(one) for one in (drawn, held, usual)] == [
        Outcome.APPROVE, Outcome.DECLINE, Outcome.DECLINE,
    ]  # fmt: skip
    assert drawn.request.learning is True and held.request.learning is None
    assert drawn.decision.fired  # the rule that would have refused is named
    assert world.stake() == (0, 800_000)
    for one in (drawn, held, usual):
        assert replay(world.engine, one.id) == one
    again = draw(world.engine, drawn.borrower, asks(8_000), "k")
    assert again == drawn and world.stake() == (0, 800_000)


def test_a_trial_calculation_says_what_the_draw_would(store: Store) -> None:
    world = Arm(store)
    name = next(world.of(Group.ARM))
    trial = precheck(world.engine, name, asks(8_000)).decision
    assert trial is not None and trial.outcome is Outcome.APPROVE
    assert world.stake() == (0, 0)  # and it leaves no mark
    too_much = precheck(world.engine, name, asks(9_000)).decision
    assert too_much is not None and too_much.outcome is Outcome.DECLINE


def test_the_budget_is_never_passed_and_what_lapsed_is_free_again(store: Store) -> None:
    world = Arm(store, budget=1_500_000)
    people = world.of(Group.ARM)
    first, second, third = (next(people) for _ in range(3))
    assert outcome(draw(world.engine, first, asks(8_000), "k")) is Outcome.APPROVE
    assert outcome(draw(world.engine, second, asks(8_000), "k")) is Outcome.DECLINE
    assert outcome(draw(world.engine, second, asks(7_000), "k2")) is Outcome.APPROVE
    assert world.stake() == (0, 1_500_000)
    world.now += DAY + 1  # neither offer was confirmed
    assert world.stake() == (0, 0)
    assert outcome(draw(world.engine, third, asks(8_000), "k")) is Outcome.APPROVE
    made = draw(world.engine, first, asks(7_000), "k9")
    world.read_cost(first, made.id)
    disburse.confirm(world.engine, Ports(SandboxRail()), first, made.id, "c")
    world.now += 2 * DAY
    assert world.stake() == (0, 700_000)  # what is lent stays at stake


def test_draws_of_one_group_share_one_budget(store: Store) -> None:
    world = Arm(store, budget=900_000)
    people = world.of(Group.ARM)
    group = [Asked(next(people), asks(8_000), "k") for _ in range(3)]
    found = [outcome(one) for one in draw_group(world.engine, group)]
    assert sorted(found) == [Outcome.APPROVE, Outcome.DECLINE, Outcome.DECLINE]


def test_planted_an_approval_that_is_not_noted_would_pass_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Arm(store, budget=900_000)
    people = world.of(Group.ARM)
    monkeypatch.setattr(lots, "note", lambda *told: None)
    group = [Asked(next(people), asks(8_000), "k") for _ in range(3)]
    assert {outcome(one) for one in draw_group(world.engine, group)} == {Outcome.APPROVE}


def test_two_at_once_cannot_spend_it_twice(store: Store) -> None:
    world = Arm(store, budget=900_000)
    people = world.of(Group.ARM)
    names = [next(people) for _ in range(6)]
    found: list[Outcome] = []

    def asking(name: str) -> None:
        found.append(outcome(draw(world.engine, name, asks(8_000), "k")))

    threads = [threading.Thread(target=asking, args=[name]) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found.count(Outcome.APPROVE) == 1 and len(found) == 6


def test_what_was_lent_by_lot_stays_told(store: Store) -> None:
    world = Arm(store)
    draw(world.engine, next(world.of(Group.ARM)), asks(8_000), "k")
    for change in ("UPDATE learnt SET amount = 1", "DELETE FROM learnt"):
        with pytest.raises(IntegrityError), world.store.transaction() as conn:
            conn.execute(change)  # type: ignore[call-overload]
    with pytest.raises(Exception, match="learnt"), world.store.transaction(pipelined=False) as conn:
        conn.execute(
            "INSERT INTO learnt SELECT gen_random_uuid(), borrower, salt, amount, at FROM learnt"
            " LIMIT 1"
        )


def test_the_hold_out_is_kept_out_of_every_challenger(store: Store) -> None:
    world = Arm(store)
    other = bundle(world.salt, 5_000_000)
    other["parameters/all.yaml"] = files(max_burden=0.1)["parameters/all.yaml"]
    one = run(world, f"beside-{world.salt}", other, share=500)
    held = next(name for name in world.of(Group.HOLD_OUT) if one.has(name))
    assert trying.engine_of(world.engine, held) is world.engine
    assert draw(world.engine, held, asks(8_000), "k").arm is None
    drawn = next(name for name in world.of(Group.ARM) if one.has(name))
    stored = draw(world.engine, drawn, asks(8_000), "k")
    # The challenger's own arm draws by the same salt, but affordability is never put to a lot.
    assert stored.arm is not None and outcome(stored) is Outcome.DECLINE
    trials.try_all(world.engine)
    with world.store.snapshot() as conn:
        row = conn.execute(
            "SELECT champion_outcome, outcome FROM trial WHERE challenger = %s", [one.row.name]
        ).fetchone()
    assert row == ("approve", "decline")  # the champion would have had the same lot


def test_the_command_line_tells_what_is_at_stake(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Arm(store)
    draw(world.engine, next(world.of(Group.ARM)), asks(8_000), "k")
    monkeypatch.setenv("XINDENG_DATABASE_URL", store.uri)
    for path, raw in bundle(world.salt, 5_000_000).items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(raw)
    done = CliRunner().invoke(commands.app, ["learning", "--policy", str(tmp_path), "--json"])
    assert done.exit_code == 0, (done.output, done.exception)
    told = json.loads(done.output)
    assert (told["salt"], told["budget"], told["stake"]["approvals"]) == (world.salt, 5_000_000, 1)
    none = CliRunner().invoke(commands.app, ["learning", "--policy", "consumer_line"])
    assert none.exit_code != 0 and "no test-and-learn arm" in str(none.exception)
