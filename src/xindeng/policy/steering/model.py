"""What steering.yaml says, once read: series, indicators, and the conditions of each stance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from xindeng.policy.model import Place
from xindeng.policy.parameters import STANCES

RANK: Final = {name: rank for rank, name in enumerate(STANCES)}
"""How strict a stance is: open 0, neutral 1, tight 2, brake 3."""
TAKES: Final = ("mean", "change", "gap", "rise")
UNITS: Final = ("percent", "points", "index")
PORTFOLIO: Final = ("late_30_share", "roll_rate", "approval_share")
"""What the platform's own book can tell (see `service/book_series.py`), all in per cent."""

Side = Literal["below", "above"]


@dataclass(frozen=True, slots=True)
class SeriesSpec:
    """One monthly series: a column of a file that the caller names, or a figure of our own book.

    A value of month m is known from the end of m plus `published_after_days`, and counts until
    the end of m plus `stale_after_days`. `since` is the first month (see `series.py`) for which
    it exists at all; before it its absence proves nothing. A share of fewer than `least` loans or
    decisions of our own is no figure.
    """

    name: str
    title: Mapping[str, str]
    column: str
    file: str
    portfolio: str
    published_after_days: int
    stale_after_days: int
    since: int | None
    source: str
    place: Place
    least: int = 0


@dataclass(frozen=True, slots=True)
class Indicator:
    """A number made of a series (less another one, month by month):

    `mean` of the last `months`; `change` against `months` earlier; `gap` of the last `months` to
    the last `over`; `rise` of the last `months` above the lowest such mean of `over` months before.
    """

    name: str
    title: Mapping[str, str]
    series: str
    less: str
    take: str
    months: int
    over: int
    unit: str
    place: Place

    @property
    def reach(self) -> int:
        """Return how many months back it looks."""
        return self.over + self.months if self.take == "rise" else max(self.over, self.months)


@dataclass(frozen=True, slots=True)
class Bound:
    """A threshold and the side of it that counts; the threshold itself does not."""

    side: Side
    value: float

    def holds(self, value: float) -> bool:
        """Say whether the value lies beyond the threshold."""
        return value < self.value if self.side == "below" else value > self.value


@dataclass(frozen=True, slots=True)
class Condition:
    """On from `enter` until `leave`; between the two it stays what it was."""

    indicator: str
    enter: Bound
    leave: Bound
    source: str
    place: Place


@dataclass(frozen=True, slots=True)
class Level:
    """When a stance is wanted: `needed` of its conditions are on. It stays at least `stay_days`."""

    stance: str
    needed: int
    stay_days: int
    conditions: tuple[Condition, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Steering:
    """All of steering.yaml; a segment's level stands in place of the general one."""

    series: Mapping[str, SeriesSpec] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    levels: Mapping[str, Level] = field(default_factory=dict)
    segments: Mapping[str, Mapping[str, Level]] = field(default_factory=dict)

    def levels_of(self, segment: str | None) -> Mapping[str, Level]:
        """Return the levels that hold for a segment, by stance; the general ones for None."""
        return {**self.levels, **self.segments.get(segment or "", {})}

    def series_of(self, indicator: str) -> tuple[SeriesSpec, ...]:
        """Return the one or two series that an indicator is made of."""
        one = self.indicators[indicator]
        return tuple(self.series[name] for name in (one.series, one.less) if name)
