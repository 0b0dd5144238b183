"""A borrower's timeline: decisions, changes of the numbers with their cause, letters, matters.

Decisions and letters stand there as the borrower reads them; why the numbers changed is for staff,
and where some of it is withheld from the borrower the page says so.
"""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.kernel.time import DAY
from xindeng.service import decisions, matters
from xindeng.service import line as lines
from xindeng.service.explain import in_a_line
from xindeng.service.told import letters_to
from xindeng.servicing.history_words import history_lines
from xindeng.web.desk import shown
from xindeng.web.route import Shown, Visit

MOST = 120
RECENT = 30
"""Of how many days the changes of the numbers are told at first: each day is looked at anew."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened at an instant (µs): its kind, in a line, and more of it."""

    at: int
    kind: str
    text: str
    more: str = ""
    to: str = ""


def timeline(visit: Visit) -> Shown:
    """Show what happened, newest first, of one kind where that is asked for."""
    wanted, whole = visit.query.get("kind", ""), visit.query.get("all") == "1"
    changes, withheld = _changes(visit, whole=whole)
    found = [*_decisions(visit), *changes, *_letters(visit), *_matters(visit)]
    found = [one for one in found if wanted in ("", one.kind)]
    found.sort(key=lambda one: one.at, reverse=True)
    return shown(visit, "/desk", borrower=visit.borrower, entries=found[:MOST], wanted=wanted,
                 more=len(found) > MOST, whole=whole, recent=RECENT,
                 withheld=withheld and wanted in ("", "change"))  # fmt: skip


def _decisions(visit: Visit) -> list[Entry]:
    found, _ = decisions.page(visit.engine, visit.borrower, below=None, count=MOST)
    return [
        Entry(one.stored.decision.now, "decision", one.text, to=f"decisions/{one.stored.id}")
        for one in in_a_line(visit.engine, found, visit.lang)
    ]


def _changes(visit: Visit, *, whole: bool) -> tuple[list[Entry], bool]:
    """Return the changes with their causes, and whether some of that is withheld from the borrower,
    who is told then only that the account has to be verified."""
    since = None if whole else visit.engine.clock() - RECENT * DAY
    seen = lines.changes(visit.engine, visit.borrower, since=since)
    told = history_lines(visit.engine.policy, seen, visit.lang, audience="support")
    found = []
    for change, line in zip(seen, told, strict=True):
        _, _, rest = line.partition("  ")
        numbers, _, why = rest.rpartition("  ")
        found.append(Entry(change.at, "change", why, numbers))
    return found, any(change.told.borrowable is None for change in seen)


def _letters(visit: Visit) -> list[Entry]:
    return [Entry(one.made_at, "letter", one.texts.get(visit.lang, ""))
            for one in letters_to(visit.engine, visit.borrower)]  # fmt: skip


def _matters(visit: Visit) -> list[Entry]:
    if not visit.may("matter.read"):
        return []
    found = []
    for one in matters.of_borrower(visit.engine, visit.borrower):
        to = f"matters/{one.row.id}"
        text = one.opened.text if one.opened is not None else ""
        found.append(Entry(one.row.opened_at, "matter", "", text, to))
        if one.row.closed_at is not None and one.answer is not None:
            found.append(Entry(one.row.closed_at, "answer", "", one.answer.note, to))
    return found
