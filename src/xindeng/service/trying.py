"""Which policy decides for a borrower: the champion, or the live challenger whose bucket they are
in; and a challenger that decides a draw without ever being able to fail it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress

from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.features.state import State
from xindeng.kernel.errors import XindengError
from xindeng.policy.policy import Policy
from xindeng.service import lots
from xindeng.service.arms import Challenger, arm_of
from xindeng.service.beside import Beside
from xindeng.service.engine import Engine
from xindeng.service.turn import Turn, take, warm
from xindeng.servicing.view import view_of
from xindeng.store import borrowers, challengers, states
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.decisions import Arm


def engine_of(engine: Engine, borrower: str) -> Engine:
    """Return the engine under the policy that decides for a borrower now.

    Whatever tells a borrower of the policy (pre-checks, plans, the three numbers) works with it, or
    it would tell of another one than the next draw is decided by. Of somebody unknown or erased
    nothing is to be told, and they have no arm.
    """
    engine = engine.base
    with engine.store.snapshot() as conn:
        live = challengers.live(conn)
        if not live or borrower == PLATFORM or lots.kept_out(engine.policy, borrower):
            return engine
        found = engine.challengers.of(conn, live)

        def segment() -> str:
            chain = borrowers.read(conn, engine.store.keys, borrower)
            state = engine.state(conn, chain, states.read(conn, [borrower]).get(borrower))
            return segment_of(engine, state, engine.platform.now(conn)[1])

        try:
            arm = arm_of(found, engine.policy.hash, borrower, engine.clock(), segment)
            policy = None if arm is None else engine.policy_ready(conn, arm.row.policy)
            return engine if policy is None else engine.under(policy)
        except XindengError:
            return engine  # as a draw falls back


def deciding(engine: Engine, conn: Conn) -> list[str]:
    """Return the hashes of the policies that decide for somebody now: the champion's first."""
    found = engine.challengers.of(conn, challengers.live(conn))
    champion = engine.policy.hash
    return [champion, *(one.row.policy for one in found if one.row.champion == champion)]


def segment_of(engine: Engine, state: State, platform: PlatformState) -> str:
    """Return a borrower's segment under the champion, as of now."""
    return view_of(engine.policy, state, platform, engine.clock()).segment


def arm_for_draw(
    engine: Engine, conn: Conn, borrower: str, live: tuple[str, ...], segment: Callable[[], str]
) -> Challenger | None:
    """Return the challenger that decides a draw of a borrower, None for the champion."""
    if lots.kept_out(engine.policy, borrower):
        return None
    found = engine.challengers.of(conn, live)
    return arm_of(found, engine.policy.hash, borrower, engine.clock(), segment)


def challenged(
    engine: Engine,
    conn: Conn,
    arm: Challenger,
    chain: Chain,
    state: State,
    platform: PlatformState,
    request: Request,
) -> tuple[Turn | None, Arm | None]:
    """Let a challenger decide a draw on `state`, which stays as it is.

    Whatever goes wrong in it is told in the Arm, and there is no turn: the champion then decides.
    It has no part at all in what is decided before this process has loaded it, and how long it
    took does not count what is loaded and compiled for the first draw here.
    """
    began = time.perf_counter_ns()

    def arm_now(failed: str | None = None) -> Arm:
        return Arm(arm.row.name, (time.perf_counter_ns() - began) // 1_000, failed)

    try:
        policy = engine.policy_ready(conn, arm.row.policy)
        if policy is None:
            return None, None
        own = _state_under(engine, conn, policy, chain, state)
        asked = lots.marked(engine, conn, policy, chain.borrower, request, hold=True)
    except XindengError as error:
        return None, arm_now(code_of(error))
    try:
        if warm(policy, own, platform, asked, engine.clock()):
            began = time.perf_counter_ns()
        turn = take(
            policy, own, chain.borrower, platform=platform, request=asked, clock=engine.clock(),
            new_id=engine.new_id,
        )  # fmt: skip
    except Exception as error:  # a challenger must not be able to fail a draw
        return None, arm_now(code_of(error))
    lots.note(conn, policy, chain.borrower, turn.decision_id, turn.request, turn.decision)
    return turn, arm_now()


def code_of(error: Exception) -> str:
    """Return the code by which an error of a challenger is counted."""
    return error.code if isinstance(error, XindengError) else type(error).__name__


def load_live(engine: Engine) -> None:
    """Load every live challenger now, and those to come beside the work."""
    with engine.store.snapshot() as conn:
        for policy_hash in deciding(engine, conn):
            with suppress(XindengError):  # each of its draws will tell of it
                engine.policy_of(conn, policy_hash)
    engine.beside = Beside()


def _state_under(engine: Engine, conn: Conn, policy: Policy, chain: Chain, state: State) -> State:
    """Return a copy of the state as the policy's feature book folds it."""
    if policy.kernel.version == engine.policy.kernel.version:
        return policy.kernel.copy(state)
    return engine.rebuild(conn, chain, policy)
