"""The envelope every event travels in, and its canonical bytes."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from msgspec import Struct, convert, json, to_builtins

from xindeng.events.catalogue import CATALOGUE
from xindeng.events.fields import Payload

_ENCODER: Final = json.Encoder(order="sorted")


class Event(Struct, frozen=True):
    """One thing that happened to one borrower.

    `id` is the source's own id, unique per borrower: the second event of that id is a duplicate.
    `occurred_at` and `known_at` are µs; `seq` is the borrower's gapless sequence, 0 until the
    event is taken in under the borrower's lock.
    """

    id: str
    borrower: str
    type: str
    version: int
    occurred_at: int
    known_at: int
    payload: Payload
    seq: int = 0


def payload_to_builtins(payload: Payload) -> dict[str, Any]:
    """Return the payload as plain JSON values, defaults left out, without the type tag."""
    plain: dict[str, Any] = to_builtins(payload)
    plain.pop("type", None)
    return plain


def payload_from(type_name: str, mapping: dict[str, Any]) -> Payload:
    """Build the payload of a stored event; raises KeyError and msgspec.ValidationError.

    Use `read_event` for anything that comes from outside: its errors are written for people.
    """
    return convert(mapping, CATALOGUE[type_name].payload)


def write_event(event: Event) -> bytes:
    """Return the event as one line of canonical JSON (sorted keys); `read_event` reads it back."""
    plain = {
        "id": event.id,
        "borrower": event.borrower,
        "type": event.type,
        "version": event.version,
        "occurred_at": event.occurred_at,
        "known_at": event.known_at,
        "payload": payload_to_builtins(event.payload),
    }
    return _ENCODER.encode(plain)


def content_id(*parts: object) -> str:
    """Return a deterministic id of 32 hex digits for content that came without one."""
    return hashlib.sha256(_ENCODER.encode(parts)).hexdigest()[:32]
