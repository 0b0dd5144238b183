"""How it goes: decisions counted by outcome and reason, and how long answers take."""

from __future__ import annotations

from msgspec import Struct

from xindeng.api.resources.money import read_day
from xindeng.api.route import Call
from xindeng.api.shapes import Date, Sent, day_text
from xindeng.service.monitoring import counts


class MonitoringQuery(Sent):
    """Which local days, both included: today unless given, at most 92."""

    since: Date | None = None
    to: Date | None = None


class Count(Struct, frozen=True, kw_only=True):
    """How many decisions share an outcome, a reason, a stance or a segment."""

    name: str
    count: int


class Latency(Struct, frozen=True, kw_only=True):
    """How long answers of a route took since this service started, in milliseconds; each is the
    upper edge of the step of the histogram that it falls into, None above the last."""

    route: str
    answered: int
    p50_ms: float | None
    p99_ms: float | None


class MonitoringAnswer(Struct, frozen=True, kw_only=True):
    """Decisions of some days, largest counts first, and the times of all routes used."""

    since: str
    to: str
    decisions: int
    outcomes: tuple[Count, ...]
    reasons: tuple[Count, ...]
    without_data: tuple[Count, ...]
    stances: tuple[Count, ...]
    segments: tuple[Count, ...]
    latency: tuple[Latency, ...]


def show(call: Call) -> MonitoringAnswer:
    """Count what was decided on some days; nobody's name is in it."""
    query: MonitoringQuery = call.query
    engine = call.engine
    today = engine.policy.zone.day(engine.clock())
    last = today if query.to is None else read_day(query.to, "query.to")
    first = last if query.since is None else read_day(query.since, "query.since")
    found = counts(engine, first, last)
    return MonitoringAnswer(
        since=day_text(first), to=day_text(last), decisions=found.decisions,
        outcomes=_told(found.outcomes), reasons=_told(found.reasons),
        without_data=_told(found.without_data), stances=_told(found.stances),
        segments=_told(found.segments),
        latency=tuple(
            Latency(route=route, answered=answered, p50_ms=p50, p99_ms=p99)
            for route, answered, p50, p99 in call.service.metrics.latencies()
        ),
    )  # fmt: skip


def _told(counted: tuple[tuple[str, int], ...]) -> tuple[Count, ...]:
    return tuple(Count(name=name, count=count) for name, count in counted)
