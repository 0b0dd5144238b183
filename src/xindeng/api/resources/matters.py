"""Matters put before a person: appeal, dispute, complaint, review; their queue, their answers."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from xindeng.api.route import Call
from xindeng.api.shapes import (
    ENOUGH,
    CursorText,
    Instant,
    Limit,
    Name,
    PageQuery,
    Sent,
    Traces,
    bad_cursor,
    day_text,
    traces_of,
)
from xindeng.events.matters import MatterCause, Way
from xindeng.service import agents, matter_answer, matters
from xindeng.service.matters import Ask, Matter
from xindeng.store.matters import MatterRow

Written = Annotated[str, Meta(max_length=500)]
Status = Literal["open", "taken", "answered", "withdrawn", "expired"]


class MatterSent(Sent):
    """What a person is to look at. A review or an appeal is of a decision (the last one unless
    named), a dispute of a record in the credit report."""

    way: Way
    cause: MatterCause = "other"
    decision: Name | None = None
    record: Name | None = None
    text: Written = ""
    traces: Traces | None = None


class MatterTold(Struct, frozen=True, kw_only=True):
    """A matter as it stands. `late` says that our answer is past its day; `decision_made` is the
    decision made anew. The queue opens nothing that is sealed: it tells no cause, record or text.
    Who has it in hand and what may be cleared is told to staff."""

    id: str
    borrower: str
    way: Way
    cause: MatterCause | None
    status: Status
    asked: bool
    opened_at: Instant
    answer_by: str
    late: bool
    decision: str | None = None
    record: str | None = None
    text: str = ""
    answered_at: Instant | None = None
    result: str | None = None
    note: str = ""
    decision_made: str | None = None
    taken_by: str | None = None
    clearable: tuple[str, ...] = ()


class MattersAnswer(Struct, frozen=True, kw_only=True):
    """Matters, oldest first; `next` is the cursor of the page after."""

    items: tuple[MatterTold, ...]
    next: str | None


class QueueQuery(Sent):
    """Which matters of the queue: those of one way, or all."""

    way: Way | None = None
    limit: Limit = ENOUGH
    cursor: CursorText | None = None


class AnswerSent(Sent):
    """The answer in writing, which the borrower reads. What changed in a review or an appeal is
    decided anew, without the rules that the person lets pass."""

    result: Literal["upheld", "changed"]
    note: Annotated[str, Meta(min_length=1, max_length=500)]
    cleared: Annotated[tuple[Name, ...], Meta(max_length=50)] = ()


class _Place(Struct, frozen=True, array_like=True):
    """Where a page of the queue ends."""

    priority: Annotated[int, Meta(ge=0, le=9)]
    due_day: Annotated[int, Meta(ge=0, le=1_000_000)]
    id: Annotated[str, Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


def ask(call: Call) -> MatterTold:
    """Put a matter before a person; asking costs nothing, and asking again moves no clock."""
    sent: MatterSent = call.body
    agents.seen(call.engine, call.borrower, traces_of(sent.traces))
    found = matters.open_matter(
        call.engine, call.borrower,
        Ask(way=sent.way, cause=sent.cause, decision=sent.decision, record=sent.record,
            text=sent.text),
    )  # fmt: skip
    return told(call, found)


def page(call: Call) -> MattersAnswer:
    """Return a borrower's matters, oldest first."""
    query: PageQuery = call.query
    items, after = query.cut(matters.of_borrower(call.engine, call.borrower))
    return MattersAnswer(items=tuple(told(call, one) for one in items), next=after)


def one(call: Call) -> MatterTold:
    """Return a matter with what was said in it."""
    found = matters.read(call.engine, call.borrower, call.names["matter"])
    may = () if call.own else matter_answer.may_clear(call.engine, found.row)
    return told(call, found, may)


def withdraw(call: Call) -> MatterTold:
    """End a matter at the borrower's wish."""
    return told(call, matters.withdraw(call.engine, call.borrower, call.names["matter"]))


def take(call: Call) -> MatterTold:
    """Take a matter in hand; nobody else answers it meanwhile."""
    found = matter_answer.take(call.engine, call.borrower, call.names["matter"], by=call.by)
    return told(call, found, matter_answer.may_clear(call.engine, found.row))


def answer(call: Call) -> MatterTold:
    """Answer a matter in writing; what a program decided is judged by an approver."""
    sent: AnswerSent = call.body
    ident = call.names["matter"]
    if matters.read(call.engine, call.borrower, ident).row.way in matter_answer.DECIDING:
        call.need("matter.judge")
    said = matter_answer.Answer(sent.result, sent.note, sent.cleared)
    return told(call, matter_answer.answer(call.engine, call.borrower, ident, said, by=call.by))


def queue(call: Call) -> MattersAnswer:
    """Return what waits for an answer: what is late first, then by the day of the answer."""
    query: QueueQuery = call.query
    after = None if query.cursor is None else _place(query.cursor)
    rows = matters.queue(call.engine, query.way, after, query.limit + 1)
    page = rows[: query.limit]
    more = len(rows) > query.limit
    return MattersAnswer(
        items=tuple(told(call, Matter(row)) for row in page),
        next=_cursor(page[-1]) if more else None,
    )


def told(call: Call, found: Matter, may: tuple[str, ...] = ()) -> MatterTold:
    """Return a matter as its reader may see it."""
    row, opened, said = found.row, found.opened, found.answer
    zone, own = call.engine.policy.zone, call.own
    return MatterTold(
        id=row.id, borrower=row.borrower, way=row.way,
        cause=None if opened is None else opened.cause, status=_status(row), asked=row.asked,
        opened_at=Instant.of(row.opened_at, zone), answer_by=day_text(row.due_day), late=row.late,
        decision=row.decision, record=None if opened is None else opened.record,
        text="" if opened is None else opened.text,
        answered_at=Instant.maybe(row.closed_at, zone), result=row.result,
        note="" if said is None else said.note,
        decision_made=None if said is None else said.decision_id,
        taken_by=None if own else row.taken_by, clearable=may,
    )  # fmt: skip


def _status(row: MatterRow) -> Status:
    if row.open:
        return "open" if row.taken_by is None else "taken"
    return (
        "withdrawn"
        if row.result == "withdrawn"
        else ("expired" if row.result == "expired" else "answered")
    )


def _cursor(row: MatterRow) -> str:
    place = msgspec.json.encode(_Place(row.priority, row.due_day, row.id))
    return base64.urlsafe_b64encode(place).decode()


def _place(text: str) -> tuple[int, int, str]:
    try:
        plain = base64.urlsafe_b64decode(text.encode())
        found = msgspec.json.decode(plain, type=_Place)
    except (binascii.Error, ValueError):
        raise bad_cursor() from None
    return found.priority, found.due_day, found.id
