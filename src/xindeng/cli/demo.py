"""`xindeng demo`: a simulated population, a day of draw attempts, one borrower shown in full."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from xindeng.cli.borrower import take_in
from xindeng.cli.output import JsonOption, err, out, print_json, progress
from xindeng.cli.render import print_explanation, yuan
from xindeng.cli.serve import announce
from xindeng.decision.answer import Outcome
from xindeng.decision.explanation import Explanation
from xindeng.decision.request import Request
from xindeng.intake.events_file import read_events
from xindeng.kernel.errors import InputError
from xindeng.lab.draws import DrawRequest, draw_requests, read_truth
from xindeng.lab.simulate import Simulation, simulate
from xindeng.service import draw as drawing
from xindeng.service import explain as explaining
from xindeng.service import replay as replaying
from xindeng.service.engine import Engine, open_engine
from xindeng.store.decisions import StoredDecision
from xindeng.store.paths import default_home
from xindeng.store.server import open_server, reset_data
from xindeng.web.demo import DemoClock
from xindeng.web.serve import LOOPBACK, demo_door, run_demo

MOST_BORROWERS: Final = 500
OUTCOMES: Final = tuple(outcome.value for outcome in reversed(Outcome))


@dataclass(slots=True)
class Day:
    """A day of draws: every stored decision in order, and how long deciding took."""

    decisions: list[StoredDecision] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def outcomes(self) -> dict[str, int]:
        """Return outcome → how often, from approve to decline."""
        counts = Counter(stored.decision.outcome.value for stored in self.decisions)
        return {name: counts[name] for name in OUTCOMES if counts[name]}

    def reasons(self, most: int = 12) -> list[tuple[str, str, int]]:
        """Return (area, reason code, draws it stood in the way of), most frequent first."""
        counts = Counter(
            (reason.area, reason.code)
            for stored in self.decisions
            for reason in stored.decision.reasons
            if reason.gate
        )
        return [(area, code, count) for (area, code), count in counts.most_common(most)]


def demo(
    borrowers: Annotated[
        int, typer.Option(min=1, max=MOST_BORROWERS, help="how many simulated borrowers")
    ] = 300,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same day")] = 7,
    leave: Annotated[
        bool, typer.Option("--exit", help="end when the report is printed (for scripts)")
    ] = False,
    port: Annotated[int, typer.Option(help="where its pages are served", min=1, max=65_535)] = 8000,
    as_json: JsonOption = False,
) -> None:
    """Simulate borrowers and their year, run a day of draws, show one in full, serve the pages."""
    home, serves = default_home() / "demo", not (leave or as_json)
    with ExitStack() as stack:
        # A port that is taken is told now, not when all is done.
        sockets = stack.enter_context(demo_door(LOOPBACK[0], port)) if serves else []
        reset_data(home)  # every demo starts from nothing
        started = time.perf_counter()
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="xindeng-demo-"))
        with progress() as bar:
            task = bar.add_task("simulating borrowers", total=borrowers)
            made = simulate(
                Path(folder),
                borrowers=borrowers,
                seed=seed,
                progress=lambda done, _: bar.update(task, completed=done),
            )
        clock = DemoClock(0)
        with err.status("starting PostgreSQL", spinner="dots"):
            # Always a server of the demo's own, whatever XINDENG_DATABASE_URL says.
            url = stack.enter_context(open_server(home))
            opened = open_engine("consumer_line", home=home, url=url, clock=clock)
            engine = stack.enter_context(opened)
        document = _run(engine, clock, made, seed, as_json=as_json)
        document["seconds"] = round(time.perf_counter() - started, 2)
        if as_json:
            print_json(document)
        elif serves:
            out.print(
                "\nEvery decision above can be explained and replayed with "
                f"[bold]--home {home}[/]", soft_wrap=True,
            )  # fmt: skip
            run_demo(
                engine.store, clock, home=home, sockets=sockets,
                ready=lambda: announce(LOOPBACK[0], port),
            )  # fmt: skip


def _run(
    engine: Engine, clock: DemoClock, made: Simulation, seed: int, *, as_json: bool
) -> dict[str, Any]:
    zone = engine.policy.zone
    clock.now = zone.midnight(made.day)
    events = list(
        read_events(
            made.events_path,
            received_at=clock.now,
            zone=zone,
            currency=engine.policy.currency,
        )
    )
    taken = take_in(engine, events)
    requests = draw_requests(read_truth(made.truth_path), made.day, seed, zone=zone)
    day = _decide_all(engine, clock, requests)
    shown = choose(day.decisions, lambda stored: _has_date(engine, stored))
    replaying.replay(engine, shown.id)
    told = {
        lang: explaining.explain(engine, shown.id, audience="borrower", lang=lang)
        for lang in ("zh", "en")
    }
    if not as_json:
        _print_day(engine, made, taken.accepted, day)
        _print_shown(engine, shown, told)
    return {
        "borrowers": made.borrowers,
        "events": taken.accepted,
        "day": zone.local(zone.midnight(made.day)).date().isoformat(),
        "draws": len(day.decisions),
        "decisions_per_second": round(len(day.decisions) / day.seconds, 1),
        "outcomes": day.outcomes,
        "reasons": [{"area": a, "reason": r, "decisions": n} for a, r, n in day.reasons()],
        "shown": {
            "borrower": shown.borrower,
            "decision": shown.id,
            "replayed": True,
            "explanation": told,
        },
    }


def _decide_all(engine: Engine, clock: DemoClock, requests: list[DrawRequest]) -> Day:
    day = Day()
    with progress() as bar:
        task = bar.add_task("deciding draws", total=len(requests))
        for number, wish in enumerate(requests):
            clock.now = max(clock.now, wish.at)
            request = Request(wish.amount, wish.term_months, wish.purpose)
            started = time.perf_counter()
            stored = drawing.draw(engine, wish.borrower, request, f"demo-{number}")
            day.seconds += time.perf_counter() - started
            day.decisions.append(stored)
            bar.advance(task)
    return day


def _has_date(engine: Engine, stored: StoredDecision) -> bool:
    found = explaining.waiting(engine, stored.id)
    return found is not None and found.at is not None


def choose(
    decisions: list[StoredDecision], dated: Callable[[StoredDecision], bool]
) -> StoredDecision:
    """Return the refusal that says most: a limit shown, nothing to borrow, reasons of one's own,
    and, where `dated` finds one, a day from which waiting alone would do.

    Raises InputError if the day holds no decision at all.
    """
    if not decisions:
        raise InputError("the simulated day holds no draw", next_step="simulate more borrowers")
    ranked = sorted(decisions, key=_telling, reverse=True)
    stuck = (stored for stored in ranked if _telling(stored)[0])
    return next((stored for stored in stuck if dated(stored)), ranked[0])


def _telling(stored: StoredDecision) -> tuple[bool, bool, int]:
    """Return how much a decision shows: own reasons beside an untouched limit, of time, few."""
    made = stored.decision
    gates = [reason for reason in made.reasons if reason.gate]
    own = bool(gates) and all(reason.whose in ("borrower", "time") for reason in gates)
    stuck = bool(made.limit_shown) and made.borrowable_now == 0 and own
    return stuck, stuck and any(reason.area == "applications" for reason in gates), -len(gates)


def _print_day(engine: Engine, made: Simulation, events: int, day: Day) -> None:
    zone = engine.policy.zone
    date = zone.local(zone.midnight(made.day)).date()
    out.rule(f"{date}: {len(day.decisions)} draws by {made.borrowers} simulated borrowers")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for title, side in (("outcome", "left"), ("draws", "right"), ("share", "right")):
        table.add_column(title, justify=side)  # type: ignore[arg-type]
    for name, count in day.outcomes.items():
        table.add_row(name, str(count), f"{count / len(day.decisions):.1%}")
    out.print(table)
    reasons = Table(box=None, header_style="dim", pad_edge=False)
    for title in ("what stood in the way", "reason", "draws"):
        reasons.add_column(title)
    for area, code, count in day.reasons():
        reasons.add_row(area, code, str(count))
    out.print(reasons)
    out.print(
        f"{events:,} events taken in; {len(day.decisions) / day.seconds:,.0f} durable decisions/s, "
        "one at a time, each stored with its facts and its hash\n"
    )


def _print_shown(engine: Engine, shown: StoredDecision, told: dict[str, Explanation]) -> None:
    made = shown.decision
    at = engine.policy.zone.local(made.now)
    out.rule(f"borrower {shown.borrower} asks {yuan(made.amount_asked)}, {at:%Y-%m-%d %H:%M}")
    for explanation in told.values():
        print_explanation(explanation)
        out.print()
    out.print(
        f"[dim]decision {shown.id}, policy {made.policy_hash[:12]}, stance {made.stance}, "
        f"segment {made.segment}; replayed from its events: matches[/]"
    )
