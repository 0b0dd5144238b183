"""The portfolio: funnel, outcomes, lights, reasons, stance, losses by lateness and month, drift."""

from __future__ import annotations

from typing import Final

from xindeng.service import monitoring
from xindeng.service.drift import drift
from xindeng.service.portfolio import Portfolio, portfolio_of
from xindeng.service.show import platform
from xindeng.web.desk import shown, today
from xindeng.web.risk import overview_charts as charts
from xindeng.web.route import Shown, Visit
from xindeng.web.terms import Terms

SPANS: Final = (1, 7, 30, 90)
OUTCOMES: Final = ("approve", "approve_less", "retry_later", "review", "decline")
LATENESS: Final = ("current", "1-30", "31-60", "61-90", "91+", "written_off", "closed")
LIGHTS: Final = ("green", "yellow", "red", "no_data", "our_side")
MOST_REASONS: Final = 15
MOST_MOVED: Final = 5
DRIFT_DAYS: Final = 30


def overview(visit: Visit) -> Shown:
    """Show the figures of the last days, today included."""
    asked = visit.query.get("days", "")
    days = next((one for one in SPANS if str(one) == asked), 30)
    last = today(visit)
    counts = monitoring.counts(visit.engine, last - days + 1, last)
    found = portfolio_of(visit.engine, counts.first, last)
    outcomes = dict(counts.outcomes)
    offered = outcomes.get("approve", 0) + outcomes.get("approve_less", 0)
    funnel = [
        (visit.say("Draws decided"), counts.decisions),
        (visit.say("Approved, in full or less"), offered),
        (visit.say("Confirmed"), sum(found.draws.values())),
        (visit.say("Paid out"), found.draws.get("settled", 0)),
    ]
    loans = [(charts.standing(visit, name), found.loans[name]) for name in LATENESS
             if name in found.loans]  # fmt: skip
    moved = drift(visit.engine, DRIFT_DAYS)
    return shown(
        visit, "/risk",
        days=days,
        spans=SPANS,
        counts=counts,
        funnel=funnel,
        funnel_table=charts.funnel_table(visit, funnel),
        chart=charts.outcomes(visit, [(name, outcomes.get(name, 0)) for name in OUTCOMES]),
        reasons=counts.reasons[:MOST_REASONS],
        lights=_lights(visit, found),
        light_names=LIGHTS,
        loans=loans,
        late=charts.lateness(visit, loans),
        vintages=found.vintages,
        made=charts.vintages(visit, found.vintages),
        drift=moved,
        moved=[one for one in moved.columns if one.shift.psi > 0][:MOST_MOVED],
        side=platform(visit.engine),
    )  # fmt: skip


def _lights(visit: Visit, found: Portfolio) -> list[tuple[str, list[int]]]:
    """Return, for each area that has rules in force, how many decisions gave it which light."""
    terms = Terms(visit.look, visit.engine.policy)
    return [
        (terms.area(area), [counted.get(light, 0) for light in LIGHTS])
        for area, counted in found.lights.items() if counted
    ]  # fmt: skip
