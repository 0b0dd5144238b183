"""What happened, told by the lender's systems: one event, many, or a stream of lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from xindeng.api.lines import Taken
from xindeng.api.problems import Told
from xindeng.api.route import Call, Taking, TakingLines
from xindeng.api.shapes import Name, Sent
from xindeng.events.catalogue import PLATFORM
from xindeng.events.envelope import Event
from xindeng.events.read import read_event
from xindeng.events.schema import json_schema
from xindeng.kernel.errors import EventError
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import Batch

Time = Annotated[int | str, Meta(description="ISO 8601, or µs since 1970")]
MOST: Final = 1_000


class EventSent(Sent):
    """An event as the catalogue describes it (GET /v1/events/schema).

    Without an `id` its content is its id. `borrower` may be left out where the path names one.
    """

    type: Name
    occurred_at: Time
    payload: dict[str, Any]
    id: Name | UnsetType = UNSET
    version: Annotated[int, Meta(ge=1)] | UnsetType = UNSET
    known_at: Time | UnsetType = UNSET
    borrower: Name | UnsetType = UNSET


class EventsSent(Sent):
    """Up to 1,000 events, each borrower's in the order they are to be taken in."""

    events: Annotated[list[EventSent], Meta(min_length=1, max_length=MOST)]


class SetAside(Struct, frozen=True, kw_only=True):
    """An event that was kept apart and not believed, e.g. because it lies in the future."""

    borrower: str
    type: str
    id: str
    reason: str


class IngestAnswer(Struct, frozen=True, kw_only=True):
    """What became of the events; a credit report counts with the events it was expanded to."""

    accepted: int
    duplicates: int
    quarantined: tuple[SetAside, ...] = ()


class SchemaAnswer(Struct, frozen=True):
    """The catalogue as JSON Schema 2020-12."""

    schema: dict[str, Any]


class LineRefused(Struct, frozen=True, kw_only=True):
    """A line that was not taken in, counted from 1, and why."""

    line: int
    problem: Told


class StreamAnswer(Struct, frozen=True, kw_only=True):
    """What became of the lines: `set_aside` and `refused` count all, of each 100 are told."""

    accepted: int
    duplicates: int
    set_aside: int
    refused: int
    quarantined: tuple[SetAside, ...] = ()
    errors: tuple[LineRefused, ...] = ()


def one(call: Call) -> Taking:
    """Take in one event of a borrower, who is created by the first; sending it again is safe."""
    return taking(call, [call.body], call.borrower)


def batch(call: Call) -> Taking:
    """Take in many events of any borrowers; if one cannot be read none is stored."""
    sent: EventsSent = call.body
    return taking(call, sent.events)


def stream(call: Call) -> TakingLines:
    """Take in an event a line, some 1,000 at a time, in order.

    A line that is refused is told with its number and stops no other. Sending all of it again is
    safe: what is stored is passed over.
    """
    return TakingLines(lambda line: _event(call, line, ""), _streamed)


def taking(call: Call, sent: Sequence[EventSent], borrower: str | None = None) -> Taking:
    """Return events to be taken in together with others'; they are read when their turn comes."""
    return Taking(Batch(lambda: _read(call, sent, borrower), len(sent)), taken)


def schema(call: Call) -> SchemaAnswer:
    """Return the catalogue of events."""
    return SchemaAnswer(json_schema())


def _read(call: Call, sent: Iterable[EventSent], borrower: str | None = None) -> list[Event]:
    """Return the events that were sent, those that name nobody as of `borrower`."""
    return [
        _event(call, raw, f"event {number}", borrower)
        for number, raw in enumerate(map(msgspec.to_builtins, sent), start=1)
    ]


def _event(
    call: Call, raw: Mapping[str, Any] | bytes, place: str, borrower: str | None = None
) -> Event:
    engine = call.engine
    try:
        found = read_event(
            raw, borrower=borrower, received_at=engine.clock(), zone=engine.policy.zone,
            currency=engine.policy.currency,
        )  # fmt: skip
    except EventError as error:
        error.where = f"{place}: {error.where}".rstrip(": ")
        raise
    if found.borrower == PLATFORM:
        call.need("platform.change")
    return found


def taken(report: IngestReport) -> IngestAnswer:
    """Return what became of the events."""
    return IngestAnswer(
        accepted=report.accepted, duplicates=report.duplicates, quarantined=_set_aside(report)
    )


def _streamed(found: Taken) -> StreamAnswer:
    return StreamAnswer(
        accepted=found.report.accepted, duplicates=found.report.duplicates,
        set_aside=found.set_aside, refused=found.refused, quarantined=_set_aside(found.report),
        errors=tuple(LineRefused(line=number, problem=told) for number, told in found.errors),
    )  # fmt: skip


def _set_aside(report: IngestReport) -> tuple[SetAside, ...]:
    return tuple(
        SetAside(borrower=e.borrower, type=e.type, id=e.id, reason=one.reason)
        for one in report.quarantined
        for e in [one.event]
    )
