"""Challengers: policies tried beside the one in force, how they compare, and an end to them."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.route import Call
from xindeng.api.shapes import Instant, PageQuery, Sent, Text
from xindeng.service import challengers
from xindeng.service.arms import Challenger
from xindeng.service.challenger_report import Comparison, Side, Swap, compare
from xindeng.service.challenger_terms import Money, Terms
from xindeng.service.guard_rails import Reading


class ChallengerTold(Struct, frozen=True, kw_only=True):
    """A challenger and how it stands; `champion` and `policy` are hashes of policy versions."""

    name: str
    champion: str
    policy: str
    terms: Terms
    started_at: Instant
    ends_at: Instant
    proposal: str
    author: str
    approved_by: str | None
    ended_at: Instant | None
    ended_by: str | None
    why_ended: str | None


class ChallengersQuery(PageQuery):
    """Which challengers: those that run, unless all are wanted."""

    every: Annotated[bool, Meta(description="ended ones too")] = False


class ChallengersAnswer(Struct, frozen=True, kw_only=True):
    """Challengers, oldest first."""

    items: tuple[ChallengerTold, ...]
    next: str | None


class SideTold(Struct, frozen=True, kw_only=True):
    """What one policy says to the draws that both decided; `offered` in minor units."""

    approved: int
    reviewed: int
    offered: int
    outcomes: dict[str, int]


class ExampleTold(Struct, frozen=True, kw_only=True):
    """A draw by its decision: what each policy says, and how much it offers (minor units)."""

    decision: str
    champion: str
    champion_amount: int
    challenger: str
    amount: int


class SwapTold(Struct, frozen=True, kw_only=True):
    """Draws that only one of the two offers anything for, the newest as examples."""

    count: int
    amount: int
    examples: tuple[ExampleTold, ...]


class MovedTold(Struct, frozen=True, kw_only=True):
    """A reason: how many draws have it under the champion, and under the challenger."""

    reason: str
    champion: int
    challenger: int


class ReadingTold(Struct, frozen=True, kw_only=True):
    """What a guard rail reads: a share, or an amount in minor units, over `count`; `chance` is how
    probable it is at most for a challenger within `most`."""

    rail: str
    value: float
    most: float
    count: int
    chance: float | None
    hit: bool


class ComparisonAnswer(Struct, frozen=True, kw_only=True):
    """A challenger against its champion, from what both say to the same draws.

    In `acted` of the `both` draws the challenger decided for real; `failures` are its errors by
    code; `micros` are median and 99th percentile of how long it took.
    """

    challenger: ChallengerTold
    both: int
    acted: int
    failures: dict[str, int]
    champion_says: SideTold
    challenger_says: SideTold
    swap_in: SwapTold
    swap_out: SwapTold
    reasons: tuple[MovedTold, ...]
    micros: tuple[int, int] | None
    rails: tuple[ReadingTold, ...]


class StopSent(Sent):
    """Why a challenger is stopped."""

    why: Text


def page(call: Call) -> ChallengersAnswer:
    """Return the challengers that run."""
    query: ChallengersQuery = call.query
    items, after = query.cut(challengers.listed(call.engine, every=query.every))
    return ChallengersAnswer(items=tuple(told(call, one) for one in items), next=after)


def one(call: Call) -> ComparisonAnswer:
    """Return how a challenger compares with its champion so far."""
    return compared(call, compare(call.engine, call.names["challenger"]))


def stop(call: Call) -> ChallengerTold:
    """End a challenger: the next draw is the champion's."""
    sent: StopSent = call.body
    return told(
        call, challengers.stop(call.engine, call.names["challenger"], why=sent.why, by=call.by)
    )


def told(call: Call, found: Challenger) -> ChallengerTold:
    """Return a challenger as staff may see it."""
    row, zone = found.row, call.engine.policy.zone
    return ChallengerTold(
        name=row.name, champion=row.champion, policy=row.policy, terms=found.terms,
        started_at=Instant.of(row.started_at, zone), ends_at=Instant.of(row.ends_at, zone),
        proposal=row.proposal, author=row.author, approved_by=row.approved_by,
        ended_at=Instant.maybe(row.ended_at, zone), ended_by=row.ended_by,
        why_ended=row.why_ended,
    )  # fmt: skip


def compared(call: Call, found: Comparison) -> ComparisonAnswer:
    """Return a comparison as staff may see it; no name of a borrower is in it."""
    return ComparisonAnswer(
        challenger=told(call, found.challenger), both=found.both, acted=found.acted,
        failures=dict(found.failures), champion_says=_side(found.champion_says),
        challenger_says=_side(found.challenger_says), swap_in=_swap(found.swap_in),
        swap_out=_swap(found.swap_out),
        reasons=tuple(
            MovedTold(reason=m.reason, champion=m.champion, challenger=m.challenger)
            for m in found.reasons
        ),
        micros=found.micros, rails=tuple(map(_reading, found.rails)),
    )  # fmt: skip


def _side(side: Side) -> SideTold:
    return SideTold(
        approved=side.approved, reviewed=side.reviewed, offered=side.offered,
        outcomes=dict(side.outcomes),
    )  # fmt: skip


def _swap(swap: Swap) -> SwapTold:
    return SwapTold(
        count=swap.count, amount=swap.amount,
        examples=tuple(
            ExampleTold(decision=e.decision, champion=e.champion,
                        champion_amount=e.champion_amount, challenger=e.challenger,
                        amount=e.amount)
            for e in swap.examples
        ),
    )  # fmt: skip


def _reading(reading: Reading) -> ReadingTold:
    rail = reading.rail
    value = int(reading.value) if isinstance(rail, Money) else reading.value
    return ReadingTold(
        rail=rail.rail, value=value, most=rail.most, count=reading.count, chance=reading.chance,
        hit=reading.hit,
    )  # fmt: skip
