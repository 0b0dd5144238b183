"""`xindeng serve` as its own processes: several workers, one database, an orderly end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from xindeng.access import keys
from xindeng.service.engine import open_engine

WAIT_S = 60


@pytest.mark.postgres
@pytest.mark.parametrize("workers", [1, 2])
def test_it_answers_and_ends_with_what_is_in_hand(
    test_home: Path, database_url: str, tmp_path: Path, workers: int
) -> None:
    with open_engine(home=test_home, url=database_url) as engine:
        key = keys.create(engine, "core", ["*"], 1).text
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("w", encoding="utf-8") as stream:
        serving = subprocess.Popen(
            [sys.executable, "-m", "xindeng", "serve", "--port", str(port),
             "--workers", str(workers)],
            env={**os.environ, "XINDENG_HOME": str(test_home), "XINDENG_DATABASE_URL": database_url},
            stderr=stream, stdout=stream,
        )  # fmt: skip
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_for(client, serving)
            bearer = {"Authorization": f"Bearer {key}"}
            for _ in range(10):
                assert client.get("/v1/platform", headers=bearer).status_code == 200
            figures = client.get("/metrics").text
        assert 'route="GET /v1/platform",status="200"} 10.0' in figures  # of all workers together
    finally:
        serving.send_signal(signal.SIGTERM)
        ended = serving.wait(WAIT_S)
    assert ended == 0
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert sum(line.get("event") == "started" for line in lines) == workers
    assert sum(line.get("event") == "stopped" for line in lines) == workers
    assert sum(line.get("route") == "GET /v1/platform" for line in lines) == 10
    assert not [line for line in lines if line["level"] in ("error", "critical")]


def wait_for(client: httpx.Client, serving: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert serving.poll() is None, "it ended by itself"
        try:
            if client.get("/readyz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError("it never became ready")
