"""A policy over recorded facts, and a replay with feedback, on a simulated past.

static: every rule, definition and outcome of the reference policy over a million rows of facts that
are there already. replay: from the lake's files to the answers of every request, each seeing what
the earlier ones of its borrower led to; all cores.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.lakes import simulated
from benchmarks.report import Figure, finish, processor_seconds
from xindeng.history import asked, facts
from xindeng.history.backtest import Spec
from xindeng.history.feedback import replay
from xindeng.history.static import judge, judging
from xindeng.policy.policy import Policy
from xindeng.service.policies import load_policy

BORROWERS = 7_700
ROWS = 1_000_000
THREADS = 2


def run(*, quick: bool = False) -> int:
    """Measure; `quick` takes a quarter of the borrowers, and targets in proportion."""
    policy = load_policy("consumer_line")
    borrowers = BORROWERS // 4 if quick else BORROWERS
    with tempfile.TemporaryDirectory(prefix="xindeng-bench-") as folder:
        lake = simulated(Path(folder), policy, borrowers)
        total = sum(n for name, n in lake.manifest.rows.items() if name.startswith("events/"))
        started, spent = time.perf_counter(), processor_seconds()
        con = facts.connect(threads=THREADS)
        requests = asked.load(con, lake, 0, 2**62)
        asked.load_facts(con, lake, [policy])
        asked.make_facts(con, lake, policy, "facts_a")
        loaded = time.perf_counter() - started
        answers, _, _ = replay(con, lake, policy, "facts_a", Spec(), None, lambda *_: None)
        replayed, spent = time.perf_counter() - started, processor_seconds() - spent
        static = _static(con, policy, 1 if quick else 3)
        began = time.perf_counter()
        made = judge(con, policy, "facts_a", asked.HoldHistory(con, lake, policy.zone))
        whole = requests / (time.perf_counter() - began)
        con.close()
    bound = 20 * borrowers / BORROWERS
    return finish(
        "backtest",
        [
            Figure("static_decisions_per_s", static, "decisions/s", ">=1000000"),
            Figure("static_with_frontier_per_s", whole, "decisions/s"),
            Figure("replay_seconds", replayed, "s", f"<={bound:g}"),
            Figure("replay_processor_seconds", spent, "s"),
            Figure("replay_features_seconds", loaded, "s"),
        ],
        events=total,
        decisions=requests,
        rules=len(policy.rules),
        definitions=len(policy.definitions),
        base_features=len(policy.book.base),
        rows=ROWS,
        threads=THREADS,
        processes=Spec().threads,
        share_left_to_decide=round(made.asked_one_by_one / requests, 3),
        outcomes=dict(sorted(_count(answers["outcome"].to_pylist()).items())),
        static="facts materialised in memory; segment, parameters, all definitions and rules as bit"
        " masks, and the outcome where no amount has to be searched, into a table; best of rounds",
        with_frontier="the same and decide() in Python, one core, for the share left to it",
        replay="reads the lake's files, computes all features in DuckDB, then lives through every"
        " borrower in processes of their own, up to the table of answers; once",
    )


def _static(con: Any, policy: Policy, rounds: int) -> float:
    """Return the rows a second that one query judges, the best of `rounds`."""
    count = con.execute("SELECT count(*) FROM facts_a").fetchone()[0]
    con.execute(
        f"CREATE OR REPLACE TABLE many AS SELECT f.* REPLACE (f.id + k * {count} AS id)"
        f" FROM facts_a f, range({-(-ROWS // count)}) r(k) LIMIT {ROWS}"
    )
    query, _ = judging(con, policy, "many")
    best = 0.0
    for _ in range(rounds + 1):
        started = time.perf_counter()
        con.execute(f"CREATE OR REPLACE TABLE judged AS {query}")
        best = max(best, ROWS / (time.perf_counter() - started))
    con.execute("DROP TABLE many")
    return best


def _count(values: list[str]) -> dict[str, int]:
    return {value: values.count(value) for value in set(values)}
