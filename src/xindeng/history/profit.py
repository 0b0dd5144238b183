"""Profit of lending, by one formula, before and after the outcome is known.

    profit = interest + fees - funding - loss - fraud - data - funder - servicing - VAT - capital
    loss   = PD x LGD x EAD, EAD = outstanding + conversion x undrawn

Every share and price is dated and sourced in economics.yaml. Amounts are minor units; what comes
out is an expectation for a study and no accounting entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Final

import numpy as np

from xindeng.history.economics import Economics
from xindeng.history.figures import Array, distinct

LINES: Final = (
    "interest", "fees", "funding", "loss", "fraud", "data", "funder", "servicing", "vat", "capital",
)  # fmt: skip
_GAINS: Final = ("interest", "fees")


@dataclass(frozen=True, slots=True)
class Draws:
    """Decisions by row: local `day` and `segment` choose the figures; `lent` is 0 where nothing
    was, with `months`, `rate_bp` a year and all `fees` of the contract. `pd` is the chance of
    default as credit (NaN: not known), `fraud` that of fraud, `undrawn` the line left to draw."""

    day: Array
    segment: Array
    lent: Array
    months: Array
    rate_bp: Array
    fees: Array
    pd: Array
    fraud: Array
    undrawn: Array


@dataclass(frozen=True, slots=True)
class Ends:
    """What became of the loans so far, by row: interest and fees `received`, and what is `lost` of
    the principal of those in default as credit and as `fraud`."""

    received: Array
    lost: Array
    fraud: Array


def lines_of(economics: Economics, draws: Draws, ends: Ends | None = None) -> dict[str, Array]:
    """Return each line of the sum by row; with `ends` what was received and lost is taken, and no
    expectation."""
    share = _in_force(economics, draws.day, draws.segment)
    years = draws.months / 12
    # Principal repaid in n equal parts is outstanding at (n + 1) / 2n of itself on average.
    held = draws.lent * (draws.months + 1) / np.maximum(2 * draws.months, 1)
    outstanding = held * years
    if ends is None:
        paid = 1 - np.minimum(draws.pd + draws.fraud, 1) * (1 - share["interest_before_default"])
        interest, fees = outstanding * draws.rate_bp / 10_000 * paid, draws.fees * paid
        exposed = held + share["undrawn_conversion"] * draws.undrawn
        loss = draws.pd * share["loss_given_default"] * exposed
        fraud = draws.fraud * share["fraud_loss"] * held
    else:
        interest, fees = ends.received, np.zeros(len(draws.lent))
        loss, fraud = ends.lost * share["loss_given_default"], ends.fraud * share["fraud_loss"]
    return {
        "interest": interest,
        "fees": fees,
        "funding": outstanding * share["funding_rate"],
        "loss": loss,
        "fraud": fraud,
        "data": share["data_cost"],
        "funder": (interest + fees) * share["funder_share"],
        "servicing": outstanding * share["servicing_rate"],
        "vat": (interest + fees) * share["vat_rate"],
        "capital": outstanding * share["capital_ratio"] * share["capital_return"],
    }


def account(lines: dict[str, Array], chosen: Array) -> dict[str, float | None]:
    """Return the sums over the chosen rows, and `profit`: what is left of interest and fees. None
    for what rests on a risk of which nothing is known."""
    found = {name: float(lines[name][chosen].sum()) for name in LINES}
    found["profit"] = sum(v if name in _GAINS else -v for name, v in found.items())
    return {name: None if isnan(v) else v for name, v in found.items()}


def by_row(lines: dict[str, Array]) -> Array:
    """Return what is left of each row."""
    signed = [lines[name] if name in _GAINS else -lines[name] for name in LINES]
    return np.asarray(np.sum(signed, axis=0, dtype=float))


def _in_force(economics: Economics, day: Array, segment: Array) -> dict[str, Array]:
    """Return each figure by row, as in force on its day and for its segment."""
    found = {name: np.zeros(len(day)) for name in economics.book.names}
    # Between two changes nothing moves, so there are few figures however many the decisions.
    since = np.searchsorted(np.array(economics.changes), day, side="right")
    for name in distinct(segment):
        mine = segment == name
        for one in np.unique(since[mine]):
            rows = mine & (since == one)
            for figure, value in economics.on(int(day[rows][0]), str(name)).items():
                found[figure][rows] = value
    return found
