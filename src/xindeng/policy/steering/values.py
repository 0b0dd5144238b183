"""The value of an indicator on a day, from what had been published by then."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import to_date
from xindeng.policy.steering.model import Indicator, SeriesSpec, Steering
from xindeng.policy.steering.series import Known, Observed, end_of

Status = Literal["known", "early", "stale", "missing"]
"""`early`: the series, or enough of it, did not exist yet; `stale`: its last value is too old;
`missing`: it should be there and is not. The last two never loosen anything."""
BLIND: Final = frozenset({"stale", "missing"})
_WORSE: Final[tuple[Status, ...]] = ("known", "early", "stale", "missing")
_DIGITS: Final = 6


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest published value of one series: its month, and the day it was published."""

    series: str
    month: int
    value: float
    published: int


@dataclass(frozen=True, slots=True)
class Reading:
    """An indicator on a day: `value` is None unless it is known; `seen` is what it rests on."""

    indicator: str
    value: float | None
    status: Status
    seen: tuple[Seen, ...] = ()


_Get = Callable[[int], float | None]


def read(steering: Steering, observed: Mapping[str, Observed], indicator: str, day: int) -> Reading:
    """Return the reading of an indicator on a local day.

    Raises XindengError "series.look_ahead" where anything was read that nobody could have known.
    """
    one, specs = steering.indicators[indicator], steering.series_of(indicator)
    parts = [observed[spec.name].known_on(day) if spec.name in observed else Known({})
             for spec in specs]  # fmt: skip
    _check(indicator, parts, day)
    status: Status = max(
        (_status(known, spec, day) for known, spec in zip(parts, specs, strict=True)),
        key=_WORSE.index,
    )
    seen = tuple(
        Seen(spec.name, known.newest.month, known.newest.value, known.newest.published)
        for known, spec in zip(parts, specs, strict=True) if known.newest is not None
    )  # fmt: skip
    if status != "known":
        return Reading(indicator, None, status, seen)
    last = min(known.newest.month for known in parts if known.newest is not None)
    value = _TAKE[one.take](_getter(parts), last, one)
    if value is None:
        first = max(min(known.months) for known in parts)
        return Reading(indicator, None, "early" if last - first < one.reach else "missing", seen)
    return Reading(indicator, round(value, _DIGITS), "known", seen)


def _status(known: Known, spec: SeriesSpec, day: int) -> Status:
    if known.newest is None:
        early = spec.since is not None and day <= end_of(spec.since) + spec.stale_after_days
        return "early" if early else "missing"
    return "stale" if day > end_of(known.newest.month) + spec.stale_after_days else "known"


def _check(indicator: str, parts: Sequence[Known], day: int) -> None:
    """The last guard against a look into the future; it filters nothing."""
    late = max((known.published for known in parts if known.published is not None), default=day)
    if late > day:
        raise XindengError(
            f"{indicator} of {to_date(day)} rests on a value published on {to_date(late)}",
            next_step="this is a fault of the program; no stance was changed",
            code="series.look_ahead",
        )


def _getter(parts: Sequence[Known]) -> _Get:
    if len(parts) == 1:
        return parts[0].value
    left, right = parts

    def less(month: int) -> float | None:
        a, b = left.value(month), right.value(month)
        return None if a is None or b is None else a - b

    return less


def _mean(get: _Get, last: int, months: int) -> float | None:
    """Return the mean of the `months` up to `last`, None unless more than half are there."""
    found = [value for month in range(last - months + 1, last + 1)
             if (value := get(month)) is not None]  # fmt: skip
    return sum(found) / len(found) if 2 * len(found) > months else None


def _change(get: _Get, last: int, one: Indicator) -> float | None:
    now, before = get(last), get(last - one.months)
    return None if now is None or before is None else now - before


def _gap(get: _Get, last: int, one: Indicator) -> float | None:
    now, usual = _mean(get, last, one.months), _mean(get, last, one.over)
    return None if now is None or usual is None else now - usual


def _rise(get: _Get, last: int, one: Indicator) -> float | None:
    now = _mean(get, last, one.months)
    before = [_mean(get, last - back, one.months) for back in range(1, one.over + 1)]
    there = [value for value in before if value is not None]
    return now - min(there) if now is not None and 2 * len(there) > one.over else None


_TAKE: Final[Mapping[str, Callable[[_Get, int, Indicator], float | None]]] = {
    "mean": lambda get, last, one: _mean(get, last, one.months),
    "change": _change,
    "gap": _gap,
    "rise": _rise,
}
