"""What was decided, counted: by outcome, by reason, by stance, over a span of local days."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from xindeng.decision.board import bits
from xindeng.kernel.errors import InputError
from xindeng.service.engine import Engine
from xindeng.store import decisions

MOST_DAYS: Final = 92


@dataclass(frozen=True, slots=True)
class Counts:
    """Decisions of the days from `first` to `last`, both included; a decision has as many reasons
    as rules fired or lacked data. Largest counts first."""

    first: int
    last: int
    decisions: int
    outcomes: tuple[tuple[str, int], ...]
    reasons: tuple[tuple[str, int], ...]
    without_data: tuple[tuple[str, int], ...]
    stances: tuple[tuple[str, int], ...]
    segments: tuple[tuple[str, int], ...]


def counts(engine: Engine, first: int, last: int) -> Counts:
    """Count the decisions of the local days from `first` to `last`; raises InputError."""
    if not 0 <= last - first < MOST_DAYS:
        raise InputError(
            f"from {first} to {last} is not a span of 1 to {MOST_DAYS} days",
            where="query.to",
            next_step=f"ask for at most {MOST_DAYS} days at once",
            code="monitoring.span",
        )
    zone = engine.policy.zone
    by = {name: Counter[str]() for name in ("outcome", "reason", "missing", "stance", "segment")}
    with engine.store.snapshot() as conn:
        groups = decisions.grouped(conn, zone.midnight(first), zone.midnight(last + 1))
        rules = {one.policy_hash: engine.policy_of(conn, one.policy_hash).rules for one in groups}
    for one in groups:
        by["outcome"][one.outcome] += one.count
        by["stance"][one.stance] += one.count
        by["segment"][one.segment] += one.count
        for name, mask in (("reason", one.fired), ("missing", one.missing)):
            reasons = {rules[one.policy_hash][index].reason for index in bits(mask)}
            by[name].update(dict.fromkeys(reasons, one.count))
    told = {name: tuple(found.most_common()) for name, found in by.items()}
    return Counts(
        first, last, sum(one.count for one in groups), told["outcome"], told["reason"],
        told["missing"], told["stance"], told["segment"],
    )  # fmt: skip
