"""How a borrower stands: the line, the holds, the features, and what the chain knows of them."""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.decision.facts import PlatformState
from xindeng.events.catalogue import CATALOGUE
from xindeng.features.state import Hold
from xindeng.language import Value
from xindeng.service.engine import Engine
from xindeng.store import borrowers, decisions, policies, states


@dataclass(frozen=True, slots=True)
class BorrowerView:
    """One borrower at instant `now` (µs); `seq` events are stored.

    `features` are the base features by name; `as_of` tells, by event type, when the last such
    event occurred; `last_decision` is the id of the newest decision, if any.
    """

    borrower: str
    now: int
    seq: int
    features: dict[str, Value]
    holds: tuple[Hold, ...]
    as_of: dict[str, int]
    platform: PlatformState
    last_decision: str | None


def show(engine: Engine, borrower: str) -> BorrowerView:
    """Return the borrower's present view; raises NotFoundError, ErasedError, UnavailableError."""
    kernel = engine.policy.kernel
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        state = engine.state(conn, chain, states.read(conn, [borrower]).get(borrower))
        platform = engine.platform.now(conn)[1]
        last = decisions.latest(conn, borrower)
    now = max(engine.clock(), state.last_known_at)
    names = [feature.name for feature in kernel.book.base]
    dates = {name: kernel.as_of(state, name) for name in CATALOGUE}
    return BorrowerView(
        borrower=borrower,
        now=now,
        seq=chain.seq,
        features=dict(zip(names, kernel.vector(state, now), strict=True)),
        holds=kernel.holds(state),
        as_of={name: at for name, at in dates.items() if at is not None},
        platform=platform,
        last_decision=last,
    )


def platform(engine: Engine) -> PlatformState:
    """Return how our own side stands now."""
    with engine.store.snapshot() as conn:
        return engine.platform.now(conn)[1]


def versions(engine: Engine) -> list[tuple[str, str, int]]:
    """Return (hash, name, stored at in µs) of every policy that ever decided, oldest first."""
    with engine.store.snapshot() as conn:
        return policies.versions(conn)
