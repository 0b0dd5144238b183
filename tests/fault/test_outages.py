"""PostgreSQL away, silent, slow, full, read-only, deadlocking; the rail hanging; odd clocks.

Whatever it is: nothing is decided or paid that was not stored, the caller is told within two
seconds to come back, and within thirty seconds of its end everything goes on by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.api_world import ApiWorld, Client, told
from tests.decision_policy import files
from tests.fault.proxy import Proxy
from xindeng.access import keys
from xindeng.adapters.ports import RailAnswer, Transfer
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.time import HOUR, MINUTE, SECOND
from xindeng.service import ledger
from xindeng.store import open_store
from xindeng.store.connect import STATEMENT_MS

pytestmark = pytest.mark.postgres
WITHIN_S, RECOVERY_S = 2.0, 30
BUSY_MACHINE_S = 1.5
"""What a machine that does other things as well may add to what we bound ourselves."""
WISH = {"amount": 30_000, "term_months": 10, "rate_bp": 0}


class HangingRail(SandboxRail):
    """A rail that pays and then keeps its answer for itself until it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.let = threading.Event()
        self.let.set()

    def send(self, transfer: Transfer) -> RailAnswer:
        answer = super().send(transfer)
        assert self.let.wait(60)
        return answer


@pytest.fixture(scope="module")
def proxy(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    made = Proxy(database_url, tmp_path_factory.mktemp("door"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(
    proxy: Proxy, test_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiWorld]:
    with open_store(test_home, proxy.uri, statement_ms=STATEMENT_MS) as store:
        bundle = {**files(), "products.yaml": b"reading_seconds: 0\n"}
        yield ApiWorld(store, tmp_path_factory.mktemp("keys"), bundle, rail=HangingRail())


@pytest.fixture(scope="module")
def client(world: ApiWorld) -> Iterator[Client]:
    with world.client() as made:
        made.settle("ann")
        yield made


# --- what happens to the database ----------------------------------------------------------------


@contextmanager
def door(world: ApiWorld, proxy: Proxy, url: str, mode: str, delay: float = 0) -> Iterator[None]:
    proxy.set(mode, delay)
    try:
        yield
    finally:
        proxy.set("open")


@contextmanager
def raising(url: str, code: str) -> Iterator[None]:
    """Every event that is stored meets this error of the server."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "CREATE FUNCTION harm() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
            f" RAISE EXCEPTION 'harm' USING ERRCODE = '{code}'; END $$;"
            " CREATE TRIGGER harm BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION harm()"
        )
        try:
            yield
        finally:
            conn.execute("DROP TRIGGER harm ON event; DROP FUNCTION harm()")


@contextmanager
def sleeping(url: str) -> Iterator[None]:
    """Every event takes ten seconds to store: a disk at its end, a server swapping."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(
            "CREATE FUNCTION harm() RETURNS trigger LANGUAGE plpgsql AS"
            " 'BEGIN PERFORM pg_sleep(10); RETURN NULL; END';"
            " CREATE TRIGGER harm BEFORE INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION harm()"
        )
        try:
            yield
        finally:
            conn.execute("DROP TRIGGER harm ON event; DROP FUNCTION harm()")


@contextmanager
def read_only(url: str) -> Iterator[None]:
    """As on a spare that has not taken over: sessions may read and nothing else."""
    with psycopg.connect(url, autocommit=True) as conn:
        name = conn.info.dbname
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        conn.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        conn.execute(others, [name])
        try:
            yield
        finally:
            conn.execute("SET default_transaction_read_only = off")
            conn.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            conn.execute(others, [name])


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody's forgotten session holds every borrower."""
    with psycopg.connect(url) as conn:
        conn.execute("SELECT FROM borrower FOR UPDATE")
        yield


HARM: dict[str, Callable[[ApiWorld, Proxy, str], Any]] = {
    "away": lambda world, proxy, url: door(world, proxy, url, "shut"),
    "silent": lambda world, proxy, url: door(world, proxy, url, "silent"),
    "slow to answer": lambda world, proxy, url: door(world, proxy, url, "slow", 3),
    "slow to store": lambda world, proxy, url: sleeping(url),
    "full": lambda world, proxy, url: raising(url, "53100"),
    "out of memory": lambda world, proxy, url: raising(url, "53200"),
    "broken disk": lambda world, proxy, url: raising(url, "58030"),
    "read-only": lambda world, proxy, url: read_only(url),
}


def decisions(url: str) -> int:
    with psycopg.connect(url) as conn:
        row = conn.execute("SELECT count(*) FROM decision").fetchone()
    return int(row[0]) if row else 0


def until_answered(client: Client, path: str, body: Any, key: str) -> Any:
    began = time.monotonic()
    while True:
        found = client.post(path, body, key=key)
        if found.status_code == 201:
            return found
        assert found.status_code in (409, 503) and "retry-after" in found.headers, found.text
        assert time.monotonic() - began < RECOVERY_S, f"still {found.text}"
        time.sleep(0.1)


@pytest.mark.parametrize("harm", HARM)
def test_it_fails_closed_in_time_and_goes_on_by_itself(
    client: Client, world: ApiWorld, proxy: Proxy, database_url: str, harm: str
) -> None:
    path, before = "/v1/borrowers/ann/draws", decisions(database_url)
    with HARM[harm](world, proxy, database_url):
        for turn in range(3):
            began = time.monotonic()
            found = client.post(path, WISH, key=f"{harm} {turn}")
            took = time.monotonic() - began
            assert told(found, 503)["status"] == 503
            assert int(found.headers["retry-after"]) >= 1
            assert took <= WITHIN_S + BUSY_MACHINE_S, f"{took:.1f} s"
        assert client.get("/healthz", role="").status_code == 200, "the process itself is well"
        if harm in ("away", "silent"):
            assert client.get("/readyz", role="").status_code == 503
    first = [until_answered(client, path, WISH, f"{harm} {turn}") for turn in range(3)]
    assert client.get("/readyz", role="").status_code == 200
    assert [client.post(path, WISH, key=f"{harm} {turn}").content for turn in range(3)] == [
        one.content for one in first
    ]
    assert decisions(database_url) == before + 3, "each wish was decided once"


def test_a_deadlock_and_a_lock_that_stays_are_told_to_come_back(
    client: Client, database_url: str
) -> None:
    path, before = "/v1/borrowers/ann/draws", decisions(database_url)
    for turn, harm in enumerate((raising(database_url, "40P01"), locked(database_url))):
        with harm:
            began = time.monotonic()
            found = client.post(path, WISH, key=f"met {turn}")
            assert time.monotonic() - began <= WITHIN_S + BUSY_MACHINE_S
            assert found.status_code in (409, 503) and "retry-after" in found.headers, found.text
        until_answered(client, path, WISH, f"met {turn}")
    assert decisions(database_url) == before + 2


def test_a_true_deadlock_ends_and_the_draw_is_told_to_come_back(
    client: Client, database_url: str
) -> None:
    """Somebody holds what a draw will need, and then wants what the draw holds."""
    path, before = "/v1/borrowers/ann/draws", decisions(database_url)
    told_: list[Any] = []
    with psycopg.connect(database_url) as other:
        other.execute("LOCK TABLE decision IN EXCLUSIVE MODE")
        drawing = threading.Thread(target=lambda: told_.append(client.post(path, WISH, key="dead")))
        began = time.monotonic()
        drawing.start()
        deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        with psycopg.connect(database_url, autocommit=True) as looking:
            was = looking.execute(deadlocks).fetchone()
            waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'decision'::regclass"
            while looking.execute(waits).fetchone() == (0,):
                assert time.monotonic() - began < WITHIN_S, "the draw never came so far"
            with suppress(psycopg.errors.DeadlockDetected):
                other.execute("SELECT FROM borrower WHERE borrower = 'ann' FOR UPDATE")
            drawing.join(30)
            assert time.monotonic() - began <= WITHIN_S + BUSY_MACHINE_S
            other.rollback()
            looking.execute("SELECT pg_stat_clear_snapshot()")
            assert looking.execute(deadlocks).fetchone() > was, "there was none"  # type: ignore[operator]
    (found,) = told_
    assert found.status_code in (201, 409, 503), found.text
    assert found.status_code == 201 or "retry-after" in found.headers
    until_answered(client, path, WISH, "dead")
    assert decisions(database_url) == before + 1


def test_an_error_that_is_not_foreseen_is_found(client: Client, database_url: str) -> None:
    """Planted: the server refuses with something that no outage is, which must not be told as one."""
    with raising(database_url, "22012"):
        found = client.post("/v1/borrowers/ann/draws", WISH, key="odd")
    assert found.status_code == 500 and "retry-after" not in found.headers
    until_answered(client, "/v1/borrowers/ann/draws", WISH, "odd")


# --- the rail --------------------------------------------------------------------------------------


def confirmable(client: Client, name: str, key: str) -> dict[str, str]:
    made = told(client.post(f"/v1/borrowers/{name}/draws", WISH, key=key), 201)
    told(client.get(f"/v1/borrowers/{name}/decisions/{made['id']}/cost-sheet"), 200)
    return {"decision": made["id"]}


def test_a_rail_that_hangs_is_not_waited_for_and_pays_once(client: Client, world: ApiWorld) -> None:
    client.settle("rail")
    path, sent = "/v1/borrowers/rail/confirmations", confirmable(client, "rail", "d")
    rail, paid = world.rail, len(world.rail.paid)
    rail.let.clear()
    try:
        began = time.monotonic()
        found = client.post(path, sent, key="c")
        assert time.monotonic() - began <= WITHIN_S + BUSY_MACHINE_S
        assert told(found, 503)["code"] == "overdue"
        assert int(found.headers["retry-after"]) >= 1
    finally:
        rail.let.set()
    assert until_answered(client, path, sent, "c").json()["state"] == "settled"
    assert len(rail.paid) == paid + 1


def test_a_rail_that_is_down_leaves_the_draw_open_and_asks_later(
    client: Client, world: ApiWorld
) -> None:
    client.settle("down")
    path, sent = "/v1/borrowers/down/confirmations", confirmable(client, "down", "d")
    world.rail.down = True
    try:
        told(client.post(path, sent, key="c"), 202)
    finally:
        world.rail.down = False
    assert ledger.verify(world.engine).ok


# --- the clock -------------------------------------------------------------------------------------


CLOCKS = {
    "an hour back": ("2026-11-25 10:30", -HOUR),
    "a day back": ("2026-11-25 10:30", -24 * HOUR),
    "over midnight": ("2026-12-01 23:59:59", 2 * SECOND),
    "back over midnight": ("2026-12-02 00:00:01", -2 * SECOND),
    "into the leap day": ("2028-02-28 23:59:59", 2 * SECOND),
    "out of the leap day": ("2028-02-29 23:59:59", 2 * SECOND),
    "into a year": ("2028-12-31 23:59:59", 2 * SECOND),
}


@pytest.mark.parametrize("jump", CLOCKS)
def test_a_clock_that_jumps_between_two_steps(client: Client, world: ApiWorld, jump: str) -> None:
    at, by = CLOCKS[jump]
    name = f"clock {jump}".replace(" ", "-")
    was = (world.now, world.key)
    try:
        world.now = world.at(at) - 10 * MINUTE
        world.key = keys.create(world.engine, "core", ["*"], 1).text
        client.settle(name)
        world.now = world.at(at)
        line = f"/v1/borrowers/{name}"
        sent = confirmable(client, name, "d1")
        world.now += by
        drawn = until_answered_or_no(client, f"{line}/confirmations", sent, "c1")
        if drawn.status_code == 409:  # another day is another cost sheet, to be read again
            told(client.get(f"{line}/decisions/{sent['decision']}/cost-sheet"), 200)
            drawn = until_answered_or_no(client, f"{line}/confirmations", sent, "c1")
        assert told(drawn, 201)["state"] == "settled"
        told(client.post(f"{line}/draws", WISH, key="d2"), 201)
        told(client.post(f"{line}/repayments", {"amount": 30_000}, key="r"), 201)
        with psycopg.connect(world.store.uri) as conn:
            rows = conn.execute(
                "SELECT seq, known_at FROM event WHERE borrower = %s ORDER BY seq", [name]
            ).fetchall()
        assert [row[0] for row in rows] == list(range(1, len(rows) + 1))
        known = [row[1] for row in rows]
        assert known == sorted(known), "what was known never runs backwards"
        assert ledger.verify(world.engine).ok
    finally:
        world.now, world.key = was


def until_answered_or_no(client: Client, path: str, body: Any, key: str) -> Any:
    found = client.post(path, body, key=key)
    assert found.status_code < 500, found.text
    return found
