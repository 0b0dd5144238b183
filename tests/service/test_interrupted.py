"""An ingest that is stopped half-way says what it kept, and can simply be run again."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from xindeng.cli.borrower import take_in
from xindeng.events.envelope import Event
from xindeng.events.life import Payment
from xindeng.kernel.errors import UnavailableError
from xindeng.service import ingest as ingesting
from xindeng.store.connect import unavailable

pytestmark = pytest.mark.xdist_group("cli")
SENT = 30_000


def events_file(path: Path) -> Path:
    with path.open("w") as out:
        for number in range(SENT):
            payload = {"direction": "in", "amount": number + 1}
            raw = {"borrower": f"stop-{number // 100:04}", "id": f"p{number}", "type": "payment",
                   "occurred_at": "2026-06-01", "payload": payload}  # fmt: skip
            out.write(json.dumps(raw) + "\n")
    return path


def start(home: Path, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "xindeng", "ingest", str(file)],
        env={**os.environ, "XINDENG_HOME": str(home)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        # A shell that runs the tests in the background lets its children ignore the interrupt.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip


SLOW = """
CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM pg_sleep(2); RETURN NULL; END';
CREATE TRIGGER slowly AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION slowly();
"""
FAST = "DROP TRIGGER slowly ON event; DROP FUNCTION slowly;"


@contextmanager
def slow(url: str) -> Iterator[None]:
    """Let every group of events take two seconds, so that half-way lasts however busy we are."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(SLOW)
    try:
        yield
    finally:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(FAST)


def stored(url: str) -> int:
    with psycopg.connect(url) as conn:
        found = conn.execute("SELECT count(*) FROM event WHERE borrower LIKE 'stop-%'").fetchone()
    return found[0] if found else 0


def test_ctrl_c_says_what_is_stored_and_the_same_file_completes_it(
    test_home: Path, server_url: str, tmp_path: Path
) -> None:
    from xindeng.store.migrate import migrate

    migrate(server_url)
    file = events_file(tmp_path / "events.ndjson")
    with slow(server_url):
        running = start(test_home, file)
        deadline = time.monotonic() + 120
        while not stored(server_url) and running.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
    kept = stored(server_url)
    assert 0 < kept < SENT
    told = re.search(r"([\d,]+) events are stored, 30,000 were sent", said)
    assert told is not None, said
    # The last group may have been stored between its commit and its count.
    assert 0 <= kept - int(told[1].replace(",", "")) <= ingesting.GROUP
    assert running.returncode == 130
    assert "running the same file again is safe" in said
    assert "Traceback" not in said and "psycopg" not in said and "pool" not in said

    again = start(test_home, file)
    summary, said = again.communicate(timeout=120)
    assert again.returncode == 0, said
    assert f"{SENT - kept:,} events taken in, {kept:,} already known" in summary
    assert stored(server_url) == SENT


def test_a_server_that_dies_leaves_the_same_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    def dying(engine: object, chunk: object, *, report: ingesting.IngestReport, compare: bool):  # type: ignore[no-untyped-def]
        report.accepted += 7
        with unavailable("the database went away"):
            raise psycopg.OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(ingesting, "ingest", dying)
    payment = Event("p", "b", "payment", 1, 1, 1, Payment(direction="in", amount=1))
    monkeypatch.delenv("XINDENG_DATABASE_URL", raising=False)
    with pytest.raises(UnavailableError) as caught:
        take_in(None, [payment])  # type: ignore[arg-type]
    assert "7 events are stored, 1 were sent" in caught.value.next_step
    assert "XINDENG_DATABASE_URL" not in caught.value.next_step
    monkeypatch.setenv("XINDENG_DATABASE_URL", "postgresql://elsewhere/x")
    with pytest.raises(UnavailableError, match="went away") as caught:
        take_in(None, [payment])  # type: ignore[arg-type]
    assert "XINDENG_DATABASE_URL" in caught.value.next_step
