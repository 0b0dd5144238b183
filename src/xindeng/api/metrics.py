"""What Prometheus may know: requests by route and status, how long they took, how many wait."""

from __future__ import annotations

import math
import os

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)

from xindeng.store.decisions import StoredDecision

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The figures of one process; with several workers they are summed over all of them."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "xindeng_http_requests", "requests answered", ["route", "status"],
            registry=self.registry,
        )  # fmt: skip
        self.seconds = Histogram(
            "xindeng_http_request_seconds", "time to the answer", ["route"], buckets=_BUCKETS,
            registry=self.registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "xindeng_http_requests_in_hand", "requests not yet answered",
            registry=self.registry, multiprocess_mode="livesum",
        )  # fmt: skip

        self.arms = Counter(
            "xindeng_challenger_draws", "draws that a live challenger decided, or failed to decide",
            ["challenger", "outcome"], registry=self.registry,
        )  # fmt: skip

    def drawn(self, stored: StoredDecision) -> None:
        """Count a draw in which a challenger had a part."""
        if stored.arm is not None:
            outcome = "failed" if stored.arm.failed else str(stored.decision.outcome)
            self.arms.labels(stored.arm.challenger, outcome).inc()

    def latencies(self) -> list[tuple[str, int, float | None, float | None]]:
        """Return (route, answers, median, 99th percentile) of each route used, in ms, as upper
        edges of the histogram's steps; of this process alone, and since it started."""
        steps: dict[str, list[tuple[float, float]]] = {}
        for metric in self.seconds.collect():
            for sample in metric.samples:
                if sample.name.endswith("_bucket"):
                    edge = float(sample.labels["le"])
                    steps.setdefault(sample.labels["route"], []).append((edge, sample.value))
        found = []
        for route, edges in sorted(steps.items()):
            total = edges[-1][1]
            if total:
                found.append((route, int(total), _edge(edges, 0.5), _edge(edges, 0.99)))
        return found

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
            together = CollectorRegistry()
            multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
            return generate_latest(together)
        return generate_latest(self.registry)


def _edge(edges: list[tuple[float, float]], share: float) -> float | None:
    """Return the first edge in ms below which that share of all answers lies."""
    wanted = edges[-1][1] * share
    edge = next(edge for edge, below in edges if below >= wanted)
    return None if edge == math.inf else edge * 1_000
