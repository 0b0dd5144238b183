"""Help for borrowers in difficulty: a menu when they ask, a person within three working days.

Asking costs no points and no fee. What an answer means for the loan is said before it is taken;
nobody is told to earn more or to borrow to repay.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from msgspec import Struct

from xindeng.events.life import HardshipRequest
from xindeng.events.line import HardshipResolved, Restructuring
from xindeng.kernel.errors import InputError
from xindeng.kernel.time import to_date
from xindeng.lending.calendar import months_after
from xindeng.servicing.hardship_clock import OpenRequest, answer_by
from xindeng.servicing.hardship_words import HARDSHIP_WORDS, OPTION_WORDS
from xindeng.servicing.hold_book import StandingHold
from xindeng.servicing.hold_words import LANGUAGES
from xindeng.servicing.holds import place
from xindeng.servicing.orders import Notice, Orders, Task
from xindeng.servicing.view import View

Wish = Literal["deferral", "restructuring", "collection_pause", "advice"]
Result = Literal["deferral", "restructuring", "collection_pause", "advice", "declined", "withdrawn"]
Causes = Literal["job_loss", "illness", "disaster", "family", "business", "other"]


class Option(Struct, frozen=True, kw_only=True):
    """One kind of help: what it is and what follows from it, by language."""

    kind: str
    texts: dict[str, str]


class HardshipMenu(Struct, frozen=True, kw_only=True):
    """The menu shown at once; a person answers by the end of local day `answer_by`."""

    options: tuple[Option, ...]
    answer_by: int
    orders: Orders

    def lines(self, language: str) -> list[str]:
        """Return the menu as lines of text."""
        head = [notice.texts[language] for notice in self.orders.notices]
        return [*head, *(option.texts[language] for option in self.options)]


class Observation(Struct, frozen=True, kw_only=True):
    """A period under observation: of draws (用信观察期) or after a restructuring (重组观察期).

    The two are never mixed: one pauses draws and may end early, the other is about the class of
    a loan and lasts at least a year. `until_day` is a local day.
    """

    kind: Literal["draws", "restructuring"]
    until_day: int
    texts: dict[str, str]


def ask(
    view: View, *, cause: Causes = "other", wish: Wish = "advice",
    waiting: OpenRequest | None = None,
) -> HardshipMenu:  # fmt: skip
    """Return the menu and the orders of a request for help; the wish stands first in it.

    Asking again while an earlier request is `waiting` keeps its day.
    """
    asked_at = view.now if waiting is None else waiting.asked_at
    day = answer_by(view.policy, asked_at, view.today)
    person = "person" if view.today <= day else "late"
    date = to_date(day).isoformat()
    order = sorted(_on_offer(view), key=lambda kind: kind != wish)
    texts = {
        language: _joined(
            [
                HARDSHIP_WORDS[language][part].format(day=date)
                for part in ("asked", person, "free", "no_new_debt", "scam")
            ],
            language,
        )
        for language in LANGUAGES
    }
    orders = Orders(
        payloads=(HardshipRequest(cause=cause, wish=wish),),
        notices=(Notice(kind="hardship_asked", texts=texts),),
        tasks=(Task(kind="hardship", subject=wish, due_day=day, note=cause),),
    )
    return HardshipMenu(
        options=tuple(_option(view, kind) for kind in order), answer_by=day, orders=orders
    )


def answer(
    view: View,
    *,
    result: Result,
    by: str,
    note: str = "",
    loan: str | None = None,
    first_due_day: int | None = None,
    hold: str | None = None,
) -> Orders:
    """Return the orders of a person's answer; the change of the loan itself is not among them.

    A restructuring names its `loan` and `first_due_day` and starts the watch; a collection pause
    needs a fresh id `hold`, and names a loan to pause that one alone. Raises InputError for what
    is missing, and for a refusal without a reason.
    """
    if result not in get_args(Result) or not by.strip():
        raise _wrong(f"an answer {result!r} by {by!r}", "name the kind of help and who answers")
    if result == "declined" and not note.strip():
        raise _wrong("declining help needs a reason", "say why, and what else can be done")
    orders = Orders()
    if result == "restructuring":
        if loan is None or first_due_day is None or first_due_day < view.today:
            raise _wrong(
                "a restructuring needs its loan and a first due day to come",
                "name both; the watch period is counted from that day",
            )
        watch = watch_until(view, first_due_day)
        orders += Orders(
            payloads=(Restructuring(loan=loan, first_due_day=first_due_day, watch_until=watch),)
        )
    if result == "collection_pause":
        if hold is None:
            raise _wrong("a collection pause is a hold and needs an id", "give a fresh id")
        orders += place(
            view, "manual", hold=hold, reason="HARDSHIP", by=by, note=note, mode="monitor",
            days=view.parameter("hardship_collection_pause_days"), loan=loan, collection=True,
        )  # fmt: skip
    texts = {}
    for language in LANGUAGES:
        words = HARDSHIP_WORDS[language]
        said = [words[f"result_{result}"]]
        if result == "restructuring" and first_due_day is not None:
            end = to_date(watch_until(view, first_due_day)).isoformat()
            said.append(words["watch"].format(day=end))
        if result == "declined":
            said += [words["because"].format(note=note.strip()), words["appeal"]]
        texts[language] = _joined([*said, words["no_points"], words["scam"]], language)
    payload = HardshipResolved(result=result, owner=by, note=note.strip()[:500])
    told = Orders(payloads=(payload,), notices=(Notice(kind="hardship_answered", texts=texts),))
    # The pause has its own place here; one letter tells of both.
    return Orders(payloads=orders.payloads) + told


def watch_until(view: View, first_due_day: int) -> int:
    """Return the last local day of the watch after a restructuring (重组观察期)."""
    return months_after(first_due_day, view.parameter("restructuring_watch_months"))


def observations(view: View, holds: Iterable[StandingHold]) -> tuple[Observation, ...]:
    """Return the periods of observation that run now, each under its own name."""
    found = []
    for hold in holds:
        if hold.pauses_draws and hold.kind != "own_lock":
            found.append(_observation(view, "draws", view.policy.zone.day(hold.review_at)))
    watch = view.value("watch_until")
    if isinstance(watch, int) and view.today <= watch:
        found.append(_observation(view, "restructuring", watch))
    return tuple(found)


def _observation(
    view: View, kind: Literal["draws", "restructuring"], until_day: int
) -> Observation:
    date = to_date(until_day).isoformat()
    texts = {
        language: HARDSHIP_WORDS[language][f"period_{kind}"].format(day=date)
        for language in LANGUAGES
    }
    return Observation(kind=kind, until_day=until_day, texts=texts)


def _on_offer(view: View) -> list[str]:
    owes = view.whole("exposure") > 0
    late = view.value("in_arrears") is True
    offered = {
        "deferral": owes, "restructuring": owes, "collection_pause": owes and late, "advice": True,
    }  # fmt: skip
    return [kind for kind, yes in offered.items() if yes]


def _option(view: View, kind: str) -> Option:
    slots = {
        "deferral_months": view.parameter("hardship_deferral_months_max"),
        "term_months": view.parameter("restructuring_term_months_max"),
        "watch_months": view.parameter("restructuring_watch_months"),
        "pause_days": view.parameter("hardship_collection_pause_days"),
    }
    texts = {language: OPTION_WORDS[language][kind].format(**slots) for language in LANGUAGES}
    return Option(kind=kind, texts=texts)


def _joined(parts: list[str], language: str) -> str:
    return ("" if language == "zh" else " ").join(parts)


def _wrong(what: str, next_step: str) -> InputError:
    return InputError(what, next_step=next_step, code="hardship.value")
