"""Five times what it can do: the rest is told to come back, and whoever is taken is served as ever.

30 seconds here; XINDENG_SOAK_OVERLOAD_S=600 in `make soak`, with the memory watched to the end.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from benchmarks import load
from benchmarks.load import Found, Job
from benchmarks.report import quantile
from tests.fault.load import WISH
from tests.fault.served import PLANTS, Served, served
from tests.fault.test_same_key import settle
from xindeng.api.lanes import MOST

pytestmark = [pytest.mark.postgres, pytest.mark.alone]
SECONDS = float(os.environ.get("XINDENG_SOAK_OVERLOAD_S", "30"))
BORROWERS, DEBTORS = 600 + int(20 * SECONDS), 5 + int(SECONDS / 2)
"""So many that nobody's history grows as nobody's does: few draws and repayments come of each, and
seldom is a draw in hand when the borrower's next is taken."""
TIMES, STORMS = 5, 3
GROWTH = 100 * 2**20
"""Bytes that a process may grow by while buffers and caches fill; later it may not grow at all."""


@dataclass
class Storm:
    """What came of draws at a normal load, of five times as many, of a normal load again, and of
    repayments during the storm."""

    normal: Found
    draws: Found
    again: Found
    repayments: Found
    lost: int
    memory: list[int] = field(default_factory=list)

    @property
    def breaches(self) -> list[str]:
        """What should not be."""
        refused = {status: n for status, n in self.draws.statuses.items() if status != 201}
        p99, usual = quantile(self.draws.latencies, 0.99), self.usual
        found = [
            (refused.keys() - {429, 503}, f"answers {refused}"),
            (not refused, "nobody was turned away"),
            (self.draws.without_retry_after, "no Retry-After"),
            (self.draws.unanswered, f"{self.draws.unanswered} never answered"),
            (self.lost, f"{self.lost} acknowledged draws lost"),
            (self.draws.unsent, f"{self.draws.unsent} found no connection free"),
            (p99 > 2 * usual, f"slow: p99 {p99:.0f} ms, {usual:.0f} ms at a normal load"),
            (set(self.repayments.statuses) != {201}, f"repayments {self.repayments.statuses}"),
            (grown(self.memory) > GROWTH, f"grown by {grown(self.memory):,} bytes"),
        ]
        return [what for wrong, what in found if wrong]

    @property
    def usual(self) -> float:
        """Return the p99 of a normal load, ms: before or after, whichever the machine made slower."""
        return max(quantile(one.latencies, 0.99) for one in (self.normal, self.again))


def grown(memory: list[int]) -> int:
    """Return by how many bytes the server has grown."""
    return max(memory, default=0) - min(memory, default=0)


def weather(service: Served, seconds: float, name: str = "") -> Storm:
    """A normal load, then five times what it came to, and repayments all the while."""
    names = [f"o{name}-{n}" for n in range(BORROWERS + DEBTORS)]
    with ThreadPoolExecutor(4) as several, service.client() as client:
        list(several.map(lambda one: settle(client, one), names))
        list(several.map(lambda one: lend(client, one), names[:DEBTORS]))

    def draws(prefix: str, lasting: float, connections: int, rate: float | None = None) -> Found:
        return load.run(
            Job(port=service.port, bearer=service.key, seconds=lasting, rate=rate, keep=True,
                connections=connections, borrowers=names[DEBTORS:], prefix=prefix)
        )  # fmt: skip

    draws("w", 2, MOST["draws"])
    normal = draws("n", 5, MOST["draws"])
    rate = TIMES * normal.good / normal.seconds
    back = Job(port=service.port, bearer=service.key, seconds=seconds, rate=10, connections=10,
               borrowers=names[:DEBTORS], prefix="r", action="repayments", amounts=(1,))  # fmt: skip
    watched, over = list[int](), threading.Event()
    watching = threading.Thread(target=watch, args=(service, watched, over))
    watching.start()
    with ThreadPoolExecutor(1) as beside:
        repaying = beside.submit(load.run, back)
        stormy = draws("s", seconds, 200, rate)
        repaid = repaying.result()
    over.set()
    watching.join()
    again = draws("a", 4, MOST["draws"])
    gone = lost(service, [*normal.kept, *stormy.kept, *again.kept])
    return Storm(normal, stormy, again, repaid, gone, watched)


def lend(client: httpx.Client, borrower: str) -> None:
    """Let a borrower draw and confirm it."""
    at = f"/v1/borrowers/{borrower}"
    made = client.post(f"{at}/draws", json=WISH, headers={"Idempotency-Key": "d"}).json()
    assert client.get(f"{at}/decisions/{made['id']}/cost-sheet").status_code == 200
    paid = client.post(f"{at}/confirmations", json={"decision": made["id"]},
                       headers={"Idempotency-Key": "c"})  # fmt: skip
    assert paid.status_code == 201, paid.text


def watch(service: Served, into: list[int], over: threading.Event) -> None:
    """Note each second how much memory the server holds."""
    assert service.process is not None
    time.sleep(min(SECONDS / 4, 120))  # until everything has been used once
    while not over.wait(1):
        status = Path(f"/proc/{service.process.pid}/status").read_text()
        into.append(int(status.split("VmRSS:")[1].split()[0]) * 1024)


def lost(service: Served, kept: list[tuple[str, str]]) -> int:
    """How many acknowledged draws the database does not hold, with decision and answer."""
    with psycopg.connect(service.uri) as conn:
        row = conn.execute(
            "SELECT count(*) FROM unnest(%s::text[], %s::text[]) AS a (borrower, key)"
            " LEFT JOIN idempotency i USING (borrower, key)"
            " LEFT JOIN answer w USING (borrower, key)"
            " LEFT JOIN decision d ON d.borrower = i.borrower AND d.id = i.decision"
            " WHERE d.id IS NULL OR w.key IS NULL",
            [[one[0] for one in kept], [one[1] for one in kept]],
        ).fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture(scope="module")
def service() -> Iterator[Served]:
    with served(workers=1) as made:
        yield made


def test_five_times_the_load_is_weathered(service: Served) -> None:
    """How long it took is read from the best of three storms, for others use the machine too; all
    else must hold in each."""
    for number in range(STORMS):
        storm = weather(service, SECONDS, f"{number}")
        told(storm)
        slow = [what for what in storm.breaches if what.startswith("slow")]
        assert storm.breaches == slow
        if not slow:
            return
    raise AssertionError(slow)


def told(storm: Storm) -> None:
    print(
        f"normal {storm.normal.good / storm.normal.seconds:.0f}/s, p99 "
        f"{storm.usual:.0f} ms; five times: {storm.draws.statuses}, p99 "
        f"{quantile(storm.draws.latencies, 0.99):.0f} ms; repayments {storm.repayments.statuses}; "
        f"memory grown by {grown(storm.memory) / 2**20:.0f} MB"
    )


@pytest.mark.parametrize(
    ("plant", "seen"),
    [("turns nobody away", "slow: p99"), ("repayments wait with the draws", "repayments")],
)
def test_a_service_that_gives_in_is_found(plant: str, seen: str) -> None:
    env = {"PLANT": plant, "PYTHONPATH": str(PLANTS)}
    with served(workers=1, env=env) as planted:
        breaches = weather(planted, 6).breaches
    assert any(one.startswith(seen) for one in breaches), breaches
