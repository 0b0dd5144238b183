"""The features as the design words them, straight from the list of events and with datetimes.

Slow and plain on purpose, and sharing no code with the kernel: where the two differ, one is wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from xindeng.events.envelope import Event

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3_600_000_000


@dataclass(frozen=True)
class Case:
    """A feature as the book writes it, and its `where` once more as a Python predicate."""

    spec: dict[str, Any]
    keep: Callable[[Any, datetime], bool] = lambda payload, local: True


@cache
def local(at: int, zone: str) -> datetime:
    return (EPOCH + timedelta(microseconds=at)).astimezone(ZoneInfo(zone))


@cache
def day_number(at: int, zone: str) -> int:
    return (local(at, zone).date() - EPOCH.date()).days


def field_of(event: Event, name: str, zone: str) -> Any:
    if name == "occurred_at":
        return event.occurred_at
    return (
        day_number(event.occurred_at, zone)
        if name == "occurred_day"
        else getattr(event.payload, name)
    )


def expected(case: Case, events: list[Event], now: int, zone: str) -> Any:
    """The value of one feature at `now`; events are given in order of arrival."""
    spec = case.spec
    if spec.get("enabled") is False:
        return None
    needed = spec.get("requires")
    if needed and not any(event.type == needed for event in events):
        return None
    value = plain(case, events, now, zone)
    return spec.get("default") if value is None else value


def plain(case: Case, events: list[Event], now: int, zone: str) -> Any:
    spec = case.spec
    today = day_number(now, zone)
    every = [
        event
        for event in events
        if event.type == spec["event"] and case.keep(event.payload, local(event.occurred_at, zone))
    ]
    every.sort(key=lambda event: event.occurred_at)  # stable: ties stay in order of arrival
    window = str(spec.get("window", "all"))
    if window.endswith("d"):
        seen = [e for e in every if day_number(e.occurred_at, zone) >= today - int(window[:-1])]
    elif window.endswith("h"):
        seen = [e for e in every if e.occurred_at > now - int(window[:-1]) * HOUR]
    else:
        seen = every
    op, _, rest = spec["op"].partition("(")
    name = rest.rstrip(")")
    values = [field_of(event, name, zone) for event in seen] if name else []
    filled = [value for value in values if value is not None]
    match op:
        case "count":
            return len(seen)
        case "sum":
            return max(-(10**14), min(10**14, sum(filled)))
        case "min" | "max":
            return (min if op == "min" else max)(filled, default=None)
        case "distinct":
            return len(set(filled))
        case "histogram":
            return share(spec, filled)
        case "first" | "last":
            return edge(spec, name, seen, now, zone)
        case "robust_z":
            return surprise(every, seen, name, spec["over"])
    return variation(every, name, today, int(window[:-1]) // 30, zone)


def share(spec: dict[str, Any], filled: list[Any]) -> float | None:
    if not filled:
        return None
    hits = (
        max(map(filled.count, filled))
        if spec.get("as") == "top_share"
        else filled.count(spec["bin"])
    )
    return float(Fraction(hits, len(filled)))


def edge(spec: dict[str, Any], name: str, seen: list[Event], now: int, zone: str) -> Any:
    if not seen:
        return None
    event = seen[0] if spec["op"].startswith("first") else seen[-1]
    match spec.get("as"):
        case "hours_since":
            return (now - event.occurred_at) // HOUR
        case "days_since":
            return day_number(now, zone) - day_number(event.occurred_at, zone)
    return field_of(event, name, zone)


def bucket(value: int) -> int:
    if value <= 0:
        return 0 if value == 0 else -bucket(-value)
    octave = 0
    while 2 ** (octave + 1) <= value:
        octave += 1
    return 8 * octave + int((Fraction(value, 2**octave) - 1) * 8) + 1


def middle(values: list[int]) -> int:
    return sorted(values)[(len(values) + 1) // 2 - 1]


def surprise(every: list[Event], seen: list[Event], name: str, over: int) -> float | None:
    ring = [bucket(value) for e in every if (value := getattr(e.payload, name)) is not None]
    *before, newest = ring[-over - 1 :] or [0]
    scored = any(getattr(event.payload, name) is not None for event in seen)
    if not scored or len(before) < 5:
        return None
    mad = middle([abs(value - middle(before)) for value in before])
    return float(Fraction(6745 * (newest - middle(before)), 10_000 * mad)) if mad else None


def variation(every: list[Event], name: str, today: int, count: int, zone: str) -> Decimal | None:
    blocks = [0] * count
    for event in every:
        back = (today - day_number(event.occurred_at, zone)) // 30
        if 0 <= back < count:
            blocks[back] += getattr(event.payload, name)
    # At most 10^8 yuan a block, as the book declares.
    whole = [min(block // 100, 10**8) for block in blocks]
    while whole and whole[-1] == 0:
        whole.pop()
    if len(whole) < 3 or sum(whole) <= 0:
        return None
    mean = Fraction(sum(whole), len(whole))
    variance = sum((value - mean) ** 2 for value in whole) / len(whole) / mean**2
    with localcontext() as context:
        context.prec = 50
        return (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()


def agrees(found: Any, wanted: Any) -> bool:
    """Equal in type and value; a Decimal is what the correctly rounded double is held against."""
    if isinstance(wanted, Decimal):
        return type(found) is float and abs(Decimal(found) - wanted) <= Decimal(2) ** -51 * wanted
    return type(found) is type(wanted) and found == wanted


def arrive(events: list[Event]) -> list[Event]:
    """Number events in the order given; each is known once it and all before it happened."""
    known, numbered = 0, []
    for seq, event in enumerate(events, start=1):
        known = max(known, event.occurred_at)
        numbered.append(replace_seq(event, seq, known))
    return numbered


def replace_seq(event: Event, seq: int, known: int) -> Event:
    return Event(
        event.id,
        event.borrower,
        event.type,
        event.version,
        event.occurred_at,
        known,
        event.payload,
        seq,
    )
