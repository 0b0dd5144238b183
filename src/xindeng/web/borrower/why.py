"""Why: what stands in the way, ranked, whose doing it is, what helps, and the ways to object."""

from __future__ import annotations

from typing import Any

from xindeng.decision.answer import Outcome
from xindeng.decision.explanation import Explanation
from xindeng.decision.words import WHOSE
from xindeng.service import decisions, disburse, hardship
from xindeng.service import line as lines
from xindeng.service.explain import explain
from xindeng.service.product import offer_lasts
from xindeng.store.decisions import StoredDecision
from xindeng.web.borrower.frame import shown
from xindeng.web.borrower.home import looked_at, told_now
from xindeng.web.route import Shown, Visit


def why(visit: Visit) -> Shown:
    """Explain the last refusal; where there is none, or where asked, how the line stands now."""
    found, _ = decisions.page(visit.engine, visit.borrower, below=None, count=1)
    refused = bool(found) and found[0].decision.outcome is not Outcome.APPROVE
    view = lines.show(visit.engine, visit.borrower, veil=True)
    if refused and visit.query.get("now") != "1":
        return _of(visit, found[0], "/me/why", **looked_at(visit, view))
    told = told_now(visit, view, lines.waiting(visit.engine, view))
    return shown(visit, "/me/why", **_words(visit, told), stored=None,
                 **looked_at(visit, view), offer_until=None, decision="", now=True,
                 refused=refused, borrowable=view.numbers.borrowable)  # fmt: skip


def one(visit: Visit) -> Shown:
    """Explain a decision of the borrower; somebody else's is not there."""
    found = decisions.read(visit.engine, visit.borrower, visit.names["decision"])
    return _of(visit, found, "/me/history", review="", matter=None)


def _of(visit: Visit, stored: StoredDecision, here: str, **ahead: Any) -> Shown:
    engine, made = visit.engine, stored.decision
    told = explain(engine, stored.id, audience="borrower", lang=visit.lang)
    ends = made.now + offer_lasts(engine, made.now) if made.amount_offered else None
    usable = (
        ends is not None and engine.clock() < ends
        and disburse.drawn_on(engine, visit.borrower, stored.id) is None
    )  # fmt: skip
    return shown(visit, here, **_words(visit, told), stored=stored, decision=stored.id,
                 offer_until=ends if usable else None, now=False, **ahead)  # fmt: skip


def _words(visit: Visit, told: Explanation) -> dict[str, Any]:
    kinds = {text: kind for kind, text in WHOSE[visit.lang].items()}
    gates = [row for row in told.reasons if row.gate]
    return {
        "told": told,
        "asked": hardship.waiting(visit.engine, visit.borrower),
        "veiled": told.veiled,
        "kinds": kinds,
        "ours": bool(gates) and all(kinds.get(row.whose) == "platform" for row in gates),
        "others": [row for row in told.lights if row.light.value not in ("green", "no_data")],
    }
