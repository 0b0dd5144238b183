"""What a borrower puts before a person: an appeal, a dispute, a complaint, a wish for review.

异议 (a record in a credit report), 申诉 (a decision), 投诉 (a complaint) and 人工复核 (a person
looks at what a program decided) are four different ways with clocks of their own.
"""

from __future__ import annotations

from typing import Literal

from xindeng.events.fields import Day, Key, Name, Note, Payload

Way = Literal["review", "appeal", "dispute", "complaint"]
MatterCause = Literal[
    "facts_wrong", "changed_since", "not_understood", "not_me", "record_wrong", "conduct", "fees",
    "disclosure", "other",
]  # fmt: skip
"""Why somebody objects, chosen from a list; asking without one is `other`."""
MatterResult = Literal["upheld", "changed", "withdrawn", "expired"]


class MatterOpened(Payload, tag="matter_opened", frozen=True):
    """The borrower asked that a person look; `decision_id` or `record` is what it is about.

    Asking costs no points: no feature reads it.
    """

    matter: Key
    way: Way
    answer_by: Day
    cause: MatterCause = "other"
    decision_id: Key | None = None
    record: Name | None = None
    text: Note = ""


class MatterLate(Payload, tag="matter_late", frozen=True):
    """A matter was not answered by its day; the delay is ours and was told."""

    matter: Key
    answer_by: Day


class MatterAnswered(Payload, tag="matter_answered", frozen=True):
    """A person answered, in writing; `decision_id` is the decision made anew, where one was."""

    matter: Key
    way: Way
    result: MatterResult
    owner: Name
    note: Note = ""
    decision_id: Key | None = None
    cleared: tuple[Name, ...] = ()
