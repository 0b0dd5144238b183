"""What waits for a person: the queue with its clocks, one matter, taking it, answering it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal, get_args

from msgspec import Meta, Struct

from xindeng.access.permit import permit
from xindeng.events.matters import Way
from xindeng.service import decisions, matter_answer, matters, tasks
from xindeng.service.explain import in_a_line
from xindeng.servicing import line_words
from xindeng.servicing.matters import CLOCKS, figure
from xindeng.store.matters import MatterRow
from xindeng.web.desk import by, shown, today
from xindeng.web.route import Go, Shown, Visit
from xindeng.web.support.search import path_of

PAGE: Final = 100
WAYS: Final[tuple[Way, ...]] = get_args(Way)


class TakeForm(Struct):
    """Taking a matter in hand takes nothing but the press of a button."""


class AnswerForm(Struct):
    """The answer in writing, which the borrower reads, and the rules that are let pass."""

    result: Literal["upheld", "changed"]
    note: Annotated[str, Meta(min_length=1, max_length=500)]
    cleared: str | list[str] = []


def queue(visit: Visit) -> Shown:
    """Show what waits: what is late first, then by the day of the answer."""
    asked = visit.query.get("way", "")
    way: Way | None = next((one for one in WAYS if one == asked), None)
    rows = matters.queue(visit.engine, way, None, PAGE + 1)
    return shown(
        visit, "/desk/queue", rows=[_row(visit, one) for one in rows[:PAGE]],
        more=len(rows) > PAGE, way=way, ways=WAYS, me=by(visit), today=today(visit),
        tasks=tasks.waiting(visit.engine, PAGE) if way is None else [], word=task_word(visit),
    )  # fmt: skip


def find_task(visit: Visit) -> Go:
    """Go to the page of whom a task is about."""
    return Go(path_of(tasks.owner(visit.engine, visit.names["task"])))


def task_word(visit: Visit) -> Callable[[str], str]:
    """Return what tells a kind of task in the visitor's words."""
    return lambda kind: line_words.word(line_words.TASKS, kind, visit.lang)


def find_matter(visit: Visit) -> Go:
    """Go to a matter of the queue, whose list does not name whose it is."""
    ident = visit.names["matter"]
    return Go(f"{path_of(matters.owner(visit.engine, ident))}/matters/{ident}")


def matter(visit: Visit) -> Shown:
    """Show a matter: what was said, what it is about, its clock, and how to answer it."""
    found = matters.read(visit.engine, visit.borrower, visit.names["matter"])
    row, stored = found.row, None
    if row.decision is not None:
        stored = decisions.read(visit.engine, visit.borrower, row.decision)
    return shown(
        visit, "/desk/queue",
        found=found,
        borrower=visit.borrower,
        stored=stored,
        outcome=None if stored is None else in_a_line(visit.engine, [stored], visit.lang)[0].text,
        clearable=matter_answer.may_clear(visit.engine, row) if row.open else (),
        may_answer=may_answer(visit, row),
        mine=row.taken_by == by(visit),
        **_row(visit, row),
    )  # fmt: skip


def take(visit: Visit) -> Go:
    """Take a matter in hand; nobody else answers it meanwhile."""
    matter_answer.take(visit.engine, visit.borrower, visit.names["matter"], by=by(visit))
    return Go(f"{path_of(visit.borrower)}/matters/{visit.names['matter']}")


def answer(visit: Visit) -> Go:
    """Answer a matter in writing; what a program decided is judged by whoever may."""
    sent: AnswerForm = visit.form
    ident = visit.names["matter"]
    if matters.read(visit.engine, visit.borrower, ident).row.way in matter_answer.DECIDING:
        permit(visit.caller, "matter.judge", visit.borrower)
    cleared = (sent.cleared,) if isinstance(sent.cleared, str) else tuple(sent.cleared)
    said = matter_answer.Answer(sent.result, sent.note, cleared)
    matter_answer.answer(visit.engine, visit.borrower, ident, said, by=by(visit))
    return Go(f"{path_of(visit.borrower)}/matters/{ident}")


def may_answer(visit: Visit, row: MatterRow) -> bool:
    """Say whether the visitor may answer a matter once it is in their hand."""
    return visit.may("matter.judge" if row.way in matter_answer.DECIDING else "matter.answer")


def _row(visit: Visit, row: MatterRow) -> dict[str, Any]:
    """Return a matter with its clock: days left, and how much of the term is over (0 to 100)."""
    now, policy = today(visit), visit.engine.policy
    opened = policy.zone.day(row.opened_at)
    term = max(row.due_day - opened, 1)
    over = min(max(now - opened, 0), term)
    return {
        "row": row, "left": row.due_day - now, "over": round(100 * over / term),
        "term": term, "clock": figure(policy, CLOCKS[row.way], opened),
    }  # fmt: skip
