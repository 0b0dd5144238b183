"""Reads one event from outside; a refusal names the event, the field and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Final

import msgspec

from xindeng.events.catalogue import CATALOGUE, OWN, EventType
from xindeng.events.describe import accepted, field_at, fields
from xindeng.events.envelope import Event, content_id, payload_to_builtins
from xindeng.events.fields import Payload
from xindeng.events.plausible import control_character, implausible
from xindeng.kernel.doubled import doubled_key
from xindeng.kernel.errors import EventError, InputError
from xindeng.kernel.time import MAX_INSTANT, MIN_INSTANT, Zone

MAX_BYTES: Final = 1_000_000
_KEYS: Final = frozenset(
    {"id", "borrower", "type", "version", "occurred_at", "known_at", "payload"}
)
# Only an ISO date-time with its zone or a bare local one; what a person's spreadsheet makes of a
# date (2026/7/1) is the importers' business.
_NAME: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,128}")


# As µs these would be moments of early 1970; what is meant is the present in seconds or in ms.
_SECONDS_OR_MS: Final = range(1, 10**13)


def read_event(
    raw: Mapping[str, Any] | bytes | str,
    *,
    borrower: str | None = None,
    received_at: int,
    zone: Zone,
    currency: str | None = None,
    own: bool = False,
) -> Event:
    """Read one event; raises EventError on the first thing that is not as the catalogue says.

    `borrower` stands in where the event names none and must agree where it does. `received_at`
    (µs) is the default of `known_at`. Bare times are local to `zone`. With `currency`, amounts
    in any other are refused and events that name none are taken to be in it. An event without an
    id gets one from its content, so that reading the same line twice makes a duplicate. `own`
    lets the types through that only this program writes: never for what comes from outside.
    """
    plain = decode(raw) if isinstance(raw, bytes | str) else raw
    if not isinstance(plain, Mapping):
        raise EventError(
            f"an event is an object, not {_kind(plain)}",
            next_step='send {"borrower": …, "type": …, "occurred_at": …, "payload": {…}}',
        )
    entry = _type(plain)
    if entry.name in OWN and not own:
        raise EventError(
            f"{entry.name} is written by the engine alone",
            where="event.type",
            next_step="leave it out; a draw, or its confirmation, writes it",
            code="event.own_type",
        )
    unknown = [str(key) for key in plain if key not in _KEYS]
    if unknown:
        raise _error(entry, unknown[0], "unknown field", f"use {', '.join(sorted(_KEYS))}")
    owner = _owner(plain, entry, borrower)
    occurred_at = _time(plain.get("occurred_at"), entry, "occurred_at", zone)
    known = plain.get("known_at")
    known_at = received_at if known is None else _time(known, entry, "known_at", zone)
    payload = _payload(plain.get("payload", {}), entry, currency)
    if finding := implausible(payload, zone.day(occurred_at)):
        path, what, accepts = finding
        raise _error(entry, f"payload.{path}", what, accepts)
    identity = plain.get("id")
    if identity is None:
        identity = content_id(entry.name, entry.version, occurred_at, payload_to_builtins(payload))
    return Event(
        id=_name(identity, entry, "id"),
        borrower=owner,
        type=entry.name,
        version=_version(plain.get("version", entry.version), entry),
        occurred_at=occurred_at,
        known_at=known_at,
        payload=payload,
    )


def decode(raw: bytes | str) -> Any:
    """Return one JSON value in which no object names a key twice; raises EventError."""
    if len(raw) > MAX_BYTES:
        raise EventError(
            f"an event of {len(raw):,} bytes", next_step=f"send at most {MAX_BYTES:,} bytes each"
        )
    try:
        plain = msgspec.json.decode(raw)
        doubled = doubled_key(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise EventError(
            f"not JSON: {error}",
            next_step="send one JSON object; NaN and Infinity are not JSON",
            code="event.malformed",
        ) from error
    if doubled is not None:
        raise EventError(
            f"the key {_short(doubled)} stands twice in one object",
            next_step="keep one of the two",
            code="event.duplicate_key",
        )
    return plain


def _type(plain: Mapping[str, Any]) -> EventType:
    name = plain.get("type")
    entry = CATALOGUE.get(name) if isinstance(name, str) else None
    if entry is not None:
        return entry
    if name is None:
        raise EventError("no type", where="event", next_step="name one: " + ", ".join(CATALOGUE))
    near = get_close_matches(str(name)[:60], CATALOGUE, n=3, cutoff=0.5)
    raise EventError(
        f"unknown event type {str(name)[:60]!r}",
        where="event.type",
        next_step=f"did you mean {' or '.join(near)}?" if near else "see `xindeng events schema`",
        code="event.unknown_type",
    )


def _owner(plain: Mapping[str, Any], entry: EventType, borrower: str | None) -> str:
    named = plain.get("borrower")
    if named is None and borrower is not None:
        return borrower
    owner = _name(named, entry, "borrower")
    if borrower is not None and owner != borrower:
        raise _error(entry, "borrower", f"{owner!r} is not {borrower!r}", "send it to its own")
    return owner


def _name(value: Any, entry: EventType, field: str) -> str:
    if isinstance(value, str) and _NAME.fullmatch(value) and value == value.strip():
        return value
    what = "missing" if value is None else f"{_short(value)} is not accepted"
    raise _error(entry, field, what, "give text of 1 to 128 printable characters")


def _version(value: Any, entry: EventType) -> int:
    if type(value) is int and 1 <= value <= entry.version:
        return value
    accepts = f"give 1 to {entry.version}" if entry.version > 1 else "give 1"
    raise _error(entry, "version", f"{_short(value)} is not known here", accepts)


def _time(value: Any, entry: EventType, field: str, zone: Zone) -> int:
    if type(value) is int and abs(value) in _SECONDS_OR_MS:
        raise _error(
            entry, field, f"{value} looks like seconds or ms", "give µs since 1970, or ISO 8601"
        )
    if isinstance(value, str):
        try:
            value = zone.parse(value)
        except (InputError, OverflowError) as error:
            raise _error(
                entry, field, f"not a date or time: {value[:40]!r}",
                "write 2026-07-01T09:30:00+08:00, or µs since 1970 as an integer",
            ) from error  # fmt: skip
    if type(value) is not int:
        what = "missing" if value is None else f"{_short(value)} is not a time"
        raise _error(
            entry, field, what, "write 2026-07-01T09:30:00+08:00, or µs since 1970 as an integer"
        )
    if not MIN_INSTANT <= value <= MAX_INSTANT:
        raise _error(
            entry, field, f"{value} µs lies outside 1900–2199", "give µs, not seconds or ms"
        )
    return value


def _payload(value: Any, entry: EventType, currency: str | None) -> Payload:
    if not isinstance(value, Mapping):
        raise _error(
            entry, "payload", f"{_kind(value)} is not accepted",
            f"give an object with {', '.join(fields(entry.name))}",
        )  # fmt: skip
    alien = [key for key in value if not isinstance(key, str) or key == "type"]
    if alien:
        what = f"unknown field {_short(alien[0])}"
        raise _error(entry, "payload", what, f"use {', '.join(fields(entry.name))}")
    if currency is not None and "currency" in fields(entry.name):
        named = value.get("currency", currency)
        if named != currency:
            raise _error(
                entry, "payload.currency", f"{_short(named)} in a {currency} policy",
                f"send amounts in {currency}", code="event.currency",
            )  # fmt: skip
        value = {**value, "currency": currency}
    if path := control_character(value):
        raise _error(
            entry, f"payload.{path}", f"{_short(_at(value, path))} has a control character",
            "give printable text",
        )  # fmt: skip
    try:
        return msgspec.convert(value, entry.payload)
    except msgspec.ValidationError as error:
        raise _refused(str(error), value, entry) from error


def _refused(message: str, value: Mapping[str, Any], entry: EventType) -> EventError:
    """Turn msgspec's finding into ours: the field, what was sent, and what is accepted."""
    what, _, place = message.partition(" - at ")
    path = place.strip("`").removeprefix("$").lstrip(".")
    missing = re.search(r"(missing required|unknown) field `(.*)`", what)
    if missing:
        path = f"{path}.{missing[2]}" if path else missing[2]
        if missing[1] == "unknown":
            parent = field_at(entry.name, path.rpartition(".")[0])
            known = accepted(parent) if parent else f"one of {', '.join(fields(entry.name))}"
            return _error(entry, f"payload.{path}", "unknown field", f"use {known}")
        sent = "missing"
    else:
        sent = f"{_short(_at(value, path))} is not accepted"
    kind = field_at(entry.name, path)
    accepts = f"give {accepted(kind)}" if kind else what
    return _error(entry, f"payload.{path}", sent, accepts)


def _at(value: Any, path: str) -> Any:
    for name, index in re.findall(r"([A-Za-z_0-9]+)|\[(\d+)\]", path):
        value = value[name] if name else value[int(index)]
    return value


def _error(entry: EventType, field: str, what: str, accepts: str, code: str = "") -> EventError:
    return EventError(
        what, where=f"{entry.name}.{field}", next_step=accepts, code=code or "event.field"
    )


def _short(value: Any) -> str:
    if isinstance(value, int) and abs(value) >= 10**30:
        return "a number of more than 30 digits"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _kind(value: Any) -> str:
    names = {list: "a list", str: "text", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "this")
