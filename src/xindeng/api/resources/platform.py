"""Our own side: the stance by segment, and the parts that are away."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, to_builtins

from xindeng.api.resources.events import IngestAnswer, Time, taken
from xindeng.api.route import Call
from xindeng.api.shapes import Instant, Name, Sent, day_text
from xindeng.events.catalogue import PLATFORM
from xindeng.service.ingest import ingest_raw
from xindeng.service.show import platform


class StanceTold(Struct, frozen=True, kw_only=True):
    """The stance of a segment, or of all, and the day it is looked at again."""

    segment: str
    stance: str
    review_on: str | None


class PlatformAnswer(Struct, frozen=True, kw_only=True):
    """How our side stands; `until` is when what is away should be back, where that is known."""

    maintenance: bool
    model_available: bool
    bureau_available: bool
    funder_available: bool
    until: Instant | None
    stances: tuple[StanceTold, ...]


class PlatformSent(Sent):
    """A change of our side. Its `id` makes it safe to send again."""

    id: Name
    type: Literal["stance_change", "platform_status"]
    occurred_at: Time
    payload: dict[str, Any]


def show(call: Call) -> PlatformAnswer:
    """Return how our side stands now."""
    found, zone = platform(call.engine), call.engine.policy.zone
    return PlatformAnswer(
        maintenance=found.maintenance,
        model_available=found.model_available,
        bureau_available=found.bureau_available,
        funder_available=found.funder_available,
        until=Instant.maybe(found.until, zone),
        stances=tuple(
            StanceTold(segment=segment, stance=stance,
                       review_on=None if day is None else day_text(day))
            for segment, (stance, day) in sorted(found.stance.items())
        ),
    )  # fmt: skip


def change(call: Call) -> IngestAnswer:
    """Change the stance, or say that a part of ours went away or came back.

    A looser stance than what stands takes two people: propose it instead.
    """
    sent: PlatformSent = call.body
    told = to_builtins(sent)
    if sent.type == "stance_change":
        told["payload"] = {**sent.payload, "by": "person"}
    return taken(ingest_raw(call.engine, [told], PLATFORM))
