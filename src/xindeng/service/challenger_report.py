"""Champion and challenger side by side, from what both say to the same draws."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from xindeng.decision.board import bits
from xindeng.policy.policy import Policy
from xindeng.service.arms import Challenger
from xindeng.service.engine import Engine
from xindeng.service.guard_rails import Reading, readings
from xindeng.store import challengers, trial_counts
from xindeng.store.trial_counts import Alike, Example

EXAMPLES: Final = 5
_YES: Final = ("approve", "approve_less")


@dataclass(slots=True)
class Side:
    """What one policy says to the draws that both decided; `offered` is in minor units."""

    approved: int = 0
    reviewed: int = 0
    offered: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Swap:
    """Draws that only one of the two offers anything for, the newest as examples."""

    count: int = 0
    amount: int = 0
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Moved:
    """A reason: how many draws have it under the champion, and under the challenger."""

    reason: str
    champion: int
    challenger: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A challenger against its champion.

    `both` draws were decided by both policies on the same facts; in `acted` of them the challenger
    decided for real. `failures` are (code, count) of the challenger's errors. `reasons` are those
    whose counts differ, the largest difference first. `micros` are median and 99th percentile of
    how long the challenger took.
    """

    challenger: Challenger
    both: int
    acted: int
    failures: tuple[tuple[str, int], ...]
    champion_says: Side
    challenger_says: Side
    swap_in: Swap
    swap_out: Swap
    reasons: tuple[Moved, ...]
    micros: tuple[int, int] | None
    rails: tuple[Reading, ...]

    @property
    def failed(self) -> int:
        """Return how many draws the challenger could not decide."""
        return sum(count for _, count in self.failures)


def compare(engine: Engine, name: str, *, examples: int = EXAMPLES) -> Comparison:
    """Return how a challenger compares with its champion so far; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        one = Challenger(challengers.read(conn, name))
        groups = trial_counts.grouped(conn, name)
        champion = engine.policy_of(conn, one.row.champion)
        policy = engine.policy_of(conn, one.row.policy)
        both = [g for g in groups if g.champion is not None and g.challenger is not None]
        sides, swaps = (Side(), Side()), (Swap(), Swap())
        for group in both:
            _add(sides, swaps, group)
        for swap, into in zip(swaps, (True, False), strict=True):
            swap.examples = trial_counts.swapped(conn, name, into=into, count=examples)
        return Comparison(
            challenger=one,
            both=sum(group.count for group in both),
            acted=sum(group.count for group in groups if group.acted),
            failures=tuple(trial_counts.failures(conn, name)),
            champion_says=sides[0], challenger_says=sides[1],
            swap_in=swaps[0], swap_out=swaps[1],
            reasons=_reasons(champion, policy, both),
            micros=trial_counts.micros(conn, name),
            rails=tuple(readings(engine, conn, one)),
        )  # fmt: skip


def _add(sides: tuple[Side, Side], swaps: tuple[Swap, Swap], group: Alike) -> None:
    says = (group.champion, group.challenger)
    amounts = (group.champion_amount, group.amount)
    for side, outcome, amount in zip(sides, says, amounts, strict=True):
        assert outcome is not None
        side.outcomes[outcome] += group.count
        side.approved += group.count if outcome in _YES else 0
        side.reviewed += group.count if outcome == "review" else 0
        side.offered += amount
    was, now = (outcome in _YES for outcome in says)
    if was != now:
        swap = swaps[0] if now else swaps[1]
        swap.count += group.count
        swap.amount += amounts[1] if now else amounts[0]


def _reasons(champion: Policy, policy: Policy, groups: list[Alike]) -> tuple[Moved, ...]:
    before, after = Counter[str](), Counter[str]()
    for group in groups:
        for counter, of, fired in (
            (before, champion, group.champion_fired), (after, policy, group.fired)
        ):  # fmt: skip
            reasons = {of.rules[index].reason for index in bits(fired)}
            counter.update(dict.fromkeys(reasons, group.count))
    moved = [
        Moved(reason, before[reason], after[reason])
        for reason in before.keys() | after.keys()
        if before[reason] != after[reason]
    ]
    return tuple(sorted(moved, key=lambda m: (-abs(m.challenger - m.champion), m.reason)))
