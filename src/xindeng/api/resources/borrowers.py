"""Borrowers: created by what is told of them, and shown to staff as features, holds and dates."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.resources.events import MOST, EventSent, taking
from xindeng.api.route import Call, Taking
from xindeng.api.shapes import Instant, Name, Sent
from xindeng.service.show import show as showing


class BorrowerSent(Sent):
    """A borrower and the first events of theirs, e.g. account_opened and limit_change."""

    borrower: Name
    events: Annotated[list[EventSent], Meta(min_length=1, max_length=MOST)]


class BorrowerAnswer(Struct, frozen=True, kw_only=True):
    """How a borrower stands: `events` are stored, `features` by name, `as_of` the last event of
    each type."""

    borrower: str
    at: Instant
    events: int
    features: dict[str, int | float | bool | str | None]
    as_of: dict[str, Instant]
    last_decision: str | None


def create(call: Call) -> Taking:
    """Create a borrower by the first events; the same events again change nothing."""
    sent: BorrowerSent = call.body
    return taking(call, sent.events, sent.borrower)


def show(call: Call) -> BorrowerAnswer:
    """Return how a borrower stands, as staff see it."""
    view, zone = showing(call.engine, call.borrower), call.engine.policy.zone
    return BorrowerAnswer(
        borrower=view.borrower,
        at=Instant.of(view.now, zone),
        events=view.seq,
        features=view.features,
        as_of={name: Instant.of(at, zone) for name, at in view.as_of.items()},
        last_decision=view.last_decision,
    )
