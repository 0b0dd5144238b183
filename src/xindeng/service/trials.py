"""What the other policy would have said: worked out after the answer, from the events it saw.

A shadow challenger is decided here for every draw of its borrowers, and for a live one the
champion, so that both can be compared draw by draw. Nothing of it is an event: no state, ledger,
limit, hold or text knows of it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from xindeng.decision.answer import Decision
from xindeng.decision.facts import PlatformState, facts_of
from xindeng.decision.pricing import priced
from xindeng.events.envelope import Event
from xindeng.kernel.errors import UnavailableError, XindengError
from xindeng.kernel.time import HOUR
from xindeng.policy.policy import Policy
from xindeng.service.arms import Challenger
from xindeng.service.engine import Engine
from xindeng.service.trying import code_of
from xindeng.service.turn import judge, warm
from xindeng.store import borrowers, challengers, decisions, trials
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey
from xindeng.store.decisions import StoredDecision
from xindeng.store.trials import Trial

AT_ONCE: Final = 100
"""Decisions tried in one transaction."""
_LATE: Final = HOUR
"""How long after its end a challenger's last decisions are still tried."""


def try_all(engine: Engine, *, lag: int = 0, most: int | None = None) -> int:
    """Try every decision made at least `lag` µs ago that is not tried yet, or look at up to `most`
    of each challenger; return how many were looked at. Running it again, or twice at once, tries
    nothing a second time."""
    upto = engine.clock() - lag
    return sum(_look(engine, one, upto, most) for one in _open(engine))


def due(engine: Engine) -> bool:
    """Say whether there is any challenger whose draws are to be tried."""
    return bool(_open(engine))


def _open(engine: Engine) -> list[Challenger]:
    late = engine.clock() - _LATE
    with engine.store.snapshot() as conn:
        found = challengers.listed(conn)
    return [Challenger(row) for row in found if row.ended_at is None or row.ended_at >= late]


def suppose(
    policy: Policy,
    past: Sequence[Event],
    platform: PlatformState,
    stored: StoredDecision,
    decided_by: Policy,
) -> tuple[Decision, int]:
    """Return what a policy says to a stored decision's request on the facts of that moment, and how
    long (µs) deciding took.

    `past` are the events before the decision, the last being its attempt. The price is the
    policy's own, as it would have been in its place, and the lot is that of `decided_by`, if both
    draw by the same salt. Raises what deciding raises.
    """
    lots = (decided_by.learning, policy.learning)
    same_lot = lots[0] and lots[1] and lots[0].salt == lots[1].salt
    asked = replace(stored.request, learning=stored.request.learning if same_lot else None)
    kernel, now = policy.kernel, stored.decision.now
    state = kernel.rebuild(past[:-1])
    request = priced(policy, asked, now, lambda: facts_of(kernel, state, platform, now))
    kernel.fold(state, past[-1])
    warm(policy, state, platform, request, now)
    began = time.perf_counter_ns()
    found = judge(policy, state, platform, request, now)
    return found, (time.perf_counter_ns() - began) // 1_000


def _look(engine: Engine, one: Challenger, upto: int, most: int | None) -> int:
    """Try what a challenger has not been tried on until `upto` (µs); return how many it was."""
    row, looked, after = one.row, 0, None
    while most is None or looked < most:
        made: list[tuple[Trial, DataKey]] = []
        with engine.store.snapshot() as conn:
            waiting = trials.untried(
                conn, row, after=after, until=upto + 1, segment=one.terms.segment, count=AT_ONCE
            )
            for decision, borrower, _ in waiting:
                try:
                    made += _tried(engine, conn, one, decision, borrower)
                except UnavailableError:
                    raise
                except XindengError:
                    continue  # erased meanwhile, or not as it was written: the audit's matter
        full = len(waiting) == AT_ONCE
        with engine.store.transaction(pipelined=False) as conn:
            trials.insert(conn, made)
            challengers.looked(conn, row.name, waiting[-1][2] if full else upto)
        looked += len(waiting)
        if not full:
            break
        after = waiting[-1][0]
    return looked


def _tried(
    engine: Engine, conn: Conn, one: Challenger, decision: str, borrower: str
) -> list[tuple[Trial, DataKey]]:
    """Return the trial of a decision; nothing where a live challenger had no part in it."""
    row = one.row
    chain = borrowers.read(conn, engine.store.keys, borrower)
    stored = decisions.read(conn, decision).unseal(chain.key)
    arm = stored.arm if stored.arm and stored.arm.challenger == row.name else None
    if row.mode == "live" and arm is None:
        return []
    given, micros, failed = stored.decision, None, None
    champion: Decision | None = given
    challenger: Decision | None = given
    acted = arm is not None and arm.failed is None
    if arm is not None:
        micros, failed = arm.micros, arm.failed
    if failed is not None:
        challenger = None
    else:
        other = row.champion if acted else row.policy
        found, error, took = _supposed(engine, conn, other, stored)
        if acted:
            champion = found
        else:
            challenger, failed, micros = found, error, took
    trial = Trial(
        name=row.name, decision=decision, borrower=borrower, at=given.now, acted=acted,
        champion=champion, challenger=challenger, micros=micros, failed=failed,
    )  # fmt: skip
    return [(trial, chain.key)]


def _supposed(
    engine: Engine, conn: Conn, policy_hash: str, stored: StoredDecision
) -> tuple[Decision | None, str | None, int | None]:
    """Return what the other policy says, or the code of its error, and how long (µs) it took."""
    chain = borrowers.read(conn, engine.store.keys, stored.borrower)
    decided_by = engine.policy_of(conn, stored.decision.policy_hash)
    past = list(engine.history(conn, chain, below=stored.seq))
    platform = engine.platform.at(conn, stored.platform_seq)
    try:
        policy = engine.policy_of(conn, policy_hash)
        found, micros = suppose(policy, past, platform, stored, decided_by)
    except Exception as error:  # a policy that cannot decide is what is to be found out here
        return None, code_of(error), None
    return found, None, micros
