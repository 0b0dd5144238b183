"""Why each area stands as it does: the policy's own words on every rule that fired, and steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.decision.answer import Light, Reason
from xindeng.decision.board import SEVERITY, board_of
from xindeng.decision.dates import fact_date
from xindeng.decision.rows import reason_row
from xindeng.decision.speech import Speech
from xindeng.decision.trace import events_behind
from xindeng.repair.checkup.blocks import Entries, Entry, Section, Text
from xindeng.repair.checkup.checkup import CheckUp
from xindeng.repair.checkup.say import Say

_MAIN: Final = ("bureau", "debt", "applications")
_OWN_PLACE: Final = frozenset({"wait", "contact_support", "verify_identity", "explain_flow"})
"""Actions that only a lender's own app can offer."""


def reasons(found: CheckUp, say: Say) -> Section:
    """Return an entry for every rule that fired in an area the papers tell of."""
    speech = Speech(say.policy, found.decision, say.lang)
    entries = tuple(_entries(found, say, speech))
    told: tuple[Text | Entries, ...] = (
        (Text(lines=(say("we_means"),)), Entries(items=entries))
        if entries
        else (Text(lines=(say("nothing_told" if blind_areas(found) else "all_fine"),)),)
    )
    return Section(name="reasons", title=say("s_reasons"), blocks=told)


def blind_areas(found: CheckUp) -> list[str]:
    """Return those of the areas that stop most draws of which the papers do not tell."""
    return [area for area in _MAIN if found.lights.get(area) is Light.NO_DATA]


def _entries(found: CheckUp, say: Say, speech: Speech) -> Iterator[Entry]:
    board, index = board_of(say.policy), say.policy.rule_index
    hidden = board.platform | board.withheld
    kept = [
        reason
        for reason in found.decision.reasons
        if reason.area in found.known
        and not hidden >> index[reason.rule] & 1
        and (reason.state == "fired" or reason.light is not Light.NO_DATA)
    ]
    seen: set[tuple[str, frozenset[str]]] = set()
    for reason in sorted(kept, key=lambda one: -SEVERITY[one.light]):
        # A hint on the very figures that already stand in the way says nothing new.
        missing = reason.state == "missing"
        columns = say.policy.compiled.conditions[reason.rule].columns
        about = (reason.area, frozenset[str]() if missing else columns)
        if about in seen:
            continue
        seen.add(about)
        row = reason_row(speech, reason, "borrower", found.as_of)
        yield Entry(
            light=row.light,
            word=say.light(row.light),
            title=row.title,
            lines=(_lacks(found, say, reason.area) if missing else say.plain(row.fact),),
            source=_source(found, say, speech, reason),
            steps=() if missing else tuple(_steps(say, reason)),
        )


def _lacks(found: CheckUp, say: Say, area: str) -> str:
    """Return that an area is not told of in full, and which paper would."""
    simple = found.review is not None and found.review.format == "simple"
    key = f"paper_{area}" if say.has(f"paper_{area}") else "paper_other"
    return say("lacks", paper=say("paper_detailed" if area == "bureau" and simple else key))


def _source(found: CheckUp, say: Say, speech: Speech, reason: Reason) -> str:
    files = say.papers.telling(events_behind(say.policy, reason.rule))
    key = f"src_{say.policy.rule_by_id[reason.rule].data.category}"
    name = say.joined(files) or say(key if say.has(key) else "src_other")
    day = fact_date(speech, reason, found.as_of)
    return say("e_source", source=name, day=day) if day else say("e_source_undated", source=name)


def _steps(say: Say, reason: Reason) -> Iterator[str]:
    """Yield what helps, without the places of one platform's app."""
    for name in say.policy.rule_by_id[reason.rule].repair:
        if name in _OWN_PLACE:
            continue
        action = say.policy.repair[name]
        lag = say("e_lag", days=action.lag_days) if action.lag_days else ""
        yield action.texts[say.lang] + lag
