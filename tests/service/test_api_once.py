"""Idempotency over HTTP: one effect and one answer a key, whatever happens in between."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from typing import Any

import pytest

from tests.api_world import ApiWorld, Client, told
from xindeng.adapters.ports import RailAnswer, Transfer
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.time import SECOND
from xindeng.service.once import IN_HAND
from xindeng.store import Store, answers

WISH = {"amount": 300_000, "term_months": 10, "rate_bp": 1200}


class SlowRail(SandboxRail):
    """A rail that answers when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let = Event(), Event()
        self.let.set()

    def send(self, transfer: Transfer) -> RailAnswer:
        self.reached.set()
        assert self.let.wait(30)
        return super().send(transfer)


@pytest.fixture(scope="module")
def world(store: Store, tmp_path_factory: pytest.TempPathFactory) -> ApiWorld:
    return ApiWorld(store, tmp_path_factory.mktemp("keys"), rail=SlowRail())


def decisions_of(world: ApiWorld, name: str) -> int:
    with world.store.snapshot() as conn:
        row = conn.execute("SELECT count(*) FROM decision WHERE borrower = %s", [name]).fetchone()
    assert row is not None
    return int(row[0])


def test_the_same_key_and_request_get_the_first_answer_byte_for_byte(
    world: ApiWorld, client: Client
) -> None:
    path = f"/v1/borrowers/{client.settle('same')}/draws"
    first = client.post(path, WISH, key="k")
    told(first, 201)
    world.now += 5 * SECOND
    # The order of the fields, and defaults spelt out, make no other request of it.
    again = client.post(path, {**dict(reversed(WISH.items())), "purpose": "consumption"}, key="k")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    with world.client() as restarted:
        assert restarted.post(path, WISH, key="k").content == first.content
    assert decisions_of(world, "same") == 1
    assert client.post(path, WISH, key="k2").content != first.content


def test_a_key_is_not_used_for_another_request_nor_left_out(client: Client) -> None:
    at = f"/v1/borrowers/{client.settle('other')}"
    told(client.post(f"{at}/draws", WISH, key="k"), 201)
    for path, body in ((f"{at}/draws", WISH | {"amount": 1}), (f"{at}/repayments", {"amount": 1})):
        bad = told(client.post(path, body, key="k"), 422)
        assert bad["code"] == "idempotency.other_request"
    assert told(client.post(f"{at}/draws", WISH), 400)["code"] == "idempotency.missing"
    for unfit in ("x" * 97, "a\tb"):
        assert told(client.post(f"{at}/draws", WISH, key=unfit), 422)["code"] == "idempotency.key"
    # A key belongs to its borrower: somebody else may use the same.
    told(client.post(f"/v1/borrowers/{client.settle('third')}/draws", WISH, key="k"), 201)


def test_a_hundred_at_once_have_one_effect_and_one_answer(world: ApiWorld, client: Client) -> None:
    name = client.settle("crowd")
    with ThreadPoolExecutor(20) as pool:
        found = list(
            pool.map(
                lambda _: client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), range(100)
            )
        )
    good = {one.content for one in found if one.status_code == 201}
    assert len(good) == 1
    assert {one.status_code for one in found} <= {201, 409, 503}
    assert all("retry-after" in one.headers for one in found if one.status_code != 201)
    assert decisions_of(world, name) == 1


def test_a_refusal_is_not_kept(client: Client) -> None:
    path = f"/v1/borrowers/{client.settle('debtless')}/repayments"
    assert told(client.post(path, {"amount": 100}, key="k"), 409)["code"] == "repay.nothing_owed"
    assert told(client.post(path, {"amount": 200}, key="k"), 409)["code"] == "repay.nothing_owed"


def test_what_is_done_and_its_answer_are_stored_together_or_not_at_all(
    world: ApiWorld, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Planted: the answer cannot be kept after the draw was decided."""
    name = client.settle("crash")

    def fail(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(answers, "insert", fail)
        bad = told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), 500)
    assert (bad["code"], bad["detail"]) == ("internal", "this is a fault of ours")
    assert decisions_of(world, name) == 0
    told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), 201)
    assert decisions_of(world, name) == 1


def test_a_borrower_in_hand_is_waited_for_two_seconds(world: ApiWorld, client: Client) -> None:
    name = client.settle("busy")
    with world.store.pool.connection() as conn:
        conn.execute("SELECT 1 FROM borrower WHERE borrower = %s FOR UPDATE", [name])
        started = time.monotonic()
        busy = client.post(f"/v1/borrowers/{name}/draws", WISH, key="k")
    assert told(busy, 409)["code"] == "store.busy"
    assert 1.5 < time.monotonic() - started < 4
    assert int(busy.headers["retry-after"]) >= 1


def test_a_confirmation_on_its_way_is_not_sent_twice(world: ApiWorld, client: Client) -> None:
    name = client.settle("slow")
    at, rail = f"/v1/borrowers/{name}", world.rail
    made = told(client.post(f"{at}/draws", WISH, key="d"), 201)
    sheet = told(client.get(f"{at}/decisions/{made['id']}/cost-sheet"), 200)
    world.now += sheet["reading_seconds"] * SECOND
    rail.reached.clear()
    rail.let.clear()
    before, first = len(rail.sent), []

    def confirm() -> Any:
        return client.post(f"{at}/confirmations", {"decision": made["id"]}, key="c")

    thread = Thread(target=lambda: first.append(confirm()))
    thread.start()
    try:
        assert rail.reached.wait(10)
        second = confirm()
        assert told(second, 409)["code"] == "idempotency.in_flight"
        assert "retry-after" in second.headers
    finally:
        rail.let.set()
        thread.join(30)
    assert told(first[0], 201)["state"] == "settled"
    assert confirm().content == first[0].content
    assert len(rail.sent) == before + 1


def test_a_confirmation_whose_process_died_is_taken_up_again(
    world: ApiWorld, client: Client
) -> None:
    name = client.settle("dead")
    at = f"/v1/borrowers/{name}"
    made = told(client.post(f"{at}/draws", WISH, key="d"), 201)
    sheet = told(client.get(f"{at}/decisions/{made['id']}/cost-sheet"), 200)
    world.now += sheet["reading_seconds"] * SECOND
    dead = world.engine.new_id(world.now)
    with world.store.transaction() as conn:
        answers.take_in_hand(conn, name, "c", dead, now=world.now, until=world.now + IN_HAND)
    sent = {"decision": made["id"]}
    told(client.post(f"{at}/confirmations", sent, key="c"), 409)
    world.now += IN_HAND
    told(client.post(f"{at}/confirmations", sent, key="c"), 201)


def test_an_answer_is_kept_sealed_and_cannot_be_changed(world: ApiWorld, client: Client) -> None:
    name = client.settle("sealed")
    made = told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), 201)
    with world.store.snapshot() as conn:
        row = conn.execute("SELECT record FROM answer WHERE borrower = %s", [name]).fetchone()
    assert row is not None
    assert made["id"].encode() not in row[0]
    with pytest.raises(Exception, match="facts"), world.store.pool.connection() as conn:
        conn.execute("UPDATE answer SET status = 200 WHERE borrower = %s", [name])
    with world.store.pool.connection() as conn:
        conn.execute("ALTER TABLE answer DISABLE TRIGGER append_only")
        conn.execute("UPDATE answer SET status = 200 WHERE borrower = %s", [name])
        conn.execute("ALTER TABLE answer ENABLE TRIGGER append_only")
    bad = told(client.post(f"/v1/borrowers/{name}/draws", WISH, key="k"), 500)
    assert bad["code"] == "store.integrity"
