"""Borrowers to measure on: a simulated population folded into states, without a database."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from xindeng.features.state import State
from xindeng.intake.events_file import read_events
from xindeng.lab.draws import DrawRequest, draw_requests, read_truth
from xindeng.lab.simulate import simulate
from xindeng.policy.policy import Policy


@dataclass(frozen=True, slots=True)
class Population:
    """Folded states by borrower, the requests of one day, and how many events were folded."""

    states: dict[str, State]
    requests: list[DrawRequest]
    events: int


def population(policy: Policy, borrowers: int, seed: int = 7) -> Population:
    """Simulate and fold `borrowers` × 12 months; the same seed gives the same states."""
    states: dict[str, State] = {}
    count = 0
    with tempfile.TemporaryDirectory(prefix="xindeng-bench-") as folder:
        made = simulate(Path(folder), borrowers=borrowers, seed=seed)
        start = policy.zone.midnight(made.day)
        for event in read_events(made.events_path, received_at=start, zone=policy.zone):
            state = states.setdefault(event.borrower, policy.kernel.empty())
            policy.kernel.fold(state, msgspec.structs.replace(event, seq=state.seq + 1))
            count += 1
        requests = draw_requests(read_truth(made.truth_path), made.day, seed, zone=policy.zone)
    return Population(states, requests, count)
