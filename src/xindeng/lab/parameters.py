"""The numbers the simulated economy is made of: one dataclass, dated, each with its source.

Where a published figure is known it is cited; what is marked "choice" was set by hand so that the
population shows every trouble the engine must recognise, and claims nothing about the world.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final

ARCHETYPES: Final = (
    "all_green", "bad_record", "over_indebted", "many_lenders", "idle", "strange_inflow",
    "identity_incomplete", "account_theft", "over_spending", "flagged_contacts", "hammering",
    "zeroing", "thin_file", "student", "hardship", "fraud_ring", "mule",
)  # fmt: skip
"""Who lives here, by the trouble they have on the last day. A tightened platform has no archetype
of its own: it refuses people who are all green."""

OCCUPATIONS: Final = ("employed", "self_employed", "freelance", "student", "unemployed", "retired")
STABILITY: Final = ("steady", "bonus", "irregular", "none")


def _shares() -> dict[str, float]:
    return {
        "all_green": 0.52, "bad_record": 0.05, "over_indebted": 0.07, "many_lenders": 0.05,
        "idle": 0.03, "strange_inflow": 0.02, "identity_incomplete": 0.02, "account_theft": 0.02,
        "over_spending": 0.05, "flagged_contacts": 0.015, "hammering": 0.02, "zeroing": 0.015,
        "thin_file": 0.06, "student": 0.03, "hardship": 0.02, "fraud_ring": 0.005, "mule": 0.005,
    }  # fmt: skip


def _lender_rates() -> dict[str, tuple[int, int]]:
    return {
        "bank": (360, 860), "consumer_finance": (1000, 2380),
        "microlender": (1460, 2400), "platform": (720, 2160),
    }  # fmt: skip


def _spending() -> dict[str, float]:
    return {
        "groceries": 0.22, "dining": 0.20, "transport": 0.16, "shopping": 0.22,
        "entertainment": 0.10, "medical": 0.05, "education": 0.05,
    }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Economy:
    """Parameters of the simulation as of one date. Money in fen, shares of one.

    Incomes: log-normal around a median below the published mean wages, which are skewed upwards:
    average annual wage 2023 in urban units ¥120,698 (non-private) and ¥68,340 (private), National
    Bureau of Statistics of China, May 2024. Spending: the order of NBS 2023 consumption shares
    (food 29.8 %, residence 22.7 %, transport and communication 13.6 %, education and recreation
    10.8 %, health 9.2 %), residence apart because rent and utilities are paid separately.
    """

    as_of: date = date(2026, 11, 1)
    archetype_shares: dict[str, float] = field(default_factory=_shares)  # choice
    spending_shares: dict[str, float] = field(default_factory=_spending)
    income_median: int = 750_000
    income_sigma: float = 0.42  # choice; Gini near 0.23 within salaried people
    student_allowance_median: int = 180_000  # choice
    occupation_shares: tuple[float, ...] = (0.68, 0.10, 0.17, 0.0, 0.02, 0.03)
    """Employed, self-employed, freelance, student, unemployed, retired. NBS spoke of about 200
    million people in flexible work in 2021, over a quarter of the employed; surveyed urban
    unemployment was 5.1 % in 2024. Lines are granted to fewer of the unemployed (choice)."""
    bonus_share: float = 0.35  # choice: salaried people with a thirteenth month
    rent_share: tuple[float, float] = (0.12, 0.28)  # choice, of income
    living_share: tuple[float, float] = (0.25, 0.42)  # choice, of income
    green_burden: tuple[float, float] = (0.02, 0.22)  # choice: dues over income when all is well
    indebted_burden: tuple[float, float] = (0.52, 0.85)  # choice: above the 0.50 gate
    limit_incomes: float = 2.5  # choice: limit in monthly incomes
    limit_step: int = 50_000
    limit_bounds: tuple[int, int] = (200_000, 20_000_000)
    """A consumer line is capped at ¥200,000 (Interim Measures on Internet Loans, 2020, art. 6)."""
    drawn_before: float = 0.45  # choice: borrowers with an earlier draw still in the window
    lender_rates_bp: dict[str, tuple[int, int]] = field(default_factory=_lender_rates)
    """Simple yearly rates of loans elsewhere by kind of lender, within the 24 % cap (choice)."""
    card_rate_bp: int = 1825
    """0.05 % a day × 365: the ceiling of PBOC notice 2016-111 on cards, still customary (U)."""
    interest_only: float = 0.10  # choice: loans whose principal is due at the end
    line_rate_bp: int = 1460  # 0.04 % a day × 365
    least_events: int = 205  # choice: events of each borrower in twelve months
    logins_a_month: float = 5.0  # choice
    purchases_a_month: float = 7.0  # choice
    takeover_share: float = 0.008
    bust_out_share: float = 0.006
    first_party_share: float = 0.006
    """Of the all green: accounts taken over, lines emptied at once, loans never meant to be repaid
    (choices; no published share for such lines was found)."""
    lenders_in_town: int = 60
    merchants_in_town: int = 4_000
    employers_in_town: int = 600
    pd_intercept: float = -5.0
    """With `pd_weights` about 2 % of the all green and 8 % of all go bad (choice); for orientation,
    card debt 180 days overdue was 1.13 % of card balances at the end of 2023 (PBOC, payment
    system report, Q4 2023)."""
    pd_weights: tuple[float, float, float] = (3.0, 0.8, 0.5)  # burden, instability, hidden taste
