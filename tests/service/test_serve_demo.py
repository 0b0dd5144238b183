"""`xindeng serve --demo` as its own process: it opens on the choice of people, and on loopback only."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from xindeng.kernel.errors import InputError
from xindeng.lab.personas import PERSONAS
from xindeng.web.demo import DESKS as DEMO_DESKS
from xindeng.web.serve import check_host
from xindeng.web.site.doors import DESKS
from xindeng.web.table import PAGES

WAIT_S = 90


@pytest.mark.postgres
def test_a_demo_starts_from_nothing_and_touches_nothing_else(test_home: Path) -> None:
    home = test_home / "own"
    home.mkdir(mode=0o711)
    (home / "mine").write_text("kept", encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = subprocess.Popen(
        [sys.executable, "-m", "xindeng", "serve", "--demo", "--home", str(home),
         "--port", str(port)],
        env={**os.environ, "XINDENG_DATABASE_URL": "postgresql://nowhere.invalid/none"},
        stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        page = first_page(port, serving)
    finally:
        serving.send_signal(signal.SIGTERM)
        said, _ = serving.communicate(timeout=WAIT_S)
    assert page.count('class="person"') == len(PERSONAS) + len(DEMO_DESKS)
    assert {DESKS[desk] for desk in DEMO_DESKS} <= {one.path for one in PAGES}
    assert f"http://127.0.0.1:{port}/" in said
    assert (home / "mine").read_text(encoding="utf-8") == "kept"
    assert [one.name for one in home.iterdir() if one.is_dir()] == ["demo"]


@pytest.mark.postgres
def test_the_first_command_of_the_readme_ends_in_pages_that_say_why_and_when(
    test_home: Path,
) -> None:
    """`make demo` runs this: a day of draws, then the pages; three clicks from the first of them."""
    home = test_home / "first"
    home.mkdir(mode=0o711)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serving = subprocess.Popen(
        [sys.executable, "-m", "xindeng", "demo", "--borrowers", "20", "--port", str(port)],
        env={**os.environ, "XINDENG_HOME": str(home)},
        stderr=subprocess.STDOUT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert first_page(port, serving).count('class="person"') == len(PERSONAS) + len(DEMO_DESKS)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", follow_redirects=True, timeout=30,
                          headers={"Accept": "text/html", "Accept-Language": "en"}) as one:  # fmt: skip

            def click(path: str, page: httpx.Response, **form: str) -> httpx.Response:
                proof = re.search(r'name="_csrf" value="([0-9a-f]{40})"', page.text)
                assert proof is not None
                return one.post(path, data={"_csrf": proof[1], **form})

            mine = click("/demo/enter", one.get("/"), who="over-indebted")  # 1: who
            assert "Debt and income" in mine.text and "¥20,000" in mine.text
            when = click("/me/plan", mine)  # 2: from when on
            assert when.status_code == 200 and re.search(r"2026-1\d-\d\d|1\d? \w+ 2026", when.text)
            assert "5,300" in one.get("/me/why").text  # 3: the facts
    finally:
        serving.send_signal(signal.SIGTERM)
        said, _ = serving.communicate(timeout=WAIT_S)
    assert f"http://127.0.0.1:{port}/" in said


def first_page(port: int, serving: subprocess.Popen[str]) -> str:
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        assert serving.poll() is None, "it ended by itself"
        try:
            return httpx.get(f"http://127.0.0.1:{port}/").text
        except httpx.TransportError:
            time.sleep(0.2)
    raise AssertionError("it never answered")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "example.org"])
def test_a_demo_is_not_for_others(host: str) -> None:
    with pytest.raises(InputError, match="lets anybody in"):
        check_host(host)
