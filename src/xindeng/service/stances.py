"""How each segment's stance stands, folded from the platform's chain; and telling it a change."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Literal

from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.line import StanceChange
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.policy.steering.model import RANK
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest_raw
from xindeng.store import borrowers

ALL = "all"
_LONGEST_REASON = 400
MOST_DAYS_AHEAD = 92
"""How far ahead a stance may be looked at again, or end."""


@dataclass(frozen=True, slots=True)
class Stood:
    """A stance since a local day, by whom and why; `review_day` None where none was told.

    One set by hand until `until_day` stands in place of `before`.
    """

    stance: str
    since: int
    review_day: int | None = None
    by: Literal["person", "series"] = "series"
    reason: str = ""
    until_day: int | None = None
    before: Stood | None = None


def standings(engine: Engine, since: int, *, on: int | None = None) -> dict[str, Stood]:
    """Return how every segment stands, or stood at the end of the local day `on`; one of which
    nothing was ever told since day `since`."""
    with engine.store.snapshot() as conn:
        row = conn.execute("SELECT seq FROM borrower WHERE borrower = %s", [PLATFORM]).fetchone()
        if row is None:
            return fold_stances((), engine.policy, since)
        chain = borrowers.read(conn, engine.store.keys, PLATFORM)
        day = engine.policy.zone.day
        told = (one for one in engine.history(conn, chain)
                if on is None or day(one.occurred_at) <= on)  # fmt: skip
        return fold_stances(told, engine.policy, since)


def fold_stances(told: Iterable[Event], policy: Policy, since: int) -> dict[str, Stood]:
    """Return the standing of every segment of a policy after the platform's events, in order."""
    start = Stood(policy.stance_default, since)
    found = dict.fromkeys(policy.segments, start)
    for event in told:
        change = event.payload
        if not isinstance(change, StanceChange):
            continue
        day = policy.zone.day(event.occurred_at)
        for name in policy.segments if change.segment == ALL else (change.segment,):
            found[name] = _after(found.get(name, start), change, day)
    return found


def _after(was: Stood, change: StanceChange, day: int) -> Stood:
    same = was.stance == change.stance
    now = Stood(change.stance, was.since if same else day, change.review_day, change.by,
                change.reason)  # fmt: skip
    if change.until_day is None:
        return now
    base = was.before or replace(was, until_day=None)
    return replace(now, since=day, until_day=change.until_day, before=base)


def set_stance(
    engine: Engine, segment: str, stance: str, review_day: int, reason: str, *,
    by: Literal["person", "series"], until_day: int | None = None,
) -> None:  # fmt: skip
    """Tell the platform's chain a stance from now on."""
    now = engine.clock()
    payload: dict[str, Any] = {
        "segment": segment, "stance": stance, "review_day": review_day,
        "reason": reason[:_LONGEST_REASON], "by": by, "until_day": until_day,
    }  # fmt: skip
    event = {"type": "stance_change", "id": engine.new_id(now), "occurred_at": now,
             "payload": payload}  # fmt: skip
    ingest_raw(engine, [event], PLATFORM)


def check_alone(engine: Engine, segment: str, stance: str) -> None:
    """Raise ForbiddenError where a stance is looser than what stands: that takes two people."""
    stood = standings(engine, engine.policy.zone.day(engine.clock()))
    chosen = stood if segment == ALL else (segment,)
    looser = [name for name in chosen if name in stood
              and RANK.get(stance, 0) < RANK[stood[name].stance]]  # fmt: skip
    if looser:
        raise ForbiddenError(
            f"{stance} is looser than {stood[looser[0]].stance}, which {looser[0]} stands at",
            where="payload.stance",
            next_step="propose it (set_stance), and let another person approve it",
            code="stance.looser",
        )


def check_wish(
    engine: Engine, segment: str, stance: str, review_day: int, until_day: int | None
) -> None:
    """Raise InputError for a segment or stance that is none, or a day that is not ahead."""
    policy, today = engine.policy, engine.policy.zone.day(engine.clock())
    if segment != ALL and segment not in policy.segments:
        raise InputError(f"no segment {segment[:40]!r}", where="segment", code="stance.segment",
                         next_step=f"use one of: {', '.join((ALL, *policy.segments))}")  # fmt: skip
    if stance not in policy.stances:
        raise InputError(f"no stance {stance[:40]!r}", where="stance", code="stance.name",
                         next_step=f"use one of: {', '.join(policy.stances)}")  # fmt: skip
    for day in (review_day, until_day):
        if day is not None and not 0 < day - today <= MOST_DAYS_AHEAD:
            raise ConflictError(
                f"{to_date(day)} is not within the next {MOST_DAYS_AHEAD} days",
                where="until", next_step="name a day to come", code="stance.day",
            )  # fmt: skip
