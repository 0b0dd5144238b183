"""Challengers: two people start one, a stable split, and a shadow that nobody can tell is there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import count, islice
from math import sqrt
from typing import Any

import pytest
from psycopg import IntegrityError

from tests.challenger_world import ANN, BEN, WIDE, draws, members, propose, run, strict, text_of
from tests.decision_policy import files, rule
from tests.service_world import World, asks
from xindeng.decision.answer import Outcome, encode
from xindeng.kernel.errors import (
    ConflictError,
    ForbiddenError,
    InputError,
    NotFoundError,
    PolicyError,
)
from xindeng.kernel.time import DAY, HOUR, SECOND
from xindeng.service import challengers, guard_rails, proposals, trials, trying, turn
from xindeng.service import engine as engine_module
from xindeng.service.arms import Challenger, bucket
from xindeng.service.beside import Beside
from xindeng.service.challenger_report import compare
from xindeng.service.challenger_terms import Terms
from xindeng.service.changes import Publish
from xindeng.service.draw import Asked, draw
from xindeng.service.draw_group import draw_group
from xindeng.service.engine import Engine
from xindeng.service.erasure import erase
from xindeng.service.plan import make
from xindeng.service.plan_looks import look_at_all
from xindeng.service.precheck import precheck
from xindeng.service.replay import replay
from xindeng.store import Store, actions
from xindeng.store import trials as stored_trials

pytestmark = pytest.mark.postgres
_HOURS = count(1)


@pytest.fixture
def world(store: Store) -> Iterator[World]:
    """A world of its own, with every challenger ended afterwards."""
    made = World(store)
    made.now += next(_HOURS) * HOUR  # what was drawn in the tests before lies in the past
    yield made
    for one in challengers.listed(made.engine, every=False):
        challengers.stop(made.engine, one.row.name, why="the test is over", by=ANN)


def test_one_person_alone_starts_none_and_anyone_stops_one(world: World) -> None:
    ident = propose(world, "alone", strict(), Terms(mode="live", share=100, rails=WIDE))
    with pytest.raises(ForbiddenError, match="does not judge"):
        proposals.judge(world.engine, ident, "approved", by=ANN)
    with pytest.raises(NotFoundError):
        challengers.read(world.engine, "alone")
    proposals.judge(world.engine, ident, "approved", by=BEN)
    one = challengers.read(world.engine, "alone")
    assert (one.row.author, one.row.approved_by, one.running) == (ANN, BEN, True)
    assert one.row.champion == world.engine.policy.hash != one.row.policy
    stopped = challengers.stop(world.engine, "alone", why="enough seen", by=ANN)
    assert (stopped.row.ended_by, stopped.row.why_ended) == (ANN, "enough seen")
    again = challengers.stop(world.engine, "alone", why="another reason", by=BEN)
    assert again.row == stopped.row
    with world.store.snapshot() as conn:
        (deed,) = (a for a in actions.of_actor(conn, ANN) if a.subject == "alone")
    assert (deed.kind, deed.unseal(None)) == ("challenger.stop", {"why": "enough seen"})
    with pytest.raises(InputError, match="reason"):
        challengers.stop(world.engine, "alone", why=" ", by=ANN)


@pytest.mark.parametrize(
    ("bundle", "terms", "said"),
    [
        ({**strict(), "policy.yaml": b"name: ["}, {}, "problem"),
        (files(), {}, "to the letter"),
        (
            {**strict(), "segments.yaml": files()["segments.yaml"] + b"# more\n"},
            {},
            "segments.yaml",
        ),
        (strict(), {"segment": "nobody"}, "segment"),
        (strict(), {"rails": WIDE[:2]}, "loss"),
        (strict(), {"rails": ()}, "guard rail"),
        (strict(), {"share": 501}, "501"),
    ],
)
def test_what_could_not_run_is_refused_when_it_is_proposed(
    world: World, bundle: dict[str, bytes], terms: dict[str, Any], said: str
) -> None:
    told = Terms(**{"mode": "live", "share": 100, "rails": WIDE, **terms})
    with pytest.raises((InputError, ConflictError, PolicyError)) as caught:
        propose(world, "unfit", bundle, told)
    assert said in f"{caught.value} {caught.value.where} {caught.value.next_step}"


def test_the_split_is_stable_and_as_large_as_approved(world: World) -> None:
    one = run(world, "split", share=200)
    names = [f"person-{n}" for n in range(20_000)]
    inside = [name for name in names if one.has(name)]
    spread = sqrt(20_000 * 0.2 * 0.8)
    assert abs(len(inside) - 4_000) < 5 * spread  # by chance once in two million salts
    assert inside == [name for name in names if Challenger(one.row).has(name)]
    salt = one.row.salt
    with world.store.snapshot() as conn:
        for name in ["a", "借款人", "z" * 128, *names[:200]]:
            reckoned = conn.execute(
                f"SELECT {stored_trials._BUCKET} FROM (SELECT %(b)s::text AS borrower) AS d",
                {"salt": salt, "b": name},
            ).fetchone()
            assert reckoned == (bucket(salt, name),)


def test_a_live_challenger_decides_for_its_own_and_explains_it(world: World) -> None:
    one = run(world, "live-one", share=300)
    inside, outside = next(members(one)), next(members(one, False))
    theirs, ours = draws(world, inside), draws(world, outside)
    assert (theirs.decision.outcome, ours.decision.outcome) == (Outcome.DECLINE, Outcome.APPROVE)
    assert theirs.decision.policy_hash == one.row.policy
    assert theirs.arm is not None and theirs.arm.challenger == "live-one"
    assert theirs.arm.failed is None and theirs.arm.micros > 0
    assert (ours.decision.policy_hash, ours.arm) == (world.engine.policy.hash, None)
    assert replay(world.engine, theirs.id) == theirs and replay(world.engine, ours.id) == ours
    under = trying.engine_of(world.engine, inside)
    assert under.policy.hash == one.row.policy
    assert trying.engine_of(world.engine, outside) is world.engine
    trial = precheck(under, inside, asks(8_000)).decision
    assert trial is not None and trial.outcome is Outcome.DECLINE
    assert trial.policy_hash == one.row.policy
    made = make(under, inside, asks(8_000))
    assert made.made.policy_hash == one.row.policy
    challengers.stop(world.engine, "live-one", why="see the next draw", by=ANN)
    after = draws(world, inside, key="k2")
    assert (after.decision.policy_hash, after.arm) == (world.engine.policy.hash, None)
    assert replay(world.engine, theirs.id) == theirs


def test_a_draw_under_a_borrowers_own_engine_is_still_the_arms(world: World) -> None:
    one = run(world, "base", share=300)
    name = next(members(one))
    world.settle(name)
    under = trying.engine_of(world.engine, name)
    stored = draw(under, name, asks(8_000), "k")
    assert stored.arm is not None and stored.arm.challenger == "base"
    assert trying.engine_of(under, name).policy.hash == one.row.policy


def test_two_live_at_once_have_borrowers_of_their_own(world: World) -> None:
    first = run(world, "first", share=250)
    second = run(world, "second", files(max_burden=0.11), share=250)
    assert first.row.salt == second.row.salt
    assert (first.row.first, first.row.upto, second.row.first, second.row.upto) == (
        0,
        250,
        250,
        500,
    )
    assert not {n for n in map(str, range(2_000)) if first.has(n) and second.has(n)}
    group = [next(members(first)), next(members(second)), "champions-own"]
    while first.has(group[2]) or second.has(group[2]):
        group[2] += "-"
    for name in group:
        world.settle(name)
    found = draw_group(world.engine, [Asked(name, asks(8_000), "k") for name in group])
    hashes = [one.decision.policy_hash for one in found]  # type: ignore[union-attr]
    assert hashes == [first.row.policy, second.row.policy, world.engine.policy.hash]
    with pytest.raises(ConflictError, match="would decide"):
        run(world, "third", files(max_burden=0.09), share=300)
    challengers.stop(world.engine, "first", why="make room", by=ANN)
    third = run(world, "third", files(max_burden=0.09), share=200)
    assert (third.row.first, third.row.upto) == (0, 200)
    assert challengers.read(world.engine, "second").has(group[1])  # nobody was moved


def test_a_challenger_that_errs_falls_to_the_champion(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(world, "erring", share=300)
    name = next(members(one))
    world.settle(name)
    real = trying.take

    def breaks(policy: Any, *args: Any, **more: Any) -> Any:
        made = real(policy, *args, **more)
        raise ZeroDivisionError(f"planted after {made.decision_id}")

    monkeypatch.setattr(trying, "take", breaks)
    stored = draw(world.engine, name, asks(8_000), "k")
    assert stored.decision.policy_hash == world.engine.policy.hash
    assert stored.decision.outcome is Outcome.APPROVE
    assert stored.arm is not None and stored.arm.failed == "ZeroDivisionError"
    monkeypatch.undo()
    assert replay(world.engine, stored.id) == stored  # nothing of the failed try is left in it
    trials.try_all(world.engine)
    found = compare(world.engine, "erring")
    assert (found.failed, found.failures) == (1, (("ZeroDivisionError", 1),))


def test_what_both_refuse_to_answer_is_an_error_of_the_request(world: World) -> None:
    one = run(world, "small", files(max_burden=0.1, min_draw=900_000), share=300)
    name = next(members(one))
    stored = draws(world, name)  # below the challenger's smallest draw, fit for the champion
    assert stored.arm is not None and stored.arm.failed == "request.too_small"
    with pytest.raises(InputError, match="smallest"):
        draw(world.engine, name, asks(10), "k2")


def test_a_feature_that_the_champion_lacks(world: World) -> None:
    book = files()["features.yaml"] + b"logins_30d: {event: login, op: count, window: 30d}\n"
    extra = rule("debt.logins", "logins_30d >= 2", fires={"logins_30d": 2}, quiet={"logins_30d": 1})
    bundle = {**files(extra), "features.yaml": book}
    live = run(world, "more-features", bundle, share=300)
    shadow = run(world, "more-shadow", {**bundle, "policy.yaml": bundle["policy.yaml"] + b"#\n"},
                 mode="shadow", share=1000)  # fmt: skip
    for name in (next(members(live)), next(members(live, False))):
        world.settle(name)
        for day in ("2026-06-20", "2026-06-21"):
            world.tell(name, {"type": "login", "occurred_at": day, "payload": {"success": True}})
        stored = draws(world, name)
        own = live.has(name)
        assert stored.decision.outcome is (Outcome.DECLINE if own else Outcome.APPROVE)
        again = draws(world, name, key="k2")  # the state is stored as the champion folds it
        assert replay(world.engine, again.id) == again
    trials.try_all(world.engine)
    assert compare(world.engine, "more-features").swap_out.count == 2
    assert compare(world.engine, "more-shadow").swap_out.count == 2
    assert shadow.row.champion == live.row.champion


def everything(world: World, *names: str) -> dict[str, Any]:
    """All that is stored but challengers and trials, ids and keys apart."""
    skip = ("challenger", "trial", "proposal", "action", "policy_version", "procrastinate",
            "alembic", "guard")  # fmt: skip
    found = {}
    with world.store.snapshot() as conn:
        tables = [row[0] for row in conn.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
            " AND relnamespace = 'public'::regnamespace")]  # fmt: skip
        for table in tables:
            if not table.startswith(skip):
                found[table] = conn.execute(f"SELECT count(*) FROM {table}").fetchone()  # type: ignore[call-overload]
        found["events"] = [
            row for name in names for row in conn.execute(
                "SELECT seq, type, known_at FROM event WHERE borrower = %s ORDER BY seq", [name])
        ]  # fmt: skip
        found["states"] = [
            world.engine.policy.kernel.dump_hot(world.engine.rebuild(
                conn, trials.borrowers.read(conn, world.store.keys, name), world.engine.policy))
            for name in names
        ]  # fmt: skip
    return found


def test_a_shadow_changes_nothing_at_all(world: World) -> None:
    def answers(prefix: str) -> list[bytes]:
        names = [f"{prefix}{number}" for number in range(4)]
        found = []
        for place, name in enumerate(names):
            world.settle(name, income=900_000 - 200_000 * place)
            stored = draw(world.engine, name, asks(8_000), "k")
            assert stored.arm is None
            found.append(encode(stored.decision))
            found.append(
                encode(precheck(trying.engine_of(world.engine, name), name, asks(9_000)).decision)
            )  # type: ignore[attr-defined]
        return found

    without = answers("without")
    run(world, "shade", mode="shadow", share=1000)
    before = everything(world)
    assert answers("with-it") == without
    names = [f"with-it{number}" for number in range(4)]
    then = everything(world, *names)
    assert {t: n for t, n in then.items() if n != before.get(t)}.keys() <= {
        "borrower", "borrower_key", "event", "decision", "idempotency", "state", "line", "events",
        "states",
    }  # fmt: skip
    assert trials.try_all(world.engine) >= 4
    assert everything(world, *names) == then


def test_shadows_are_decided_once_each_and_compared(world: World) -> None:
    run(world, "compared", mode="shadow", share=1000)
    names = [f"cmp{number}" for number in range(6)]
    for name in names[:3]:
        draws(world, name, 8_000)  # refused by the challenger alone
    for name in names[3:]:
        draws(world, name, due=10_000)  # approved by both
    assert trials.try_all(world.engine) == 6
    assert trials.try_all(world.engine) == 0
    found = compare(world.engine, "compared")
    assert (found.both, found.acted, found.failed) == (6, 0, 0)
    assert (found.champion_says.approved, found.challenger_says.approved) == (6, 3)
    assert found.swap_in.count == 0 and found.swap_out.count == 3
    assert found.swap_out.amount == 3 * 800_000
    assert {one.challenger for one in found.swap_out.examples} <= {"decline"}
    assert [(m.reason, m.champion, m.challenger) for m in found.reasons] == [("BURDEN", 0, 3)]
    assert found.micros is not None and 0 < found.micros[0] <= found.micros[1]


def test_what_a_shadow_says_is_what_it_would_have_decided(world: World) -> None:
    """The trial of a draw equals, bit by bit, the live decision of the same policy."""
    run(world, "exact", mode="shadow", share=1000)
    stored = draws(world, "exactly")
    trials.try_all(world.engine)
    with world.store.snapshot() as conn:
        key = trials.borrowers.read(conn, world.store.keys, "exactly").key
        supposed = stored_trials.supposed(conn, "exact", stored.id, key)
        policy = world.engine.policy_of(conn, challengers.read(world.engine, "exact").row.policy)
    assert supposed is not None
    other = world.engine.under(policy)
    other.base = other  # as if the challenger were in force
    world.settle("exactly-2")
    real = draw(other, "exactly-2", asks(8_000), "k")
    assert encode(supposed) == encode(real.decision)


def test_a_crash_between_answer_and_trial_loses_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(world, "crashed", mode="shadow", share=1000)
    monkeypatch.setattr(trials, "AT_ONCE", 2)
    for number in range(5):
        draws(world, f"crash{number}")
    real, left = stored_trials.insert, [1]

    def dies(conn: Any, made: Any) -> None:
        real(conn, made)
        left[0] -= bool(made)
        if left[0] < 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(stored_trials, "insert", dies)
    with pytest.raises(KeyboardInterrupt):
        trials.try_all(world.engine)
    assert compare(world.engine, "crashed").both == 2  # the second transaction left nothing
    monkeypatch.setattr(stored_trials, "insert", real)
    trials.try_all(world.engine)
    assert compare(world.engine, "crashed").both == 5


def test_two_workers_try_each_draw_once(world: World) -> None:
    run(world, "twice", mode="shadow", share=1000)
    for number in range(6):
        draws(world, f"two{number}")
    threads = [threading.Thread(target=trials.try_all, args=[world.engine]) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert compare(world.engine, "twice").both == 6


def test_a_challenger_of_one_segment(store: Store) -> None:
    by_income = b"""
- {id: thin_file, when: "COALESCE(income < 500000, FALSE)"}
- {id: seasoned, when: "TRUE"}
"""
    world = World(store, {**files(), "segments.yaml": by_income})
    world.now += next(_HOURS) * HOUR
    one = run(world, "thin", {**strict(), "segments.yaml": by_income}, share=400,
              segment="thin_file")  # fmt: skip
    inside = members(one)
    thin, seasoned = next(inside), next(inside)
    assert draws(world, thin, income=400_000).arm is not None
    assert draws(world, seasoned).arm is None
    assert trying.engine_of(world.engine, thin).policy.hash == one.row.policy
    assert trying.engine_of(world.engine, seasoned) is world.engine
    trials.try_all(world.engine)
    assert compare(world.engine, "thin").both == 1


def test_publishing_ends_the_challengers_of_the_champion_before(world: World) -> None:
    run(world, "outlived", mode="shadow", share=1000)
    change = Publish(files=text_of(files(max_burden=0.45)))
    ident = proposals.propose(world.engine, change, why="better", by=ANN).row.id
    proposals.judge(world.engine, ident, "approved", by=BEN)
    world.now += SECOND
    assert "outlived" in guard_rails.look_at_all(world.engine)
    found = challengers.read(world.engine, "outlived")
    assert (found.running, found.row.why_ended) == (False, guard_rails.REPLACED)


def test_a_name_is_used_once_and_terms_stay_as_approved(world: World) -> None:
    run(world, "named", share=10)
    challengers.stop(world.engine, "named", why="done", by=ANN)
    with pytest.raises(ConflictError, match="before"):
        run(world, "named", share=10)
    for change in ("first = 1", "upto = 900", "ended_at = NULL, ended_by = NULL, why_ended = NULL"):
        with pytest.raises(IntegrityError), world.store.transaction() as conn:
            conn.execute(f"UPDATE challenger SET {change} WHERE name = 'named'")  # type: ignore[call-overload]


def test_an_erased_person_leaves_no_trial(world: World) -> None:
    run(world, "erasing", mode="shadow", share=1000)
    draws(world, "goes", 1_000)
    draws(world, "stays", 1_000)
    trials.try_all(world.engine)
    erase(world.engine, "goes", by=ANN)
    trials.try_all(world.engine)
    with world.store.snapshot() as conn:
        rows = conn.execute("SELECT DISTINCT borrower FROM trial WHERE challenger = 'erasing'")
        assert {row[0] for row in rows} == {"stays"}


def test_its_time_ends_it(world: World) -> None:
    one = run(world, "short", share=300, days=1)
    name = next(members(one))
    assert draws(world, name).arm is not None
    world.now += DAY + SECOND
    assert draws(world, name, key="k2").arm is None


def test_planted_a_salt_that_is_forgotten_moves_people(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: buckets drawn anew at each look; the check of the split must notice."""
    one = run(world, "planted", share=200)
    names = [f"person-{n}" for n in range(500)]
    before = [one.has(name) for name in names]
    object.__setattr__(one.row, "salt", bytes(16))
    assert [one.has(name) for name in names] != before
    assert list(islice(members(one), 3))


def test_no_draw_of_a_server_waits_for_a_challenger_to_be_loaded(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(world, "beside", share=300)
    name = next(members(one))
    loading, may_end = threading.Event(), threading.Event()
    real = engine_module.load

    def slowly(bundle: Any) -> Any:
        loading.set()
        assert may_end.wait(30)
        return real(bundle)

    server = Engine(world.store, files(), clock=lambda: world.now)
    trying.load_live(server)  # what runs when it starts is loaded then
    assert draw(server, world.settle(name), asks(8_000), "k1").arm is not None
    late = Engine(world.store, files(), clock=lambda: world.now)
    late.beside = Beside()  # as for one that started before
    monkeypatch.setattr(engine_module, "load", slowly)
    stored = draw(late, name, asks(8_000), "k2")
    assert (stored.arm, stored.decision.policy_hash) == (None, late.policy.hash)
    assert trying.engine_of(late, name) is late
    assert loading.wait(30)
    may_end.set()
    for thread in threading.enumerate():
        if thread.name == "policy":
            thread.join(30)
    assert draw(late, name, asks(8_000), "k3").arm is not None
    assert trying.engine_of(late, name).policy.hash == one.row.policy


def test_how_long_it_takes_leaves_out_what_is_compiled_for_the_first_draw(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fresh process compiles at its first decision: no reason to stop a challenger as slow."""
    one = run(world, "fresh", share=300)
    name = next(members(one))
    world.settle(name)
    cold, real = {one.row.policy}, turn.judge

    def compiles(policy: Any, *rest: Any) -> Any:
        if policy.hash in cold:
            cold.remove(policy.hash)
            time.sleep(0.5)
        return real(policy, *rest)

    monkeypatch.setattr(turn, "judge", compiles)
    monkeypatch.setattr(turn, "_WARM", set())
    stored = draw(world.engine, name, asks(8_000), "k1")
    assert not cold and stored.arm is not None and stored.arm.failed is None
    assert stored.arm.micros < 500_000


def test_one_that_cannot_be_loaded_is_tried_once_and_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = run(world, "broken", share=300)
    name = next(members(one))
    world.settle(name)
    tries: list[int] = []

    def refuses(bundle: Any) -> Any:
        tries.append(1)
        raise PolicyError([])

    late = Engine(world.store, files(), clock=lambda: world.now)
    late.beside = Beside()
    monkeypatch.setattr(engine_module, "load", refuses)
    draw(late, name, asks(8_000), "k1")
    for thread in threading.enumerate():
        if thread.name == "policy":
            thread.join(30)
    for key in ("k2", "k3"):
        arm = draw(late, name, asks(8_000), key).arm
        assert arm is not None and arm.failed == PolicyError.default_code
    assert len(tries) == 1


def test_a_plan_is_proven_by_the_policy_that_decides_and_anew_when_that_changes(
    world: World,
) -> None:
    one = run(world, "planned", files(max_burden=0.15), share=300)
    name = next(members(one))
    world.settle(name)
    under = trying.engine_of(world.engine, name)
    made = make(under, name, asks(8_000))
    assert made.kept and made.made.policy_hash == one.row.policy
    assert look_at_all(world.engine, borrower=name).done == 0  # proven today by whom it concerns
    world.now += DAY
    assert look_at_all(world.engine, borrower=name).done == 1
    assert look_at_all(world.engine, borrower=name).done == 0
    challengers.stop(world.engine, "planned", why="see the plans", by=ANN)
    looked = look_at_all(world.engine, borrower=name)  # another policy decides from now on
    assert (looked.done, looked.failed) == (1, [])
    assert look_at_all(world.engine, borrower=name).done == 0
