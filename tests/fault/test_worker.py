"""The worker while its database is killed: it does not end with it, and goes on by itself."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest

from tests.fault.served import PLANTS, Served, served
from tests.service.test_deploy_runs import running

pytestmark = pytest.mark.postgres
RECOVERY_S = 30


@contextmanager
def working(service: Served, plant: str = "") -> Iterator[subprocess.Popen[str]]:
    env = {**service._environment(), "PLANT": plant, "PYTHONPATH": str(PLANTS)}
    with running(["worker", "--policy", str(service.policy)], env) as process:
        yield process


def at_work(service: Served, since: float, within: float = RECOVERY_S) -> bool:
    """Whether a worker has told the queue since then (s since 1970) that it is there."""
    give_up = time.monotonic() + within
    asked = (
        "SELECT EXISTS (SELECT FROM procrastinate_workers WHERE last_heartbeat >= to_timestamp(%s))"
    )
    while time.monotonic() < give_up:
        with suppress(psycopg.Error), psycopg.connect(service.uri, connect_timeout=2) as conn:
            if conn.execute(asked, [since]).fetchone() == (True,):
                return True
        time.sleep(0.2)
    return False


def test_it_goes_on_when_its_database_is_back() -> None:
    with served(workers=1) as service, working(service) as process:
        assert at_work(service, time.time() - 5)
        for _ in range(2):
            service.kill_postgres()
            killed = time.time()
            assert at_work(service, killed + 0.5), "it did not come back"
            assert process.poll() is None
            time.sleep(1)
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said[-2000:]
        assert "goes on when it is back" in said and "Traceback" not in said
        for line in said.splitlines():
            if line.startswith("{"):
                assert json.loads(line)["level"] in ("warning", "error")


def test_a_worker_that_ends_with_its_database_is_found() -> None:
    """Planted: the queue is worked once, until it cannot be."""
    with served(workers=1) as service, working(service, "works until it cannot") as process:
        assert at_work(service, time.time() - 5)
        service.kill_postgres()
        assert process.wait(60) is not None
