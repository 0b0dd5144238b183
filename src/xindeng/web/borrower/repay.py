"""Repay: what falls due when, what ending a loan today would save, what was paid."""

from __future__ import annotations

from xindeng.service.schedule import schedules
from xindeng.servicing.line_words import LOAN_STATES
from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit


def page(visit: Visit) -> Shown:
    """Show every loan with its schedule."""
    found = schedules(visit.engine, visit.borrower)
    states = {name: words.by(visit.lang) for name, words in LOAN_STATES.items()}
    return shown(
        visit, "/me/repay", open=[one for one in found if one.standing.status == "open"],
        closed=[one for one in found if one.standing.status != "open"], states=states,
    )  # fmt: skip
