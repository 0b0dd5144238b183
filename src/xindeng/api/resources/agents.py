"""Agents who act for many people: found by where requests come from, looked at by a person."""

from __future__ import annotations

from msgspec import Struct

from xindeng.api.route import Call
from xindeng.api.shapes import Instant, PageQuery, Sent, Text
from xindeng.service import agents
from xindeng.store.agents import Agent


class AgentTold(Struct, frozen=True, kw_only=True):
    """An agent: through what they were seen, and for how many people. For whom, nobody is told."""

    id: str
    kind: str
    borrowers: int
    opened_at: Instant
    seen_at: Instant
    closed_at: Instant | None = None
    closed_by: str | None = None
    finding: str | None = None


class AgentsAnswer(Struct, frozen=True, kw_only=True):
    """Agents, oldest first."""

    items: tuple[AgentTold, ...]
    next: str | None


class FindingSent(Sent):
    """What a person found out; no borrower is to be named in it."""

    finding: Text


def page(call: Call) -> AgentsAnswer:
    """Return the agents found so far."""
    query: PageQuery = call.query
    items, after = query.cut(agents.listed(call.engine))
    return AgentsAnswer(items=tuple(_told(call, one) for one in items), next=after)


def close(call: Call) -> AgentTold:
    """Store what was found out about an agent, once."""
    sent: FindingSent = call.body
    found = agents.close(call.engine, call.names["agent"], by=call.by, finding=sent.finding)
    return _told(call, found)


def _told(call: Call, one: Agent) -> AgentTold:
    zone = call.engine.policy.zone
    return AgentTold(
        id=one.id, kind=one.kind, borrowers=one.borrowers,
        opened_at=Instant.of(one.opened_at, zone), seen_at=Instant.of(one.seen_at, zone),
        closed_at=Instant.maybe(one.closed_at, zone), closed_by=one.closed_by,
        finding=one.finding,
    )  # fmt: skip
