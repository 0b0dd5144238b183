"""How much would pass in the months ahead if nothing were done; it leaves no mark."""

from __future__ import annotations

from xindeng.decision.facts import facts_of
from xindeng.decision.pricing import priced
from xindeng.decision.request import Request
from xindeng.repair.plans.case import case_of
from xindeng.repair.plans.months import frontier_by_month
from xindeng.repair.plans.plan import MonthFrontier
from xindeng.service.engine import Engine
from xindeng.service.plan import facts
from xindeng.store import borrowers


def by_month(engine: Engine, borrower: str, request: Request) -> tuple[MonthFrontier, ...]:
    """Return the largest amounts today and each thirty days after it, up to half a year.

    Raises NotFoundError, ErasedError, ConflictError under a policy of another currency.
    """
    with engine.store.snapshot() as conn:
        known = facts(engine, conn, borrowers.read(conn, engine.store.keys, borrower))
    policy, state, platform = engine.policy, known.dossier.state, known.dossier.platform
    asked = priced(
        policy, request, known.now, lambda: facts_of(policy.kernel, state, platform, known.now)
    )
    case = case_of(policy, known.dossier, asked, known.now)
    return frontier_by_month(case, None)
