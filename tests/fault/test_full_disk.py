"""A disk that is truly full, under the database's own files: fails closed, and goes on by itself.

It takes a small file system of its own, which only root may mount.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.fault.load import WISH
from tests.fault.served import PLANTS, Served
from tests.fault.test_same_key import settle
from xindeng.store.server import reset_data

pytestmark = pytest.mark.postgres
SIZE_MB, WITHIN_S, RECOVERY_S = 160, 3.5, 30
KEYS = [f"k{number}" for number in range(400)]


@contextmanager
def small_disk() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(prefix="xd-disk-"))
    asked = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m,mode=711", "none", str(place)]
    try:
        if os.getuid() != 0 or subprocess.run(asked, capture_output=True, check=False).returncode:
            pytest.skip("this needs a file system of its own, and mounting one is not allowed here")
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)
        place.rmdir()


@pytest.fixture
def service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    plant = getattr(request, "param", "")
    with small_disk() as home:
        env = {"PLANT": plant, "PYTHONPATH": str(PLANTS)} if plant else None
        made = Served(home, workers=1, env=env)
        made.log = tmp_path / "serve.log"  # on a disk that is not full
        try:
            made.start()
            yield made
        finally:
            made.kill_all()
            reset_data(home)


def fill(disk: Path) -> Path:
    """Leave not one block free; returns the file that takes them."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"\1" * size)
            except OSError:
                continue
    return filler


def draw(client: httpx.Client, key: str) -> httpx.Response:
    return client.post("/v1/borrowers/ann/draws", json=WISH, headers={"Idempotency-Key": key})


def weather(service: Served) -> None:
    with service.client(30) as client:
        settle(client, "ann")
        filler = fill(service.home)
        kept: dict[str, bytes] = {}
        refused = 0
        for key in KEYS:
            began = time.monotonic()
            found = draw(client, key)
            assert time.monotonic() - began < WITHIN_S
            if found.status_code == 201:
                kept[key] = found.content
                continue
            assert found.status_code in (409, 503) and "retry-after" in found.headers, found.text
            refused += 1
            if refused == 5:
                break
        assert refused == 5, "the disk was never full"
        assert client.get("/healthz").status_code == 200

        filler.unlink()
        began = time.monotonic()
        while draw(client, "after").status_code != 201:
            assert time.monotonic() - began < RECOVERY_S, service.said()
            time.sleep(0.2)
        tried = KEYS[: len(kept) + refused]
        again = {key: draw(client, key) for key in tried}
        assert all(one.status_code == 201 for one in again.values())
        assert all(again[key].content == content for key, content in kept.items())
        page = client.get("/v1/borrowers/ann/decisions?limit=200").json()["items"]
        assert len(page) == min(200, len(tried) + 1)
    assert "proven" in service.cli("ledger", "verify", "--policy", str(service.policy))


def test_nothing_is_lost_when_no_byte_more_can_be_written(service: Served) -> None:
    weather(service)


@pytest.mark.parametrize("service", ["does not know a full disk"], indirect=True)
def test_a_full_disk_that_is_told_as_a_fault_is_found(service: Served) -> None:
    with pytest.raises(AssertionError, match=r"unexpected|fault of ours"):
        weather(service)
