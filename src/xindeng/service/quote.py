"""What a draw costs, before it is confirmed: the sheet of an approval, held against the caps."""

from __future__ import annotations

from typing import Final

from xindeng.lending.terms import read_terms
from xindeng.service.books import terms_of
from xindeng.service.engine import Engine
from xindeng.service.reserve import offer
from xindeng.servicing.cost_sheet import CostSheet, cost_sheet
from xindeng.store.decisions import StoredDecision

OWN_FUNDS: Final = "own funds"
"""Who lends where no partner lender does."""


def quote(engine: Engine, borrower: str, decision_id: str, *, lender: str = OWN_FUNDS) -> CostSheet:
    """Return the cost sheet of an approval, or of the smaller amount that was offered.

    Raises as `offer` does, and InputError for a price above a cap in force today.
    """
    return sheet_of(engine, offer(engine, borrower, decision_id), lender=lender)


def sheet_of(engine: Engine, stored: StoredDecision, *, lender: str) -> CostSheet:
    """Return the cost sheet of a stored approval if it is paid out today."""
    policy = engine.policy
    today = policy.zone.day(engine.clock())
    terms = read_terms(terms_of_offer(engine, stored))
    return cost_sheet(
        terms, stored.decision.amount_offered or 0, today, lender=lender,
        caps=policy.products.caps_on(today), reading_seconds=policy.products.reading_seconds,
    )  # fmt: skip


def terms_of_offer(engine: Engine, stored: StoredDecision) -> bytes:
    """Return the encoded terms that were offered, of the policy version that decided."""
    made = stored.decision
    with engine.store.snapshot() as conn:
        policy = engine.policy_of(conn, made.policy_hash)
    return terms_of(policy, stored.request, policy.zone.day(made.now))
