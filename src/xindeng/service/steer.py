"""Move the stance: by published series, as far as these may, and by hand.

Series tighten by themselves; what they would loosen is proposed in their name, and a person lets it
pass. A person tightens at once and loosens with another person, either with a reason and a last
day, after which what stood before stands again. While a stance set by hand stands, series tighten
it only by conditions that began after it was set.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import HOUR
from xindeng.policy.stance_view import StanceView, document, first_day, next_review, stance_view
from xindeng.policy.stance_words import figure
from xindeng.policy.steering.model import RANK
from xindeng.policy.steering.series import Observed
from xindeng.service import changes, proposals
from xindeng.service.book_series import STEERING, book_series, read_book
from xindeng.service.engine import Engine
from xindeng.service.proposals import Proposal
from xindeng.service.stances import Stood, check_wish, set_stance, standings, takes_two
from xindeng.store import actions
from xindeng.store.connect import Conn

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended('steering', 1))"

Did = Literal["tightened", "proposed", "waits", "lapsed", "reviewed", "stands", "by_hand"]


@dataclass(frozen=True, slots=True)
class Steered:
    """What was done about a segment, how it stands now with its indicators, and how it came so.

    `proposal` is the proposal to loosen that was made, or waits.
    """

    segment: str
    did: Did
    stood: Stood
    view: StanceView
    proposal: str | None = None


def steer(engine: Engine, economy: Mapping[str, Observed]) -> list[Steered]:
    """Look at every segment once and do what the series may; safe to repeat and side by side.

    `economy` are the series that were read from files; the book's own are added. Raises InputError
    where the policy has no steering or the series say nothing yet.
    """
    with engine.store.joined() as conn:
        conn.execute(_LOCK)
        read_book(engine, conn)
        observed = {**economy, **book_series(engine.policy, conn)}
        stood = standings(engine, first_day(observed))
        return [_one(engine, conn, observed, segment, stood[segment])
                for segment in engine.policy.segments]  # fmt: skip


def look(engine: Engine, economy: Mapping[str, Observed]) -> list[Steered]:
    """Return how every segment stands, with its indicators; nothing is changed."""
    today = engine.policy.zone.day(engine.clock())
    with engine.store.snapshot() as conn:
        observed = {**economy, **book_series(engine.policy, conn)}
    return [
        Steered(segment, "by_hand" if stood.until_day else "stands", stood,
                _view(engine, observed, segment, stood, today))
        for segment, stood in standings(engine, first_day(observed)).items()
    ]  # fmt: skip


def set_by_hand(
    engine: Engine, segment: str, stance: str, until_day: int, why: str, *, by: str
) -> Proposal | None:
    """Set a stance until a day: at once where it is on every day as strict as what stands, else as
    a proposal that another person judges, which is returned.

    Raises InputError, ConflictError for a day that is not ahead.
    """
    policy, today = engine.policy, engine.policy.zone.day(engine.clock())
    review = min(next_review(policy, stance, today, today), until_day)
    check_wish(engine, segment, stance, review, until_day)
    change = changes.SetStance(segment=segment, stance=stance, review_day=review,
                               until_day=until_day)  # fmt: skip
    with engine.store.joined() as conn:
        conn.execute(_LOCK)
        if takes_two(engine, segment, stance, until_day):
            return proposals.propose(engine, change, why=why, by=by)
        changes.set_stance_by_hand(engine, change, why, by)
        body = {"stance": stance, "until_day": until_day, "why": why}
        now = engine.clock()
        actions.record(conn, by, "stance.set", segment, body, ident=engine.new_id(now), at=now)
    return None


def _view(
    engine: Engine, observed: Mapping[str, Observed], segment: str, stood: Stood, today: int
) -> StanceView:
    view = stance_view(engine.policy, observed, today, segment,
                       standing=(stood.stance, stood.since))  # fmt: skip
    review = stood.review_day
    return view if review is None or review <= today else replace(view, review_on=review)


def _one(
    engine: Engine, conn: Conn, observed: Mapping[str, Observed], segment: str, stood: Stood
) -> Steered:
    today = engine.policy.zone.day(engine.clock())
    did: Did = "stands"
    if stood.until_day is not None:
        if today < stood.until_day:
            return _by_hand(engine, conn, observed, segment, stood)
        assert stood.before is not None
        stood, did = replace(stood.before, review_day=None), "lapsed"
    view = _view(engine, observed, segment, stood, today)
    to = view.to
    if RANK[to] > RANK[stood.stance]:
        return _tell(engine, conn, segment, to, view, "tightened")
    made = None
    if RANK[to] < RANK[stood.stance]:
        waiting = _waiting(engine, segment, to)
        made = waiting or _propose(engine, segment, to, view)
        did = did if did == "lapsed" else "waits" if waiting else "proposed"
    if did == "lapsed" or (stood.review_day is not None and stood.review_day <= today):
        done: Did = "lapsed" if did == "lapsed" else "reviewed"
        told = _tell(engine, conn, segment, stood.stance, view, done)
        return replace(told, did=done if made is None else did, proposal=made)
    return Steered(segment, did, stood, view, made)


def _by_hand(
    engine: Engine, conn: Conn, observed: Mapping[str, Observed], segment: str, stood: Stood
) -> Steered:
    """Leave what a person set, unless conditions that began since call for a stricter stance."""
    today = engine.policy.zone.day(engine.clock())
    view = _view(engine, observed, segment, stood, today)
    to = view.to
    fresh = any(one.on and one.since > stood.since for level in view.levels
                for one in level.conditions if level.stance == to)  # fmt: skip
    if RANK[to] > RANK[stood.stance] and fresh:
        return _tell(engine, conn, segment, to, view, "tightened")
    return Steered(segment, "by_hand", stood, view)


def _tell(engine: Engine, conn: Conn, segment: str, to: str, view: StanceView, did: Did) -> Steered:
    """Tell the chain the stance, and the chain of the actor on which values it rests."""
    policy, now = engine.policy, engine.clock()
    today = policy.zone.day(now)
    since = view.since if to == view.stance else today
    review = next_review(policy, to, since, today)
    set_stance(engine, segment, to, review, _reason(view, to), by="series")
    body = {"did": did, "to": to, "review_day": review, "seen": document(view, policy)}
    actions.record(conn, STEERING, f"stance.{did}", segment, body, ident=engine.new_id(now),
                   at=now)  # fmt: skip
    stood = Stood(to, since, review, "series", _reason(view, to))
    return Steered(segment, did, stood, replace(view, stance=to, since=since, review_on=review))


def _waiting(engine: Engine, segment: str, to: str) -> str | None:
    for one in proposals.listed(engine, waiting=True):
        wish = one.change
        if not isinstance(wish, changes.SetStance) or one.row.author != STEERING:
            continue
        if (wish.segment, wish.stance) == (segment, to):
            return one.row.id
    return None


def _propose(engine: Engine, segment: str, to: str, view: StanceView) -> str:
    policy = engine.policy
    today = policy.zone.day(engine.clock())
    change = changes.SetStance(segment=segment, stance=to,
                               review_day=next_review(policy, to, today, today))  # fmt: skip
    return proposals.propose(engine, change, why=_reason(view, view.stance), by=STEERING).row.id


def _reason(view: StanceView, stance: str) -> str:
    """Return the conditions of a stance in a line: indicator, value, month, publication."""
    told = []
    for level in view.levels:
        for one in level.conditions if level.stance == stance else ():
            if one.value is not None and one.series:
                newest = one.series[0]
                mark = "holds" if one.on else "not"
                value = figure(one.value, one.unit, "en")
                told.append(f"{one.indicator} {value} ({newest.month}) {mark}")
    return f"series, {stance}: " + ("; ".join(told) or "no condition of its own")


class Steersman:
    """Steers once an hour for as long as a process works; what fails is told and tried again."""

    def __init__(
        self, engine: Engine, read: Callable[[Engine], Mapping[str, Observed]],
        tell: Callable[[XindengError], None],
    ) -> None:  # fmt: skip
        self._engine, self._read, self._tell = engine, read, tell
        self._next = 0

    def __call__(self) -> None:
        """Steer, if an hour has passed since it last went well."""
        now = self._engine.clock()
        if now < self._next or not self._engine.policy.steering.levels:
            return
        try:
            with self._engine.one_policy():
                steer(self._engine, self._read(self._engine))
        except XindengError as error:
            self._tell(error)
            return
        self._next = now + HOUR
