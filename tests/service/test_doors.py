"""The address a service listens on: taken before anything else is done, or said to be another's."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xindeng.kernel.errors import InputError
from xindeng.web import processes
from xindeng.web.processes import door


@pytest.fixture
def port() -> Iterator[int]:
    """A port of loopback on which somebody else listens."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def refused(host: str, port: int) -> InputError:
    with pytest.raises(InputError) as caught, door(host, port):
        pass
    assert caught.value.code == "serve.address" and caught.value.next_step
    return caught.value


def test_another_program_listens_there(port: int) -> None:
    for host in ("127.0.0.1", "localhost"):
        error = refused(host, port)
        assert "listens there already" in str(error) and f"{host} port {port}" in str(error)
        assert "--port" in error.next_step


def test_no_address_of_this_machine() -> None:
    assert "--host" in refused("192.0.2.1", 8123).next_step
    assert "--host" in refused("no-such-host.invalid", 8123).next_step


def test_a_port_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def bind(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(processes.socket.socket, "bind", bind)
    assert "1024" in refused("127.0.0.1", 80).next_step


def test_a_door_is_taken_and_nobody_is_let_in_yet() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with door("127.0.0.1", port) as (one,):
        assert one.getsockname() == ("127.0.0.1", port)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1)
    with door("127.0.0.1", port):
        pass  # and it is free again


@pytest.mark.parametrize(
    "words", [["serve"], ["serve", "--workers", "2"], ["serve", "--demo"], ["demo"]]
)
def test_a_command_says_so_before_it_does_anything(
    words: list[str], port: int, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    env = {k: v for k, v in os.environ.items() if not k.startswith("XINDENG_")}
    done = subprocess.run(
        [sys.executable, "-m", "xindeng", *words, "--port", str(port)],
        env={**env, "XINDENG_HOME": str(home)}, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "error serve.address" in done.stderr and "next: " in done.stderr
    assert "Traceback" not in done.stderr and not home.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--jwks", "no-such-file", "--issuer", "lender"], "token.jwks"),
        (["--jwks", "broken.json", "--issuer", "lender"], "token.jwks"),
        (["--jwks", "http://lender.example/jwks", "--issuer", "lender"], "token.jwks"),
        (["--jwks", "broken.json"], "serve.tokens"),
    ],
)
def test_keys_that_cannot_be_had_are_told_before_anybody_is_let_in(
    words: list[str], code: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    (tmp_path / "broken.json").write_text('{"keys": [{}]}', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "xindeng", "serve", *words],
        env={**os.environ, "XINDENG_HOME": str(home)},
        capture_output=True, text=True, timeout=60, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 1 and f"error {code}" in done.stderr, done.stderr
    assert not home.exists()
    assert "Traceback" not in done.stderr
