"""My data: what is used for what and on which ground, and a lock on one's own line."""

from __future__ import annotations

from typing import Final, get_args

from msgspec import Struct

from xindeng.decision.words import SOURCES
from xindeng.events.life import ConsentCategory
from xindeng.kernel.errors import ConflictError, ForbiddenError
from xindeng.service import consents, export, holds
from xindeng.service import line as lines
from xindeng.web.borrower.frame import shown
from xindeng.web.route import File, Go, Shown, Visit

_LOCK: Final = "own_lock"
WORDS: Final = "pages-2026-11"
"""The version of the words under which a consent is given or withdrawn on this page."""


class ConsentForm(Struct):
    """A consent to one category, given or withdrawn."""

    category: ConsentCategory
    granted: bool


class PressForm(Struct):
    """The press of a button."""


def page(visit: Visit) -> Shown:
    """Show what is used, and whether the line is locked."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", status: int = 200) -> Shown:
    view = lines.show(visit.engine, visit.borrower, veil=True)
    locked = next((one for one in view.holds if one.kind == _LOCK), None)
    register = consents.register(visit.engine, visit.borrower)
    last = {one.category: one for one in register}
    return shown(
        visit, "/me/data", "borrower/data.html", status, locked=locked, problem=problem,
        used=_used(visit),
        categories=[(name, last.get(name)) for name in get_args(ConsentCategory)],
    )  # fmt: skip


def consent(visit: Visit) -> Go:
    """Give or withdraw a consent, from now on."""
    sent: ConsentForm = visit.form
    consents.tell(visit.engine, visit.borrower, sent.category, granted=sent.granted,
                  version=WORDS)  # fmt: skip
    return Go("/me/data#consents")


def download(visit: Visit) -> File:
    """Hand over all that is stored of the borrower."""
    found = export.export(visit.engine, visit.borrower)
    return File(export.as_zip(found), "application/zip", "xindeng-my-data.zip")


def lock(visit: Visit) -> Go:
    """Lock draws at once; repayments go on."""
    holds.lock(visit.engine, visit.borrower)
    return Go("/me/data")


def unlock(visit: Visit) -> Go | Shown:
    """Ask for the lock to go off; it needs a fresh check of the face, and then a wait."""
    try:
        holds.ask_unlock(visit.engine, visit.borrower)
    except ForbiddenError:
        said = visit.say("To unlock, first pass the face check in your lender's app again; after "
                         "a change of device or password some time must pass.")  # fmt: skip
        return _page(visit, said, 403)
    except ConflictError:
        return _page(visit)
    return Go("/me/data")


def _used(visit: Visit) -> list[tuple[str, list[str], list[str]]]:
    """Return (category, purposes, grounds) of every kind of data that a rule in force reads."""
    words = SOURCES[visit.lang]
    found: dict[str, tuple[set[str], set[str]]] = {}
    for rule in visit.engine.policy.rules:
        purposes, grounds = found.setdefault(rule.data.category, (set(), set()))
        purposes.add(rule.data.purpose)
        grounds.add(rule.data.consent)
    return [
        (words.get(category, category), sorted(purposes), sorted(grounds))
        for category, (purposes, grounds) in sorted(found.items())
        if category not in ("platform", "request")
    ]
