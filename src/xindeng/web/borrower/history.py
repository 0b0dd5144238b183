"""History: every decision, and every change of the three numbers with its cause, in words."""

from __future__ import annotations

from typing import Final

from xindeng.kernel.time import DAY
from xindeng.service import decisions, explain
from xindeng.service import line as lines
from xindeng.servicing.history_words import history_lines
from xindeng.web.borrower.frame import shown
from xindeng.web.route import Shown, Visit

MOST: Final = 20
RECENT: Final = 30
"""Of how many days the changes are told at first: each day is looked at anew."""
_LIGHTS: Final = {"approve": "green", "approve_less": "yellow", "review": "yellow",
                  "retry_later": "yellow", "decline": "red"}  # fmt: skip


def page(visit: Visit) -> Shown:
    """Show what happened, newest first; older decisions by the page."""
    engine = visit.engine
    start = visit.query.get("before", "")
    below = int(start) if start.isdigit() and len(start) < 16 else None
    found, more = decisions.page(engine, visit.borrower, below=below or None, count=MOST)
    told = [_told(line) for line in explain.in_a_line(engine, found, visit.lang)]
    changes, whole = [], visit.query.get("all") == "1"
    if below is None:
        since = None if whole else engine.clock() - RECENT * DAY
        seen = lines.changes(engine, visit.borrower, since=since)
        told_lines = history_lines(engine.policy, seen, visit.lang, audience="borrower")
        changes = [_parts(line) for line in reversed(told_lines)]
    return shown(visit, "/me/history", told=told, more=more, changes=changes, below=below,
                 whole=whole, recent=RECENT)  # fmt: skip


def _told(line: explain.Line) -> dict[str, object]:
    """Return a decision with its light: where it is veiled, that of the one safety row."""
    made = line.stored.decision
    return {
        "id": line.stored.id, "at": made.now, "text": line.text,
        "light": "red" if line.veiled else _LIGHTS[made.outcome.value],
        "ours": made.our_side and not line.veiled,
    }  # fmt: skip


def _parts(line: str) -> tuple[str, str, str]:
    """Return when, the three numbers, and why, of a line of the history."""
    at, _, rest = line.partition("  ")
    numbers, _, why = rest.rpartition("  ")
    return at, numbers, why
