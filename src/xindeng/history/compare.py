"""Two policies over the same requests: what moved, what it cost, and what cannot be known.

What a refused request would have done was never seen. Wherever that matters it is said, with the
bounds between which the truth must lie, and beside them an estimate under stated assumptions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np

from xindeng.decision.board import SEVERITY, board_of
from xindeng.history.figures import Array, Rate, distinct, rate
from xindeng.history.money import Books, sums
from xindeng.history.outcomes import DEFINITIONS, STATES
from xindeng.history.risk import Risk, expected_bad, first_of_each
from xindeng.history.sides import Requests, Side, side

EXAMPLES: Final = 5


def totals(requests: Requests, one: Side) -> dict[str, Any]:
    """Return how much a policy approves, in number and amount, by segment and month."""
    granted = one.granted
    counts = Counter(one.outcome.tolist())
    found = {
        "decisions": int(one.answered.sum()),
        "outcomes": dict(sorted(counts.items())),
        "approved": asdict(rate(int(granted.sum()), int(one.answered.sum()))),
        "asked": int(requests.asked.sum()),
        "offered": int(one.offered[granted].sum()),
    }
    segments = {}
    for name in distinct(one.segment[one.answered]):
        mine = one.segment == name
        segments[str(name)] = {
            **asdict(_granted(one, mine)), "asked": int(requests.asked[mine].sum()),
            "offered": int(one.offered[mine & granted].sum()),
        }  # fmt: skip
    months = {}
    month = requests.month
    for name in distinct(month[one.answered]):
        mine = month == name
        months[str(name)] = {
            **asdict(_granted(one, mine)), "offered": int(one.offered[mine & granted].sum()),
        }  # fmt: skip
    return {**found, "segments": segments, "months": months}


def _granted(one: Side, chosen: Array) -> Rate:
    return rate(int((one.granted & chosen).sum()), int((one.answered & chosen).sum()))


def bad_rates(requests: Requests, chosen: Array) -> dict[str, Any]:
    """Return each definition's states among the chosen requests that led to a loan.

    The share is of good and bad alone; what is immature, indeterminate or fraud is counted beside.
    """
    seen = chosen & requests.observed
    return {one.name: _states(requests.state[one.name][seen]) for one in DEFINITIONS}


def account_rates(requests: Requests, chosen: Array) -> dict[str, Any]:
    """Return the same by borrower: as bad as the worst of their loans, good only if all are."""
    seen = np.flatnonzero(chosen & requests.observed)
    names, whose = np.unique(requests.whose[seen], return_inverse=True)
    found = {}
    for one in DEFINITIONS:
        state, worst = requests.state[one.name][seen], np.full(len(names), "good", dtype=object)
        # Later ones outrank: what is fraud or bad is so whatever the other loans are.
        for name in ("immature", "indeterminate", "bad", "fraud"):
            worst[whose[state == name]] = name
        found[one.name] = _states(worst)
    return found


def vintages(requests: Requests, chosen: Array) -> dict[str, Any]:
    """Return the states of the chosen requests' loans by the month of the loan and definition.

    A vintage whose window has not ended has no share: it is nobody's success yet.
    """
    seen = chosen & requests.observed
    month = requests.month
    return {
        one.name: {
            str(name): _states(requests.state[one.name][seen & (month == name)])
            for name in distinct(month[seen])
        }
        for one in DEFINITIONS
    }


def _states(state: Array) -> dict[str, Any]:
    counts = {name: int((state == name).sum()) for name in STATES}
    return {**counts, **asdict(rate(counts["bad"], counts["bad"] + counts["good"]))}


def swap(
    requests: Requests, a: Side, b: Side, risk: Risk, books: tuple[Books, Books], *,
    all_ids: bool = False,
) -> dict[str, Any]:  # fmt: skip
    """Return who is let in and who is kept out by the challenger, with examples, risk and profit.

    `first` are requests at which a borrower's answers part for the first time: up to there both
    policies saw the same life, and what comes after rests on what is supposed.
    """
    first = first_of_each(requests.whose, (a.outcome != b.outcome) | (a.offered != b.offered))
    sets = {
        "in": b.granted & ~a.granted, "out": a.granted & ~b.granted,
        "both": a.granted & b.granted, "neither": ~a.granted & ~b.granted,
    }  # fmt: skip
    found: dict[str, Any] = {"outcome": risk.outcome}
    for name, chosen in sets.items():
        offered = b.offered if name == "in" else a.offered
        found[name] = {
            "count": int(chosen.sum()), "amount": int(offered[chosen].sum()),
            "risk": expected_bad(requests, a, chosen, risk),
            "observed": bad_rates(requests, chosen)[risk.outcome],
            "profit": sums(books[name == "in"].expected, chosen),
            "first": int((chosen & first).sum()),
        }  # fmt: skip
        if all_ids:
            found[name]["ids"] = list(map(str, requests.ids[chosen]))
            found[name]["first_ids"] = list(map(str, requests.ids[chosen & first]))
        if name in ("in", "out"):
            found[name]["examples"] = [
                _example(requests, a, b, int(at)) for at in np.flatnonzero(chosen)[:EXAMPLES]
            ]
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
    known. A rule that refuses is seen to be right or wrong only where a lot let it pass (see
    `decision.learning`); a policy that has no arm knows no precision of what it refuses.
    """
    board, state = board_of(one.policy), requests.state[outcome]
    in_the_way = one.stopped
    ended = (state == "bad") | (state == "good")
    found: dict[str, dict[str, Any]] = {}
    for k, rule in enumerate(one.policy.rules):
        fired, missing = one.masks.has_fired(k), one.masks.is_missing(k)
        blocks = bool(board.blocking >> k & 1)
        known = fired & ended
        found[rule.id] = {
            "area": rule.area, "effect": rule.effect, "reason": rule.reason,
            "fired": int(fired.sum()), "missing": int(missing.sum()),
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
        rates = {str(v): _granted(one, values == v) for v in distinct(values)}
        shares = [r.share for r in rates.values() if r.total >= 30 and r.share is not None]
        ratio = min(shares) / max(shares) if shares and max(shares) > 0 else None
        found[name] = {"groups": {v: asdict(r) for v, r in rates.items()}, "ratio": ratio}
    return found


def reasons_moved(a: Mapping[str, Any], b: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return how often each rule gave its reason before and after, where that differs."""
    found = {}
    for rule in dict.fromkeys([*a, *b]):
        was, now = (m[rule]["fired"] if rule in m else 0 for m in (a, b))
        if was != now:
            found[rule] = {"reason": (a.get(rule) or b[rule])["reason"],
                           "champion": was, "challenger": now}  # fmt: skip
    return found


__all__ = ["Requests", "Side", "account_rates", "bad_rates", "fairness", "lights_moved",
           "reasons_moved", "rules", "side", "swap", "totals", "vintages"]  # fmt: skip
