"""Asking for a person, 申诉, 异议, 投诉: four ways with their clocks, opened and withdrawn."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from xindeng.events.matters import MatterCause, Way
from xindeng.kernel.errors import ConflictError, InputError
from xindeng.service import agents, matters
from xindeng.service.matters import Ask
from xindeng.servicing.matters import CLOCKS, figure
from xindeng.web.borrower.frame import shown
from xindeng.web.matter_form import MatterForm
from xindeng.web.route import Go, Shown, Visit

WAYS: Final[tuple[Way, ...]] = ("review", "appeal", "dispute", "complaint")
CAUSES: Final[dict[Way, tuple[MatterCause, ...]]] = {
    "review": ("facts_wrong", "changed_since", "not_understood", "other"),
    "appeal": ("facts_wrong", "changed_since", "not_me", "other"),
    "dispute": ("record_wrong", "not_me", "other"),
    "complaint": ("conduct", "fees", "disclosure", "other"),
}


class WithdrawForm(Struct):
    """The press of the button that ends a matter."""


def page(visit: Visit) -> Shown:
    """Show what was put before a person, and the four ways to do so."""
    return _page(visit)


def _page(visit: Visit, problem: str = "", status: int = 200) -> Shown:
    found = matters.of_borrower(visit.engine, visit.borrower)
    return shown(visit, "/me/matters", "borrower/matters.html", status, problem=problem,
                 found=list(reversed(found)), days=_days(visit))  # fmt: skip


def new(visit: Visit) -> Shown:
    """Show the form of one way; of none of the four, say so and show which there are."""
    asked = visit.query.get("way", "review")
    way = next((one for one in WAYS if one == asked), None)
    if way is None:
        return _page(visit, visit.say("There is no such way; these are the four there are."), 404)
    return _form(visit, MatterForm(way=way, decision=visit.query.get("decision", "")[:64]))


def _form(visit: Visit, sent: MatterForm, problem: str = "") -> Shown:
    return shown(
        visit, "/me/matters", "borrower/matter.html", 422 if problem else 200, sent=sent,
        problem=problem, causes=CAUSES[sent.way], days=_days(visit),
    )  # fmt: skip


def ask(visit: Visit) -> Go | Shown:
    """Put a matter before a person; the same again is the one that is open."""
    sent: MatterForm = visit.form
    wish = Ask(way=sent.way, cause=sent.cause, decision=sent.decision or None,
               record=sent.record, text=sent.text)  # fmt: skip
    try:
        agents.seen(visit.engine, visit.borrower, {})
        matters.open_matter(visit.engine, visit.borrower, wish)
    except InputError:
        if sent.way == "dispute":
            return _form(visit, sent, visit.say("Please name the record that is wrong."))
        return _form(visit, sent, visit.say("There is no decision yet to be looked at."))
    except ConflictError:
        said = visit.say("A review of another decision is waiting for its answer already.")
        return _form(visit, sent, said)
    return Go("/me/matters")


def withdraw(visit: Visit) -> Go:
    """End a matter at the borrower's wish."""
    matters.withdraw(visit.engine, visit.borrower, visit.names["matter"])
    return Go("/me/matters")


def _days(visit: Visit) -> dict[str, tuple[int, bool]]:
    policy = visit.engine.policy
    today = policy.zone.day(visit.engine.clock())
    return {way: (figure(policy, CLOCKS[way], today), CLOCKS[way].working) for way in WAYS}
