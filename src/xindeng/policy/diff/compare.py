"""Two bundles → everything that differs, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from xindeng.kernel.errors import PolicyError
from xindeng.kernel.time import to_date
from xindeng.policy.check import examine
from xindeng.policy.compile import Compiled
from xindeng.policy.diff.model import KINDS, Difference
from xindeng.policy.diff.parameters import parameters
from xindeng.policy.diff.plain import changed
from xindeng.policy.diff.rules import rules
from xindeng.policy.read_bundle import Bundle
from xindeng.policy.steering.model import Level


def compare(
    before: Mapping[str, bytes], after: Mapping[str, bytes], names: tuple[str, str] = ("", "")
) -> list[Difference]:
    """Return what differs between two bundles (path → content); [] if they are the same.

    Where the files differ in nothing that is said, that itself is told: the hash is another.
    Raises PolicyError for a bundle that does not check, under its name.
    """
    if dict(before) == dict(after):
        return []
    a, b = _read(before, names[0]), _read(after, names[1])
    found = [*parameters(a, b), *rules(a[0], b[0])]
    for kind, old, new in _parts(a[0], b[0]):
        found += _things(kind, old, new)
    if not found:
        paths = sorted(path for path in before.keys() | after.keys()
                       if before.get(path) != after.get(path))  # fmt: skip
        found = [Difference("layout", path, "changed") for path in paths]
    return sorted(found, key=lambda one: KINDS.index(one.kind))


def _read(files: Mapping[str, bytes], name: str) -> tuple[Bundle, Compiled]:
    try:
        return _examined(tuple(sorted(files.items())))
    except PolicyError as error:
        error.where = name
        raise


# A page compares each keystroke of a draft with the same version.
@lru_cache(maxsize=4)
def _examined(files: tuple[tuple[str, bytes], ...]) -> tuple[Bundle, Compiled]:
    bundle, compiled, problems = examine(dict(files))
    if problems or bundle is None or compiled is None:
        raise PolicyError(problems)
    return bundle, compiled


_Things = Mapping[str, Any]


def _parts(a: Bundle, b: Bundle) -> Iterator[tuple[str, _Things, _Things]]:
    """Yield each part of a bundle besides rules and parameters, as its things by name."""
    for make in (_heads, _areas, _segments, _stances, _steering, _features, _card, _limits, _holds,
                 _products, _repair, _calendar, _learning):  # fmt: skip
        kind = make.__name__.removeprefix("_")
        yield _KIND_OF.get(kind, kind), make(a), make(b)


_KIND_OF = {
    "heads": "head", "areas": "area", "segments": "segment", "stances": "stance",
    "features": "feature", "card": "scorecard", "holds": "hold", "products": "product",
}  # fmt: skip


def _things(kind: str, old: _Things, new: _Things) -> Iterator[Difference]:
    for name in dict.fromkeys([*new, *old]):
        if name not in old or name not in new:
            came = name not in old
            yield Difference(kind, name, "added" if came else "removed", place=_place(
                new[name] if came else old[name]))  # fmt: skip
            continue
        for path, was, now in changed(old[name], new[name]):
            yield Difference(kind, name, "changed", path, was, now, place=_place(new[name]))


def _place(thing: Any) -> str:
    place = getattr(thing, "place", None)
    return "" if place is None else str(place)


def _heads(one: Bundle) -> _Things:
    head = one.head
    return {"policy.yaml": {
        "name": head.name, "version": head.version, "title": head.title, "currency": head.currency,
        "zone": head.zone, "stance_default": head.stance_default, "ladder": head.ladder,
        "areas": tuple(area.name for area in head.areas),
    }}  # fmt: skip


def _areas(one: Bundle) -> _Things:
    return {area.name: area for area in one.head.areas}


def _segments(one: Bundle) -> _Things:
    order = tuple(segment.name for segment in one.segments)
    return {"segments.yaml": {"order": order}} | {each.name: each for each in one.segments}


def _stances(one: Bundle) -> _Things:
    return {stance.name: stance for stance in one.stances}


def _steering(one: Bundle) -> _Things:
    told: dict[str, Any] = dict(one.steering.series)
    told |= {f"indicator {name}": each for name, each in one.steering.indicators.items()}
    told |= {f"stance {name}": each for name, each in one.steering.levels.items()}
    for segment, levels in one.steering.segments.items():
        told |= {f"stance {name} of {segment}": _own(each, one.steering.levels.get(name))
                 for name, each in levels.items()}  # fmt: skip
    return told


def _own(level: Level, general: Level | None) -> Level:
    """Return a segment's level without the conditions that it takes from the general one."""
    taken = general is not None and level.conditions is general.conditions
    return replace(level, conditions=()) if taken else level


def _features(one: Bundle) -> _Things:
    told: dict[str, Any] = {each.name: each for each in one.book.base}
    told |= {each.name: {"derive": each.text} for each in one.book.derived}
    labels = {f"label of {name}": label for name, label in one.book.labels.items()}
    return told | labels


def _card(one: Bundle) -> _Things:
    return {} if one.card is None else {one.card.name: one.card}


def _limits(one: Bundle) -> _Things:
    limits = one.limits
    if limits is None:
        return {}
    cells = {f"{cell.segment} / {cell.band} / {cell.behaviour}": cell for cell in limits.matrix}
    whole = {"starter": limits.starter, "raise_when": limits.raise_when,
             "behaviours": limits.behaviours, "remedies": limits.remedies}  # fmt: skip
    return {"limits.yaml": whole} | cells


def _holds(one: Bundle) -> _Things:
    return one.holds


def _products(one: Bundle) -> _Things:
    told: dict[str, Any] = {each.id: each for each in one.products.products}
    told |= {f"cap {each.name}": each for each in one.products.caps}
    return told | {"products.yaml": {"reading_seconds": one.products.reading_seconds}}


def _repair(one: Bundle) -> _Things:
    return one.repair


def _calendar(one: Bundle) -> _Things:
    return _days("holiday", one.calendar.holidays) | _days("workday", one.calendar.workdays)


def _days(what: str, days: frozenset[int]) -> dict[str, Any]:
    return {f"{what} {to_date(day).isoformat()}": True for day in sorted(days)}


def _learning(one: Bundle) -> _Things:
    return {} if one.learning is None else {"learning.yaml": one.learning}
