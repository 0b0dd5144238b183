"""Our own side: the stance by segment with the day it is looked at again, and what is away."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from xindeng.api.resources.money import read_day
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import InputError
from xindeng.service.ingest import ingest_raw
from xindeng.service.show import platform
from xindeng.web.desk import by, shown, today
from xindeng.web.route import Go, Shown, Visit

PARTS: Final = ("maintenance", "model", "bureau", "funder")
MOST_DAYS_AHEAD: Final = 92
HERE: Final = "/risk/our-side"


class StanceForm(Struct):
    """A stance for a segment or all, the day by which it is looked at again, and why."""

    segment: Annotated[str, Meta(max_length=40)]
    stance: Annotated[str, Meta(max_length=40)]
    review_on: Annotated[str, Meta(max_length=10)]
    why: Annotated[str, Meta(min_length=1, max_length=400)]


class PartForm(Struct):
    """A part of ours that went away or came back."""

    part: Literal["maintenance", "model", "bureau", "funder"]
    state: Literal["away", "back"]


def our_side(visit: Visit) -> Shown:
    """Show how our side stands."""
    policy, side = visit.engine.policy, platform(visit.engine)
    away = {
        "maintenance": side.maintenance, "model": not side.model_available,
        "bureau": not side.bureau_available, "funder": not side.funder_available,
    }  # fmt: skip
    stances = list(policy.stances)
    return shown(
        visit, HERE, side=side, away=away, stances=stances, segments=policy.segments,
        titles=policy.segment_titles, default=policy.stance_default, specs=policy.stances,
        today=today(visit), key=visit.new_key(), other_key=visit.new_key(),
    )  # fmt: skip


def set_stance(visit: Visit) -> Go:
    """Change the stance from now on; pressed twice it is one change, for the form has one key."""
    sent: StanceForm = visit.form
    review = read_day(sent.review_on, "form.review_on")
    if not 0 < review - today(visit) <= MOST_DAYS_AHEAD:
        raise InputError(
            f"a stance is looked at again within {MOST_DAYS_AHEAD} days",
            where="review_on", next_step="name a day to come", code="platform.review",
        )  # fmt: skip
    payload = {"segment": sent.segment, "stance": sent.stance, "review_day": review,
               "reason": f"{by(visit)}: {sent.why}"}  # fmt: skip
    return _tell(visit, "stance_change", payload)


def set_part(visit: Visit) -> Go:
    """Say that a part of ours went away or came back."""
    sent: PartForm = visit.form
    return _tell(visit, "platform_status", {"part": sent.part, "available": sent.state == "back"})


def _tell(visit: Visit, kind: str, payload: dict[str, Any]) -> Go:
    if not visit.key:
        raise InputError("a form without its key", where="form", code="request.key")
    event = {"type": kind, "id": visit.key, "occurred_at": visit.engine.clock(),
             "payload": payload}  # fmt: skip
    ingest_raw(visit.engine, [event], PLATFORM)
    return Go(HERE)
