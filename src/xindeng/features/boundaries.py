"""The future instants at which time alone changes a feature."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from xindeng.features.algebra import Axis, Window
from xindeng.features.layout import Accumulator, Store
from xindeng.features.state import State
from xindeng.kernel.time import HOUR, Zone


def boundaries(
    accumulators: Sequence[Accumulator],
    state: State,
    zone: Zone,
    *,
    now: int,
    until: int,
    since: Sequence[Accumulator] = (),
    hours: int = 0,
) -> list[int]:
    """Return the sorted instants in (now, until] at which a window lets an event go.

    `since` are the stores whose whole hours count up, of which the next `hours` are included.
    """
    found: set[int] = set()
    for one in accumulators:
        held = (state.hot if one.hot else state.buckets)[one.slot]
        if not held:
            continue
        for window in one.windows:
            found.update(_leaving(one, held, window, zone))
        if one.store in (Store.NEWEST, Store.OLDEST) and any(one is other for other in since):
            whole = (now - held[0]) // HOUR
            found.update(held[0] + (whole + n) * HOUR for n in range(1, hours + 1))
    return sorted(at for at in found if now < at <= until)


def _leaving(one: Accumulator, held: Any, window: Window, zone: Zone) -> Iterator[int]:
    for key in _keys(one, held):
        by_day = one.axis is Axis.DAY
        if window.axis is Axis.DAY:
            yield zone.midnight((key if by_day else zone.day(key)) + window.size + 1)
        else:
            yield key + window.size * HOUR


def _keys(one: Accumulator, held: Any) -> Iterable[int]:
    """Return the days (on a day axis) or instants of the events a store holds."""
    match one.store:
        case Store.TABLE | Store.DISTINCT:
            return list(held[0])
        case Store.NEWEST | Store.OLDEST:
            return [held[0]]
        case Store.TOP:
            return [key for table in held.values() for key in table[0]]
        case Store.RING:
            newest: list[int] = held[0][-1:]
            return newest
    return []
