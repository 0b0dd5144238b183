"""The small things that support does for somebody: each once, each kept under who did it.

None of them lifts anything: what support asks for, somebody else judges.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.api.resources.money import read_day
from xindeng.kernel.errors import InputError
from xindeng.kernel.money import Money
from xindeng.service import hardship, holds, matters, proposals
from xindeng.service.changes import ReleaseHold
from xindeng.service.matters import Ask
from xindeng.servicing.hardship import Causes, Result, Wish
from xindeng.web.desk import by
from xindeng.web.matter_form import MatterForm
from xindeng.web.route import Go, Shown, Visit
from xindeng.web.support.person import page
from xindeng.web.support.search import path_of

Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class EarlyForm(Struct):
    """Why a hold should be looked at before its day."""

    why: Reason


class HelpForm(Struct):
    """Why help is needed, and which is wished for."""

    cause: Causes = "other"
    wish: Wish = "advice"


class HelpAnswerForm(Struct):
    """A person's answer to a request for help; what it changes names its loan and first day."""

    result: Result
    note: Annotated[str, Meta(max_length=500)] = ""
    loan: Annotated[str, Meta(max_length=64)] | None = None
    first_due_on: Annotated[str, Meta(max_length=10)] | None = None
    months: Annotated[int, Meta(ge=1, le=600)] | None = None


class HoldForm(Struct):
    """A hold as the policy allows for its kind; its own length where none is given."""

    kind: Annotated[str, Meta(max_length=60)]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]
    mode: Literal["monitor", "cap", "block"] = "block"
    days: Annotated[int, Meta(ge=1, le=3_660)] | None = None
    cap: Annotated[str, Meta(max_length=20)] = ""
    note: Annotated[str, Meta(max_length=500)] = ""


class LongerForm(Struct):
    """Some more days for a hold, on evidence that is new."""

    days: Annotated[int, Meta(ge=1, le=3_660)]
    evidence: Reason


class PressForm(Struct):
    """The press of a button."""


def open_matter(visit: Visit) -> Go:
    """Put a matter before a person at the borrower's wish; the same again is the open one."""
    sent: MatterForm = visit.form
    wish = Ask(way=sent.way, cause=sent.cause, record=sent.record, text=sent.text,
               decision=sent.decision if sent.way in ("review", "appeal") else None)  # fmt: skip
    found = matters.open_matter(visit.engine, visit.borrower, wish)
    return Go(f"{path_of(visit.borrower)}/matters/{found.row.id}")


def ask_early(visit: Visit) -> Go:
    """Ask that a hold end before its day: another person judges that."""
    change = ReleaseHold(borrower=visit.borrower, hold=visit.names["hold"])
    waiting = proposals.listed(visit.engine, waiting=True)
    if all(one.change != change for one in waiting):
        proposals.propose(visit.engine, change, why=visit.form.why, by=by(visit))
    return Go(f"{path_of(visit.borrower)}?done=early")


def place_hold(visit: Visit) -> Go:
    """Place a hold; the customer is told, and repayments go on as ever."""
    sent: HoldForm = visit.form
    cap = _amount(sent.cap, visit.engine.policy.currency) if sent.cap.strip() else None
    holds.place(visit.engine, visit.borrower, sent.kind, reason=sent.reason, by=by(visit),
                mode=sent.mode, days=sent.days, cap=cap, note=sent.note)  # fmt: skip
    return Go(f"{path_of(visit.borrower)}?done=placed")


def _amount(text: str, currency: str) -> int:
    try:
        return Money.parse(text, currency).minor
    except InputError as error:
        raise InputError(error.what, where="form.cap", code="request.amount") from error


def extend_hold(visit: Visit) -> Go:
    """Let a hold last longer on new evidence, within the policy's caps; the customer is told."""
    sent: LongerForm = visit.form
    holds.extend(visit.engine, visit.borrower, visit.names["hold"], days=sent.days,
                 evidence=sent.evidence, by=by(visit))  # fmt: skip
    return Go(f"{path_of(visit.borrower)}?done=extended")


def lock(visit: Visit) -> Go:
    """Lock the line at the borrower's wish, at once."""
    holds.lock(visit.engine, visit.borrower)
    return Go(f"{path_of(visit.borrower)}?done=lock")


def answer_help(visit: Visit) -> Go:
    """Answer a request for help and do what the answer says; the task is done with it."""
    sent: HelpAnswerForm = visit.form
    first = sent.first_due_on
    hardship.answer(
        visit.engine, visit.borrower, result=sent.result, by=by(visit), note=sent.note,
        loan=sent.loan, months=sent.months, key=visit.key,
        first_due_day=None if first is None else read_day(first, "form.first_due_on"),
    )  # fmt: skip
    return Go(f"{path_of(visit.borrower)}?done=answered")


def ask_help(visit: Visit) -> Shown:
    """Store a request for help and show the menu, to be read out; asking again keeps its day."""
    sent: HelpForm = visit.form
    menu = hardship.ask(visit.engine, visit.borrower, cause=sent.cause, wish=sent.wish)
    return page(visit, menu=menu.lines(visit.lang), done="help")
