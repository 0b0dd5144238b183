"""A trial calculation that leaves no mark: nothing is written, counted, or readable later."""

from __future__ import annotations

from xindeng.decision import precheck as pure
from xindeng.decision.precheck import PreCheck
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.service import lots
from xindeng.service.engine import Engine
from xindeng.service.holds import foresee
from xindeng.store import borrowers, states


def precheck(engine: Engine, borrower: str, request: Request) -> PreCheck:
    """Try a draw on the borrower's present state; the store is only read.

    Raises TooManyError after 30 calls in an hour, NotFoundError, InputError, UnavailableError.
    """
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        engine.limiter.enter(borrower)
        state = engine.state(conn, chain, states.read(conn, [borrower]).get(borrower))
        foresee(engine, conn, chain, state)
        platform = engine.platform.now(conn)[1]
        request = lots.marked(engine, conn, engine.policy, borrower, request, hold=False)
    now = max(engine.clock(), state.last_known_at)
    return pure.precheck(engine.policy, state, platform, request, now)
