"""Two policies over the same requests: what moved, what it cost, and what cannot be known.

What a refused request would have done was never seen. Wherever that matters it is said, with the
bounds between which the truth must lie, and beside them an estimate under stated assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from xindeng.decision.board import SEVERITY, board_of
from xindeng.history.figures import Array, Masks, Rate, numbers, rate, texts
from xindeng.history.outcomes import DEFINITIONS, STATES
from xindeng.history.profit import Account, Economics, account
from xindeng.policy.policy import Policy

GRANTED: Final = ("approve", "approve_less")
EXAMPLES: Final = 5
REFUSED_RISK: Final = (1.0, 3.0)
"""Between these multiples of the risk of approved people in the same band is the risk assumed of
people whom the recorded policy refused; a choice, stated in the report."""


@dataclass(frozen=True, slots=True)
class Side:
    """One policy's answers, by request in the order of `Requests`."""

    policy: Policy
    answers: pa.Table
    masks: Masks
    outcome: Array
    offered: Array
    segment: Array
    band: Array

    @property
    def granted(self) -> Array:
        """Return on which requests something is offered."""
        return np.isin(self.outcome, GRANTED)

    @property
    def answered(self) -> Array:
        """Return which requests were put to this policy at all (see `feedback`)."""
        return np.asarray(self.outcome != "not_asked")


def side(policy: Policy, answers: pa.Table, words: int) -> Side:
    """Return a policy's answers as arrays."""
    band = texts(answers, "score_band") if "score_band" in answers.column_names else None
    return Side(
        policy, answers, Masks(answers, words), texts(answers, "outcome"),
        numbers(answers, "amount_offered"), texts(answers, "segment"),
        np.full(answers.num_rows, "", dtype=object) if band is None else band,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Requests:
    """What was asked, and the loans that really followed: `state[d]` is "" where there was none."""

    ids: Array
    borrower: Array
    now: Array
    asked: Array
    months: Array
    rate_bp: Array
    lent: Array
    worst_dpd: Array
    left: Array
    state: Mapping[str, Array]
    groups: Mapping[str, Array]

    @property
    def observed(self) -> Array:
        """Return on which requests a loan followed, so that an outcome was or will be seen."""
        return self.lent > 0


def totals(requests: Requests, one: Side) -> dict[str, Any]:
    """Return how much a policy approves, in number and amount, in all and by segment."""
    granted = one.granted
    names, counts = np.unique(one.outcome, return_counts=True)
    found = {
        "decisions": int(one.answered.sum()),
        "outcomes": {str(n): int(c) for n, c in zip(names, counts, strict=True)},
        "approved": asdict(rate(int(granted.sum()), int(one.answered.sum()))),
        "asked": int(requests.asked.sum()),
        "offered": int(one.offered[granted].sum()),
    }
    found["segments"] = {
        str(name): asdict(_granted(one, one.segment == name))
        for name in np.unique(one.segment[one.answered])
    }
    return found


def _granted(one: Side, chosen: Array) -> Rate:
    return rate(int((one.granted & chosen).sum()), int((one.answered & chosen).sum()))


def bad_rates(requests: Requests, chosen: Array) -> dict[str, Any]:
    """Return each definition's states among the chosen requests that led to a loan.

    The share is of good and bad alone; what is immature or indeterminate is counted beside it.
    """
    found: dict[str, Any] = {}
    for one in DEFINITIONS:
        state = requests.state[one.name][chosen & requests.observed]
        counts = {name: int((state == name).sum()) for name in STATES}
        found[one.name] = {
            **counts, **asdict(rate(counts["bad"], counts["bad"] + counts["good"])),
        }  # fmt: skip
    return found


def risk_by_band(requests: Requests, one: Side, outcome: str) -> dict[str, Rate]:
    """Return the observed bad rate of each score band; "" is that of all bands together."""
    state = requests.state[outcome]
    found = {}
    for band in ["", *map(str, np.unique(one.band))]:
        mine = requests.observed & ((one.band == band) | (band == ""))
        bad, good = int((mine & (state == "bad")).sum()), int((mine & (state == "good")).sum())
        found[band] = rate(bad, bad + good)
    return found


def expected_bad(
    requests: Requests, one: Side, chosen: Array, outcome: str, risk: Mapping[str, Rate]
) -> dict[str, Any]:
    """Return the share of the chosen requests expected to go bad, with the bounds of what is known.

    Observed outcomes count as they are. Others are taken at the risk of their band, between
    `REFUSED_RISK` times its interval; `worst` and `best` suppose that all or none of them go bad.
    """
    state = requests.state[outcome]
    known = chosen & requests.observed & np.isin(state, ("bad", "good"))
    unseen = chosen & ~known
    bad, count = int((state[known] == "bad").sum()), int(chosen.sum())
    low = middle = high = float(bad)
    for band in np.unique(one.band[unseen]):
        number = int((unseen & (one.band == band)).sum())
        found = risk.get(str(band)) or risk[""]
        found = found if found.total >= 20 else risk[""]
        share = found.share or 0.0
        low += number * min(1.0, found.low * REFUSED_RISK[0])
        middle += number * min(1.0, share * (REFUSED_RISK[0] + REFUSED_RISK[1]) / 2)
        high += number * min(1.0, found.high * REFUSED_RISK[1])
    of = max(count, 1)
    return {
        "count": count, "known": int(known.sum()), "unseen": int(unseen.sum()),
        "best": bad / of, "low": low / of, "expected": middle / of, "high": high / of,
        "worst": (bad + int(unseen.sum())) / of,
    }  # fmt: skip


def swap(
    requests: Requests, a: Side, b: Side, outcome: str, *, all_ids: bool = False
) -> dict[str, Any]:
    """Return who is let in and who is kept out by the challenger, with examples and risk."""
    risk = risk_by_band(requests, a, outcome)
    first = _first(requests.borrower, (a.outcome != b.outcome) | (a.offered != b.offered))
    sets = {
        "in": b.granted & ~a.granted, "out": a.granted & ~b.granted,
        "both": a.granted & b.granted, "neither": ~a.granted & ~b.granted,
    }  # fmt: skip
    found: dict[str, Any] = {"outcome": outcome}
    for name, chosen in sets.items():
        amount = b.offered if name == "in" else a.offered
        found[name] = {
            "count": int(chosen.sum()), "amount": int(amount[chosen].sum()),
            "risk": expected_bad(requests, a, chosen, outcome, risk),
            "observed": bad_rates(requests, chosen)[outcome],
        }  # fmt: skip
        if all_ids:
            found[name]["ids"] = list(map(str, requests.ids[chosen]))
            found[name]["first_ids"] = list(map(str, requests.ids[chosen & first]))
        found[name]["first"] = int((chosen & first).sum())
        if name in ("in", "out"):
            found[name]["examples"] = [
                _example(requests, a, b, int(at)) for at in np.flatnonzero(chosen)[:EXAMPLES]
            ]
    return found


def _first(borrower: Array, differs: Array) -> Array:
    """Return which rows are the first, in order of time, on which a borrower's answers differ.

    Up to there both policies saw the same life; what comes after rests on what is supposed.
    """
    places = np.flatnonzero(differs)
    _, firsts = np.unique(borrower[places].astype(str), return_index=True)
    found = np.zeros(len(differs), dtype=bool)
    found[places[firsts]] = True
    return found


def _example(requests: Requests, a: Side, b: Side, at: int) -> dict[str, Any]:
    return {
        "decision": str(requests.ids[at]), "borrower": str(requests.borrower[at]),
        "asked": int(requests.asked[at]), "champion": str(a.outcome[at]),
        "challenger": str(b.outcome[at]), "offered": int(b.offered[at]),
        "champion_rules": _stopping(a, at), "challenger_rules": _stopping(b, at),
    }  # fmt: skip


def _stopping(one: Side, at: int) -> list[str]:
    board = board_of(one.policy)
    return [
        rule.id
        for k, rule in enumerate(one.policy.rules)
        if board.blocking >> k & 1 and (one.masks.has_fired(k)[at] or one.masks.is_missing(k)[at])
    ]


def rules(requests: Requests, one: Side, outcome: str) -> dict[str, dict[str, Any]]:
    """Return per rule: fired, alone in the way, lent all the same, and how often it was right.

    `precision` is the share that went bad of the requests on which it fired and an outcome is
    known; a rule that always refuses is never seen to be right or wrong, and has none.
    """
    board, state = board_of(one.policy), requests.state[outcome]
    in_the_way = one.masks.count(board.blocking)
    found: dict[str, dict[str, Any]] = {}
    for k, rule in enumerate(one.policy.rules):
        fired, missing = one.masks.has_fired(k), one.masks.is_missing(k)
        blocks = bool(board.blocking >> k & 1)
        known = fired & np.isin(state, ("bad", "good"))
        found[rule.id] = {
            "area": rule.area, "effect": rule.effect, "fired": int(fired.sum()),
            "missing": int(missing.sum()),
            "unique": int(((fired | missing) & (in_the_way == 1)).sum()) if blocks else 0,
            "overrides": int((fired & requests.observed).sum()) if blocks else 0,
            "precision": asdict(rate(int((state[known] == "bad").sum()), int(known.sum()))),
        }  # fmt: skip
    return found


def lights(one: Side) -> dict[str, Array]:
    """Return each area's light on every request, as its severity (see `decision.board`)."""
    board = board_of(one.policy)
    found: dict[str, Array] = {}
    for k, rule in enumerate(one.policy.rules):
        held = found.setdefault(rule.area, np.zeros(len(one.outcome), dtype=np.int8))
        fired = np.where(one.masks.has_fired(k), SEVERITY[board.light_fired[k]], 0)
        missing = np.where(one.masks.is_missing(k), SEVERITY[board.light_missing[k]], 0)
        np.maximum(held, np.maximum(fired, missing), out=held)
    return found


def lights_moved(a: Side, b: Side) -> dict[str, dict[str, int]]:
    """Return, by area, how many lights turned from what to what."""
    names = {severity: light.value for light, severity in SEVERITY.items()}
    before, after = lights(a), lights(b)
    found: dict[str, dict[str, int]] = {}
    for area in dict.fromkeys([*before, *after]):
        nothing = np.zeros(len(a.outcome), dtype=np.int8)
        was, now = before.get(area, nothing), after.get(area, nothing)
        moved = was != now
        pairs, counts = np.unique(np.stack([was[moved], now[moved]]), axis=1, return_counts=True)
        turned = {
            f"{names[int(x)]} → {names[int(y)]}": int(n)
            for (x, y), n in zip(pairs.T, counts, strict=True)
        }
        if turned:
            found[area] = turned
    return found


def fairness(requests: Requests, one: Side) -> dict[str, Any]:
    """Return, per declared group, approval rates and the ratio of the lowest to the highest.

    Groups of fewer than 30 requests are shown and left out of the ratio.
    """
    found: dict[str, Any] = {}
    for name, values in requests.groups.items():
        rates = {str(v): _granted(one, values == v) for v in np.unique(values)}
        shares = [r.share for r in rates.values() if r.total >= 30 and r.share is not None]
        ratio = min(shares) / max(shares) if shares and max(shares) > 0 else None
        found[name] = {"groups": {v: asdict(r) for v, r in rates.items()}, "ratio": ratio}
    return found


def accounts(requests: Requests, one: Side, outcome: str, economics: Economics) -> dict[str, Any]:
    """Return expected and realised profit by segment and in all (`profit.account`).

    Expected risk is that of the band among observed loans; realised takes what loans 90 days and
    more late at the horizon still owe, on the requests that this policy grants and that were lent.
    """
    risk = risk_by_band(requests, one, outcome)
    sums: dict[str, dict[str, Account]] = {}
    for segment in [*map(str, np.unique(one.segment))]:
        asked = one.segment == segment
        for kind, chosen in (("expected", one.granted & asked),
                             ("realised", one.granted & asked & requests.observed)):  # fmt: skip
            lost = chosen & (requests.worst_dpd >= 90)
            loss = float(requests.left[lost].sum()) * economics.loss_given_default
            lent = one.offered if kind == "expected" else requests.lent
            sums.setdefault(kind, {})[segment] = _account(
                requests, one, chosen, lent, risk, economics,
                int(asked.sum()), loss if kind == "realised" else None,
            )  # fmt: skip
    found: dict[str, Any] = {}
    for kind, parts in sums.items():
        lines = {name: {**asdict(a), "profit": a.profit} for name, a in parts.items()}
        whole = parts[next(iter(parts))]
        for name in list(parts)[1:]:
            whole = whole + parts[name]
        found[kind] = {"segments": lines, "all": {**asdict(whole), "profit": whole.profit}}
    return found


def _account(
    requests: Requests, one: Side, chosen: Array, lent: Array, risk: Mapping[str, Rate],
    economics: Economics, decisions: int, loss: float | None,
) -> Account:  # fmt: skip
    amount = float(lent[chosen].sum())
    weights = lent[chosen] / amount if amount else np.zeros(int(chosen.sum()))
    months = float((requests.months[chosen] * weights).sum())
    price = float((requests.rate_bp[chosen] * weights).sum())
    shares = np.array([(risk.get(str(b)) or risk[""]).share or 0.0 for b in one.band[chosen]])
    pd = float((shares * weights).sum()) if len(shares) else 0.0
    return account(economics, decisions=decisions, lent=amount, months=months, rate_bp=price,
                   pd=pd, realised_loss=loss)  # fmt: skip


def reasons_moved(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """Return how often each rule fired before and after, where that differs."""
    found = {}
    for rule in dict.fromkeys([*a, *b]):
        was, now = (m[rule]["fired"] if rule in m else 0 for m in (a, b))
        if was != now:
            found[rule] = {"champion": was, "challenger": now}
    return found
