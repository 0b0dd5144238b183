"""Four eyes: publish, limit raise, manual posting, hold release; never by one person alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import CliRunner

from tests.api_world import PASSWORD, ApiWorld, Client, told
from tests.decision_policy import files
from xindeng.cli import proposals as commands
from xindeng.kernel.errors import ForbiddenError, NotFoundError
from xindeng.kernel.time import HOUR
from xindeng.policy.bundle import load
from xindeng.service import changes, proposals
from xindeng.service.engine import PUBLISHED, open_engine
from xindeng.service.policies import read_bundle
from xindeng.store import Store, actions


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    made = ApiWorld(store, tmp_path_factory.mktemp("keys"), read_bundle("consumer_line"))
    made.employ("second", "approver")
    return made


def proposes(
    client: Client, change: dict[str, Any], status: int = 201, role: str = "approver"
) -> Any:
    return told(client.post("/v1/proposals", {"change": change, "why": "理由"}, role=role), status)


def judges(
    client: Client, made: Any, status: int = 200, role: str = "second", how: str = "approval"
) -> Any:
    return told(client.post(f"/v1/proposals/{made['id']}/{how}", None, role=role), status)


def raising(client: Client, name: str, limit: int = 3_000_000) -> dict[str, Any]:
    client.settle(name)
    return {"kind": "raise_limit", "borrower": name, "limit": limit}


def limit_of(client: Client, name: str) -> Any:
    return told(client.get(f"/v1/borrowers/{name}/line", role="support"), 200)["numbers"]["limit"]


def test_two_people_raise_a_limit_and_one_alone_does_not(client: Client) -> None:
    change = raising(client, "raised")
    made = proposes(client, change)
    assert limit_of(client, "raised") == 2_000_000
    assert judges(client, made, 403, role="approver")["code"] == "proposal.own"
    assert limit_of(client, "raised") == 2_000_000
    done = judges(client, made)
    assert (done["state"], done["judged_by"]) == ("approved", "staff:second")
    assert limit_of(client, "raised") == 3_000_000
    assert judges(client, made)["state"] == "approved"  # asked again: the same, and nothing more
    assert judges(client, made, 409, how="refusal")["code"] == "proposal.over"


def test_a_cut_is_no_raise_and_a_refusal_changes_nothing(client: Client) -> None:
    change = raising(client, "kept-limit")
    assert proposes(client, {**change, "limit": 1_000}, 409)["code"] == "proposal.no_raise"
    made = proposes(client, change)
    assert judges(client, made, how="refusal")["state"] == "refused"
    assert judges(client, made, 409)["code"] == "proposal.over"
    assert limit_of(client, "kept-limit") == 2_000_000


def test_two_who_approve_at_once_have_one_effect(world: ApiWorld, client: Client) -> None:
    world.employ("third", "approver")
    made = proposes(client, raising(client, "at-once"))
    statuses: list[int] = []

    def approves(role: str) -> None:
        path = f"/v1/proposals/{made['id']}/approval"
        statuses.append(client.post(path, None, role=role).status_code)

    threads = [threading.Thread(target=approves, args=[role]) for role in ("second", "third")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 409]
    history = told(client.get("/v1/borrowers/at-once/line/history", role="support"), 200)["items"]
    assert sum("3,000" in str(one) or one["after"]["limit"] == 3_000_000 for one in history) >= 1
    assert limit_changes(world, "at-once") == 2  # granted, and raised once


def limit_changes(world: ApiWorld, name: str) -> int:
    with world.store.snapshot() as conn:
        row = conn.execute(
            "SELECT count(*) FROM event WHERE borrower = %s AND type = 'limit_change'", [name]
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_its_time_ends(world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made = proposes(client, raising(client, "too-late"))
    monkeypatch.setattr(world, "now", world.now + 72 * HOUR)
    world.employ("second", "approver")
    assert judges(client, made, 409)["code"] == "proposal.over"
    waiting = told(client.get("/v1/proposals", role="second"), 200)["items"]
    assert made["id"] not in {one["id"] for one in waiting}
    every = told(client.get("/v1/proposals", role="second", params={"every": True}), 200)["items"]
    assert {one["id"]: one["state"] for one in every}[made["id"]] == "expired"


@pytest.mark.parametrize(
    ("role", "kind"), [("analyst", "raise_limit"), ("support", "publish"), ("admin", "publish")]
)
def test_each_kind_asks_for_its_own_role(client: Client, role: str, kind: str) -> None:
    change = {"kind": "publish", "version": "x"}
    if kind == "raise_limit":
        change = {"kind": kind, "borrower": "raised", "limit": 9}  # type: ignore[dict-item]
    assert proposes(client, change, 403, role=role)["code"] == "forbidden.action"


def test_who_proposes_and_who_approves_stand_in_their_chains(
    world: ApiWorld, client: Client
) -> None:
    made = proposes(client, raising(client, "recorded"))
    judges(client, made)
    with world.store.snapshot() as conn:
        found = {
            kind: [one for one in actions.of_actor(conn, actor) if one.subject == made["id"]]
            for actor, kind in (("staff:approver", "proposal.make"), ("staff:second", "proposal.approved"))
        }  # fmt: skip
    for kind, told_ in found.items():
        assert kind in {one.kind for one in told_}


def test_what_cannot_be_carried_out_stays_open(world: ApiWorld, client: Client) -> None:
    made = proposes(client, raising(client, "moved-on"))
    again = proposes(client, {"kind": "raise_limit", "borrower": "moved-on", "limit": 4_000_000})
    judges(client, again)
    assert judges(client, made, 409)["code"] == "proposal.no_raise"
    assert told(client.get(f"/v1/proposals/{made['id']}", role="second"), 200)["state"] == "open"


def test_a_policy_is_published_by_two_and_decides_after_the_next_start(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = {path: text.decode() for path, text in files().items()}
    wrong = {**bundle, "policy.yaml": "name: ["}
    assert proposes(client, {"kind": "publish", "files": wrong}, 422, role="analyst")["problems"]
    assert proposes(client, {"kind": "publish"}, 422, role="analyst")["code"] == "proposal.publish"
    made = proposes(client, {"kind": "publish", "files": bundle}, role="analyst")
    monkeypatch.setenv("XINDENG_DATABASE_URL", world.store.uri)
    with pytest.raises(NotFoundError), open_engine(PUBLISHED):
        pass
    judges(client, made)
    (published,) = proposals.published(world.engine)
    assert (published.hash, published.proposal) == (load(files()).hash, made["id"])
    with open_engine(PUBLISHED, clock=world.engine.clock) as engine:
        assert engine.policy.hash == published.hash
    back = proposes(client, {"kind": "publish", "version": world.engine.policy.hash})
    judges(client, back)
    assert proposals.published(world.engine)[-1].hash == world.engine.policy.hash


def runs(world: ApiWorld, monkeypatch: pytest.MonkeyPatch, *words: str, ok: bool = True) -> str:
    monkeypatch.setenv("XINDENG_DATABASE_URL", world.store.uri)
    monkeypatch.setenv("XINDENG_PASSWORD", PASSWORD)
    done = CliRunner().invoke(commands.app, words)
    assert (done.exit_code == 0) is ok, (done.output, done.exception)
    return done.output if ok else str(done.exception)


def test_publishing_alone_is_refused_on_the_command_line_too(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.employ("approver", "approver")
    words: Sequence[str] = ["publish", "consumer_line", "--as", "approver", "--why", "begin"]
    ident = runs(world, monkeypatch, *words).split()[1].rstrip(";")
    listed = {lang: runs(world, monkeypatch, "list", "--lang", lang) for lang in ("zh", "en")}
    assert f"{ident}  待批准  发布策略，staff:approver 提议：begin" in listed["zh"]
    assert f"{ident}  open  publish, by staff:approver: begin" in listed["en"]
    refused = runs(world, monkeypatch, "approve", ident, "--as", "approver", ok=False)
    assert "does not judge" in refused
    stranger = runs(world, monkeypatch, "approve", ident, "--as", "nobody", ok=False)
    assert "not right" in stranger
    analyst = runs(world, monkeypatch, "approve", ident, "--as", "analyst", ok=False)
    assert "may not" in analyst
    assert ident in runs(world, monkeypatch, "approve", ident, "--as", "second")
    told_ = json.loads(runs(world, monkeypatch, "list", "--all", "--json"))
    assert {one["id"]: one["state"] for one in told_}[ident] == "approved"


def test_an_own_approval_is_stopped_by_the_database_as_well(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the use case forgets to compare the author."""
    made = proposes(client, raising(client, "planted"))

    class Blind(str):
        def __eq__(self, other: object) -> bool:
            return False

        __hash__ = str.__hash__

    with pytest.raises(Exception) as caught:
        proposals.judge(world.engine, made["id"], "approved", by=Blind("staff:approver"))
    assert not isinstance(caught.value, ForbiddenError)
    assert limit_of(client, "planted") == 2_000_000


def test_a_posting_by_hand_takes_two(world: ApiWorld, client: Client) -> None:
    client.settle("posted")
    unknown = {"kind": "post_by_hand", "borrower": "posted", "what": "waive", "fee": 5,
               "loan": "00000000-0000-7000-8000-000000000000"}  # fmt: skip
    made = proposes(client, unknown, role="support")
    assert judges(client, made, 404)["code"].startswith("not_found")
    assert isinstance(proposals.read(world.engine, made["id"]).change, changes.PostByHand)
