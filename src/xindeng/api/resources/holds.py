"""Holds: listed, placed and extended by staff; a borrower locks and unlocks their own.

To end one by hand takes two people: see proposals.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from xindeng.api.resources.sessions import Done
from xindeng.api.route import Call
from xindeng.api.shapes import Amount, Instant, Name, Sent, Text
from xindeng.service import holds
from xindeng.service import line as lines
from xindeng.servicing.hold_book import StandingHold

Days = Annotated[int, Meta(ge=1, le=3_660)]


class HoldTold(Struct, frozen=True, kw_only=True):
    """A hold that stands. None ever stops a repayment. Kind, reason and evidence are for staff."""

    id: str
    mode: str
    title: dict[str, str]
    placed_at: Instant
    review_at: Instant
    cap: int | None = None
    kind: str | None = None
    reason: str | None = None
    owner: str | None = None
    loan: str | None = None
    extensions: int | None = None
    escalated: bool = False
    evidence: tuple[str, ...] = ()


class HoldsAnswer(Struct, frozen=True, kw_only=True):
    """The holds that stand, earliest review first."""

    items: tuple[HoldTold, ...]


class HoldSent(Sent):
    """A hold as the policy allows for its kind; `days` is the kind's own length unless given."""

    kind: Name
    reason: Text
    mode: Literal["monitor", "cap", "block"] = "block"
    days: Days | None = None
    cap: Amount | None = None
    loan: Name | None = None
    note: Annotated[str, Meta(max_length=500)] = ""


class HoldPlacedAnswer(Struct, frozen=True, kw_only=True):
    """The hold that was placed; the borrower is told."""

    hold: str


class ExtensionSent(Sent):
    """Some more days on evidence that is new."""

    days: Days
    evidence: Text


def standing(call: Call) -> HoldsAnswer:
    """Return the holds that stand, as staff may see them."""
    seen = lines.show(call.engine, call.borrower)
    return HoldsAnswer(items=tuple(told(call, one) for one in seen.holds))


def place(call: Call) -> HoldPlacedAnswer:
    """Place a hold and tell the borrower; draws pause, repayments go on as ever."""
    sent: HoldSent = call.body
    hold = holds.place(
        call.engine, call.borrower, sent.kind, reason=sent.reason, by=call.by, mode=sent.mode,
        days=sent.days, cap=sent.cap, loan=sent.loan, note=sent.note,
    )  # fmt: skip
    return HoldPlacedAnswer(hold=hold)


def extend(call: Call) -> Done:
    """Extend a hold on new evidence, within the policy's caps, with a notice."""
    sent: ExtensionSent = call.body
    holds.extend(
        call.engine, call.borrower, call.names["hold"], days=sent.days, evidence=sent.evidence,
        by=call.by,
    )  # fmt: skip
    return Done()


def lock(call: Call) -> Done:
    """Lock draws at the borrower's wish, at once."""
    holds.lock(call.engine, call.borrower)
    return Done()


def unlock(call: Call) -> Done:
    """Start the wait after which the borrower's own lock goes off; it needs a fresh step-up."""
    holds.ask_unlock(call.engine, call.borrower)
    return Done()


def told(call: Call, one: StandingHold) -> HoldTold:
    """Return a hold as its reader may see it: to a borrower only what the notice of it said."""
    policy = call.engine.policy
    spec = policy.line.kinds.get(one.kind)
    plain = HoldTold(
        id=one.id,
        mode=one.mode,
        title=dict(spec.title) if spec is not None else {},
        placed_at=Instant.of(one.placed_at, policy.zone),
        review_at=Instant.of(one.review_at, policy.zone),
        cap=one.cap,
    )
    if call.own:
        return plain
    return HoldTold(
        id=plain.id, mode=plain.mode, title=plain.title, placed_at=plain.placed_at,
        review_at=plain.review_at, cap=plain.cap, kind=one.kind, reason=one.reason,
        owner=one.owner, loan=one.loan, extensions=one.extensions, escalated=one.escalated,
        evidence=one.evidence,
    )  # fmt: skip
