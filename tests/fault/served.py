"""The service as a lender runs it: `xindeng serve`, its workers, its own embedded PostgreSQL."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.decision_policy import files
from tests.homes import new_place
from xindeng.access import keys
from xindeng.service.engine import open_engine
from xindeng.store.server import Cluster, reset_data

PLANTS = Path(__file__).parent / "plants"
START_S = 90


def write_policy(place: Path) -> Path:
    """The trial policy as a folder; its cost sheets need not be read for ten seconds."""
    for path, text in {**files(), "products.yaml": b"reading_seconds: 0\n"}.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_bytes(text)
    return place


class Served:
    """One installation in a home of its own. What `env` says goes to every process of it."""

    def __init__(
        self, home: Path, *, workers: int = 3, env: Mapping[str, str] | None = None, key: str = ""
    ) -> None:
        self.home, self.workers, self.env = home, workers, dict(env or {})
        self.policy = write_policy(home / "policy")
        self.log = home / "serve.log"
        self.key = key or self._new_key()
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def _new_key(self) -> str:
        with open_engine(self.policy, home=self.home) as engine:
            return keys.create(engine, "core", ["*"], 1).text

    def cli(self, *arguments: str) -> str:
        """What a command of this installation says; it must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "xindeng", *arguments], env=self._environment(), check=False,
            capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith("XINDENG_")}
        return {**clean, "XINDENG_HOME": str(self.home), **self.env}

    @property
    def uri(self) -> str:
        return Cluster(self.home).uri

    def client(self, timeout: float = 10) -> httpx.Client:
        return httpx.Client(
            base_url=f"http://127.0.0.1:{self.port}",
            headers={"Authorization": f"Bearer {self.key}"},
            timeout=timeout,
        )

    def start(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "xindeng", "serve", "--port", str(self.port),
                 "--workers", str(self.workers), "--rail", "sandbox", "--policy", str(self.policy)],
                env=self._environment(), stderr=log, stdout=log,
            )  # fmt: skip
        self.wait_ready()

    def stop(self) -> int:
        """End it in order; returns its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)

    def wait_ready(self, within: float = START_S) -> float:
        """Wait until it answers; returns for how long."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            assert self.process is not None
            assert self.process.poll() is None, f"it ended by itself:\n{self.said()}"
            try:
                with self.client(2) as client:
                    if client.get("/readyz").status_code == 200:
                        return time.monotonic() - began
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise AssertionError(f"not ready within {within} s:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]

    # --- harm -----------------------------------------------------------------------------------

    def worker_pids(self) -> list[int]:
        assert self.process is not None
        return [pid for pid in children(self.process.pid) if "spawn_main" in command(pid)]

    def kill_worker(self, dice: random.Random) -> None:
        """Kill one worker of several, once another is there to go on."""
        deadline = time.monotonic() + START_S
        while len(alive := self.worker_pids()) < 2:
            assert time.monotonic() < deadline, f"one worker alone for {START_S} s"
            time.sleep(0.05)
        kill(dice.choice(alive))

    def kill_postgres(self, dice: random.Random | None = None) -> None:
        """Kill the postmaster or, by the dice, one of its servants: all sessions end in both."""
        postmaster = self.postmaster()
        servants = [pid for pid in children(postmaster) if " xindeng " in command(pid)]
        kill(dice.choice(servants) if dice and servants and dice.random() < 0.5 else postmaster)

    def postmaster(self) -> int:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            pid = Cluster(self.home)._pid()
            if pid is not None:
                return pid
            time.sleep(0.01)
        raise AssertionError("no PostgreSQL within 30 s")

    def kill_all(self) -> None:
        """End what a failed test left behind: this installation's processes and no others."""
        if self.process is not None and self.process.poll() is None:
            for pid in [*self.worker_pids(), self.process.pid]:
                kill(pid)
            self.process.wait(30)


def children(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@contextmanager
def new_home() -> Iterator[Path]:
    """A home of its own that root's PostgreSQL can reach; nothing of it is left."""
    place = new_place("xd-fault-")
    try:
        yield place
    finally:
        reset_data(place)
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def served(*, workers: int = 3, env: Mapping[str, str] | None = None) -> Iterator[Served]:
    """A running installation; ended in order, or by force where a test failed."""
    with new_home() as home:
        made = Served(home, workers=workers, env=env)
        try:
            made.start()
            yield made
            if made.process is not None and made.process.poll() is None:
                made.stop()
        finally:
            made.kill_all()
