"""Parameters: the value in force from which day on, shifts, and whether a change lends more."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from xindeng.language import Polarity, Value, polarity
from xindeng.policy.compile import Compiled
from xindeng.policy.diff.model import RESTRICTING, Difference, Leaning
from xindeng.policy.diff.plain import changed
from xindeng.policy.parameters import Parameter, Shift
from xindeng.policy.read_bundle import Bundle

_SAID = ("description", "unit", "convention", "kind", "low", "high")


def parameters(
    before: tuple[Bundle, Compiled], after: tuple[Bundle, Compiled]
) -> Iterator[Difference]:
    """Yield what differs between the parameters of two bundles."""
    old = {one.name: one for one in before[0].parameters}
    new = {one.name: one for one in after[0].parameters}
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was is None or now is None:
            one = was or now
            assert one is not None
            yield Difference(
                "parameter", name, "added" if was is None else "removed",
                before=None if was is None else was.values[-1],
                after=None if now is None else now.values[-1],
                unit=one.unit, place=f"{one.path}:{one.line}",
            )  # fmt: skip
            continue
        moves = leanings(name, *after)
        yield from _values(was, now, moves)
        yield from _shifts(was, now, moves)
        yield from _said(was, now)


def leanings(name: str, bundle: Bundle, compiled: Compiled) -> Polarity:
    """Return how what refuses moves as the parameter grows: INCREASING refuses more.

    MIXED where rules pull apart, or where it also acts in a way that conditions do not tell.
    """
    variables, known = frozenset({f"${name}"}), dict[str, Polarity]()
    for definition, expression in compiled.definitions:
        known[definition] = polarity(expression, variables, known)
    found = set()
    for rule in bundle.rules:
        condition = compiled.conditions.get(rule.id)
        if condition is None or rule.effect not in RESTRICTING:
            continue
        found.add(polarity(condition, variables, known))
    found.discard(Polarity.CONSTANT)
    return found.pop() if len(found) == 1 else Polarity.MIXED


def _values(was: Parameter, now: Parameter, moves: Polarity) -> Iterator[Difference]:
    days = sorted({*was.days, *now.days})
    runs: list[tuple[int, Value, Value]] = []
    for day in days:
        pair = (_on(was, day), _on(now, day))
        if not runs or runs[-1][1:] != pair:
            runs.append((day, *pair))
    for place, (day, old, new) in enumerate(runs):
        if old != new or type(old) is not type(new):
            until = runs[place + 1][0] if place + 1 < len(runs) else None
            yield Difference(
                "parameter", now.name, "changed", "value", old, new, now.unit, day, until,
                _leaning(old, new, moves), f"{now.path}:{now.line}",
            )  # fmt: skip


def _on(one: Parameter, day: int) -> Value:
    index = bisect_right(one.days, day) - 1
    return one.values[index] if index >= 0 else None


def _shifts(was: Parameter, now: Parameter, moves: Polarity) -> Iterator[Difference]:
    for by, old, new in (
        ("stance", was.stance, now.stance), ("segment", was.segment, now.segment),
    ):  # fmt: skip
        for name in sorted(old.keys() | new.keys()):
            a, b = old.get(name), new.get(name)
            if a != b:
                base = now.values[-1]
                lean = _leaning(_shifted(a, base, now), _shifted(b, base, now), moves)
                yield Difference(
                    "parameter", now.name, "changed", f"{by} {name}", _shift(a), _shift(b),
                    unit=now.unit, leaning=lean, place=f"{now.path}:{now.line}",
                )  # fmt: skip


def _shifted(shift: Shift | None, base: Value, one: Parameter) -> Value:
    return base if shift is None else shift.apply(base, one.kind)


def _shift(shift: Shift | None) -> Value:
    """Return a value that replaces as it is, so that it bears its unit, and others as they act."""
    if shift is None or shift.how == "value":
        return None if shift is None else shift.amount
    return f"× {shift.amount}" if shift.how == "multiply" else f"{shift.amount:+}"


def _said(was: Parameter, now: Parameter) -> Iterator[Difference]:
    at = f"{now.path}:{now.line}"
    for key in _SAID:
        for path, old, new in changed({key: getattr(was, key)}, {key: getattr(now, key)}):
            yield Difference("parameter", now.name, "changed", path, old, new, place=at)
    sources = [dict(zip(one.days, one.sources, strict=False)) for one in (was, now)]
    values = [dict(zip(one.days, one.values, strict=True)) for one in (was, now)]
    for day in sorted(sources[0].keys() & sources[1].keys()):
        if values[0][day] == values[1][day] and sources[0][day] != sources[1][day]:
            yield Difference("parameter", now.name, "changed", "source", sources[0][day],
                             sources[1][day], day=day, place=at)  # fmt: skip


def _leaning(old: Value, new: Value, moves: Polarity) -> Leaning:
    sound = isinstance(old, int | float) and isinstance(new, int | float)
    if not sound or old == new or moves not in (Polarity.INCREASING, Polarity.DECREASING):
        return ""
    grows = float(new or 0) > float(old or 0)
    return "stricter" if grows == (moves is Polarity.INCREASING) else "looser"
