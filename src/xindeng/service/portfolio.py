"""The risk desk's figures: funnel, lights by area, loans by how late and by month, from counts of
the store."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from xindeng.decision.board import board_of
from xindeng.decision.lights import lights_of
from xindeng.service.engine import Engine
from xindeng.store import decisions, portfolio
from xindeng.store.portfolio import LoanGroup, Vintage

MOST_MONTHS = 24
"""Of how many months of lending the loans are told apart."""


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The local days `first` to `last`: confirmed draws by state, and of each area how many
    decisions gave it which light (stance and consents aside); loans as they stand now, by how late
    they are and by the month in which they were made, newest first."""

    first: int
    last: int
    draws: dict[str, int]
    lights: dict[str, Counter[str]]
    loans: dict[str, LoanGroup]
    vintages: list[Vintage]


def portfolio_of(engine: Engine, first: int, last: int) -> Portfolio:
    """Return the figures of a span of local days."""
    zone = engine.policy.zone
    since, until = zone.midnight(first), zone.midnight(last + 1)
    with engine.store.snapshot() as conn:
        groups = decisions.grouped(conn, since, until)
        policies = {one.policy_hash: engine.policy_of(conn, one.policy_hash) for one in groups}
        draws = portfolio.draws(conn, since, until)
        loans = {one.standing: one for one in portfolio.loans(conn)}
        vintages = portfolio.vintages(conn, MOST_MONTHS)
    lights: dict[str, Counter[str]] = {area: Counter() for area in engine.policy.areas}
    for one in groups:
        board = board_of(policies[one.policy_hash])
        for area, light in lights_of(board, one.fired, one.missing, 0).items():
            lights.setdefault(area, Counter())[light.value] += one.count
    return Portfolio(first, last, draws, lights, loans, vintages)
