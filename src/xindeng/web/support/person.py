"""One page of a borrower that answers why, what next and when, in words that may be said."""

from __future__ import annotations

from typing import Any

from xindeng.decision.answer import Outcome
from xindeng.decision.explain import explain as explain_now
from xindeng.decision.explanation import Explanation
from xindeng.service import decisions, matters
from xindeng.service import line as lines
from xindeng.service.explain import explanations, in_a_line
from xindeng.service.line import LineView
from xindeng.servicing import line_words
from xindeng.store.decisions import StoredDecision
from xindeng.web.desk import shown, today
from xindeng.web.route import Shown, Visit
from xindeng.web.support.say import answers

RECENT = 5


def person(visit: Visit) -> Shown:
    """Show how somebody stands, and what may be said to them."""
    return page(visit)


def page(visit: Visit, status: int = 200, **more: Any) -> Shown:
    """Return the page, with what has just been done where something was."""
    engine, borrower = visit.engine, visit.borrower
    view = lines.show(engine, borrower)
    recent, _ = decisions.page(engine, borrower, below=None, count=RECENT)
    refused = [one for one in recent[:1] if one.decision.outcome is not Outcome.APPROVE]
    told, inside = _told(visit, view, refused[0] if refused else None)
    what = {
        "borrower": borrower,
        "view": view,
        "numbers": view.numbers,
        "stored": refused[0] if refused else None,
        "told": told,
        "inside": inside,
        "veiled": told.veiled,
        "said": answers(visit, told, bool(refused) or _stopped(view), view.hold_review),
        "recent": in_a_line(engine, recent, visit.lang),
        "open": [one for one in _matters(visit) if one.row.open],
        "kinds": engine.policy.line.kinds,
        # The borrower's own lock is theirs alone, and a claim of identity theft is theirs to make.
        "placeable": {
            name: kind
            for name, kind in engine.policy.line.kinds.items()
            if name not in ("own_lock", "identity_theft")
        },
        "today": today(visit),
        "menu": None,
        "done": visit.query.get("done", ""),
        "word": lambda group, name: line_words.word(getattr(line_words, group), name, visit.lang),
    }
    return shown(visit, "/desk", "support/person.html", status, **{**what, **more})


def one_decision(visit: Visit) -> Shown:
    """Show one decision: what may be said, what is for staff, and all of it to whoever may."""
    stored = decisions.read(visit.engine, visit.borrower, visit.names["decision"])
    every = ("borrower", "support", *(("auditor",) if visit.may("explanation.auditor") else ()))
    told, inside, *audited = explanations(visit.engine, stored.id, every, visit.lang)
    audit = audited[0].audit if audited else None
    return shown(
        visit, "/desk", borrower=visit.borrower, stored=stored, told=told, inside=inside,
        audit=audit, said=answers(visit, told, stored.decision.outcome is not Outcome.APPROVE),
    )  # fmt: skip


def _told(
    visit: Visit, view: LineView, stored: StoredDecision | None
) -> tuple[Explanation, Explanation]:
    """Return what the borrower and what support is told of the last refusal, else of now."""
    if stored is not None:
        told, inside = explanations(visit.engine, stored.id, ("borrower", "support"), visit.lang)
        return told, inside
    told, inside = (
        explain_now(visit.engine.policy, view.decision, audience=audience, lang=visit.lang,
                    as_of=view.as_of)
        for audience in ("borrower", "support")
    )  # fmt: skip
    return told, inside


def _stopped(view: LineView) -> bool:
    return view.decision.outcome is not Outcome.APPROVE


def _matters(visit: Visit) -> list[matters.Matter]:
    if not visit.may("matter.read"):
        return []
    return matters.of_borrower(visit.engine, visit.borrower)
