"""steering.yaml → Steering."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from xindeng.policy.model import Place
from xindeng.policy.parameters import SEGMENTS, STANCES
from xindeng.policy.reader import NAME, Reader, Sink
from xindeng.policy.steering.model import (
    PORTFOLIO,
    TAKES,
    UNITS,
    Bound,
    Condition,
    Indicator,
    Level,
    SeriesSpec,
    Side,
    Steering,
)

_MONTH: Final = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")
_MOST_DAYS: Final = 800
_MOST_MONTHS: Final = 120


def read_steering(value: Any, sink: Sink) -> Steering:
    """Return what steering.yaml says; problems go to the sink."""
    top = Reader(value, 1, sink, "steering.yaml")
    series = {one.name: one for one in map(_series, _named(top, "series", "series"))}
    indicators = {one.name: one for one in map(_indicator, _named(top, "indicators", "indicator"))}
    stances = top.reader("stances")
    levels = {name: _level(stances.reader(name), name, None) for name in STANCES
              if stances.has(name)}  # fmt: skip
    stances.finish()
    segments: dict[str, Mapping[str, Level]] = {}
    if top.has("segments"):
        found = top.reader("segments")
        for segment in SEGMENTS:
            if found.has(segment):
                one = found.reader(segment)
                segments[segment] = {
                    name: _level(one.reader(name), name, levels.get(name))
                    for name in STANCES if one.has(name)
                }  # fmt: skip
                one.finish()
        found.finish()
    top.finish()
    return Steering(series, indicators, levels, segments)


def month_of(text: object) -> int | None:
    """Return the number of a month such as "2026-11" or "2026-11-01", None if it is none."""
    found = _MONTH.fullmatch(text[:7]) if isinstance(text, str) else None
    return int(found[1]) * 12 + int(found[2]) - 1 if found else None


def _named(top: Reader, key: str, what: str) -> list[Reader]:
    found = []
    for name, spec, line in top.reader(key).entries():
        if not NAME.fullmatch(name):
            top.sink.add(line, "bundle.name", f"{what} {name[:40]!r}", "write a snake_case name")
            continue
        found.append(Reader(spec, line, top.sink, f"{what} {name}"))
    return found


def _series(reader: Reader) -> SeriesSpec:
    portfolio = reader.choice("portfolio", PORTFOLIO, "")
    column = "" if portfolio else reader.text("column")
    since = None
    if reader.has("since"):
        since = month_of(reader.text("since"))
        if since is None:
            reader.sink.add(reader.at("since"), "bundle.date", f"`since` of {reader.what}",
                            "write the first month it exists for, such as 2008-01")  # fmt: skip
    spec = SeriesSpec(
        name=reader.what.removeprefix("series "),
        title=reader.bilingual("title"),
        column=column,
        file="" if portfolio else reader.text("file", ""),
        portfolio=portfolio,
        # There is no default: a lag left out would be a look into the future.
        published_after_days=reader.integer("published_after_days", None, 0, _MOST_DAYS),
        stale_after_days=reader.integer("stale_after_days", None, 1, _MOST_DAYS),
        since=since,
        source=reader.text("source"),
        place=Place(reader.sink.path, reader.line),
        least=reader.integer("least") if portfolio else 0,
    )
    reader.finish()
    return spec


def _indicator(reader: Reader) -> Indicator:
    take = reader.choice("take", TAKES)
    made = Indicator(
        name=reader.what.removeprefix("indicator "),
        title=reader.bilingual("title"),
        series=reader.text("series"),
        less=reader.text("less", ""),
        take=take,
        months=reader.integer("months", 1, 1, _MOST_MONTHS),
        over=reader.integer("over", None, 2, _MOST_MONTHS) if take in ("gap", "rise") else 0,
        unit=reader.choice("unit", UNITS),
        place=Place(reader.sink.path, reader.line),
    )
    reader.finish()
    return made


def _level(reader: Reader, stance: str, general: Level | None) -> Level:
    """Return a level; one of a segment takes what it leaves out from the general level."""
    neutral = stance == "neutral"
    conditions = general.conditions if general else ()
    if reader.has("conditions") or (general is None and not neutral):
        conditions = tuple(_condition(one) for one in reader.readers("conditions"))
    usual_needed = general.needed if general else 0 if neutral else None
    level = Level(
        stance=stance,
        needed=reader.integer("needed", usual_needed, 0 if neutral else 1, 50),
        stay_days=reader.integer("stay_days", general.stay_days if general else None, 1,
                                 _MOST_DAYS),
        conditions=conditions,
        place=Place(reader.sink.path, reader.line),
    )  # fmt: skip
    reader.finish()
    return level


def _condition(reader: Reader) -> Condition:
    made = Condition(
        indicator=reader.text("indicator"),
        enter=_bound(reader.reader("enter")),
        leave=_bound(reader.reader("leave")),
        source=reader.text("source"),
        place=Place(reader.sink.path, reader.line),
    )
    reader.finish()
    return made


def _bound(reader: Reader) -> Bound:
    low, high = reader.number("below"), reader.number("above")
    side: Side = "above" if high is not None else "below"
    if reader.ok and (low is None) == (high is None):
        reader.sink.add(reader.line, "steering.bound", f"{reader.what} is no threshold",
                        "write either {below: NUMBER} or {above: NUMBER}")  # fmt: skip
    reader.finish()
    return Bound(side, float(high if high is not None else low or 0))
