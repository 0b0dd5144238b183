"""One key a hundred times at once: one effect and a hundred equal answers; after a restart, too."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import Any

import httpx
import psycopg
import pytest

from tests.fault.load import AMOUNT, WISH
from tests.fault.served import PLANTS, Served, new_home, served
from tests.service_world import ordinary
from xindeng.service.ports import sandbox_of

pytestmark = pytest.mark.postgres
TIMES = 100


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    with served(workers=2) as made:
        yield made


def settle(client: httpx.Client, name: str) -> str:
    sent = {"borrower": name, "events": ordinary()}
    assert client.post("/v1/borrowers", json=sent).status_code == 201
    return f"/v1/borrowers/{name}"


def until_told(client: httpx.Client, path: str, body: Any, key: str) -> httpx.Response:
    """The answer, asked for again as Retry-After says for as long as it is on its way."""
    give_up = time.monotonic() + 60
    while True:
        found = client.post(path, json=body, headers={"Idempotency-Key": key})
        told_to_wait = found.status_code in (409, 503) and "retry-after" in found.headers
        if not told_to_wait or time.monotonic() > give_up:
            return found
        time.sleep(float(found.headers["retry-after"]) / 10)


def crowd(service: Served, path: str, body: Any, key: str, times: int = TIMES) -> set[bytes]:
    """The different answers that so many get who ask at once under one key."""
    start = Barrier(times)

    def one(_: int) -> bytes:
        start.wait()
        found = until_told(client, path, body, key)
        assert found.status_code == 201, found.text
        return found.content

    limits = httpx.Limits(max_connections=times)
    with httpx.Client(base_url=f"http://127.0.0.1:{service.port}", limits=limits, timeout=60,
                      headers={"Authorization": f"Bearer {service.key}"}) as client, \
            ThreadPoolExecutor(times) as pool:  # fmt: skip
        return set(pool.map(one, range(times)))


def counts(service: Served, name: str) -> tuple[int, int, int]:
    """How many decisions, payouts and payments the borrower has."""
    with psycopg.connect(service.uri) as conn:
        row = conn.execute(
            "SELECT (SELECT count(*) FROM decision WHERE borrower = %(b)s),"
            " (SELECT count(*) FROM loan_transaction WHERE borrower = %(b)s AND key LIKE '%%#%%')", {"b": name}
        ).fetchone()  # fmt: skip
    assert row is not None
    with sandbox_of(service.home).open() as memory:
        paid = sum(one.borrower == name for one in memory.paid.values())
    return row[0], paid, row[1]


def test_a_hundred_at_once_have_one_effect_and_one_answer(service: Served, tmp_path: Path) -> None:
    with service.client(60) as client:
        at = settle(client, "crowd")
        drawn = crowd(service, f"{at}/draws", WISH, "d")
        assert len(drawn) == 1
        made = json.loads(next(iter(drawn)))
        client.get(f"{at}/decisions/{made['id']}/cost-sheet").raise_for_status()
        confirmation = {"decision": made["id"]}
        confirmed = crowd(service, f"{at}/confirmations", confirmation, "c")
        assert len(confirmed) == 1
        assert json.loads(next(iter(confirmed)))["state"] == "settled"
        repaid = crowd(service, f"{at}/repayments", {"amount": AMOUNT}, "r")
        assert len(repaid) == 1
    assert counts(service, "crowd") == (1, 1, 1)

    assert service.stop() == 0, service.said()
    service.start()
    assert crowd(service, f"{at}/draws", WISH, "d", 20) == drawn
    assert crowd(service, f"{at}/confirmations", confirmation, "c", 20) == confirmed
    assert crowd(service, f"{at}/repayments", {"amount": AMOUNT}, "r", 20) == repaid
    assert counts(service, "crowd") == (1, 1, 1)

    # And after a restore elsewhere, before and after the rail was asked.
    service.cli("backup", str(tmp_path / "backup"))
    assert service.stop() == 0, service.said()
    with new_home() as elsewhere:
        moved = Served(elsewhere, workers=1, key=service.key)
        kept = str(service.home / "master.key")
        assert "restored and verified" in moved.cli(
            "restore", str(tmp_path / "backup"), "--key", kept
        )
        shutil.copy(service.home / "sandbox.json", elsewhere)
        moved.start()
        try:
            for turn in ("before", "after"):
                assert crowd(moved, f"{at}/draws", WISH, "d", 20) == drawn
                assert crowd(moved, f"{at}/confirmations", confirmation, "c", 20) == confirmed
                assert crowd(moved, f"{at}/repayments", {"amount": AMOUNT}, "r", 20) == repaid
                assert counts(moved, "crowd") == (1, 1, 1)
                with moved.client() as client:
                    new = client.post(f"{at}/draws", json=WISH, headers={"Idempotency-Key": turn})
                if turn == "before":
                    assert new.status_code == 503 and int(new.headers["retry-after"]) >= 1
                    assert new.json()["code"] == "restore.unreconciled"
                    moved.cli("reconcile", "--rail", "sandbox", "--policy", str(moved.policy))
                else:
                    assert new.status_code == 201
        finally:
            moved.kill_all()


def test_a_service_that_does_not_heed_keys_is_found() -> None:
    env = {"PLANT": "does not heed the key", "PYTHONPATH": str(PLANTS)}
    with served(workers=1, env=env) as careless, careless.client(60) as client:
        at = settle(client, "crowd")
        assert len(crowd(careless, f"{at}/draws", WISH, "d", 5)) == 5
        assert counts(careless, "crowd")[0] == 5
