"""What requests would do whose end nobody saw: estimates, and the bounds of what is known.

Three kinds of ignorance are kept apart: a loan that is still young, an offer that nobody took up,
and a refusal. Only of refusals is it supposed that they are worse than they look, unless a lot let
some of them pass: those are seen, and speak for the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

import numpy as np

from xindeng.history.figures import Array, Rate, attainable, distinct, rate
from xindeng.history.outcomes import FRAUD
from xindeng.history.sides import Requests, Side, learnable, learnt

REFUSED_RISK: Final = (1.0, 3.0)
"""Between these multiples of the risk of approved people in the same band is the risk assumed of
people whom the recorded policy refused; a choice, stated in the report."""
_LEAST: Final = 20
"""Loans with an end below which a band, or an arm, does not speak for itself."""


@dataclass(frozen=True, slots=True)
class Risk:
    """What was seen: the bad rate of each score band among loans granted by rule ("" is that of all
    of them), and that of refused people whom a lot let pass, the first loan of each."""

    outcome: str
    bands: Mapping[str, Rate]
    refused: Rate


def risk_seen(requests: Requests, one: Side, outcome: str) -> Risk:
    """Return what the loans of the record say, `one` being the policy whose bands are used."""
    state = requests.state[outcome]
    by_lot = learnt(requests, one)
    found = {}
    for band in ["", *distinct(one.band)]:
        mine = requests.observed & ~by_lot & ((one.band == band) | (band == ""))
        found[band] = _bad_rate(state, mine)
    return Risk(outcome, found, _bad_rate(state, by_lot & first_of_each(requests.whose, by_lot)))


def _bad_rate(state: Array, chosen: Array) -> Rate:
    bad, good = int((chosen & (state == "bad")).sum()), int((chosen & (state == "good")).sum())
    return rate(bad, bad + good)


def first_of_each(whose: Array, chosen: Array) -> Array:
    """Return which of the chosen rows is each borrower's first, in order of time.

    The loans of one person share their luck, so only one of them counts as an observation.
    """
    places = np.flatnonzero(chosen)
    _, firsts = np.unique(whose[places], return_index=True)
    found = np.zeros(len(chosen), dtype=bool)
    found[places[firsts]] = True
    return found


def estimates(requests: Requests, one: Side, risk: Risk) -> tuple[Array, Array, Array]:
    """Return for each request the (low, middle, high) chance of going bad, were it granted.

    An end that was seen is certain. Of who was granted at the time the interval is that of the
    band; of who was refused it is `REFUSED_RISK` times that, or what was learnt by lot. As long as
    no loan has an end the middle is NaN: nothing known is not nothing bad.
    """
    count = len(requests.ids)
    low, middle, high = (np.zeros(count) for _ in range(3))
    for band in distinct(one.band):
        mine, seen = one.band == band, risk.bands.get(str(band)) or risk.bands[""]
        seen = seen if seen.total >= _LEAST else risk.bands[""]
        low[mine], high[mine] = seen.low, seen.high
        middle[mine] = np.nan if seen.share is None else seen.share
    refused = requests.refused
    low[refused] *= REFUSED_RISK[0]
    middle[refused] *= sum(REFUSED_RISK) / 2
    high[refused] *= REFUSED_RISK[1]
    if risk.refused.total >= _LEAST:
        told = refused & learnable(requests, one)
        seen = risk.refused
        low[told], middle[told], high[told] = seen.low, seen.share or 0.0, seen.high
    state = requests.state[risk.outcome]
    for name, end in (("good", 0.0), ("bad", 1.0)):
        known = requests.observed & (state == name)
        low[known], middle[known], high[known] = end, end, end
    return np.minimum(low, 1.0), np.minimum(middle, 1.0), np.minimum(high, 1.0)


def expected_bad(requests: Requests, one: Side, chosen: Array, risk: Risk) -> dict[str, Any]:
    """Return the share of the chosen requests expected to go bad, with the bounds of what is known.

    `worst` and `best` suppose that all or none of those go bad whose end is not known. `seen_low`
    to `seen_high` is where the share will lie that is really seen of so few people: the bounds of
    risk, and the luck of so many borrowers, 95 %. `expected` is None of nobody, and where nothing
    is known. Loans found to be fraud are no credit risk: they are left out and counted apart.
    """
    state = requests.state[risk.outcome]
    fraud = requests.observed & (state == FRAUD)
    chosen = chosen & ~fraud
    known = chosen & requests.observed & ((state == "bad") | (state == "good"))
    bad, count = int((state[known] == "bad").sum()), int(chosen.sum())
    unseen = count - int(known.sum())
    of = max(count, 1)
    low, middle, high = (float(part[chosen].sum()) / of for part in estimates(requests, one, risk))
    people = len(np.unique(requests.whose[chosen]))
    return {
        "seen_low": attainable(low, people)[0], "seen_high": attainable(high, people)[1],
        "count": count, "borrowers": people, "known": int(known.sum()), "unseen": unseen,
        "best": bad / of, "low": low, "high": high,
        "expected": None if not count or isnan(middle) else middle,
        "worst": (bad + unseen) / of,
    }  # fmt: skip
