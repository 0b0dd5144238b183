"""Four eyes: proposals of changes that nobody makes alone, and their approval by another."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from xindeng.api.route import Call
from xindeng.api.shapes import Instant, PageQuery, Sent, Text
from xindeng.service import changes, proposals
from xindeng.service.changes import Change
from xindeng.service.proposals import Proposal, Verdict


class ProposalSent(Sent):
    """A change, and why it is to be made."""

    change: Change
    why: Text


class ProposalTold(Struct, frozen=True, kw_only=True):
    """A proposal as it stands: open, approved (and carried out), refused, or expired."""

    id: str
    kind: str
    borrower: str | None
    state: str
    author: str
    made_at: Instant
    expires_at: Instant
    judged_by: str | None
    judged_at: Instant | None
    why: str | None
    change: Change | None


class ProposalsQuery(PageQuery):
    """Which proposals: those that wait to be judged, unless all are wanted."""

    every: Annotated[bool, Meta(description="judged and expired ones too")] = False


class ProposalsAnswer(Struct, frozen=True, kw_only=True):
    """Proposals, oldest first; `next` is the cursor of the page after."""

    items: tuple[ProposalTold, ...]
    next: str | None


def propose(call: Call) -> ProposalTold:
    """Propose a change; nothing happens until another person approves it."""
    sent: ProposalSent = call.body
    call.need(f"proposal.{changes.kind_of(sent.change)}")
    return told(call, proposals.propose(call.engine, sent.change, why=sent.why, by=call.by))


def page(call: Call) -> ProposalsAnswer:
    """Return what waits to be judged."""
    query: ProposalsQuery = call.query
    items, after = query.cut(proposals.listed(call.engine, waiting=not query.every))
    return ProposalsAnswer(items=tuple(told(call, one) for one in items), next=after)


def one(call: Call) -> ProposalTold:
    """Return a proposal and what it would do."""
    return told(call, proposals.read(call.engine, call.names["proposal"]))


def approve(call: Call) -> ProposalTold:
    """Approve what somebody else proposed, which carries it out, once."""
    return _judge(call, "approved")


def refuse(call: Call) -> ProposalTold:
    """Refuse what somebody else proposed."""
    return _judge(call, "refused")


def told(call: Call, found: Proposal) -> ProposalTold:
    """Return a proposal as staff may see it."""
    row, zone = found.row, call.engine.policy.zone
    return ProposalTold(
        id=row.id, kind=row.kind, borrower=row.borrower, state=found.state, author=row.author,
        made_at=Instant.of(row.made_at, zone), expires_at=Instant.of(row.expires_at, zone),
        judged_by=row.judged_by, judged_at=Instant.maybe(row.judged_at, zone),
        why=found.why, change=found.change,
    )  # fmt: skip


def _judge(call: Call, verdict: Verdict) -> ProposalTold:
    return told(call, proposals.judge(call.engine, call.names["proposal"], verdict, by=call.by))
