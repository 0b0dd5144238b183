"""The service over HTTP: durable draw decisions, their latency at half that load, event ingest.

`xindeng serve` on the embedded PostgreSQL (fsync on) and a load generator in a process of its own,
all on the same cores. A population's year of events is taken in first, which is what `events_per_s`
measures; then its borrowers draw, with states that are as large as lives make them.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from benchmarks import load
from benchmarks.load import Found, Job
from benchmarks.report import Figure, finish, quantile
from xindeng.access import keys
from xindeng.events.envelope import Event, payload_to_builtins
from xindeng.intake.events_file import read_events
from xindeng.kernel.time import DAY
from xindeng.lab.draws import draw_requests, read_truth
from xindeng.lab.simulate import simulate
from xindeng.service.engine import Engine, open_engine, system_clock
from xindeng.service.policies import load_policy
from xindeng.store.server import open_server

BATCH: Final = 100
HALF_LOAD: Final = 750
_WAIT_S: Final = 60


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured."""

    borrowers: int
    seconds: float
    connections: int = 64
    ingest_connections: int = 16


@dataclass(frozen=True, slots=True)
class Crowd:
    """Files of request bodies, and who draws what."""

    history: Path
    scattered: Path
    events: int
    scattered_events: int
    borrowers: list[str]
    amounts: tuple[int, ...]


def run(*, quick: bool = False) -> int:
    """Measure with 2 worker processes, or as many as XINDENG_BENCH_WORKERS says."""
    size = Size(300, 6) if quick else Size(2_000, 30)
    workers = int(os.environ.get("XINDENG_BENCH_WORKERS", "2"))
    home = Path(tempfile.mkdtemp(prefix="xindeng-bench-"))
    home.chmod(0o711)
    try:
        crowd = _crowd(home, size.borrowers)
        with open_server(home) as uri, open_engine(home=home, url=uri) as engine:
            bearer = keys.create(engine, "load", ["*"], 1).text
            with serving(home, uri, workers) as port:
                return _measure(engine, uri, port, bearer, crowd, size, workers)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _measure(
    engine: Engine, uri: str, port: int, bearer: str, crowd: Crowd, size: Size, workers: int
) -> int:
    def sends(bodies: Path) -> Found:
        job = Job(port=port, bearer=bearer, seconds=300, connections=size.ingest_connections,
                  bodies=str(bodies), path="/v1/events")  # fmt: skip
        return load.run(job)

    def draws(prefix: str, seconds: float, rate: float | None = None) -> Found:
        job = Job(port=port, bearer=bearer, seconds=seconds, connections=size.connections,
                  rate=rate, borrowers=crowd.borrowers, amounts=crowd.amounts, prefix=prefix,
                  keep=True)  # fmt: skip
        return load.run(job)

    taken = sends(crowd.history)
    mixed = sends(crowd.scattered)
    with psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("ANALYZE")
        settings: dict[str, str] = dict(
            conn.execute(
                "SELECT name, setting FROM pg_settings"
                " WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes')"
            ).fetchall()
        )
        before = _count(conn)
        hot, buckets = _state_bytes(conn)
    draws("warm", 2)
    closed = draws("c", size.seconds)
    opened = draws("o", size.seconds, HALF_LOAD)
    with psycopg.connect(uri, autocommit=True) as conn:
        stored = _count(conn) - before
        missing = _missing(conn, [*closed.kept, *opened.kept])
        outcomes: dict[str, int] = dict(
            conn.execute("SELECT outcome, count(*) FROM decision GROUP BY 1").fetchall()
        )
    in_time = opened.good / size.seconds
    return finish(
        "service",
        [
            Figure("decisions_per_s", closed.good / closed.seconds, "1/s", ">=1500"),
            Figure("p99_ms_half_load", quantile(opened.latencies, 0.99), "ms", "<=25"),
            Figure("p50_ms_half_load", quantile(opened.latencies, 0.50), "ms"),
            Figure("answered_half_load", in_time, "1/s", f">={HALF_LOAD * 0.99}"),
            Figure("p99_ms_full_load", quantile(closed.latencies, 0.99), "ms"),
            Figure("events_per_s", crowd.events / taken.seconds, "1/s", ">=10000"),
            Figure("events_per_s_scattered", crowd.scattered_events / mixed.seconds, "1/s"),
            Figure("acknowledged_and_lost", missing, "count", "<=0"),
            Figure("draws_refused", _refused(closed, opened), "count", "<=0"),
            Figure("batches_sent_again", _refused(taken, mixed), "count"),
        ],
        what="HTTP request → key, permit, decision, events, state, answer durable → response; "
        f"closed loop of {size.connections} connections; open loop at {HALF_LOAD}/s, latency from "
        "when a request was due; events: a year of each borrower, batches of one or few borrowers; "
        f"scattered: batches of events of 100 borrowers; {size.ingest_connections} senders",
        workers=workers,
        batch=BATCH,
        borrowers=len(crowd.borrowers),
        events=crowd.events,
        decisions=stored,
        outcomes=outcomes,
        hot_state_bytes_median=hot,
        bucket_state_bytes_median=buckets,
        client_cpu_share=round(closed.client_cpu_s / closed.seconds, 2),
        statuses={"closed": closed.statuses, "open": opened.statuses},
        postgresql=settings,
    )


def _refused(*found: Found) -> int:
    return sum(sum(one.statuses.values()) + one.unanswered + one.unsent - one.good for one in found)


@contextmanager
def serving(home: Path, uri: str, workers: int, *more: str) -> Iterator[int]:
    """Yield the port of a server of its own processes, on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "xindeng", "serve", "--port", str(port),
             "--workers", str(workers), *more],
            env={**os.environ, "XINDENG_HOME": str(home), "XINDENG_DATABASE_URL": uri},
            stdout=log, stderr=log,
        )  # fmt: skip
        try:
            _ready(port, process)
            yield port
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _WAIT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not start; see serve.log in its home")


def _crowd(home: Path, borrowers: int) -> Crowd:
    """Simulate a population and write its events as bodies of 100, borrower by borrower; of each
    the newest events are kept back, and written as bodies of many borrowers each."""
    policy = load_policy("consumer_line")
    made = simulate(home / "lab", borrowers=borrowers)
    # Whatever the machine's clock says, nothing may come from the future.
    late = made.day - policy.zone.day(system_clock()) + 1
    shift = max(late, 0) * DAY
    start = policy.zone.midnight(made.day)
    lives: dict[str, list[bytes]] = {}
    for event in read_events(made.events_path, received_at=start, zone=policy.zone):
        lives.setdefault(event.borrower, []).append(_line(event, shift))
    rest = [life[-1 - n] for n in range(10) for life in lives.values()]
    history = [line for life in lives.values() for line in life[:-10]]
    wishes = draw_requests(read_truth(made.truth_path), made.day, 7, zone=policy.zone)
    return Crowd(
        _bodies(home / "history", history), _bodies(home / "scattered", rest),
        len(history), len(rest), sorted(lives), tuple(wish.amount for wish in wishes),
    )  # fmt: skip


def _line(event: Event, shift: int) -> bytes:
    told = {
        "id": event.id, "borrower": event.borrower, "type": event.type,
        "occurred_at": event.occurred_at - shift, "known_at": event.known_at - shift,
        "payload": payload_to_builtins(event.payload),
    }  # fmt: skip
    return msgspec.json.encode(told)


def _bodies(path: Path, lines: list[bytes]) -> Path:
    parts = (lines[n : n + BATCH] for n in range(0, len(lines), BATCH))
    path.write_bytes(b"\x00".join(b'{"events":[' + b",".join(part) + b"]}" for part in parts))
    return path


def _count(conn: psycopg.Connection[tuple[int, ...]]) -> int:
    row = conn.execute("SELECT count(*) FROM decision").fetchone()
    assert row is not None
    return row[0]


def _state_bytes(conn: psycopg.Connection[tuple[int, ...]]) -> tuple[int, int]:
    rows = conn.execute("SELECT length(hot), length(buckets) FROM state").fetchall()
    return int(statistics.median(r[0] for r in rows)), int(statistics.median(r[1] for r in rows))


def _missing(conn: psycopg.Connection[tuple[int, ...]], kept: list[tuple[str, str]]) -> int:
    """Return how many acknowledged draws the database does not hold."""
    row = conn.execute(
        "SELECT count(*) FROM unnest(%s::text[], %s::text[]) AS a (borrower, key)"
        " LEFT JOIN idempotency i USING (borrower, key)"
        " LEFT JOIN answer w USING (borrower, key)"
        " LEFT JOIN decision d ON d.id = i.decision WHERE d.id IS NULL OR w.key IS NULL",
        [[one[0] for one in kept], [one[1] for one in kept]],
    ).fetchone()
    assert row is not None
    return row[0]
