"""Parameter specifications, from parameters/*.yaml or inline in a rule → Parameter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from xindeng.kernel.errors import Problem
from xindeng.language import Kind, Value
from xindeng.policy.parameters import (
    MAX_VALUE,
    SEGMENTS,
    STANCES,
    UNITS,
    Parameter,
    Shift,
)
from xindeng.policy.reader import NAME, Reader, Sink, parse_day
from xindeng.policy.source import read_yaml


def read_parameters(
    value: Any, line: int, sink: Sink, what: str, rule: str | None = None
) -> Iterator[Parameter | str]:
    """Yield the parameters of a mapping name → specification; `rule` owns them if inline.

    A parameter whose problems leave no value is yielded as its name, so that its uses are known.
    """
    reader = Reader(value, line, sink, what)
    for name, spec, at in reader.entries():
        if not NAME.fullmatch(name):
            sink.add(at, "bundle.name", f"parameter {name!r} is not a snake_case name", "rename it")
            continue
        parameter = _parameter(name, Reader(spec, at, sink, f"parameter {name}"), rule, at)
        yield name if parameter is None else parameter


def read_named(
    data: bytes, where: str, needed: Mapping[str, str], problems: list[Problem], code: str
) -> dict[str, Parameter]:
    """Return the parameters of a file of their own; each of `needed` must be there in its unit.

    Problems are added as `code`.missing and `code`.unit; a file that is no YAML has no parameters.
    """
    sink = Sink(where, problems)
    root = read_yaml(where, data, problems)
    if root is None:
        return {}
    read = read_parameters(root, 1, sink, "the file")
    found = {one.name: one for one in read if isinstance(one, Parameter)}
    for name, unit in needed.items():
        if name not in found:
            sink.add(1, f"{code}.missing", f"no {name}", f"add `{name}:` in {unit}")
        elif found[name].unit != unit:
            sink.add(found[name].line, f"{code}.unit", f"{name} is in {found[name].unit}",
                     f"give it in {unit}")  # fmt: skip
    return found


def _parameter(name: str, reader: Reader, rule: str | None, line: int) -> Parameter | None:
    before = len(reader.sink.problems)
    unit = reader.choice("unit", UNITS)
    implied = UNITS.get(unit, Kind.DOUBLE)
    kinds = [str(k) for k in (Kind.BIGINT, Kind.DOUBLE, Kind.BOOL)]
    kind = Kind(reader.choice("kind", kinds, str(implied)))
    days, values, sources = _dated(reader, kind)
    shifts = reader.reader("shifts", required=False)
    parameter = Parameter(
        name=name,
        kind=kind,
        unit=unit,
        days=days,
        values=values,
        sources=sources,
        description=reader.bilingual("description"),
        convention=reader.text("convention", ""),
        stance=_shifts(shifts, "stance", STANCES, kind),
        segment=_shifts(shifts, "segment", SEGMENTS, kind),
        rule=rule,
        path=reader.sink.path,
        line=line,
        low=reader.number("low"),
        high=reader.number("high"),
    )
    shifts.finish()
    reader.finish()
    if not values:
        return None
    if len(reader.sink.problems) > before:
        # It is still known, so that one mistake is not reported once a use.
        return parameter
    _bounds(parameter, reader)
    return parameter


def _dated(
    reader: Reader, kind: Kind
) -> tuple[tuple[int, ...], tuple[Value, ...], tuple[str, ...]]:
    rows: list[tuple[int, Value, str]] = []
    found = reader.reader("values")
    for key, spec, line in found.entries():
        day = parse_day(key)
        if day is None:
            found.sink.add(
                line,
                "bundle.date",
                f"{key!r} of {reader.what} is not a date",
                "write a date such as 2024-01-01",
            )
            continue
        entry = Reader(spec, line, found.sink, f"{reader.what} on {key}")
        value = read_value(entry, "value", kind)
        source = entry.text("source")
        entry.finish()
        if value is not None:
            rows.append((day, value, source))
    if found.ok and not rows and not found.table:
        found.sink.add(
            found.line,
            "parameter.no_value",
            f"{reader.what} has no value",
            "add `2024-01-01: {value: …, source: …}`",
        )
    rows.sort(key=lambda row: row[0])
    return (tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows))


def read_value(reader: Reader, key: str, kind: Kind) -> Value:
    """Return a value of a kind (an integer is a good DOUBLE), or None after a problem."""
    value = reader.scalar(key)
    if value is None:
        if key in reader.table:
            reader.sink.add(reader.at(key), "parameter.type", f"{reader.what}: `{key}` is null", "")
        return None
    fits = {
        Kind.BOOL: isinstance(value, bool),
        Kind.BIGINT: type(value) is int and abs(value) <= MAX_VALUE,
        Kind.DOUBLE: type(value) in (int, float) and abs(float(value)) <= MAX_VALUE,
    }[kind]
    if not fits:
        reader.sink.add(
            reader.at(key),
            "parameter.type",
            f"{reader.what}: `{key}` is {value!r}, not {kind}",
            "check the value, or the parameter's unit and kind",
        )
        return None
    return float(value) if kind is Kind.DOUBLE else value


def _shifts(shifts: Reader, by: str, names: tuple[str, ...], kind: Kind) -> dict[str, Shift]:
    found: dict[str, Shift] = {}
    if not shifts.has(by):
        return found
    reader = shifts.reader(by)
    for name in names:
        if not reader.has(name):
            continue
        spec = reader.reader(name)
        if name == "neutral":
            reader.sink.add(
                reader.at(name),
                "parameter.neutral",
                "neutral is the base and takes no shift",
                "change the dated value itself",
            )
        how = [h for h in ("value", "add", "multiply") if spec.has(h)]
        if len(how) != 1 or (kind is Kind.BOOL and how != ["value"]):
            spec.sink.add(
                spec.line,
                "parameter.shift",
                f"{spec.what} must say one of value, add, multiply",
                "a flag takes only {value: …}" if kind is Kind.BOOL else "write {multiply: 0.9}",
            )
            continue
        amount = read_value(spec, how[0], Kind.DOUBLE if how == ["multiply"] else kind)
        spec.finish()
        if amount is not None:
            found[name] = Shift(how[0], amount)  # type: ignore[arg-type]
    reader.finish()
    return found


def _bounds(parameter: Parameter, reader: Reader) -> None:
    low, high = parameter.low, parameter.high
    if parameter.kind is Kind.BOOL:
        return
    for value in parameter.reachable():
        assert isinstance(value, int | float)
        if (low is not None and value < low) or (high is not None and value > high):
            reader.sink.add(
                reader.at("low" if low is not None and value < low else "high"),
                "parameter.bounds",
                f"{reader.what} can be {value}, outside {low} … {high}",
                "check its values and shifts, or widen the bounds",
            )
            return
        if abs(value) > MAX_VALUE:
            reader.sink.add(
                reader.line,
                "parameter.bounds",
                f"{reader.what} can be {value}, beyond 10^15",
                "check its shifts",
            )
            return
