"""A person's own data: consents, what is kept, the export, and the erasure."""

from __future__ import annotations

from typing import Any

from msgspec import Raw, Struct

from xindeng.access.caller import Caller
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, Name, Sent
from xindeng.events.life import ConsentCategory
from xindeng.service import consents, erasure
from xindeng.service import export as exporting
from xindeng.service.consents import Given
from xindeng.service.retention import Record, records


class ConsentSent(Sent):
    """A consent to one category of data, given or withdrawn; `version` names the words shown."""

    category: ConsentCategory
    granted: bool
    version: Name | None = None


class ConsentTold(Struct, frozen=True, kw_only=True):
    """A consent as told; the last of a category is `in_force`."""

    category: ConsentCategory
    granted: bool
    at: Instant
    version: str | None
    in_force: bool = True


class ConsentsAnswer(Struct, frozen=True, kw_only=True):
    """Every consent given or withdrawn, oldest first."""

    items: tuple[ConsentTold, ...]


class RetentionAnswer(Struct, frozen=True, kw_only=True):
    """What is kept how long, why, and what an erasure does to it."""

    items: tuple[Record, ...]


class ExportAnswer(Struct, frozen=True, kw_only=True):
    """All that is stored of a person, part by part; `left_out` says whether a law forbade some."""

    borrower: str
    exported_at: str
    left_out: dict[str, Any]


class ErasureAnswer(Struct, frozen=True, kw_only=True):
    """The tombstone: from now on nobody can read what was stored; `kept` is what a law has kept."""

    borrower: str
    erased_at: Instant
    events: int
    kept: tuple[Record, ...]


def register(call: Call) -> ConsentsAnswer:
    """Return the register of consents."""
    found = consents.register(call.engine, call.borrower)
    last = {one.category: place for place, one in enumerate(found)}
    return ConsentsAnswer(
        items=tuple(
            _told(call, one, in_force=last[one.category] == place)
            for place, one in enumerate(found)
        )
    )


def consent(call: Call) -> ConsentTold:
    """Give or withdraw a consent; what was withdrawn is used no more from the next decision on."""
    sent: ConsentSent = call.body
    return _told(call, consents.tell(
        call.engine, call.borrower, sent.category, granted=sent.granted, version=sent.version
    ))  # fmt: skip


def retention(call: Call) -> RetentionAnswer:
    """Return what is kept how long."""
    return RetentionAnswer(items=records())


def export(call: Call) -> Raw:
    """Return all that is stored of the person."""
    return Raw(exporting.as_json(exporting.export(call.engine, call.borrower)))


def erase(call: Call) -> ErasureAnswer:
    """Erase the person for good: their key is destroyed, and with it all that only it opens."""
    caller: Caller | None = call.caller
    assert caller is not None
    done = erasure.erase(call.engine, call.borrower, by=caller.actor)
    return ErasureAnswer(
        borrower=done.borrower, erased_at=Instant.of(done.at, call.engine.policy.zone),
        events=done.seq, kept=tuple(one for one in records() if one.erased == "kept"),
    )  # fmt: skip


def _told(call: Call, one: Given, *, in_force: bool = True) -> ConsentTold:
    return ConsentTold(
        category=one.category, granted=one.granted, version=one.version, in_force=in_force,
        at=Instant.of(one.at, call.engine.policy.zone),
    )  # fmt: skip
