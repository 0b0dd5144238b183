"""Our own side: how each segment stands and by which indicators, set by hand, and what is away."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from markupsafe import Markup
from msgspec import Meta, Struct

from xindeng.api.resources.money import read_day
from xindeng.events.catalogue import PLATFORM
from xindeng.intake.macro_series import read_series
from xindeng.kernel.errors import InputError, XindengError
from xindeng.kernel.time import HOUR
from xindeng.policy.policy import Policy
from xindeng.policy.stance_view import StancePath, document, first_day, stance_path
from xindeng.policy.stance_words import (
    NAMES,
    bound_words,
    cause,
    figure,
    next_line,
    notes,
)
from xindeng.policy.steering.series import Observed
from xindeng.service import proposals
from xindeng.service.changes import SetStance
from xindeng.service.ingest import ingest_raw
from xindeng.service.show import platform
from xindeng.service.stances import MOST_DAYS_AHEAD, standings
from xindeng.service.steer import Steered, look, set_by_hand
from xindeng.service.stood import ALL
from xindeng.web.desk import by, shown, today
from xindeng.web.lanes import draw_lanes
from xindeng.web.route import Go, Shown, Visit

PARTS: Final = ("maintenance", "model", "bureau", "funder")
HERE: Final = "/risk/our-side"
RANKED: Final = ("brake", "tight", "neutral", "open")
"""The stances, the strictest first."""
PATH_DAYS: Final = 5 * 366
"""How far back the path of the stance is shown."""


class StanceForm(Struct):
    """A stance for a segment or all, the day on which it ends, and why."""

    segment: Annotated[str, Meta(max_length=40)]
    stance: Annotated[str, Meta(max_length=40)]
    until_on: Annotated[str, Meta(max_length=10)]
    why: Annotated[str, Meta(min_length=1, max_length=400)]


class PartForm(Struct):
    """A part of ours that went away or came back."""

    part: Literal["maintenance", "model", "bureau", "funder"]
    state: Literal["away", "back"]


def our_side(visit: Visit) -> Shown:
    """Show how our side stands."""
    engine, policy, side = visit.engine, visit.engine.policy, platform(visit.engine)
    away = {
        "maintenance": side.maintenance, "model": not side.model_available,
        "bureau": not side.bureau_available, "funder": not side.funder_available,
    }  # fmt: skip
    seen, path, trouble = _seen(visit)
    return shown(
        visit, HERE, side=side, away=away, stances=list(policy.stances), segments=policy.segments,
        titles=policy.segment_titles, specs=policy.stances, today=today(visit),
        stood=standings(engine, today(visit)), seen=seen, trouble=trouble, path=path,
        lanes=None if path is None else _lanes(visit, path),
        cause=lambda one: cause(document(one, policy), visit.lang),
        names=NAMES[visit.lang], figure=figure, bound=bound_words, notes=notes,
        next_line=next_line, most=MOST_DAYS_AHEAD,
        key=visit.new_key(), other_key=visit.new_key(),
    )  # fmt: skip


def _seen(
    visit: Visit,
) -> tuple[dict[str, Steered], StancePath | None, XindengError | None]:
    """Return each segment's stance with its indicators and where the series alone would have led
    since they begin, or why there are none."""
    engine = visit.engine
    if not engine.policy.steering.levels:
        return {}, None, None
    try:
        economy = _economy(visit.site.series, engine.policy, engine.clock() // HOUR)
        seen = {one.segment: one for one in look(engine, economy)}
        path = _path(engine.policy, visit.site.series, today(visit), engine.clock() // HOUR)
    except XindengError as error:
        return {}, None, error
    return seen, path, None


@lru_cache(maxsize=4)
def _path(policy: Policy, series: Path | None, day: int, hour: int) -> StancePath | None:
    """Return where the published series alone would have led, our own book left aside."""
    economy = _economy(series, policy, hour)
    if not economy:
        return None
    own = frozenset(name for name, one in policy.steering.series.items() if one.portfolio)
    first = max(first_day(economy), day - PATH_DAYS)
    return stance_path(policy, economy, first, day, apart=own)


def _lanes(visit: Visit, path: StancePath) -> Markup:
    """Return the path as a drawing: a lane for each stance."""
    day, stance, stays = path.first, path.start, []
    for one in path.changes:
        stays.append((stance, day, one.day))
        day, stance = one.day, one.after
    stays.append((stance, day, path.end.day + 1))
    names = NAMES[visit.lang]
    return draw_lanes("", {name: names[name] for name in RANKED}, stays, alone=False)


@lru_cache(maxsize=4)
def _economy(series: Path | None, policy: Policy, hour: int) -> Mapping[str, Observed]:
    """Return the series of the economy, read again once an hour."""
    return {} if series is None else read_series(series, policy.steering.series.values())


def set_stance(visit: Visit) -> Go:
    """Set a stance until a day: at once where it is as strict as what stands, else by another.

    Pressed twice it is one change: the same wish by the same person is known again.
    """
    sent: StanceForm = visit.form
    until, me = read_day(sent.until_on, "form.until_on"), by(visit)
    if _stands(visit, sent, until):
        return Go(HERE)
    wish = (sent.segment, sent.stance, until)
    for one in proposals.listed(visit.engine, waiting=True):
        change = one.change
        if one.row.author != me or not isinstance(change, SetStance):
            continue
        if (change.segment, change.stance, change.until_day) == wish:
            return Go(f"/desk/proposals/{one.row.id}")
    made = set_by_hand(visit.engine, sent.segment, sent.stance, until, sent.why, by=me)
    return Go(HERE if made is None else f"/desk/proposals/{made.row.id}")


def _stands(visit: Visit, sent: StanceForm, until: int) -> bool:
    """Say whether the very stance that is asked for was set by hand already."""
    stood = standings(visit.engine, today(visit))
    chosen = [one for name, one in stood.items() if sent.segment in (name, ALL)]
    return bool(chosen) and all(
        (one.stance, one.until_day, one.by) == (sent.stance, until, "person") for one in chosen
    )


def set_part(visit: Visit) -> Go:
    """Say that a part of ours went away or came back."""
    sent: PartForm = visit.form
    if not visit.key:
        raise InputError("a form without its key", where="form", code="request.key")
    payload: dict[str, Any] = {"part": sent.part, "available": sent.state == "back"}
    event = {"type": "platform_status", "id": visit.key, "occurred_at": visit.engine.clock(),
             "payload": payload}  # fmt: skip
    ingest_raw(visit.engine, [event], PLATFORM)
    return Go(HERE)
