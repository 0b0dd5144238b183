"""How each segment's stance stands, as people look at it; and telling the platform a change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.line import StanceChange
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest_raw
from xindeng.service.stood import ALL, Told, fold_stances, looser
from xindeng.store import borrowers

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
    policy, day = engine.policy, engine.policy.zone.day
    told = fold_stances(one for one in _told(engine) if on is None or day(one.occurred_at) <= on)
    return {name: _stood(told.get(name) or told.get(ALL), policy, since)
            for name in policy.segments}  # fmt: skip


def takes_two(engine: Engine, segment: str, stance: str, until_day: int | None) -> bool:
    """Say whether a stance lends more freely than what stands, which nobody does alone."""
    today = engine.policy.zone.day(engine.clock())
    stood = fold_stances(_told(engine))
    change = StanceChange(segment, stance, today, until_day=until_day)  # type: ignore[arg-type]
    return looser(stood, change, engine.policy.stance_default, today) is not None


def _told(engine: Engine) -> list[Event]:
    """Return all that the platform's chain tells."""
    with engine.store.snapshot() as conn:
        row = conn.execute("SELECT seq FROM borrower WHERE borrower = %s", [PLATFORM]).fetchone()
        if row is None:
            return []
        chain = borrowers.read(conn, engine.store.keys, PLATFORM)
        return list(engine.history(conn, chain))


def _stood(told: Told | None, policy: Policy, since: int) -> Stood:
    if told is None:
        return Stood(policy.stance_default, since)
    change, day = told.change, policy.zone.day(told.since)
    before = None if change.until_day is None else _stood(told.before, policy, since)
    return Stood(change.stance, day, change.review_day, change.by, change.reason, change.until_day,
                 before)  # fmt: skip


def set_stance(
    engine: Engine, segment: str, stance: str, review_day: int, reason: str, *,
    by: Literal["person", "series"], until_day: int | None = None,
) -> None:  # fmt: skip
    """Tell the platform's chain a stance from now on, which whom it takes have agreed to."""
    now = engine.clock()
    payload: dict[str, Any] = {
        "segment": segment, "stance": stance, "review_day": review_day,
        "reason": reason[:_LONGEST_REASON], "by": by, "until_day": until_day,
    }  # fmt: skip
    event = {"type": "stance_change", "id": engine.new_id(now), "occurred_at": now,
             "payload": payload}  # fmt: skip
    ingest_raw(engine, [event], PLATFORM, agreed=True)


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
