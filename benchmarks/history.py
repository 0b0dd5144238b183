"""Point-in-time features in DuckDB: 2 M events, 100 k decisions, 12 windowed features, and peers.

Peers in the same process, on the same loaded tables, in turn: DuckDB's own window frames over the
union of events and decisions, and Polars' join with conditional sums. What they give is compared.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.history_peers import polars_join, window_frames
from benchmarks.lakes import TWELVE, simulated, skewed, twelve
from benchmarks.report import Figure, finish, processor_seconds, versions
from xindeng.features.offline import event_fields
from xindeng.history import asked, facts
from xindeng.service.policies import load_policy

BORROWERS = 7_700
THREADS = 2


def run(*, quick: bool = False) -> int:
    """Measure; `quick` takes a quarter of the borrowers, once, and targets in proportion."""
    policy = load_policy("consumer_line")
    features, rounds = twelve(policy), 1 if quick else 5
    borrowers = BORROWERS // 4 if quick else BORROWERS
    with tempfile.TemporaryDirectory(prefix="xindeng-bench-") as folder:
        lake = simulated(Path(folder), policy, borrowers)
        con = facts.connect(threads=THREADS, memory="500MB", spill=Path(folder) / "spill")
        requests = asked.load(con, lake, 0, 2**62)
        facts.load_events(con, lake.events(), event_fields(features))
        rows = con.sql("SELECT row AS id, borrower, seq, now FROM asked").to_arrow_table()
        facts.load_requests(con, rows.cast(facts.REQUESTS), policy.zone)
        con.execute("DROP TABLE asked")
        events = lake.manifest.rows
        total = sum(count for name, count in events.items() if name.startswith("events/"))

        def ours() -> dict[str, int]:
            return facts.make_features(con, policy.book, "found", features)

        contenders: list[Callable[[], Any]] = [
            ours, lambda: window_frames(con), lambda: polars_join(con),
        ]  # fmt: skip
        spent = processor_seconds()
        chosen = _chosen(ours())
        spent = processor_seconds() - spent
        times = _interleaved(contenders, rounds)
        agreement = {name: _agreement(con, f"{name}_found") for name in ("window", "polars")}
        peak = _peak(con, Path(folder) / "tables.db")
        con.close()
    skew, chosen_skewed = _skewed(policy, rounds)
    mine = statistics.median(times[0])
    return finish(
        "history",
        [
            Figure("pit_seconds", mine, "s", f"<={1.5 * borrowers / BORROWERS:g}"),
            Figure("pit_processor_seconds", spent, "s"),
            Figure("pit_peak_mb", peak, "MB", "<=500"),
            Figure("skewed_seconds", skew, "s", "<=3"),
            Figure("ratio_vs_window", statistics.median(times[1]) / mine, "times"),
            Figure("ratio_vs_polars", statistics.median(times[2]) / mine, "times"),
            Figure("agreement_polars", agreement["polars"], "share", "==1"),
            Figure("agreement_window", agreement["window"], "share"),
        ],
        events=total,
        events_read=sum(events.get(f"events/type={name}", 0) for name in event_fields(features)),
        decisions=requests,
        features=list(TWELVE),
        rounds=rounds,
        threads=THREADS,
        formulation=chosen,
        formulation_skewed=chosen_skewed,
        counted="events and decisions stand loaded in DuckDB tables; the density is measured, the"
        " formulation chosen, the features of all decisions written to a table. Median of rounds",
        peak="most resident memory (VmHWM) of a process of its own above that before it loads the"
        " tables; loaded tables included, DuckDB held to 500 MB",
        skewed="20 borrowers x 50,000 events, about 100,000 decisions",
        window="UNION ALL of events and decisions, one RANGE frame a feature; a frame by day also"
        " sees what happened later that day, which is where it disagrees",
        polars="join on the borrower, filter on visibility and longest window, conditional sums",
        peers=versions("polars", "duckdb"),
    )


def _chosen(dense: dict[str, int]) -> dict[str, str]:
    """Return by event type how its windows were summed, as the measured density had it."""
    return {
        event: f"running sums for {count} borrowers" if count else "range join"
        for event, count in dense.items()
    }


def _interleaved(contenders: list[Callable[[], Any]], rounds: int) -> list[list[float]]:
    """Return the seconds of each contender by round."""
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for place, contender in enumerate(contenders):
            started = time.perf_counter()
            contender()
            times[place].append(time.perf_counter() - started)
    return times


def _agreement(con: Any, peer: str) -> float:
    """Return the share of values on which a peer agrees with ours."""
    same = total = 0
    for name in TWELVE:
        row = con.execute(
            f"SELECT count(*), count(*) FILTER (COALESCE(p.{name}, 0) = f.{name})"
            f" FROM found f LEFT JOIN {peer} p USING (id)"
        ).fetchone()
        total, same = total + row[0], same + row[1]
    return same / total


def _peak(con: Any, place: Path) -> float:
    """Return the memory (MB) that a fresh process needs for the tables and the query."""
    for name in ("found", "window_found", "polars_found"):
        con.execute(f"DROP TABLE IF EXISTS {name}")
    con.execute(f"ATTACH '{place}' AS kept")
    con.execute("COPY FROM DATABASE memory TO kept")
    con.execute("DETACH kept")
    script = "import sys; from benchmarks.history import measure; print(measure(sys.argv[1]))"
    made = subprocess.run(
        [sys.executable, "-c", script, str(place)], capture_output=True, text=True, check=True
    )
    return float(made.stdout)


def measure(place: str) -> float:
    """Load the tables of a file and compute; return the growth of resident memory in MB."""
    policy = load_policy("consumer_line")
    con = facts.connect(threads=THREADS, memory="500MB", spill=Path(place + ".spill"))
    before = _most_resident()
    con.execute(f"ATTACH '{place}' AS kept (READ_ONLY)")
    con.execute("COPY FROM DATABASE kept TO memory")
    con.execute("DETACH kept")
    facts.make_features(con, policy.book, "found", twelve(policy))
    return _most_resident() - before


def _most_resident() -> float:
    """Return the most memory this program has held, in MB; what it was forked from counts not."""
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1000


def _skewed(policy: Any, rounds: int) -> tuple[float, dict[str, str]]:
    """Return the seconds of the skewed case, and how it was summed."""
    con = facts.connect(threads=THREADS)
    skewed(con, policy, 20, 50_000, 5_000)
    took, dense = [], {}
    for _ in range(rounds):
        started = time.perf_counter()
        dense = facts.make_features(con, policy.book, "found", twelve(policy))
        took.append(time.perf_counter() - started)
    con.close()
    return statistics.median(took), _chosen(dense)
