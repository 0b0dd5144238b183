"""Observations of monthly series, and what of them was public on a day.

A month is counted as year × 12 + month − 1, a day as a local day. Nothing here reads a file.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, to_date
from xindeng.policy.steering.model import SeriesSpec


@dataclass(frozen=True, slots=True)
class Observation:
    """The value of a month, and the local day on which it was published."""

    month: int
    value: float
    published: int


def end_of(month: int) -> int:
    """Return the last day of a month."""
    return from_date(date((month + 1) // 12, (month + 1) % 12 + 1, 1)) - 1


def month_at(day: int) -> int:
    """Return the month a day is in."""
    found = to_date(day)
    return found.year * 12 + found.month - 1


def month_text(month: int) -> str:
    """Return a month as "2026-11"."""
    return f"{month // 12}-{month % 12 + 1:02d}"


def observed(
    spec: SeriesSpec, values: Iterable[tuple[int, float, int | None]], *, where: str = ""
) -> Observed:
    """Return the series of (month, value, day published or None for the series' own lag).

    Raises InputError for a value said to be published before its month was over, or a month that
    has two values published on one day: either would let the future in, or be undefined.
    """
    found: dict[tuple[int, int], Observation] = {}
    for month, value, told in values:
        published = end_of(month) + spec.published_after_days if told is None else told
        if published <= end_of(month) and told is not None:
            raise InputError(
                f"{spec.name} of {month_text(month)} is said to be published on "
                f"{to_date(published)}, before the month was over",
                where=where,
                next_step="give the day on which it really was published",
                code="series.look_ahead",
            )
        if (month, published) in found:
            raise InputError(
                f"{spec.name} has two values of {month_text(month)} published on "
                f"{to_date(published)}",
                where=where, next_step="keep one of them", code="series.twice",
            )  # fmt: skip
        found[month, published] = Observation(month, value, published)
    return Observed(spec, found.values())


@dataclass(frozen=True, slots=True)
class Known:
    """What was public of a series on a day, by month; `published` is when the last of it was."""

    months: Mapping[int, Observation]
    newest: Observation | None = None
    published: int | None = None

    def value(self, month: int) -> float | None:
        """Return the value of a month, None where none was public."""
        found = self.months.get(month)
        return None if found is None else found.value


class Observed:
    """One series as it became public; a later publication of a month replaces an earlier one."""

    def __init__(self, spec: SeriesSpec, observations: Iterable[Observation]) -> None:
        self.spec = spec
        self.all = tuple(sorted(observations, key=lambda one: (one.published, one.month)))
        self.published = tuple(one.published for one in self.all)
        self._last: tuple[int, Known] = (0, Known({}))

    def known_on(self, day: int) -> Known:
        """Return what had been published by the end of a day; nothing later is read."""
        count = bisect_right(self.published, day)
        if count != self._last[0]:
            months = {one.month: one for one in self.all[:count]}
            newest = months[max(months)] if months else None
            published = self.published[count - 1] if count else None
            self._last = (count, Known(months, newest, published))
        return self._last[1]

    def until(self, day: int) -> Observed:
        """Return the series as somebody had it on a day."""
        return Observed(self.spec, (one for one in self.all if one.published <= day))

    def turns(self) -> Iterable[int]:
        """Yield the days on which what it says may change: published, stale, or due at last."""
        yield from self.published
        for one in self.all:
            yield end_of(one.month) + self.spec.stale_after_days + 1
        if self.spec.since is not None:
            yield end_of(self.spec.since) + self.spec.stale_after_days + 1
