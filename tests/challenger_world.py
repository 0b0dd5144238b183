"""A world in which challengers run: two people who start one, and borrowers in known buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.decision_policy import files
from tests.service_world import World, asks
from xindeng.service import challengers, proposals
from xindeng.service.arms import Challenger
from xindeng.service.challenger_terms import Money, Rail, Rate, Terms
from xindeng.service.changes import RunChallenger
from xindeng.service.draw import draw
from xindeng.store.decisions import StoredDecision

WIDE: tuple[Rail, ...] = (
    Rate(rail="errors", most=0.5, least=1_000_000),
    Money(rail="at_risk", most=10**11),
    Money(rail="loss", most=10**11),
)
"""Rails that nothing hits."""
ANN, BEN = "staff:ann", "staff:ben"


def strict() -> dict[str, bytes]:
    """The usual bundle, in which an ordinary borrower is refused."""
    return files(max_burden=0.1)


def text_of(bundle: Mapping[str, bytes]) -> dict[str, str]:
    return {path: raw.decode() for path, raw in bundle.items()}


def propose(world: World, name: str, bundle: Mapping[str, bytes], terms: Terms) -> str:
    change = RunChallenger(name=name, files=text_of(bundle), terms=terms)
    return proposals.propose(world.engine, change, why="to try it", by=ANN).row.id


def run(
    world: World, name: str, bundle: Mapping[str, bytes] | None = None, **terms: Any
) -> Challenger:
    """Propose and approve a challenger."""
    told = Terms(**{"rails": WIDE, "mode": "live", "share": 500, **terms})
    ident = propose(world, name, strict() if bundle is None else bundle, told)
    proposals.judge(world.engine, ident, "approved", by=BEN)
    return challengers.read(world.engine, name)


def members(one: Challenger, inside: bool = True) -> Iterator[str]:
    """Names of borrowers inside or outside of a challenger's buckets, without end."""
    number = 0
    while True:
        name = f"{one.row.name}-{number}"
        number += 1
        if one.has(name) is inside:
            yield name


def draws(
    world: World, name: str, yuan: int = 8_000, key: str = "k", **more: Any
) -> StoredDecision:
    """A draw of an ordinary borrower, who is settled first if need be."""
    with world.store.snapshot() as conn:
        known = conn.execute("SELECT FROM borrower WHERE borrower = %s", [name]).fetchone()
    if known is None:
        world.settle(name, **more)
    return draw(world.engine, name, asks(yuan), key)
