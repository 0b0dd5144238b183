"""One in-process decision: state → features → score → rules → outcome and ranked reasons."""

from __future__ import annotations

import gc
import statistics
import time

from benchmarks.facts import population
from benchmarks.report import Figure, finish, quantile
from xindeng.decision.decide import decide
from xindeng.decision.facts import Facts
from xindeng.decision.request import Request
from xindeng.service.policies import load_policy


def run(*, quick: bool = False) -> int:
    """Measure every request of a simulated day, several times over."""
    policy = load_policy("consumer_line")
    crowd = population(policy, 100 if quick else 500)
    kernel = policy.kernel
    jobs = [
        (crowd.states[wish.borrower], Request(wish.amount, wish.term_months, wish.purpose), wish.at)
        for wish in crowd.requests
    ]
    rounds = max(5, (10_000 if quick else 60_000) // len(jobs))
    took: list[float] = []
    outcomes: dict[str, int] = {}
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for state, request, now in jobs:
            started = time.perf_counter_ns()
            facts = Facts(kernel.vector(state, now), kernel.holds(state))
            made = decide(policy, facts, request, now)
            took.append((time.perf_counter_ns() - started) / 1000)
            outcomes[made.outcome.value] = outcomes.get(made.outcome.value, 0) + 1
    hot = [len(kernel.dump_hot(state)) for state in crowd.states.values()]
    buckets = [len(kernel.dump_buckets(state)) for state in crowd.states.values()]
    return finish(
        "decide",
        [
            Figure("p50_us", quantile(took, 0.50), "us", "<=150"),
            Figure("p99_us", quantile(took, 0.99), "us", "<=500"),
            Figure("mean_us", statistics.fmean(took), "us"),
            Figure("features", len(policy.book.base) + len(policy.definitions), "count", ">=60"),
            Figure("rules", len(policy.rules), "count", ">=60"),
            Figure("hot_state_bytes_max", max(hot), "bytes", "<=2048"),
        ],
        what="state in memory → base features → derived features and score → all rules → "
        "outcome, amount frontier, lights, ranked reasons; no database, no encoding",
        base_features=len(policy.book.base),
        derived=len(policy.definitions),
        borrowers=len(crowd.states),
        events_folded=crowd.events,
        decisions=len(took),
        outcomes={name: count // rounds for name, count in outcomes.items()},
        bucket_state_bytes_median=int(statistics.median(buckets)),
    )
