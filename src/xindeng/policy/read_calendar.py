"""calendar.yaml → public holidays and the weekend days that are worked instead."""

from __future__ import annotations

from typing import Any

from xindeng.kernel.time import to_date
from xindeng.lending.calendar import Calendar
from xindeng.policy.reader import Reader, Sink, parse_day


def read_calendar(value: Any, sink: Sink) -> Calendar:
    """Return what calendar.yaml says: for each year its source, holidays and days worked."""
    top = Reader(value, 1, sink, "calendar.yaml")
    holidays, workdays = dict[int, int](), dict[int, int]()
    for year in top.readers("years"):
        year.what = "a year of the calendar"
        year.text("source")
        holidays |= _days(year, "holidays")
        workdays |= _days(year, "workdays")
        year.finish()
    for day in sorted(set(holidays) & set(workdays)):
        what = f"{to_date(day)} is a holiday and is worked"
        sink.add(workdays[day], "calendar.both", what, "say which of the two it is")
    top.finish()
    return Calendar(frozenset(holidays), frozenset(workdays))


def _days(reader: Reader, key: str) -> dict[int, int]:
    """Return the local days under a key, each with its line."""
    found: dict[int, int] = {}
    for value, line in reader.items(key, required=False):
        day = parse_day(value)
        if day is None:
            what = f"{str(value)[:20]!r} among the {key} is not a date"
            reader.sink.add(line, "bundle.date", what, "write a date such as 2026-10-01")
        else:
            found[day] = line
    return found
