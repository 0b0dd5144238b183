"""A small load generator over HTTP/1.1 on loopback: it shares the cores with what it measures.

It runs as a process of its own, bounded in time and in connections, is told what to do by JSON on
stdin, and writes what it found into a file. Closed: each connection sends its
next request when the last is answered. Open: requests are due at a fixed rate whatever becomes of
those before, and latency counts from the instant a request was due, also while it waited for a free
connection, so that a server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import uvloop

MOST_SECONDS: Final = 700
MOST_CONNECTIONS: Final = 1_024
_GRACE_S: Final = 10
_TICK_S: Final = 0.001
_END: Final = b"\r\n\r\n"


class Job(msgspec.Struct, kw_only=True):
    """What to send to `127.0.0.1:port`: draws of `borrowers` in turn, or else `bodies` in order.

    `rate` (requests/s) makes it an open loop. `path` of bodies, which are sent again where they
    are refused for now; `keep` lists what was answered 2xx, by borrower and key.
    """

    port: int
    bearer: str
    seconds: float
    connections: int
    rate: float | None = None
    borrowers: list[str] = []
    bodies: str | None = None
    path: str = ""
    content_type: str = "application/json"
    prefix: str = "k"
    amounts: tuple[int, ...] = (300_000,)
    action: str = "draws"
    keep: bool = False


class Found(msgspec.Struct, kw_only=True):
    """What came of it; latencies in ms of what was answered 2xx."""

    seconds: float
    sent: int
    statuses: dict[int, int]
    latencies: list[float]
    client_cpu_s: float
    without_retry_after: int
    kept: list[tuple[str, str]] = []
    unanswered: int = 0
    """Requests that were sent and never answered."""
    unsent: int = 0
    """Requests that were due and found no connection free."""

    @property
    def good(self) -> int:
        """Return how many were answered 2xx."""
        return sum(number for status, number in self.statuses.items() if 200 <= status < 300)


Request = tuple[bytes, str, str]
"""The bytes to send; the borrower and the key they are of."""


def run(job: Job) -> Found:
    """Run a job in a process of its own and return what it found."""
    with tempfile.TemporaryDirectory(prefix="xindeng-load-") as folder:
        found = Path(folder, "found.json")
        subprocess.run(
            [sys.executable, "-m", "benchmarks.load", str(found)],
            input=msgspec.json.encode(job),
            check=True,
            timeout=job.seconds + 60,
            cwd=Path(__file__).parent.parent,
        )
        return msgspec.json.decode(found.read_bytes(), type=Found)


class _Loader:
    """Sends requests over connections that are kept, and counts what comes back."""

    def __init__(self, job: Job, requests: Iterator[Request]) -> None:
        self.job, self.requests = job, requests
        self.free: deque[_Connection] = deque()
        self.all: list[_Connection] = []
        self.due: deque[float] = deque()
        self.again: deque[Request] = deque()
        self.statuses: dict[int, int] = {}
        self.latencies: list[float] = []
        self.kept: list[tuple[str, str]] = []
        self.sent = self.without = self.in_hand = 0
        self.until = 0.0
        self.done = asyncio.Event()

    async def go(self) -> Found:
        loop = asyncio.get_running_loop()
        for _ in range(min(self.job.connections, MOST_CONNECTIONS)):
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", self.job.port)
        started, cpu = time.perf_counter(), time.process_time()
        self.until = started + min(self.job.seconds, MOST_SECONDS)
        if self.job.rate is None:
            for one in list(self.free):
                self.next(one)
        else:
            await self._at_rate(started, self.job.rate)
        while self.in_hand or self.due:
            self.done.clear()
            # Grace begins when time is over: a closed loop is never without a request until then.
            left = max(self.until - time.perf_counter(), 0) + _GRACE_S
            try:
                await asyncio.wait_for(self.done.wait(), left)
            except TimeoutError:
                break
        for one in self.all:
            one.transport.close()
        return Found(
            seconds=time.perf_counter() - started, sent=self.sent, statuses=self.statuses,
            latencies=[round(one * 1000, 3) for one in self.latencies],
            client_cpu_s=time.process_time() - cpu, without_retry_after=self.without,
            kept=self.kept, unanswered=self.in_hand, unsent=len(self.due),
        )  # fmt: skip

    async def _at_rate(self, started: float, rate: float) -> None:
        made = 0
        while (now := time.perf_counter()) < self.until:
            wanted = int((now - started) * rate)
            while made < wanted:
                self.due.append(started + made / rate)
                made += 1
            self.pour()
            await asyncio.sleep(_TICK_S)

    def pour(self) -> None:
        """Send what is due over the connections that are free."""
        while self.due and self.free:
            self.send(self.free.popleft(), self.due.popleft())

    def next(self, one: _Connection) -> None:
        """Send the next request of a closed loop, while there is time and something to send."""
        self.free.append(one)
        now = time.perf_counter()
        if now < self.until:
            self.free.pop()
            self.send(one, now)

    def send(self, one: _Connection, due: float) -> None:
        request = self.again.popleft() if self.again else next(self.requests, None)
        if request is None:  # all was sent; what is in hand may have to be sent again
            self.free.append(one)
            return
        self.sent += 1
        self.in_hand += 1
        one.send(request, due)

    def answered(self, one: _Connection, status: int, head: bytes) -> None:
        self.in_hand -= 1
        self.statuses[status] = self.statuses.get(status, 0) + 1
        if 200 <= status < 300:
            self.latencies.append(time.perf_counter() - one.due)
            if self.job.keep:
                self.kept.append((one.asked[1], one.asked[2]))
        elif status in (409, 429, 503):
            self.without += b"retry-after:" not in head.lower()
            if self.job.bodies is not None:
                self.again.append(one.asked)
        if self.job.rate is None:
            self.next(one)
        else:
            self.free.append(one)
            self.pour()
        if not self.in_hand:
            self.done.set()


class _Connection(asyncio.Protocol):
    """One connection; it has at most one request in hand."""

    def __init__(self, loader: _Loader) -> None:
        self.loader = loader
        self.buffer = b""
        self.due = 0.0
        self.asked: Request = (b"", "", "")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.loader.free.append(self)
        self.loader.all.append(self)

    def send(self, request: Request, due: float) -> None:
        self.asked, self.due = request, due
        self.transport.write(request[0])

    def data_received(self, data: bytes) -> None:
        self.buffer = self.buffer + data if self.buffer else data
        end = self.buffer.find(_END)
        if end < 0:
            return
        head = self.buffer[:end]
        at = head.lower().find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.buffer) < end + len(_END) + length:
            return
        self.buffer = b""
        self.loader.answered(self, int(head[9:12]), head)


def _requests(job: Job) -> Iterator[Request]:
    head = (
        f"HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {job.bearer}\r\n"
        f"Content-Type: {job.content_type}\r\n"
    )
    if job.bodies is not None:
        for body in Path(job.bodies).read_bytes().split(b"\x00"):
            told = f"POST {job.path} {head}Content-Length: {len(body)}\r\n\r\n"
            yield told.encode() + body, "", ""
        return
    yield from _acts(job, head)


def _acts(job: Job, head: str) -> Iterator[Request]:
    bodies: Sequence[str] = [f'{{"amount":{amount}}}' for amount in job.amounts]
    for number in count():
        borrower = job.borrowers[number % len(job.borrowers)]
        body, key = bodies[number % len(bodies)], f"{job.prefix}{number}"
        yield (
            f"POST /v1/borrowers/{borrower}/{job.action} {head}Idempotency-Key: {key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode(),
            borrower,
            key,
        )


def main(into: Path) -> None:
    """Do the job that stdin tells, and write what came of it."""
    job = msgspec.json.decode(sys.stdin.buffer.read(), type=Job)

    async def go() -> Found:
        return await _Loader(job, _requests(job)).go()

    into.write_bytes(msgspec.json.encode(uvloop.run(go())))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
