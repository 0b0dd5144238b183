"""Every call of the store and the rail in draw, confirm, repay and publish fails once on each side.

Whatever fails, the invariants hold: no decision, payout or payment twice, money that left is
booked, and asking again under the same key completes it.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api_world import ApiWorld, Client
from tests.decision_policy import files
from tests.fault.crashes import AFTER, BEFORE, Crashes, watch, watched
from xindeng.adapters.ports import Transfer
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.errors import UnavailableError, XindengError
from xindeng.kernel.time import MINUTE, SECOND
from xindeng.service import disburse, ledger, proposals
from xindeng.service.changes import Publish
from xindeng.service.once import IN_HAND
from xindeng.store import Store

pytestmark = pytest.mark.postgres
WISH = {"amount": 30_000, "term_months": 10, "rate_bp": 0}
names = (f"crash{n}" for n in itertools.count())


@pytest.fixture(scope="module")
def patch() -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as made:
        yield made


@pytest.fixture(scope="module")
def crashes() -> Crashes:
    return Crashes()


@pytest.fixture(scope="module")
def world(
    store: Store, tmp_path_factory: pytest.TempPathFactory, crashes: Crashes,
    patch: pytest.MonkeyPatch,
) -> ApiWorld:  # fmt: skip
    watch(crashes, patch)
    bundle = {**files(), "products.yaml": b"reading_seconds: 0\n"}
    made = ApiWorld(store, tmp_path_factory.mktemp("keys"), bundle, rail=SandboxRail())
    made.files = bundle
    return made


@pytest.fixture(scope="module")
def client(world: ApiWorld) -> Iterator[Client]:
    with world.client() as made:
        yield made


@dataclass
class Flow:
    """One request whose calls are to fail: what comes before it, and what must be so after it."""

    client: Client
    name: str
    told: dict[str, Any]

    def post(self, route: str, body: Any, key: str) -> Any:
        return self.client.post(f"/v1/borrowers/{self.name}/{route}", body, key=key)

    def draw(self) -> Any:
        return self.post("draws", WISH, "d")

    def confirm(self) -> Any:
        return self.post("confirmations", {"decision": self.told["id"]}, "c")

    def repay(self) -> Any:
        return self.post("repayments", {"amount": 10_000}, "r")

    def upto(self, step: str) -> None:
        """Do what comes before the step, without harm."""
        self.client.settle(self.name)
        if step == "draw":
            return
        self.told = self.draw().json()
        sheet = f"/v1/borrowers/{self.name}/decisions/{self.told['id']}/cost-sheet"
        assert self.client.get(sheet).status_code == 200
        if step == "repay":
            assert self.confirm().json()["state"] == "settled"


def effects(world: ApiWorld, name: str) -> dict[str, int]:
    with world.store.pool.connection() as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM decision WHERE borrower = %(b)s),"
            " (SELECT count(*) FROM reservation WHERE borrower = %(b)s),"
            " (SELECT count(*) FROM loan WHERE borrower = %(b)s),"
            " (SELECT count(*) FROM loan_transaction WHERE borrower = %(b)s AND key LIKE 'r#%%'),"
            " (SELECT count(*) FROM reservation WHERE borrower = %(b)s"
            "  AND state IN ('reserved', 'sent', 'unknown'))",
            {"b": name},
        ).fetchone()
    assert row is not None
    paid = sum(one.borrower == name for one in world.rail.paid.values())
    kinds = ("decisions", "reservations", "loans", "payments", "open")
    return dict(zip(kinds, row, strict=True)) | {"paid": paid}


def complete(world: ApiWorld, step: Callable[[], Any]) -> Any:
    """Ask again under the same key until it is done; a request in hand is given up in its time."""
    for _ in range(4):
        found = step()
        if found.status_code in (201, 202):
            return found
        assert found.status_code in (409, 503) and "retry-after" in found.headers, found.text
        world.now += IN_HAND + SECOND
    raise AssertionError(f"it never completes: {found.text}")


def end_open(world: ApiWorld) -> None:
    """What the worker does each minute, until a transfer never heard of is given up."""
    ports = world.service.ports
    assert ports is not None
    disburse.advance_all(world.engine, ports, older_than=0)
    world.now += 31 * MINUTE
    disburse.advance_all(world.engine, ports, older_than=0)


def check(world: ApiWorld, flow: Flow, step: str) -> None:
    found = effects(world, flow.name)
    assert found["decisions"] == 1, found
    assert found["paid"] == found["loans"] <= 1, f"money and books differ: {found}"
    assert found["reservations"] == (step != "draw"), found
    assert found["payments"] == (step == "repay"), found
    assert found["open"] == 0, found


def harmed(world: ApiWorld, crashes: Crashes, client: Client, step: str, at: int, when: str) -> int:
    """Run a flow whose call number `at` fails; returns how many calls it met."""
    flow = Flow(client, next(names), {})
    flow.upto(step)
    act = getattr(flow, step)
    world.engine._reconciled = False  # as in a process that has just started
    with crashes.only(at, when):
        first = act()
        met = len(crashes.met)
    assert first.status_code in (201, 202, 409, 503), f"{step} {at} {when}: {first.text}"
    if first.status_code >= 400:
        assert "retry-after" in first.headers, f"{step} {at} {when}: {first.text}"
    done = complete(world, act)
    if first.status_code < 400:
        assert done.content == first.content
    end_open(world)
    check(world, flow, step)
    return met


@pytest.mark.parametrize("step", ["draw", "confirm", "repay"])
def test_every_call_may_fail_before_and_after(
    world: ApiWorld, client: Client, crashes: Crashes, step: str
) -> None:
    harmed(world, crashes, client, step, -1, BEFORE)  # what is met once in a process, is met now
    harmed(world, crashes, client, step, -1, BEFORE)
    calls = list(crashes.met)
    assert "commit" in calls and len(calls) > 3, calls
    wrong, tried = [], set()
    for at in range(len(calls)):
        for when in (BEFORE, AFTER):
            try:
                harmed(world, crashes, client, step, at, when)
            except (AssertionError, XindengError) as error:
                wrong.append(f"{when} call {at} ({calls[at]}): {error}")
            if at < len(crashes.met):
                tried.add(crashes.met[at])
    assert not wrong, "\n".join(wrong[:10])
    assert tried >= set(calls), f"crash points never tried: {set(calls) - tried}"
    must = {"draw": {"events.insert", "decisions.insert"}, "confirm": {"rail.send"}, "repay": set()}
    assert must[step] <= tried
    assert ledger.verify(world.engine).ok


def test_publishing_a_policy_may_fail_at_any_call(world: ApiWorld, crashes: Crashes) -> None:
    """Proposed by one, approved by another: in force once, or not at all and judged again."""

    def published(at: int, when: str) -> list[str]:
        bundle = dict(world.files)
        bundle["policy.yaml"] = bundle["policy.yaml"].replace(
            b'version: "1"', f'version: "{next(names)}"'.encode()
        )
        change = Publish(files={path: text.decode() for path, text in bundle.items()})
        before = len(proposals.published(world.engine))
        with crashes.only(at, when):
            made = done = None
            try:
                made = proposals.propose(world.engine, change, why="tried", by="analyst")
                done = proposals.judge(world.engine, made.row.id, "approved", by="approver")
            except XindengError as error:
                assert isinstance(error, UnavailableError), error
            met = list(crashes.met)
        if made is None:  # nobody was told its number: proposing again is another proposal
            made = proposals.propose(world.engine, change, why="tried", by="analyst")
        assert len(proposals.published(world.engine)) - before in (0, 1)
        again = proposals.judge(world.engine, made.row.id, "approved", by="approver")
        assert again.state == "approved" and (done is None or done.row.id == again.row.id)
        assert len(proposals.published(world.engine)) == before + 1
        return met

    calls = published(-1, BEFORE)
    assert {"proposals.judge", "commit"} <= set(calls)
    for at in range(len(calls)):
        for when in (BEFORE, AFTER):
            published(at, when)


def test_a_draw_sent_under_a_new_key_each_time_is_found(
    world: ApiWorld, client: Client, crashes: Crashes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: an answer that the rail lost is asked for under another key."""
    harmed(world, crashes, client, "confirm", -1, BEFORE)
    at = crashes_at(crashes, client, world, "rail.send")
    fresh = itertools.count()
    monkeypatch.setattr(
        disburse, "_transfer",
        lambda draw: Transfer(f"{draw.draw}-{next(fresh)}", draw.borrower, draw.amount, draw.currency),
    )  # fmt: skip
    with pytest.raises(AssertionError, match="money and books differ"):
        harmed(world, crashes, client, "confirm", at, AFTER)


def crashes_at(crashes: Crashes, client: Client, world: ApiWorld, name: str) -> int:
    """Which call of a confirmation is that one."""
    flow = Flow(client, next(names), {})
    flow.upto("confirm")
    world.engine._reconciled = False
    with crashes.only(-1, BEFORE):
        assert flow.confirm().status_code == 201
        return crashes.met.index(name)


def test_the_watch_finds_what_writes_by_itself() -> None:
    found = watched()
    assert {"events.insert", "decisions.insert", "reservations.move", "answers.insert"} <= set(
        found
    )
    assert len(found) > 40
