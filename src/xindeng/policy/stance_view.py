"""The stance of a day as people look at it: indicators, thresholds, since when, what comes next.

`stance_view` is pure; the command line, a page and the audit record show the same answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.policy.steering.model import RANK, Bound, Level
from xindeng.policy.steering.path import NEUTRAL, Change, Held, Mark, Standing, Steered, judge
from xindeng.policy.steering.series import Observed, month_text
from xindeng.policy.steering.values import Reading, Status

_USUAL_REVIEW_DAYS = 30
"""For a stance that stances.yaml gives no days, which is neutral alone: nobody waits for it."""


@dataclass(frozen=True, slots=True)
class SeriesView:
    """One series behind an indicator: its newest published value, of which month, public when."""

    name: str
    title: Mapping[str, str]
    month: str
    value: float
    published: int
    source: str


@dataclass(frozen=True, slots=True)
class ConditionView:
    """One condition: the indicator's value (None unless `status` is known), whether it is on and
    since which local day, the thresholds to enter and to leave, and where these come from."""

    indicator: str
    title: Mapping[str, str]
    unit: str
    value: float | None
    status: Status
    on: bool
    since: int
    enter: Bound
    leave: Bound
    source: str
    series: tuple[SeriesView, ...]


@dataclass(frozen=True, slots=True)
class LevelView:
    """A stance with its conditions: wanted while `needed` of them are on."""

    stance: str
    needed: int
    on: int
    conditions: tuple[ConditionView, ...]


@dataclass(frozen=True, slots=True)
class NextView:
    """What would move the stance `to` another: `count` of `indicators` must enter, or leave;
    `not_before` is the local day until which it stays at least, None where that is over."""

    to: str
    how: str
    count: int
    indicators: tuple[str, ...]
    not_before: int | None = None


@dataclass(frozen=True, slots=True)
class StanceView:
    """The stance of a segment (None: any) on a local day, by the series alone or as it stands.

    `since` and `review_on` are local days; `wanted` is where the series point to, `to` the next
    step there that the rules allow now; `held` says why
    a looser stance that is wanted does not come: "stay" until the day `stay_until`, "blind" for
    indicators that are missing or stale (`blind`). `apart` are series left out on
    purpose, by name, with their titles.
    """

    day: int
    segment: str | None
    stance: str
    since: int
    review_on: int
    text: Mapping[str, str]
    to: str
    wanted: str
    held: Held
    stay_until: int
    blind: tuple[str, ...]
    levels: tuple[LevelView, ...]
    coming: tuple[NextView, ...]
    apart: Mapping[str, Mapping[str, str]]
    policy: str
    policy_hash: str


def first_day(observed: Mapping[str, Observed]) -> int:
    """Return the day on which the first value of any series was published."""
    days = [one.published[0] for one in observed.values() if one.published]
    if not days:
        raise InputError("the series hold no value", code="series.none",
                         next_step="name a file with values")  # fmt: skip
    return min(days)


def stance_view(
    policy: Policy, observed: Mapping[str, Observed], day: int, segment: str | None = None, *,
    apart: frozenset[str] = frozenset(), standing: tuple[str, int] | None = None,
) -> StanceView:  # fmt: skip
    """Return the stance of a local day with its indicators, from what was published by then.

    Without `standing` the stance is where the series alone lead from neutral on their first day;
    with it, (stance, since which day) as it really stands. Raises InputError for a policy without
    steering, an unknown segment, or a day before the first value.
    """
    walked = steered(policy, observed, segment, apart)
    begin = first_day(observed)
    if day < begin:
        raise InputError(
            f"nothing was published by {to_date(day)}",
            next_step=f"the first value was public on {to_date(begin)}: ask for a later day",
            code="series.early",
        )
    if standing is None:
        *_, found = walked.walk(begin, day)
        assert isinstance(found, Standing)
    else:
        stance, since = standing
        marks = walked.latched(begin, day)
        found = Standing(day, stance, since, marks, judge(walked.levels, marks, stance, since, day))
    return view_of(policy, walked, found, segment, apart)


@dataclass(frozen=True, slots=True)
class StancePath:
    """The stance from local day `first` on: what it was, each change, how it stands at last."""

    first: int
    start: str
    changes: tuple[Change, ...]
    end: StanceView


def stance_path(
    policy: Policy, observed: Mapping[str, Observed], first: int, last: int,
    segment: str | None = None, *, apart: frozenset[str] = frozenset(),
) -> StancePath:  # fmt: skip
    """Return the path from day `first` to day `last`, walked from neutral on the series' first day.

    A looser stance is taken on the day the rules allow it, as if people agreed at once.
    """
    walked = steered(policy, observed, segment, apart)
    *turns, found = walked.walk(min(first, first_day(observed)), last)
    assert isinstance(found, Standing)
    changes = [one for one in turns if isinstance(one, Change)]
    before = [one.after for one in changes if one.day <= first]
    return StancePath(
        first=first,
        start=before[-1] if before else NEUTRAL,
        changes=tuple(one for one in changes if one.day > first),
        end=view_of(policy, walked, found, segment, apart),
    )


def steered(
    policy: Policy, observed: Mapping[str, Observed], segment: str | None, apart: frozenset[str]
) -> Steered:
    """Return the walk of a segment; raises InputError where the policy cannot be steered so."""
    if not policy.steering.levels:
        raise InputError(
            f"policy {policy.name!r} has no steering: its stances are set by people alone",
            next_step="add steering.yaml to the bundle (see docs/reference/policy.md)",
            code="steering.none",
        )
    if segment is not None and segment not in policy.segments:
        raise InputError(f"no segment {segment!r}", code="steering.segment",
                         next_step=f"use one of: {', '.join(policy.segments)}")  # fmt: skip
    return Steered(policy.steering, observed, segment, apart=apart)


def next_review(policy: Policy, stance: str, since: int, day: int) -> int:
    """Return the first day after `day` on which a stance taken on `since` is looked at again."""
    spec = policy.stances.get(stance)
    days = (spec.review_days if spec else None) or _USUAL_REVIEW_DAYS
    return since + ((day - since) // days + 1) * days


def view_of(
    policy: Policy, walked: Steered, found: Standing, segment: str | None, apart: frozenset[str]
) -> StanceView:
    """Return how it stands at the end of a walk, with words and thresholds."""
    verdict, spec = found.verdict, policy.stances.get(found.stance)
    return StanceView(
        day=found.day, segment=segment, stance=found.stance, since=found.since,
        review_on=next_review(policy, found.stance, found.since, found.day),
        text=spec.texts if spec else {},
        to=verdict.to, wanted=verdict.wanted, held=verdict.held, stay_until=verdict.until,
        blind=verdict.blind,
        levels=tuple(level_view(policy, level, found.marks)
                     for level in _strictest_first(walked.levels) if level.conditions),
        coming=tuple(_coming(walked.levels, found)),
        apart={name: policy.steering.series[name].title for name in sorted(apart)},
        policy=policy.name, policy_hash=policy.hash,
    )  # fmt: skip


def level_view(policy: Policy, level: Level, marks: Sequence[Mark]) -> LevelView:
    """Return a level with its conditions as they are marked."""
    mine = [mark for mark in marks if mark.stance == level.stance]
    return LevelView(level.stance, level.needed, sum(mark.on for mark in mine),
                     tuple(condition_view(policy, mark) for mark in mine))  # fmt: skip


def condition_view(policy: Policy, mark: Mark) -> ConditionView:
    """Return a condition as it is marked, with its words and sources."""
    one = mark.condition
    indicator = policy.steering.indicators[one.indicator]
    return ConditionView(
        one.indicator, indicator.title, indicator.unit, mark.reading.value, mark.reading.status,
        mark.on, mark.since, one.enter, one.leave, one.source, _series(policy, mark.reading),
    )  # fmt: skip


def _series(policy: Policy, reading: Reading) -> tuple[SeriesView, ...]:
    specs = policy.steering.series
    return tuple(
        SeriesView(one.series, specs[one.series].title, month_text(one.month), one.value,
                   one.published, specs[one.series].source)
        for one in reading.seen
    )  # fmt: skip


def _strictest_first(levels: Mapping[str, Level]) -> list[Level]:
    return sorted(levels.values(), key=lambda level: -RANK[level.stance])


def _coming(levels: Mapping[str, Level], found: Standing) -> list[NextView]:
    """Return what would make it stricter, then what would make it looser."""
    told = []
    for level in _strictest_first(levels):
        if level.conditions and (RANK[level.stance] > RANK[found.stance]):
            off = [mark for mark in found.marks if mark.stance == level.stance and not mark.on]
            on = len(level.conditions) - len(off)
            told.append(NextView(level.stance, "enter", level.needed - on,
                                 tuple(mark.condition.indicator for mark in off)))  # fmt: skip
    own = levels.get(found.stance)
    if RANK[found.stance] > RANK[NEUTRAL] and own and found.verdict.wanted == found.stance:
        names = [mark.condition.indicator for mark in found.marks
                 if mark.stance == found.stance and mark.on]  # fmt: skip
        below = max((name for name in (NEUTRAL, *levels) if RANK[name] < RANK[found.stance]),
                    key=RANK.__getitem__)  # fmt: skip
        until = found.verdict.until if found.verdict.until > found.day else None
        told.append(NextView(below, "leave", len(names) - own.needed + 1, tuple(names),
                             until))  # fmt: skip
    return told


def document(view: StanceView | Change, policy: Policy) -> dict[str, Any]:
    """Return a view or a change as plain data with ISO dates, for programs and records."""
    if isinstance(view, Change):
        level = view.after if view.tightens else view.before
        marks = [mark for mark in view.marks
                 if mark.stance == level and (mark.on or mark.since == view.day)]  # fmt: skip
        return {
            "day": _iso(view.day), "from": view.before, "to": view.after, "because": view.because,
            "conditions": [_condition(mark.stance, condition_view(policy, mark)) for mark in marks],
        }  # fmt: skip
    return {
        "policy": view.policy, "policy_hash": view.policy_hash, "day": _iso(view.day),
        "segment": view.segment, "stance": view.stance, "since": _iso(view.since),
        "review_on": _iso(view.review_on), "text": dict(view.text),
        "to": view.to, "wanted": view.wanted, "held": view.held or None,
        "stay_until": _iso(view.stay_until),
        "missing_or_stale": list(view.blind), "left_out": list(view.apart),
        "levels": [
            {"stance": one.stance, "needed": one.needed, "on": one.on,
             "conditions": [_condition(one.stance, each) for each in one.conditions]}
            for one in view.levels
        ],
        "next": [
            {"to": one.to, "how": one.how, "count": one.count, "of": list(one.indicators),
             "not_before": None if one.not_before is None else _iso(one.not_before)}
            for one in view.coming
        ],
    }  # fmt: skip


def _condition(stance: str, one: ConditionView) -> dict[str, Any]:
    return {
        "stance": stance, "indicator": one.indicator, "title": dict(one.title), "unit": one.unit,
        "value": one.value, "status": one.status, "on": one.on, "since": _iso(one.since),
        "enter": {one.enter.side: one.enter.value}, "leave": {one.leave.side: one.leave.value},
        "source": one.source,
        "series": [
            {"series": each.name, "title": dict(each.title), "month": each.month,
             "value": each.value, "published": _iso(each.published), "source": each.source}
            for each in one.series
        ],
    }  # fmt: skip


def _iso(day: int) -> str:
    return to_date(day).isoformat()
