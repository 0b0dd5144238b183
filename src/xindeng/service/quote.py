"""What a draw costs, before it is confirmed: the sheet of an approval, held against the caps."""

from __future__ import annotations

from typing import Final

from xindeng.lending.caps import Cap
from xindeng.lending.terms import read_terms
from xindeng.policy.policy import Policy
from xindeng.service.books import terms_of
from xindeng.service.engine import Engine
from xindeng.service.reserve import offer
from xindeng.servicing.cost_sheet import CostSheet, cost_sheet
from xindeng.store.decisions import StoredDecision

OWN_FUNDS: Final = "own funds"
"""Who lends where no partner lender does."""

CAP: Final = "max_annual_rate_bp"
"""The policy's cap on the simple yearly rate of what a draw costs if all goes well."""


def quote(engine: Engine, borrower: str, decision_id: str, *, lender: str = OWN_FUNDS) -> CostSheet:
    """Return the cost sheet of an approval, or of the smaller amount that was offered.

    Raises as `offer` does, and InputError for a price above a cap in force today.
    """
    return sheet_of(engine, offer(engine, borrower, decision_id), lender=lender)


def sheet_of(engine: Engine, stored: StoredDecision, *, lender: str) -> CostSheet:
    """Return the cost sheet of a stored approval if it is paid out today."""
    today = engine.policy.zone.day(engine.clock())
    terms = read_terms(terms_of(engine, stored.request))
    amount = stored.decision.amount_offered or 0
    caps = caps_on(engine.policy, today)
    return cost_sheet(terms, amount, today, lender=lender, caps=caps)


def caps_on(policy: Policy, day: int) -> tuple[Cap, ...]:
    """Return the caps that the policy's dated parameters name for a local day."""
    if CAP not in policy.parameter_names:
        return ()
    spec = policy.parameter_spec(CAP)
    rate = policy.parameter(CAP, day)
    assert type(rate) is int
    return (Cap(CAP, rate * 100, "simple", spec.source_on(day), since=day),)
