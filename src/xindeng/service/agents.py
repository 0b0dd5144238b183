"""Agents who sell “repair”: one device, address or payout card across many people's requests.

What is noted are keyed hashes of the traces and of the borrowers. No feature, rule or page about a
borrower reads them: whoever was talked into it is not to pay for it a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from xindeng.kernel.time import DAY
from xindeng.service.engine import Engine
from xindeng.servicing.matters import Clock, figure
from xindeng.store import agents
from xindeng.store.agents import Agent
from xindeng.store.crypto import KeyRing

TraceKind = Literal["device", "address", "payout_card"]
MOST: Final = Clock("agent_borrowers_max", 5)
WINDOW: Final = Clock("agent_window_days", 30)


def seen(engine: Engine, borrower: str, traces: Mapping[TraceKind, str]) -> None:
    """Note from where a request came; past so many borrowers a person looks at the agent.

    The request itself is answered as ever.
    """
    if not traces:
        return
    now, policy, keys = engine.clock(), engine.policy, engine.store.keys
    today = policy.zone.day(now)
    since = now - figure(policy, WINDOW, today) * DAY
    most = figure(policy, MOST, today)
    with engine.store.transaction() as conn:
        # In one order, so that two requests never wait for each other.
        for kind, trace in sorted(traces.items()):
            hashed = keys.look_up(f"trace {kind}", trace)
            count = agents.see(conn, kind, hashed, who(keys, borrower), now, since)
            if count > most:
                agents.open_agent(conn, engine.new_id(now), kind, hashed, count, now)


def listed(engine: Engine) -> list[Agent]:
    """Return every agent found, oldest first."""
    with engine.store.snapshot() as conn:
        return agents.agents(conn)


def close(engine: Engine, ident: str, *, by: str, finding: str) -> Agent:
    """Store what a person found out about an agent; raises NotFoundError."""
    with engine.store.transaction() as conn:
        return agents.close_agent(conn, ident, by, finding, engine.clock())


def who(keys: KeyRing, borrower: str) -> bytes:
    """Return the keyed hash under which a borrower stands among the sightings."""
    return keys.look_up("sighting", borrower)
