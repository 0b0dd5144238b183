"""Help for a borrower in difficulty: the menu at once, a person's answer within working days."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.resources.money import read_day
from xindeng.api.resources.sessions import Done
from xindeng.api.resources.wishes import LangQuery
from xindeng.api.route import Call
from xindeng.api.shapes import Date, Name, Sent, day_text
from xindeng.service import hardship
from xindeng.servicing.hardship import Causes, Option, Result, Wish


class HardshipSent(Sent):
    """Why help is asked for and which is wished; asking costs no points and no fee."""

    cause: Causes = "other"
    wish: Wish = "advice"


class MenuAnswer(Struct, frozen=True, kw_only=True):
    """The menu; a person answers by the end of the day `answer_by`."""

    answer_by: str
    lines: tuple[str, ...]
    options: tuple[Option, ...]


class HardshipAnswerSent(Sent):
    """A person's answer. A deferral or restructuring names its loan and the first due day."""

    result: Result
    note: Annotated[str, Meta(max_length=500)] = ""
    loan: Name | None = None
    first_due_on: Date | None = None
    months: Annotated[int, Meta(ge=1, le=600)] | None = None
    rate_ppm: Annotated[int, Meta(ge=0)] | None = None


def ask(call: Call) -> MenuAnswer:
    """Store a request for help and return the menu."""
    sent: HardshipSent = call.body
    query: LangQuery = call.query
    menu = hardship.ask(call.engine, call.borrower, cause=sent.cause, wish=sent.wish)
    return MenuAnswer(
        answer_by=day_text(menu.answer_by),
        lines=tuple(menu.lines(query.lang)),
        options=menu.options,
    )


def answer(call: Call) -> Done:
    """Store a person's answer and do what it says, in one transaction."""
    sent: HardshipAnswerSent = call.body
    first = sent.first_due_on
    hardship.answer(
        call.engine, call.borrower, result=sent.result, by=call.by, note=sent.note,
        loan=sent.loan, months=sent.months, rate_ppm=sent.rate_ppm, key=call.key,
        first_due_day=None if first is None else read_day(first, "body.first_due_on"),
    )  # fmt: skip
    return Done()
