"""From day to day: which conditions are on, and where the stance goes.

A condition is a latch. A stance is wanted while enough of its conditions are on. Stricter is taken
at once; looser only rung by rung, after the least stay, and never while a series is missing or
stale. Who must agree to a looser stance is decided elsewhere (see `service/steer.py`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from xindeng.policy.parameters import STANCES
from xindeng.policy.steering.model import RANK, Condition, Level, Steering
from xindeng.policy.steering.series import Observed
from xindeng.policy.steering.values import BLIND, Reading, read

NEUTRAL: Final = "neutral"
Held = Literal["", "stay", "blind"]
"""Why a looser stance that is wanted does not come: its least stay, or a series that is away."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One condition on a day: on or off, the day since when, and the reading behind it."""

    stance: str
    condition: Condition
    on: bool
    since: int
    reading: Reading


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the stance goes from here: `to` now, `wanted` in the end, and what holds it back.

    `until` is the day the least stay ends, `blind` the indicators that are missing or stale.
    """

    to: str
    wanted: str
    held: Held
    until: int
    blind: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which the stance moved, and all conditions as they stood then."""

    day: int
    before: str
    after: str
    marks: tuple[Mark, ...]

    @property
    def tightens(self) -> bool:
        """Say whether it lends less from then on."""
        return RANK[self.after] > RANK[self.before]

    @property
    def because(self) -> Literal["entered", "left", "stay_over"]:
        """Return what moved it that day: conditions that hold, that ended, or its least stay."""
        if self.tightens:
            return "entered"
        ended = any(mark.stance == self.before and not mark.on and mark.since == self.day
                    for mark in self.marks)  # fmt: skip
        return "left" if ended else "stay_over"


@dataclass(frozen=True, slots=True)
class Standing:
    """The stance on a day, since when, the conditions, and where it would go from here."""

    day: int
    stance: str
    since: int
    marks: tuple[Mark, ...]
    verdict: Verdict


class Steered:
    """Walks the days of one segment. `apart` are series that are left out on purpose.

    A condition on a series left out is taken away: the number that a stricter stance needs stays
    what it is, and a looser one that rests on it is not to be had.
    """

    def __init__(
        self, steering: Steering, observed: Mapping[str, Observed], segment: str | None = None,
        *, apart: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.steering, self.observed = steering, observed
        self.levels = {
            name: replace(level, conditions=tuple(
                one for one in level.conditions if not self._apart(one, apart)
            ))
            for name, level in steering.levels_of(segment).items()
            if RANK[name] >= RANK[NEUTRAL]
            or not any(self._apart(one, apart) for one in level.conditions)
        }  # fmt: skip
        self._marks: dict[tuple[str, str], Mark] = {}
        turns = {name: frozenset(one.turns()) for name, one in observed.items()}
        self._turns = sorted(frozenset().union(*turns.values()))
        self._turns_of = {
            name: frozenset().union(*(turns.get(spec.name, frozenset())
                                      for spec in steering.series_of(name)))
            for name in steering.indicators
        }  # fmt: skip

    def _apart(self, one: Condition, apart: frozenset[str]) -> bool:
        return any(spec.name in apart for spec in self.steering.series_of(one.indicator))

    def walk(
        self, first: int, last: int, stance: str = NEUTRAL, since: int | None = None
    ) -> Iterator[Change | Standing]:
        """Yield each change from `first` to `last`, then how it stands on `last`.

        A looser stance is taken as soon as the rules allow it, as if everybody agreed that day.
        """
        begun, day = first if since is None else since, first
        marks = self.latched(first, first)
        while True:
            verdict = judge(self.levels, marks, stance, begun, day)
            if verdict.to != stance:
                yield Change(day, stance, verdict.to, marks)
                stance, begun = verdict.to, day
                continue
            coming = self._next(day, last, verdict)
            if coming is None:
                yield Standing(last, stance, begun, marks, verdict)
                return
            day = coming
            marks = self.latched(day, day)

    def _next(self, day: int, last: int, verdict: Verdict) -> int | None:
        """Return the next day on which anything may differ, None where none is left."""
        found = [one for one in self._turns if day < one <= last]
        if verdict.held == "stay" and day < verdict.until <= last:
            found.append(verdict.until)
        return min(found, default=None)

    def latched(self, first: int, last: int) -> tuple[Mark, ...]:
        """Return every condition on `last` after walking the days from `first`."""
        for day in [first, *(one for one in self._turns if first < one <= last)]:
            for name, level in self.levels.items():
                for one in level.conditions:
                    key = (name, one.indicator)
                    if key in self._marks and day not in self._turns_of[one.indicator]:
                        continue
                    reading = read(self.steering, self.observed, one.indicator, day)
                    self._marks[key] = _mark(self._marks.get(key), name, one, reading, day)
        return tuple(self._marks.values())


def _mark(before: Mark | None, stance: str, one: Condition, reading: Reading, day: int) -> Mark:
    on = before.on if before else False
    if reading.value is not None:
        on = not one.leave.holds(reading.value) if on else one.enter.holds(reading.value)
    elif RANK[stance] < RANK[NEUTRAL]:
        # What nobody can see is no reason to lend more freely.
        on = False
    since = before.since if before and before.on == on else day
    return Mark(stance, one, on, since, reading)


def judge(
    levels: Mapping[str, Level], marks: tuple[Mark, ...], stance: str, since: int, day: int
) -> Verdict:
    """Return where the stance goes on a day, having been `stance` since a day."""
    wanted = _wanted(levels, marks)
    level = levels.get(stance)
    until = since + (level.stay_days if level else 0)
    if RANK[wanted] >= RANK[stance]:
        below = STANCES[max(RANK[stance] - 1, 0)]
        return Verdict(wanted, wanted, "", until, _blind(marks, below))
    # One rung at a time: after a brake comes a time of caution.
    to = next(name for name in reversed(STANCES)
              if RANK[wanted] <= RANK[name] < RANK[stance]
              and (name in levels or name in (wanted, NEUTRAL)))  # fmt: skip
    blind = _blind(marks, to)
    if day < until:
        return Verdict(stance, wanted, "stay", until, blind)
    if blind:
        return Verdict(stance, wanted, "blind", until, blind)
    return Verdict(to, wanted, "", until, blind)


def _wanted(levels: Mapping[str, Level], marks: tuple[Mark, ...]) -> str:
    for name in reversed(STANCES):
        strict = name in levels and RANK[name] > RANK[NEUTRAL]
        if strict and 0 < levels[name].needed <= _count(name, marks):
            return name
    free = levels.get("open")
    return "open" if free and 0 < free.needed <= _count("open", marks) else NEUTRAL


def _count(stance: str, marks: tuple[Mark, ...]) -> int:
    return sum(mark.on for mark in marks if mark.stance == stance)


def _blind(marks: tuple[Mark, ...], to: str) -> tuple[str, ...]:
    """Return the indicators of stances stricter than `to` that are missing or stale."""
    return tuple(dict.fromkeys(
        mark.condition.indicator for mark in marks
        if RANK[mark.stance] > RANK[to] and mark.reading.status in BLIND
    ))  # fmt: skip
