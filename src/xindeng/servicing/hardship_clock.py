"""The clock of a request for help: open until it is answered, however long that takes us.

It runs from the first request that was not answered, so that asking again never moves it. Past its
day the delay is ours: that is told once, and the request goes to a person before all others.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from xindeng.events.envelope import Event
from xindeng.events.life import HardshipRequest
from xindeng.events.line import HardshipOverdue, HardshipResolved, Restructuring
from xindeng.kernel.time import to_date
from xindeng.policy.policy import Policy
from xindeng.servicing.hardship_words import HARDSHIP_WORDS
from xindeng.servicing.hold_words import LANGUAGES
from xindeng.servicing.orders import NOTHING, Notice, Orders, Task
from xindeng.servicing.view import View

TYPES: Final = ("hardship_request", "hardship_overdue", "hardship_resolved", "restructuring")
"""The events that a request for help is told by."""
PAST: Final = "hardship_past_answer"
"""The kind of task for a request that was not answered in time."""


class OpenRequest(Struct, frozen=True):
    """A request for help that was not answered: when it came (µs), and whether our delay was
    told."""

    asked_at: int
    overdue: bool = False


def open_request(events: Iterable[Event]) -> OpenRequest | None:
    """Return the request that waits for an answer after a borrower's events in sequence."""
    found: OpenRequest | None = None
    for event in events:
        payload = event.payload
        if isinstance(payload, HardshipRequest):
            found = found or OpenRequest(event.occurred_at)
        elif isinstance(payload, HardshipOverdue):
            found = OpenRequest(found.asked_at, True) if found is not None else None
        elif isinstance(payload, HardshipResolved | Restructuring):
            found = None
    return found


def answer_by(policy: Policy, asked_at: int, today: int) -> int:
    """Return the local day by whose end a request of that instant (µs) is answered, in working
    days of the policy's calendar as of local day `today`."""
    return policy.calendar.after(policy.zone.day(asked_at), working_days(policy, today))


def working_days(policy: Policy, today: int) -> int:
    """Return within how many working days a request is answered, as of local day `today`."""
    days = policy.parameter("hardship_answer_working_days", today)
    return days if type(days) is int else 0


def review(view: View, request: OpenRequest | None) -> Orders:
    """Return what our delay calls for: once per request, and nothing within the time."""
    if request is None or request.overdue:
        return NOTHING
    day = answer_by(view.policy, request.asked_at, view.today)
    if view.today <= day:
        return NOTHING
    date = to_date(day).isoformat()
    texts = {}
    for language in LANGUAGES:
        words = HARDSHIP_WORDS[language]
        said = [words[part].format(day=date) for part in ("late", "no_points", "scam")]
        texts[language] = ("" if language == "zh" else " ").join(said)
    return Orders(
        payloads=(HardshipOverdue(answer_by=day),),
        notices=(Notice(kind="hardship_late", texts=texts),),
        tasks=(
            Task(kind=PAST, subject="line", due_day=view.today,
                 note=f"first of all: a request for help was to be answered by {date}"),
        ),
    )  # fmt: skip
