"""A policy's money: what its loans are expected to bring, and what those made have brought."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from xindeng.history.economics import Economics
from xindeng.history.figures import Array, distinct
from xindeng.history.outcomes import FRAUD
from xindeng.history.profit import Draws, Ends, account, lines_of
from xindeng.history.risk import Risk, estimates
from xindeng.history.sides import Requests, Side
from xindeng.kernel.errors import InputError
from xindeng.lending.schedule import monthly_fees
from xindeng.policy.policy import Policy

DEFAULTED: Final = 90
"""Days late from which a loan counts as in default (IFRS 9)."""
Lines = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Books:
    """The lines of profit by request: expected of all that a policy grants, at the low, middle and
    high estimate of risk, and realised so far on those of them that were really lent."""

    expected: Lines
    worse: Lines
    better: Lines
    realised: Lines


def books(requests: Requests, one: Side, bands: Side, risk: Risk, economics: Economics) -> Books:
    """Return a policy's books; `bands` is the side whose score bands the risk is of."""
    low, middle, high = estimates(requests, bands, risk)
    share = _fraud_share(requests)
    at = [lines_of(economics, _draws(requests, one, pd, share)) for pd in (middle, high, low)]
    made = one.granted & requests.observed
    fraud = made & (requests.state[risk.outcome] == FRAUD)
    default = made & (requests.worst_dpd >= DEFAULTED) & ~fraud
    ends = Ends(
        received=np.where(made, requests.received, 0), lost=np.where(default, requests.left, 0),
        fraud=np.where(fraud, requests.left, 0),
    )  # fmt: skip
    realised = lines_of(economics, _draws(requests, one, middle, 0.0, made), ends)
    return Books(at[0], at[1], at[2], realised)


def accounts(one: Side, found: Books) -> dict[str, Any]:
    """Return expected and realised profit, in all and by segment, data for refusals included."""
    everybody = one.answered
    told: dict[str, Any] = {}
    for kind, lines in (("expected", found.expected), ("realised", found.realised)):
        told[kind] = {
            "all": sums(lines, everybody),
            "segments": {
                str(name): sums(lines, everybody & (one.segment == name))
                for name in distinct(one.segment[everybody])
            },
        }
    told["expected"]["all"] |= {
        "profit_low": sums(found.worse, everybody)["profit"],
        "profit_high": sums(found.better, everybody)["profit"],
    }
    return told


def sums(lines: Lines, chosen: Array) -> dict[str, float | None]:
    """Return the account of the chosen requests."""
    return account(lines, chosen)


def _draws(
    requests: Requests, one: Side, pd: Array, fraud: float, made: Array | None = None
) -> Draws:
    granted = one.granted
    lent = np.where(granted, one.offered, 0) if made is None else np.where(made, requests.lent, 0)
    last = _last(requests.whose, granted)
    return Draws(
        day=requests.day, segment=one.segment, lent=lent, months=requests.months,
        rate_bp=requests.rate_bp, fees=_fees(requests, one.policy, lent), pd=pd,
        fraud=np.full(len(lent), fraud),
        undrawn=np.where(last, np.maximum(one.available - lent, 0), 0),
    )  # fmt: skip


def _last(whose: Array, granted: Array) -> Array:
    """Return which requests are the last granted of each borrower: a line is undrawn only once."""
    places = np.flatnonzero(granted)[::-1]
    _, lasts = np.unique(whose[places], return_index=True)
    found = np.zeros(len(granted), dtype=bool)
    found[places[lasts]] = True
    return found


def _fraud_share(requests: Requests) -> float:
    """Return the share of all loans of the record that was found to be fraud."""
    made = requests.observed
    return float((made & (requests.found != "")).sum() / max(int(made.sum()), 1))


def _fees(requests: Requests, policy: Policy, lent: Array) -> Array:
    """Return all fees of each contract by the policy's own product, 0 where it has none."""
    found = np.zeros(len(lent))
    for name in distinct(requests.product[requests.product != ""]):
        for months in np.unique(requests.months[requests.product == name]):
            try:
                product = policy.products.of(str(name), int(months))
            except InputError:
                continue
            if product is None or not product.terms.fees:
                continue
            rows = np.flatnonzero((requests.product == name) & (requests.months == months))
            for row in rows[lent[rows] > 0]:
                found[row] = sum(monthly_fees(product.terms, int(lent[row]), int(months)))
    return found
