"""What the records of a borrower say of their debts and of other ways to have the money.

The same sections as of a check-up of papers, from the events that are stored here; it only reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final

from xindeng.decision.request import Request
from xindeng.decision.words import SOURCES, Language
from xindeng.repair.alternatives.offers import Reference
from xindeng.repair.checkup.blocks import Section
from xindeng.repair.checkup.checkup import check_up
from xindeng.repair.checkup.debts import debt_section, ways_of
from xindeng.repair.checkup.others import alternatives, fund
from xindeng.repair.checkup.papers import Papers
from xindeng.repair.checkup.say import Say
from xindeng.repair.checkup.together import Together
from xindeng.repair.debt import Debt
from xindeng.service.alternatives import load_alternatives
from xindeng.service.engine import Engine
from xindeng.service.plan import facts
from xindeng.store import borrowers

_REPORTED: Final = "credit_report "
"""How the source of a debt begins that a credit report told."""


@cache
def _reference() -> Reference:
    """Return the shipped offers, read once."""
    return load_alternatives()


@dataclass(frozen=True, slots=True)
class OwnWays:
    """The debts and ways to pay them; other offers, None without income; a fund of one's own."""

    debts: Section
    others: Section | None
    fund: Section


def own_ways(engine: Engine, borrower: str, request: Request, lang: Language) -> OwnWays:
    """Return the sections for a borrower who has `request` in mind.

    Raises NotFoundError, ErasedError, ConflictError under a policy of another currency.
    """
    policy = engine.policy
    with engine.store.snapshot() as conn:
        known = facts(engine, conn, borrowers.read(conn, engine.store.keys, borrower))
    told = {event.type for event in known.events}
    found = check_up(policy, known.dossier, known.now, told=told, request=request)
    say = Say(policy, lang, known.now, Papers(places=_places(known.dossier.debts, lang)))
    reference = _reference()
    ways = ways_of(found, reference, say)
    lasts = [way.course.months for way in ways.ways if way.course.months] if ways else []
    return OwnWays(
        debt_section(found, Together(known.dossier.debts, ()), ways, reference, say),
        alternatives(found, reference, say),
        fund(found, reference, say, min(lasts, default=None), known.events),
    )


def _places(debts: Iterable[Debt], lang: Language) -> dict[str, str]:
    """Return where each debt is known from, in a borrower's words instead of the record's id."""
    words = SOURCES[lang]
    return {
        debt.source: words["credit_history" if debt.source.startswith(_REPORTED) else "financial"]
        for debt in debts
    }
