"""Four eyes: what one person proposes another approves or refuses, within its time, once.

Who it was stands in both their chains of actions. Approving carries the change out in the same
transaction, under the lock of the proposal: of two who approve at once one is told it is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import msgspec

from xindeng.kernel.errors import ConflictError, ErasedError, ForbiddenError, InputError
from xindeng.kernel.time import HOUR
from xindeng.service import changes
from xindeng.service.changes import Change
from xindeng.service.engine import Engine
from xindeng.servicing.matters import Clock, figure
from xindeng.store import actions, borrowers, proposals
from xindeng.store.borrowers import Chain
from xindeng.store.chain import digest
from xindeng.store.connect import Conn
from xindeng.store.proposals import ProposalRow, Publication

LASTS: Final = Clock("proposal_lasts_hours", 72)
Verdict = Literal["approved", "refused"]


class _Body(msgspec.Struct, frozen=True):
    """What is stored of a proposal: the change, and why it is proposed."""

    change: Change
    why: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as it stands; `change` and `why` are None where the borrower was erased."""

    row: ProposalRow
    change: Change | None
    why: str | None
    over: bool = False

    @property
    def state(self) -> str:
        """Return open, approved, refused or expired."""
        return "expired" if self.over and self.row.state == "open" else self.row.state


def propose(engine: Engine, change: Change, *, why: str, by: str) -> Proposal:
    """Propose a change; nothing happens until somebody else approves it.

    Raises InputError without a reason, PolicyError for a bundle that does not check, ConflictError
    for what could not be done now either, NotFoundError, ErasedError.
    """
    if not why.strip():
        raise InputError("a proposal needs its reason", where="why", code="proposal.why")
    changes.check(engine, change)
    now = engine.clock()
    lasts = figure(engine.policy, LASTS, engine.policy.zone.day(now)) * HOUR
    ident, borrower = engine.new_id(now), changes.about(change)
    plain = msgspec.json.encode(_Body(change, why))
    with engine.store.transaction() as conn:
        chain = None if borrower is None else borrowers.read(conn, engine.store.keys, borrower)
        body = plain if chain is None else chain.key.seal(plain, proposals.belongs_to(ident))
        row = ProposalRow(
            id=ident, kind=changes.kind_of(change), borrower=borrower, author=by, made_at=now,
            expires_at=now + lasts, key_id=None if chain is None else chain.key.key_id, body=body,
        )  # fmt: skip
        proposals.insert(conn, row)
        _record(engine, conn, row, "proposal.make", by, chain)
    return Proposal(row, change, why)


def judge(engine: Engine, ident: str, verdict: Verdict, *, by: str) -> Proposal:
    """Approve a proposal, which carries it out, or refuse it.

    Raises ForbiddenError for its author, ConflictError where it was judged by another or its time
    is over, and what carrying it out raises; then nothing was done. Judging again is the same.
    """
    with engine.store.joined() as conn:
        row = proposals.read(conn, ident, hold=True)
        chain = _chain(engine, conn, row)
        found, now = _told(engine, row, chain), engine.clock()
        if row.author == by:
            raise ForbiddenError(
                "who proposed it does not judge it",
                where=f"proposal {row.id}",
                next_step="leave it to another person",
                code="proposal.own",
            )
        if row.state == verdict and row.judged_by == by:
            return found
        if row.state != "open" or found.over:
            raise ConflictError(
                f"this proposal is {found.state}",
                where=f"proposal {row.id}",
                next_step="propose it anew if it is still wanted",
                code="proposal.over",
            )
        proposals.judge(conn, row.id, verdict, by, now)
        _record(engine, conn, row, f"proposal.{verdict}", by, chain)
        if verdict == "approved":
            assert found.change is not None and found.why is not None
            changes.carry_out(engine, found.change, proposal=row.id, why=found.why, by=by)
    return read(engine, ident)


def read(engine: Engine, ident: str) -> Proposal:
    """Return a proposal; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        row = proposals.read(conn, ident)
        return _read(engine, conn, row)


def listed(engine: Engine, *, waiting: bool) -> list[Proposal]:
    """Return proposals, oldest first: those that may still be judged, or all."""
    with engine.store.snapshot() as conn:
        found = [_read(engine, conn, row) for row in proposals.listed(conn, waiting=waiting)]
    return [one for one in found if not (waiting and one.over)]


def published(engine: Engine) -> list[Publication]:
    """Return every publication, oldest first."""
    with engine.store.snapshot() as conn:
        return proposals.published(conn)


def _read(engine: Engine, conn: Conn, row: ProposalRow) -> Proposal:
    try:
        return _told(engine, row, _chain(engine, conn, row))
    except ErasedError:
        return Proposal(row, None, None, over=engine.clock() >= row.expires_at)


def _chain(engine: Engine, conn: Conn, row: ProposalRow) -> Chain | None:
    if row.borrower is None:
        return None
    return borrowers.read(conn, engine.store.keys, row.borrower)


def _told(engine: Engine, row: ProposalRow, chain: Chain | None) -> Proposal:
    body = msgspec.json.decode(row.plain(None if chain is None else chain.key), type=_Body)
    return Proposal(row, body.change, body.why, over=engine.clock() >= row.expires_at)


def _record(
    engine: Engine, conn: Conn, row: ProposalRow, kind: str, by: str, chain: Chain | None
) -> None:
    """Put it into the actor's chain: which proposal, and the digest of what it says."""
    now = engine.clock()
    body: Mapping[str, Any] = {"kind": row.kind, "digest": digest("proposal", row.body).hex()}
    actions.record(conn, by, kind, row.id, body, ident=engine.new_id(now), at=now, about=chain)
