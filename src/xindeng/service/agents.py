"""Agents who sell “repair”: one device, address or payout card across many people's requests.

What is noted are keyed hashes of the traces and of the borrowers. No feature, rule or page about a
borrower reads them: whoever was talked into it is not to pay for it a second time. Where a request
does not say from where it comes, the borrower's own events may: the device of the last sign-in, the
payout card.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from xindeng.events.security import DeviceChange, Login, PayoutCard
from xindeng.kernel.errors import ErasedError, NotFoundError
from xindeng.kernel.time import DAY
from xindeng.service.engine import Engine
from xindeng.servicing.matters import Clock, figure
from xindeng.store import agents, borrowers, events
from xindeng.store.agents import Agent
from xindeng.store.crypto import KeyRing

TraceKind = Literal["device", "address", "payout_card"]
MOST: Final = Clock("agent_borrowers_max", 5)
WINDOW: Final = Clock("agent_window_days", 30)
_TYPES: Final = ("login", "device_change", "payout_card")


def seen(engine: Engine, borrower: str, traces: Mapping[TraceKind, str]) -> None:
    """Note from where a request came, as it says and as the borrower's events do; past so many
    borrowers a person looks at the agent.

    The request itself is answered as ever.
    """
    traces = {**_known(engine, borrower), **traces}
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


def _known(engine: Engine, borrower: str) -> dict[TraceKind, str]:
    """Return the device and the payout card that a borrower's events tell of last."""
    try:
        with engine.store.snapshot() as conn:
            chain = borrowers.read(conn, engine.store.keys, borrower)
            told = list(events.unseal(events.read_of_types(conn, borrower, _TYPES), chain.key))
    except (NotFoundError, ErasedError):
        return {}
    found: dict[TraceKind, str] = {}
    for event in told:
        match event.payload:
            case Login(success=True, device=str(device)) | DeviceChange(device=device):
                found["device"] = device
            case PayoutCard(action="removed"):
                found.pop("payout_card", None)
            case PayoutCard(card=card):
                found["payout_card"] = card
    return found


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
