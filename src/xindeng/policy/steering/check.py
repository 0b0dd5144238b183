"""Checks of steering.yaml: unknown names, conditions that would flap or never hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from xindeng.kernel.errors import Problem
from xindeng.policy.model import Place, Stance
from xindeng.policy.reader import nearest
from xindeng.policy.steering.model import RANK, Condition, Level, Steering

_MONTH_DAYS: Final = 31


def check_steering(
    steering: Steering, stances: Sequence[Stance], segments: Sequence[str],
    problems: list[Problem],
) -> None:  # fmt: skip
    """Add every problem of the steering of a bundle with these stances and segments."""
    problems += _series(steering)
    problems += _indicators(steering)
    reviewed = {one.name: one.review_days for one in stances}
    for level in _all_levels(steering):
        problems += _level(level, steering, reviewed)
    problems += _order(steering.levels)
    for segment, levels in steering.segments.items():
        place = next(iter(levels.values())).place if levels else Place("steering.yaml", 1)
        if segments and segment not in segments:
            problems.append(_problem(place, "steering.segment",
                                     f"segment {segment} is not declared",
                                     "declare it in segments.yaml"))  # fmt: skip
        problems += _order(steering.levels_of(segment))


def _all_levels(steering: Steering) -> Iterator[Level]:
    yield from steering.levels.values()
    for levels in steering.segments.values():
        yield from levels.values()


def _series(steering: Steering) -> Iterator[Problem]:
    used = {name for one in steering.indicators.values() for name in (one.series, one.less)}
    for one in steering.series.values():
        # Between two publications a month passes, in which the last value must still count.
        if one.stale_after_days <= one.published_after_days + _MONTH_DAYS:
            least = one.published_after_days + _MONTH_DAYS + 1
            yield _problem(one.place, "steering.stale",
                           f"series {one.name} would be stale before its next value is published",
                           f"let stale_after_days be at least {least}")  # fmt: skip
        if one.name not in used:
            yield _problem(one.place, "steering.unused", f"series {one.name} moves nothing",
                           "make an indicator of it, or remove it")  # fmt: skip


def _indicators(steering: Steering) -> Iterator[Problem]:
    used = {one.indicator for level in _all_levels(steering) for one in level.conditions}
    for one in steering.indicators.values():
        for name in (one.series, one.less):
            if name and name not in steering.series:
                yield _problem(one.place, "steering.series",
                               f"indicator {one.name} is made of series {name!r}, which is unknown",
                               nearest(name, steering.series))  # fmt: skip
        if one.over and one.over <= one.months:
            yield _problem(one.place, "steering.over",
                           f"indicator {one.name} compares {one.months} months with {one.over}",
                           "let `over` be longer than `months`")  # fmt: skip
        if one.name not in used:
            yield _problem(one.place, "steering.unused", f"indicator {one.name} moves nothing",
                           "use it in a condition, or remove it")  # fmt: skip


def _level(
    level: Level, steering: Steering, reviewed: Mapping[str, int | None]
) -> Iterator[Problem]:
    name = level.stance
    if reviewed and name not in reviewed:
        yield _problem(level.place, "steering.stance", f"stance {name} is not declared",
                       "declare it in stances.yaml")  # fmt: skip
    elif name != "neutral" and reviewed and reviewed.get(name) is None:
        yield _problem(level.place, "steering.review",
                       f"stance {name} is never reviewed, so nobody could be told when",
                       f"add review_days to {name} in stances.yaml")  # fmt: skip
    if name == "neutral" and level.conditions:
        yield _problem(level.place, "steering.neutral", "neutral has conditions of its own",
                       "it is where none of the others hold; keep stay_days alone")  # fmt: skip
    if level.needed > len(level.conditions):
        yield _problem(level.place, "steering.never",
                       f"stance {name} needs {level.needed} of {len(level.conditions)} conditions",
                       "lower `needed`, or add conditions")  # fmt: skip
    seen: set[str] = set()
    for one in level.conditions:
        yield from _condition(one, steering)
        if one.indicator in seen:
            yield _problem(one.place, "steering.twice",
                           f"{one.indicator} stands twice under {name}", "keep one")  # fmt: skip
        seen.add(one.indicator)


def _condition(one: Condition, steering: Steering) -> Iterator[Problem]:
    if one.indicator and one.indicator not in steering.indicators:
        yield _problem(one.place, "steering.indicator", f"indicator {one.indicator!r} is unknown",
                       nearest(one.indicator, steering.indicators))  # fmt: skip
    if one.enter.side == one.leave.side:
        yield _problem(one.place, "steering.side",
                       f"{one.indicator} is entered and left {one.enter.side} a threshold",
                       "leave on the other side: enter {below: 49}, leave {above: 50}")  # fmt: skip
        return
    low, high = one.enter.value, one.leave.value
    if one.enter.side == "above":
        low, high = high, low
    if low >= high:
        yield _problem(one.place, "steering.flap",
                       f"{one.indicator} would flap: entered {one.enter.side}"
                       f" {one.enter.value:g} and left {one.leave.side} {one.leave.value:g}",
                       "leave room between, more than it moves from month to month")  # fmt: skip


def _order(levels: Mapping[str, Level]) -> Iterator[Problem]:
    """A stricter stance asks for more of the same indicator; open and tight never hold at once."""
    by_stance = {
        name: {one.indicator: one for one in level.conditions} for name, level in levels.items()
    }
    for indicator, hard in by_stance.get("brake", {}).items():
        soft = by_stance.get("tight", {}).get(indicator)
        if soft and soft.enter.side == hard.enter.side and not _beyond(hard, soft):
            yield _problem(hard.place, "steering.order",
                           f"{indicator} calls for brake before it calls for tight",
                           f"enter brake beyond {soft.enter.value:g}")  # fmt: skip
    for indicator, one in by_stance.get("open", {}).items():
        for name in (name for name in by_stance if RANK[name] > RANK["neutral"]):
            other = by_stance[name].get(indicator)
            if other is None or other.enter.side == one.enter.side:
                continue
            edge, at = other.leave.value, one.enter.value
            if at < edge if one.enter.side == "above" else at > edge:
                yield _problem(one.place, "steering.overlap",
                               f"{indicator} can call for open while it still calls for {name}",
                               f"enter open only where {name} is left: {edge:g}")  # fmt: skip


def _beyond(hard: Condition, soft: Condition) -> bool:
    if hard.enter.side == "below":
        return hard.enter.value <= soft.enter.value
    return hard.enter.value >= soft.enter.value


def _problem(place: Place, code: str, what: str, next_step: str) -> Problem:
    return Problem(place.path, place.line, code, what, next_step)
