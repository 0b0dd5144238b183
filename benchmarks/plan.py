"""Proven plans for refused borrowers: how fast, for how many, and whether they come true.

`find_plans` is timed on folded states and listed events in one process; reading and folding are
not counted, nor is the first plan, which fills caches. Then plans are followed through the
service: a real PostgreSQL, the refusal stored, every event of the plan and of life going on taken
in at its own instant, payments read off a new credit report, and the draw made at the promised
instant.
"""

from __future__ import annotations

import gc
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Final

import msgspec

from benchmarks import debts, dice
from benchmarks.report import Figure, finish, quantile, versions
from xindeng.decision.answer import Outcome
from xindeng.decision.decide import decide
from xindeng.decision.facts import PlatformState
from xindeng.decision.precheck import facts_of_attempt
from xindeng.decision.request import Request
from xindeng.events.envelope import Event
from xindeng.intake.events_file import read_events
from xindeng.lab.draws import draw_requests, read_truth
from xindeng.lab.follow import follow
from xindeng.lab.simulate import simulate
from xindeng.policy.policy import Policy
from xindeng.repair.dossier import Dossier, dossier_of
from xindeng.repair.plans.plan import Plan, Plans
from xindeng.repair.plans.search import find_plans
from xindeng.service import plan as planning
from xindeng.service.draw import draw
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest
from xindeng.service.policies import read_bundle
from xindeng.service.review import review
from xindeng.store import borrowers, open_store
from xindeng.store.chunks import Chunk
from xindeng.store.server import open_server

SEED: Final = 7
REFUSED: Final = frozenset({Outcome.DECLINE, Outcome.REVIEW, Outcome.RETRY_LATER})
STATUSES: Final = (
    "plan", "only_time", "fixed", "our_side", "verify_first", "review", "hardship", "no_plan",
)  # fmt: skip
_DEBT_FIGURES: Final = frozenset(
    {"gate_month_equal_share", "avalanche_equal_share", "snowball_equal_share",
     "interest_gap_median"}
)  # fmt: skip
"""What `python -m benchmarks debts` measures in full, for a look at both at once."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A borrower, what was asked at which instant (µs), and what the policy said."""

    dossier: Dossier
    request: Request
    at: int
    outcome: Outcome

    @property
    def plain(self) -> dice.Refused:
        """Return what the peer is given."""
        return dice.Refused(self.dossier.state, self.request, self.at)


def run(*, quick: bool = False) -> int:
    """Simulate, plan for everybody refused, follow plans through the service, ask DiCE."""
    wanted, follow_s, peer = (100, 8.0, (4.0, 2.0)) if quick else (500, 600.0, (120.0, 15.0))
    files = read_bundle("consumer_line")
    with tempfile.TemporaryDirectory(prefix="xindeng-bench-") as folder:
        home = Path(folder) / "home"
        home.mkdir(mode=0o711)
        Path(folder).chmod(0o711)
        with open_server(home) as uri, open_store(home, uri) as store:
            clock = Clock()
            engine = Engine(store, files, clock=clock)
            engine.limiter.per_hour = 1_000_000
            everyone = list(_asked(engine.policy, Path(folder), wanted))
            refused = [one for one in everyone if one.outcome in REFUSED]
            took, found = _plan_for(engine.policy, refused)
            followed = _follow_all(engine, clock, refused, found, follow_s)
    figures = [
        Figure("p50_ms", quantile(took, 0.50), "ms", "<=50"),
        Figure("p99_ms", quantile(took, 0.99), "ms", "<=500"),
        Figure("refused", len(refused), "borrowers", f">={wanted}"),
        Figure("turned_share", followed.share, "share", ">=1"),
        Figure("followed", followed.plans, "plans"),
    ]
    counts = Counter(plans.status for plans in found)
    figures += [Figure(f"{name}_share", counts[name] / len(found), "share") for name in STATUSES]
    cases = debts.measure(10 if quick else debts.CASES)[0]
    figures += [one for one in debts.figures(cases) if one.name in _DEBT_FIGURES]
    figures += _peer(engine.policy, everyone, refused, found, *peer)
    return finish(
        "plan", figures,
        what="find_plans on folded facts, caches warm; then plans followed through the service",
        borrowers=len(everyone),
        plans=sum(len(plans.plans) for plans in found),
        verified=sum(plan.kind == "verified" for plans in found for plan in plans.plans),
        enough=sum(plan.enough for plans in found for plan in plans.plans),
        mean_ms=round(sum(took) / len(took), 1),
        not_turned=followed.missed,
        peer_seconds_each=peer[1],
        peers=versions("dice-ml") if dice.installed() else
        "dice-ml is not installed: make check installs it",
    )  # fmt: skip


class Clock:
    """The service's time: it stands where the story has come to (µs)."""

    now = 0

    def __call__(self) -> int:
        """Return the instant."""
        return self.now


def _asked(policy: Policy, folder: Path, wanted: int) -> Iterator[Asked]:
    """Yield borrowers with their first request of the day until `wanted` were refused."""
    made = simulate(folder, borrowers=wanted * 4, seed=SEED)
    truth = read_truth(made.truth_path)
    wishes = {
        wish.borrower: wish
        for wish in draw_requests(truth, made.day, SEED, zone=policy.zone)
        if wish.attempt == 1
    }
    refused = 0
    start = policy.zone.midnight(made.day)
    stored = read_events(made.events_path, received_at=start, zone=policy.zone)
    for name, events in groupby(stored, key=lambda event: event.borrower):
        if refused >= wanted:
            return
        numbered = [msgspec.structs.replace(e, seq=n) for n, e in enumerate(events, start=1)]
        wish = wishes[name]
        request = Request(wish.amount, wish.term_months, wish.purpose)
        dossier = dossier_of(policy, numbered)
        facts = facts_of_attempt(
            policy.kernel, dossier.state, PlatformState(), request, wish.at
        )  # fmt: skip
        outcome = decide(policy, facts, request, wish.at).outcome
        refused += outcome in REFUSED
        yield Asked(dossier, request, wish.at, outcome)


def _plan_for(policy: Policy, refused: list[Asked]) -> tuple[list[float], list[Plans]]:
    first = refused[0]
    find_plans(policy, first.dossier, first.request, first.at)
    took, found = [], []
    gc.collect()
    gc.freeze()
    for one in refused:
        started = time.perf_counter()
        found.append(find_plans(policy, one.dossier, one.request, one.at))
        took.append((time.perf_counter() - started) * 1000)
    gc.unfreeze()
    return took, found


@dataclass(slots=True)
class Followed:
    """How many plans were followed, and those whose draw was not approved at the promised time."""

    plans: int
    missed: list[str]

    @property
    def share(self) -> float:
        """Return the share of followed plans that turned the answer."""
        return 1 - len(self.missed) / self.plans if self.plans else float("nan")


def _follow_all(
    engine: Engine, clock: Clock, refused: list[Asked], found: list[Plans], budget_s: float
) -> Followed:
    """Follow every verified plan, each on a copy of its borrower, until the time is used up."""
    end, done = time.perf_counter() + budget_s, Followed(0, [])
    for one, plans in zip(refused, found, strict=True):
        for number, plan in enumerate(plans.plans):
            if time.perf_counter() > end:
                return done
            if plan.kind == "verified":
                name = f"{one.dossier.borrower}-{number}"
                done.plans += 1
                if not _comes_true(engine, clock, one, name, number):
                    done.missed.append(
                        f"{name} {plan.goal} {'+'.join(s.action for s in plan.steps)}"
                    )
    return done


def _comes_true(engine: Engine, clock: Clock, one: Asked, name: str, number: int) -> bool:
    """Draw and be refused, take the plan that the service makes, follow it, draw again."""
    clock.now = one.at
    ingest(engine, _named(name, one.dossier.events), compare=False)
    decision = draw(engine, name, one.request, "first")
    kept = planning.make_for(engine, decision.id)
    if number >= len(kept.made.plans.plans):
        return False
    plan = kept.made.plans.plans[number]
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, name)
        known = planning.facts(engine, conn, chain)
    for at, events in groupby(
        follow(engine.policy, known.dossier, plan, known.now, plan.yes_at),
        key=lambda event: event.occurred_at,
    ):
        clock.now = max(clock.now, at)
        ingest(engine, events, compare=False)
    clock.now = max(clock.now, plan.yes_at)
    _review(engine, name)
    return draw(engine, name, _wish(kept, plan), "then").decision.outcome is Outcome.APPROVE


def _review(engine: Engine, name: str) -> None:
    """Do for one line what the end of each day does: holds that are over let go."""
    day = engine.policy.zone.day(engine.clock())
    with engine.store.transaction(pipelined=False) as conn:
        review(engine, conn, Chunk("review", day, 0, name, name, 1, None, None))


def _named(name: str, events: tuple[Event, ...]) -> list[Event]:
    return [msgspec.structs.replace(event, borrower=name) for event in events]


def _wish(kept: planning.KeptPlans, plan: Plan) -> Request:
    return replace(kept.made.request, amount=plan.amount, term_months=plan.term_months,
                   after_hold=plan.after_hold)  # fmt: skip


def _peer(
    policy: Policy, everyone: list[Asked], refused: list[Asked], found: list[Plans],
    budget_s: float, each_s: float,
) -> list[Figure]:  # fmt: skip
    """Return how DiCE does on the same refusals, as many as time allows, and how we do there."""
    if not dice.installed():
        return []
    background = dice.table(policy, [one.plain for one in everyone])
    order = random.Random(SEED).sample(range(len(refused)), len(refused))
    asked = [refused[place].plain for place in order]
    figures = []
    for method in dice.METHODS:
        tried = dice.try_method(method, policy, asked, background, budget_s, each_s)
        ours = sum(bool(found[place].plans) for place in order[: tried.borrowers])
        figures += [
            Figure(f"dice_{method}_valid", tried.share(tried.valid), "share"),
            Figure(f"dice_{method}_fitting", tried.share(tried.fitting), "share"),
            Figure(f"dice_{method}_ours", tried.share(ours), "share"),
            Figure(f"dice_{method}_borrowers", tried.borrowers, "borrowers"),
            Figure(f"dice_{method}_ms", 1000 * tried.seconds / max(1, tried.borrowers), "ms"),
        ]
    return figures
