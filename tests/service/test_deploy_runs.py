"""The commands that are shipped for containers and for systemd, run as they stand there, in the
environment that they are given there."""

from __future__ import annotations

import os
import re
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from ruamel.yaml import YAML

pytestmark = pytest.mark.postgres
DEPLOY = Path(__file__).parents[2] / "deploy"
COMPOSE = YAML(typ="safe").load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
START_S = 90


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def interpolated(text: str, told: Mapping[str, str]) -> str:
    """A value as compose puts it together: ${NAME-default}, ${NAME:?why}."""
    return re.sub(r"\$\{(\w+)(?:-([^}]*)|:\?[^}]*)?\}", lambda m: told.get(m[1], m[2] or ""), text)


def environment(told: Mapping[str, str], url: str, home: Path) -> dict[str, str]:
    """What the container's process sees, with this test's database and home."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("XINDENG_")}
    given = {k: interpolated(v, told) for k, v in COMPOSE["service"]["environment"].items()}
    assert told["DATABASE_PASSWORD"] in given["XINDENG_DATABASE_URL"]
    return {**clean, **given, "XINDENG_DATABASE_URL": url, "XINDENG_HOME": str(home)}


@contextmanager
def running(words: list[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "xindeng", *words], env=dict(env), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate(timeout=30)


def healthy(test: list[str], port: int, env: Mapping[str, str]) -> bool:
    """What the container's own check says, asked as it stands."""
    kind, program, *rest = test
    assert (kind, program) == ("CMD", "python")
    words = [word.replace(":8000/", f":{port}/") for word in rest]
    done = subprocess.run([sys.executable, *words], env=dict(env), capture_output=True,
                          timeout=30, check=False)  # fmt: skip
    return done.returncode == 0


def until_healthy(port: int, env: Mapping[str, str], process: subprocess.Popen[str]) -> None:
    give_up = time.monotonic() + START_S
    while not healthy(COMPOSE["service"]["healthcheck"]["test"], port, env):
        assert process.poll() is None, process.communicate()[0][-2000:]
        assert time.monotonic() < give_up
        time.sleep(0.3)


def ended(process: subprocess.Popen[str], grace: str) -> str:
    """End it as the host does; within its grace, in order, and with what words."""
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=int(grace.removesuffix("s")))
    assert process.returncode == 0, said[-2000:]
    return said


def here(words: list[str], port: int) -> list[str]:
    """The command on this machine's loopback instead of every address of a container."""
    return [{"0.0.0.0": "127.0.0.1", "8000": str(port)}.get(word, word) for word in words]


@pytest.fixture
def told() -> dict[str, str]:
    """An .env as the example asks for: both secrets made with openssl rand -hex 32."""
    return {"DATABASE_PASSWORD": secrets.token_hex(32), "XINDENG_MASTER_KEY": secrets.token_hex(32)}


def test_what_the_containers_run(
    new_database: Callable[[], str], tmp_path: Path, told: dict[str, str]
) -> None:
    env = environment(told, new_database(), tmp_path)
    port = free_port()
    served, works = COMPOSE["service"], COMPOSE["worker"]
    with running(here(served["command"], port), env) as serving, running(works["command"], env) as working:  # fmt: skip
        assert not healthy(served["healthcheck"]["test"], free_port(), env), "an empty port is ill"
        until_healthy(port, env, serving)
        page = (DEPLOY.parent / "docs/how-to/deploy.md").read_text(encoding="utf-8")
        line = re.search(r"exec service xindeng (keys create .*)$", page, re.M)
        assert line is not None
        made = subprocess.run(
            [sys.executable, "-m", "xindeng", *shlex.split(line[1])], env=env, text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
        assert made.returncode == 0 and "xd_" in made.stdout, made.stdout + made.stderr
        assert working.poll() is None
        ended(working, works["stop_grace_period"])
        said = ended(serving, served["stop_grace_period"])
    assert "Traceback" not in said and not (tmp_path / "master.key").exists()


def test_what_systemd_runs(
    new_database: Callable[[], str], tmp_path: Path, told: dict[str, str]
) -> None:
    env = environment(told, new_database(), tmp_path)
    port, unit = free_port(), (DEPLOY / "xindeng.service").read_text(encoding="utf-8")
    line = re.search(r"^ExecStart=/opt/xindeng/bin/xindeng (.*)$", unit, re.M)
    reload = re.search(r"^ExecReload=/bin/kill -(\w+) \$MAINPID$", unit, re.M)
    assert line is not None and reload is not None
    with running(here(shlex.split(line[1]), port), env) as serving:
        until_healthy(port, env, serving)
        serving.send_signal(signal.Signals[f"SIG{reload[1]}"])
        time.sleep(1)
        until_healthy(port, env, serving)
        ended(serving, "60s")
