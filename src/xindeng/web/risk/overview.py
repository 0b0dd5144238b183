"""The portfolio: funnel, outcomes, lights, reasons, stance, how late the loans are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from xindeng.decision.words import AREA_WORDS
from xindeng.policy.stance_words import NAMES
from xindeng.repair.checkup.blocks import Chart, Series, Table
from xindeng.service import monitoring
from xindeng.service.portfolio import Portfolio, portfolio_of
from xindeng.service.show import platform
from xindeng.web.desk import shown, today
from xindeng.web.route import Shown, Visit

SPANS: Final = (1, 7, 30, 90)
OUTCOMES: Final = ("approve", "approve_less", "retry_later", "review", "decline")
LATENESS: Final = ("current", "1-30", "31-90", "91+", "written_off", "closed")
LIGHTS: Final = ("green", "yellow", "red", "no_data", "our_side")
MOST_REASONS: Final = 15


def overview(visit: Visit) -> Shown:
    """Show the figures of the last days, today included."""
    asked = visit.query.get("days", "")
    days = next((one for one in SPANS if str(one) == asked), 30)
    last = today(visit)
    counts = monitoring.counts(visit.engine, last - days + 1, last)
    found = portfolio_of(visit.engine, counts.first, last)
    outcomes = dict(counts.outcomes)
    offered = outcomes.get("approve", 0) + outcomes.get("approve_less", 0)
    return shown(
        visit, "/risk",
        days=days,
        spans=SPANS,
        counts=counts,
        funnel=[
            (visit.say("Draws decided"), counts.decisions),
            (visit.say("Approved, in full or less"), offered),
            (visit.say("Confirmed"), sum(found.draws.values())),
            (visit.say("Paid out"), found.draws.get("settled", 0)),
        ],
        outcomes=[(name, outcomes.get(name, 0)) for name in OUTCOMES],
        chart=_chart(visit, [(name, outcomes.get(name, 0)) for name in OUTCOMES]),
        reasons=counts.reasons[:MOST_REASONS],
        lights=_lights(visit, found),
        light_names=LIGHTS,
        loans=[(name, found.loans[name]) for name in LATENESS if name in found.loans],
        side=platform(visit.engine),
        names=NAMES[visit.lang],
        segment_titles=visit.engine.policy.segment_titles,
    )  # fmt: skip


def outcome_name(visit: Visit, name: str) -> str:
    """Return an outcome in a word or two."""
    return {
        "approve": visit.say("approved"),
        "approve_less": visit.say("less offered"),
        "retry_later": visit.say("later"),
        "review": visit.say("to a person"),
        "decline": visit.say("declined"),
    }.get(name, name)


def _chart(visit: Visit, outcomes: Sequence[tuple[str, int]]) -> Chart:
    names = tuple(outcome_name(visit, name) for name, _ in outcomes)
    told = ", ".join(f"{name} {count}" for name, (_, count) in zip(names, outcomes, strict=True))
    title, unit = visit.say("Outcomes"), visit.say("decisions")
    table = Table(
        caption=title, head=(visit.say("Outcome"), unit), numbers=(1,),
        rows=tuple(
            (name, str(count)) for name, (_, count) in zip(names, outcomes, strict=True)
        ),
    )  # fmt: skip
    series = Series(name=title, values=tuple(float(count) for _, count in outcomes))
    return Chart(title=title, alternative=told, kind="bars", labels=names, series=(series,),
                 unit=unit, table=table)  # fmt: skip


def _lights(visit: Visit, found: Portfolio) -> list[tuple[str, list[int]]]:
    """Return, for each area that has rules in force, how many decisions gave it which light."""
    policy = visit.engine.policy
    rows = []
    for area, counted in found.lights.items():
        if counted:
            known = policy.area_by_name.get(area)
            title = known.title.get(visit.lang, area) if known else AREA_WORDS[visit.lang][area]
            rows.append((title, [counted.get(light, 0) for light in LIGHTS]))
    return rows
