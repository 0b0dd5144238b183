"""A backtest asked for at the desk: once, run by who has a lake, shown with whom it lets in and out."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

import pytest

from tests.api_world import ApiWorld
from tests.service.test_desk_pages import HOSTILE, http, press, see, sit, site  # noqa: F401
from tests.service.test_risk_pages import RULE, STRICT, changed, form
from xindeng.kernel.errors import UnavailableError
from xindeng.kernel.time import DAY
from xindeng.lab.personas import PERSONAS, life_of
from xindeng.service import backtests, proposals
from xindeng.service.changes import Publish
from xindeng.service.draw import draw
from xindeng.service.policies import read_bundle
from xindeng.service.product import request_of
from xindeng.store import Store
from xindeng.store import backtests as stored

GREEN = next(one for one in PERSONAS if one.borrower == "all-green")


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: Any) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("backtests"), read_bundle("consumer_line"))
    made.move_to("2026-09-10 12:00")
    for number in range(3):
        name = f"green-{number}"
        facts = life_of(GREEN, made.now, made.engine.policy.zone)
        made.tell(name, *[
            {"type": kind, "id": f"{name}-{n}", "occurred_at": at, "payload": dict(payload)}
            for n, (kind, at, payload) in enumerate(facts)
        ])  # fmt: skip
        draw(made.engine, name, request_of(made.engine, 300_000, 12, "consumption"), "k")
    return made


def asked(http: Any, key: str, **more: str) -> str:  # noqa: F811
    sent = {**changed(form(http), *STRICT), **more}
    return str(press(http, "/risk/backtests", key, **sent).headers["location"])


def test_a_draft_is_backtested_once_and_its_swap_sets_are_shown(http, world, tmp_path):  # noqa: F811
    sit(http, world, "analyst")
    there = asked(http, "backtest-key-1")
    assert there == asked(http, "backtest-key-1")
    page = see(http, there)
    assert "A worker takes it up" in page and 'data-again="3"' in page
    lake = tmp_path / "lake"
    assert backtests.run_waiting(world.engine, lake) == 1
    assert backtests.run_waiting(world.engine, lake) == 0
    page = see(http, there)
    found = backtests.read(world.engine, there.rsplit("/", 1)[1])
    assert found.figures is not None
    assert found.figures["swap"]["out"]["count"] == 3 and found.figures["swap"]["in"]["count"] == 0
    assert RULE in page and "&gt; 0.01" in page  # its examples, and what the draft changes
    assert "green-" not in page and "green-" not in str(found.figures)  # nobody is named
    assert there in see(http, "/risk/backtests")
    sent = changed(form(http), *STRICT)
    answer = press(http, "/risk/policy/propose", **sent, why="Tried.", despite="true")
    proposed = answer.headers["location"]
    change = proposals.read(world.engine, proposed.rsplit("/", 1)[1]).change
    assert isinstance(change, Publish)
    with world.store.snapshot() as conn:
        report = stored.read(conn, found.row.id)[2]
    assert report is not None and change.backtest == sha256(report).hexdigest()
    assert backtests.digest_of(world.engine, {}) == ""
    sit(http, world, "admin")
    press(http, "/risk/backtests", "backtest-key-2", status=403, **form_of(found))
    see(http, there)


def form_of(found: Any) -> dict[str, str]:
    return {"base": found.row.base, "file": "areas/debt.yaml", "text": "x"}


def test_what_cannot_be_run_is_told_and_the_next_one_is_run(http, world, tmp_path):  # noqa: F811
    sit(http, world, "analyst")
    empty = asked(http, "backtest-key-3", first_on="2020-01-01", last_on="2020-01-02")
    fine = asked(http, "backtest-key-4", mode="feedback")
    assert backtests.run_waiting(world.engine, tmp_path / "lake") == 2
    assert "It could not be run" in see(http, empty)
    assert backtests.read(world.engine, fine.rsplit("/", 1)[1]).row.state == "done"
    for wrong in ({"text": HOSTILE}, {"first_on": "soon"}, {"mode": "guess"}, {"rule": "no.such"}):
        sent = {**changed(form(http), *STRICT), **wrong}
        answer = press(http, "/risk/backtests", "backtest-key-5",
                       status=404 if "rule" in wrong else 422, **sent)  # fmt: skip
        assert "<script>alert" not in answer.text
    assert len(re.findall('scope="row"', see(http, "/risk/backtests"))) == 3
    see(http, "/risk/backtests/nothing", 404)


def test_one_that_a_process_left_is_taken_up_again(http, world, tmp_path, monkeypatch):  # noqa: F811
    sit(http, world, "analyst")
    there = asked(http, "backtest-key-6")

    def killed(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(backtests, "_figures", killed)
        with pytest.raises(KeyboardInterrupt):
            backtests.run_waiting(world.engine, tmp_path / "lake")
    assert "running" in see(http, there)
    assert backtests.run_waiting(world.engine, tmp_path / "lake") == 0
    world.now += DAY
    try:
        assert backtests.run_waiting(world.engine, tmp_path / "lake") == 1
    finally:
        world.now -= DAY
    assert "could not be run" not in see(http, there)


def test_a_thread_runs_what_waits_and_outlives_an_outage(http, world, tmp_path, monkeypatch):  # noqa: F811
    sit(http, world, "analyst")
    heard: list[str] = []
    monkeypatch.setattr(backtests, "_EVERY_S", 0.02)
    monkeypatch.setattr(backtests, "_AFTER_TROUBLE_S", 0.02)
    real, times = backtests.run_waiting, []

    def run(*told: Any) -> int:
        times.append(1)
        if len(times) < 3:
            raise UnavailableError("the database is away")
        return real(*told)

    monkeypatch.setattr(backtests, "run_waiting", run)
    there = asked(http, "backtest-key-7")
    with backtests.running(world.engine, tmp_path / "lake", lambda error: heard.append(error.what)):
        for _ in range(2_000):
            if backtests.read(world.engine, there.rsplit("/", 1)[1]).row.state == "done":
                break
            backtests.threading.Event().wait(0.01)
        else:
            raise AssertionError("it was never run")
    assert heard == ["the database is away"] * 2
