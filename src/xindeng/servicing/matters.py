"""Matters put before a person: the clock of each way, and what opening and answering call for.

A day by which an answer is due is told when the matter is opened and never moves. Past it the delay
is ours: it is told once, and the matter goes before all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.events.fields import Payload
from xindeng.events.life import Dispute
from xindeng.events.matters import MatterAnswered, MatterLate, MatterOpened, Way
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.servicing.hold_words import LANGUAGES
from xindeng.servicing.matter_words import MATTER_WORDS
from xindeng.servicing.orders import Notice, Orders

TYPES: Final = ("matter_opened", "matter_late", "matter_answered")
"""The events that matters are told by."""


@dataclass(frozen=True, slots=True)
class Clock:
    """How long an answer may take: a parameter in days, and what holds where there is none."""

    parameter: str
    days: int
    working: bool = False


CLOCKS: Final[Mapping[Way, Clock]] = {
    "review": Clock("human_review_working_days", 3, working=True),
    "appeal": Clock("objection_answer_days", 15),
    "dispute": Clock("dispute_answer_days", 20),
    "complaint": Clock("complaint_answer_days", 15),
}
CAPACITY: Final = Clock("human_review_capacity", 200)
EXPIRY: Final = Clock("human_review_expiry_days", 14)
STAYS: Final = Clock("human_review_hold_hours", 8)


def figure(policy: Policy, clock: Clock, day: int) -> int:
    """Return the figure of a clock as in force on a local day."""
    if clock.parameter not in policy.parameter_names:
        return clock.days
    found = policy.parameter(clock.parameter, day)
    return found if type(found) is int else clock.days


def answer_by(policy: Policy, way: Way, today: int, ahead: int = 0) -> int:
    """Return the local day by whose end a matter opened today is answered.

    `ahead` reviews wait already: where they are more than people can do within the term, the day
    is as much later as that takes, and it is told so from the first.
    """
    clock = CLOCKS[way]
    days = figure(policy, clock, today)
    if not clock.working:
        return today + days
    return policy.calendar.after(today, max(days, ahead // figure(policy, CAPACITY, today) + 1))


def opened(policy: Policy, told: MatterOpened, today: int) -> Orders:
    """Return what opening a matter calls for: the event, and the day of the answer in writing."""
    payloads: list[Payload] = [told]
    if told.way == "dispute" and told.record is not None:
        payloads.append(Dispute(record=told.record, stage="opened"))
    texts = _texts(policy, today, f"opened_{told.way}", "free", "scam", way=told.way,
                   day=told.answer_by)  # fmt: skip
    return Orders(payloads=tuple(payloads), notices=(Notice(kind="matter_opened", texts=texts),))


def answered(policy: Policy, told: MatterAnswered, record: str | None, today: int) -> Orders:
    """Return what an answer calls for: the event, the answer in writing, and what remains to the
    borrower who does not agree."""
    payloads: list[Payload] = [told]
    stage = {"upheld": "upheld", "changed": "corrected", "withdrawn": "withdrawn"}.get(told.result)
    if told.way == "dispute" and record is not None and stage is not None:
        payloads.append(Dispute(record=record, stage=stage))  # type: ignore[arg-type]
    judged = told.result in ("upheld", "changed")
    parts = [f"{told.result}_{told.way}" if judged else told.result]
    if told.note and judged:
        parts.append("because")
    if told.result == "upheld":
        parts += {"review": ["appeal"], "dispute": ["statement", "complain"]}.get(
            told.way, ["complain"]
        )
    texts = _texts(policy, today, *parts, way=told.way, note=told.note)
    return Orders(payloads=tuple(payloads), notices=(Notice(kind="matter_answered", texts=texts),))


def late(policy: Policy, matter: str, way: Way, due: int, today: int) -> Orders:
    """Return what our delay calls for; told once a matter."""
    return Orders(
        payloads=(MatterLate(matter=matter, answer_by=due),),
        notices=(
            Notice(kind="matter_late", texts=_texts(policy, today, "late", way=way, day=due)),
        ),
    )


def _texts(
    policy: Policy, today: int, *parts: str, way: Way, day: int | None = None, note: str = ""
) -> dict[str, str]:
    line = _line(policy, today)
    parts = tuple(part for part in parts if part != "complain" or line)
    date = "" if day is None else to_date(day).isoformat()
    texts = {}
    for language in LANGUAGES:
        words = MATTER_WORDS[language]
        said = [
            words[part].format(day=date, name=words[f"name_{way}"], note=note, line=line)
            for part in parts
        ]
        texts[language] = ("" if language == "zh" else " ").join(said)
    return texts


def _line(policy: Policy, today: int) -> str:
    if "complaint_line_finance" not in policy.parameter_names:
        return ""
    return str(policy.parameter("complaint_line_finance", today) or "")
