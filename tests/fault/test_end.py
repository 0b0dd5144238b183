"""SIGTERM under load: whatever was sent is answered, then it ends well; SIGHUP: nobody notices."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import psycopg
import pytest

from tests.fault.load import WISH
from tests.fault.served import PLANTS, Served, command, kill, served
from tests.fault.test_overload import lost
from tests.fault.test_same_key import settle
from xindeng.store.migrate import HEAD
from xindeng.web.processes import GRACE_S

pytestmark = pytest.mark.postgres
BUSY, BORROWERS = 24, 40
QUIET_S = 0.4
"""Less than a connection without a request is kept."""


@dataclass
class Seen:
    """What the clients met: statuses, requests that got no answer, draws acknowledged."""

    statuses: Counter[int] = field(default_factory=Counter)
    cut: list[str] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)
    last: int = 0


async def ask(
    service: Served, name: str, key: str,
    line: tuple[asyncio.StreamReader, asyncio.StreamWriter], seen: Seen,
) -> bool:  # fmt: skip
    """One draw over an open connection; False where it was the last on it."""
    body = json.dumps(WISH).encode()
    head = (
        f"POST /v1/borrowers/{name}/draws HTTP/1.1\r\nHost: x\r\nIdempotency-Key: {key}\r\n"
        f"Authorization: Bearer {service.key}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    try:
        line[1].write(head.encode() + body)
        told = (await line[0].readuntil(b"\r\n\r\n")).decode().lower()
        await line[0].readexactly(int(told.split("content-length:")[1].split()[0]))
    except (OSError, asyncio.IncompleteReadError) as error:
        seen.cut.append(f"{name} {key}: {type(error).__name__}")
        return False
    status = int(told.split()[1])
    seen.statuses[status] += 1
    if status == 201:
        seen.kept.append((name, key))
    if last := "connection: close" in told:
        seen.last += 1
    return not last


async def end_of(service: Served, number: int, then: asyncio.Event, seen: Seen) -> None:
    """One client: busy ones ask until told that it is the last time, quiet ones once, late."""
    line = await asyncio.open_connection("127.0.0.1", service.port)
    name, turn = f"e{number % BORROWERS}", 0
    if number >= BUSY:
        await ask(service, name, f"q{number}", line, seen)
        await then.wait()
        await asyncio.sleep(QUIET_S)
        await ask(service, name, f"z{number}", line, seen)
    else:
        while await ask(service, name, f"k{number}-{turn}", line, seen):
            turn += 1
    line[1].close()


async def terminated(service: Served) -> Seen:
    seen, then = Seen(), asyncio.Event()
    clients = [asyncio.create_task(end_of(service, n, then, seen)) for n in range(BUSY + 4)]
    await asyncio.sleep(1.5)
    assert service.process is not None
    service.process.send_signal(signal.SIGTERM)
    then.set()
    await asyncio.wait_for(asyncio.gather(*clients), GRACE_S)
    return seen


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Served]:
    workers, plant = getattr(request, "param", (1, ""))
    env = {"PLANT": plant, "PYTHONPATH": str(PLANTS)} if plant else None
    with served(workers=workers, env=env) as made:
        with made.client() as client:
            for number in range(BORROWERS):
                settle(client, f"e{number}")
        yield made


def in_order(service: Served, seen: Seen) -> list[str]:
    """What should not be: somebody cut off, an ending that is none, a draw that is not there."""
    assert service.process is not None
    began = time.monotonic()
    status = service.process.wait(GRACE_S)
    took = time.monotonic() - began
    wrong = [f"cut off: {one}" for one in seen.cut]
    wrong += [] if status == 0 else [f"exit status {status}"]
    wrong += [] if took < GRACE_S / 2 else [f"{took:.0f} s to end"]
    wrong += [f"answered {one}" for one in seen.statuses if one not in (201, 503)]
    service.start()  # and again, to look at what it holds
    gone = lost(service, seen.kept)
    return wrong + ([f"{gone} acknowledged draws lost"] if gone else [])


@pytest.mark.parametrize("service", [(1, ""), (2, "")], indirect=True)
def test_whatever_was_sent_is_answered(service: Served) -> None:
    seen = asyncio.run(terminated(service))
    assert in_order(service, seen) == []
    assert seen.last >= BUSY
    assert seen.statuses[201] > BUSY * 2


@pytest.mark.parametrize("service", [(1, "cuts off who waits")], indirect=True)
def test_a_service_that_cuts_off_is_found(service: Served) -> None:
    seen = asyncio.run(terminated(service))
    assert [one for one in in_order(service, seen) if one.startswith("cut off")]


@pytest.mark.parametrize("service", [(2, "")], indirect=True)
def test_workers_are_replaced_while_the_others_answer(service: Served) -> None:
    assert service.process is not None
    before, seen = set(service.worker_pids()), Seen()

    async def asking() -> None:
        os.kill(service.process.pid, signal.SIGHUP)  # type: ignore[union-attr]
        give_up, turn = time.monotonic() + 60, 0
        while set(service.worker_pids()) & before or len(service.worker_pids()) < 2:
            assert time.monotonic() < give_up
            line = await asyncio.open_connection("127.0.0.1", service.port)
            while await ask(service, "e1", f"h{turn}", line, seen):
                turn += 1
                if turn % 20 == 0:
                    break
            line[1].close()
            turn += 1

    asyncio.run(asking())
    assert seen.cut == []
    assert set(seen.statuses) == {201}
    assert len(service.worker_pids()) == 2 and lost(service, seen.kept) == 0


def migrated(service: Served, oldest: str) -> None:
    """Have the tables be those of a release to come, for programs that know migration `oldest`."""
    with psycopg.connect(service.uri, autocommit=True) as conn:
        conn.execute("ALTER TABLE event ADD COLUMN future text")
        conn.execute("UPDATE alembic_version SET version_num = '9998'")
        conn.execute("UPDATE oldest_program SET number = %s", [oldest])


def replaced(service: Served, within: float) -> bool:
    """Kill one of two workers; say whether another took its place and both answer draws."""
    give_up = time.monotonic() + 30
    while started(service) < 2 and time.monotonic() < give_up:
        time.sleep(0.1)  # the second may have yet to say so
    before = started(service)
    kill(service.worker_pids()[0])
    give_up = time.monotonic() + within
    while started(service) == before and time.monotonic() < give_up:
        time.sleep(0.1)
    return started(service) == before + 1 and len(service.worker_pids()) == 2


def started(service: Served) -> int:
    """How many workers have said so far that they answer."""
    return service.log.read_text(encoding="utf-8").count('"event":"started"')


@pytest.mark.parametrize("service", [(2, "")], indirect=True)
def test_a_worker_that_dies_amid_an_upgrade_is_replaced(service: Served) -> None:
    """The next release has expanded the tables already; this one serves until it is replaced."""
    migrated(service, HEAD)
    assert replaced(service, 30)
    with service.client() as client:
        for number in range(8):
            draw = client.post(f"/v1/borrowers/e{number}/draws", json=WISH,
                               headers={"Idempotency-Key": "amid"})  # fmt: skip
            assert draw.status_code == 201, draw.text


@pytest.mark.parametrize("service", [(2, "")], indirect=True)
def test_where_none_can_be_started_the_others_go_on_and_say_why(service: Served) -> None:
    """Planted: the tables have lost what this release needs to start. Nobody is left alone."""
    migrated(service, "9998")
    assert not replaced(service, 6)
    assert service.process is not None and service.process.poll() is None
    with service.client() as client:
        assert client.get("/readyz").status_code == 200
        draw = client.post("/v1/borrowers/e1/draws", json=WISH, headers={"Idempotency-Key": "on"})
        assert draw.status_code == 201
    give_up, said = time.monotonic() + 30, []
    while not said and time.monotonic() < give_up:  # a process takes its time to start
        time.sleep(0.2)
        lines = service.log.read_text(encoding="utf-8").splitlines()
        said = [json.loads(line) for line in lines if "store.newer" in line]
    assert said and all("newer xindeng" in one["next"] for one in said)


def orphans_end(service: Served) -> bool:
    """Kill the process that was started, and no other; say whether its workers end by themselves."""
    assert service.process is not None
    workers = service.worker_pids()
    assert len(workers) == 2
    kill(service.process.pid)
    service.process.wait(10)
    give_up = time.monotonic() + 10
    while alive := [pid for pid in workers if "spawn_main" in command(pid)]:
        if time.monotonic() > give_up:
            for pid in alive:
                kill(pid)
            return False
        time.sleep(0.05)
    return True


@pytest.mark.parametrize("service", [(2, "")], indirect=True)
def test_no_worker_outlives_who_started_it(service: Served) -> None:
    """Orphans would keep the port, so that the service could not be started again."""
    with service.client() as client:
        sent = {"headers": {"Idempotency-Key": "before"}, "json": WISH}
        first = client.post("/v1/borrowers/e1/draws", **sent)  # type: ignore[arg-type]
    assert first.status_code == 201
    assert orphans_end(service)
    with socket.socket() as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind(("127.0.0.1", service.port))
    service.start()
    with service.client() as client:
        again = client.post("/v1/borrowers/e1/draws", **sent)  # type: ignore[arg-type]
    assert again.content == first.content


@pytest.mark.parametrize("service", [(2, "outlives who started it")], indirect=True)
def test_workers_that_stay_are_found(service: Served) -> None:
    assert not orphans_end(service)
