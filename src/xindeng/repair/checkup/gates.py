"""Ranges by gate: how far each area alone would go under the policy, never a promise.

For every area two amounts are found by trying the policy's own rules: up to the first the area
stays without any remark, up to the second it does not stand in the way. Both are rounded down to
the grid of trials, so that no figure looks like an approved amount.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from xindeng.decision.board import bits
from xindeng.decision.decide import look_at
from xindeng.decision.facts import Facts
from xindeng.decision.frontier import find_frontier
from xindeng.decision.look import Look
from xindeng.decision.precheck import grid_of
from xindeng.decision.request import Request
from xindeng.policy.policy import Policy


class GateRange(Struct, frozen=True, kw_only=True):
    """One area: up to `calm` nothing is remarked, up to `most` nothing stands in the way.

    Both in minor units and rounded down; `top` is the largest amount that was tried.
    """

    area: str
    calm: int
    most: int
    top: int


def gate_ranges(
    policy: Policy, facts: Facts, request: Request, now: int, areas: Iterable[str]
) -> tuple[GateRange, ...]:
    """Return the ranges of the areas that can stand in the way, in the policy's order."""
    look = look_at(policy, facts, request, now)
    grid, top, wanted = grid_of(policy, now), _top(look), frozenset(areas)
    found = []
    for area in policy.areas:
        rules = sum(1 << i for i, rule in enumerate(policy.rules) if rule.area == area)
        told = rules & ~(look.board.platform | look.board.withheld)
        if area in wanted and told & look.board.blocking:
            most = _largest(look, told & look.board.blocking, top)
            calm = min(most, _largest(look, told, top))
            found.append(
                GateRange(
                    area=area, calm=calm // grid * grid, most=most // grid * grid,
                    top=top // grid * grid,
                )
            )  # fmt: skip
    return tuple(found)


def _largest(look: Look, rules: int, top: int) -> int:
    """Return the largest amount up to `top` at which none of `rules` fires or lacks data.

    A rule whose light is no data says nothing against an amount.
    """
    spoken = sum(1 << i for i in bits(rules) if look.board.rules[i].light != "grey")
    blocking = rules & look.board.blocking
    rules = spoken | blocking
    if (look.fired | (look.missing & blocking)) & rules & ~look.board.amount:
        return 0
    return find_frontier(
        lambda amount: look.rules_at(amount) & rules, least=look.least, top=top, step=look.step
    ).amount


def _top(look: Look) -> int:
    available = look.whole("available") if look.board.limited else None
    most = look.parameter("max_draw") if "max_draw" in look.board.parameter_at else None
    return min(
        available if available is not None else look.request.amount,
        most if type(most) is int else 10**11,
    )
