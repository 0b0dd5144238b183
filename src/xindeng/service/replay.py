"""Decide a stored decision again, from the events it saw, and compare exactly."""

from __future__ import annotations

import msgspec

from xindeng.decision.answer import encode
from xindeng.events.line import DecisionMade
from xindeng.kernel.errors import XindengError
from xindeng.service.engine import Engine
from xindeng.service.turn import judge
from xindeng.store import borrowers, decisions, events
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import integrity_error
from xindeng.store.decisions import SealedDecision, StoredDecision


class ReplayMismatch(XindengError):
    """The same policy and facts gave another decision; the message names the fields."""

    default_code = "replay.mismatch"


def replay(engine: Engine, decision_id: str) -> StoredDecision:
    """Run a stored decision again; return it if every bit came out the same.

    Verifies the borrower's whole chain and that it holds this very decision, folds the events
    with seq below the decision's, and decides under the stored policy version, platform state
    and instant. Raises ReplayMismatch, XindengError "store.integrity" for changed bytes,
    NotFoundError, ErasedError.
    """
    with engine.store.snapshot() as conn:
        sealed = decisions.read(conn, decision_id)
        chain = borrowers.read(conn, engine.store.keys, sealed.column("borrower"))
        _check_evidence(conn, chain, sealed)
        stored = sealed.unseal(chain.key)
        answer = stored.decision
        policy = engine.policy_of(conn, answer.policy_hash)
        state = engine.rebuild(conn, chain, policy, below=stored.seq)
        platform = engine.platform.at(conn, stored.platform_seq)
    again = judge(policy, state, platform, stored.request, answer.now)
    if encode(again) != encode(answer):
        before, after = msgspec.to_builtins(answer), msgspec.to_builtins(again)
        changed = [name for name in before if before[name] != after[name]]
        raise ReplayMismatch(
            f"the decision comes out differently in {', '.join(changed) or 'its encoding'}",
            where=f"decision {decision_id}",
            next_step="compare the program's version and semantics with those of the decision",
        )
    return stored


def _check_evidence(conn: Conn, chain: Chain, sealed: SealedDecision) -> None:
    """The chain must hold an event of this decision that vouches for every byte of its row."""
    seq, ident = sealed.column("seq"), sealed.column("id")
    where = f"decision {ident}"
    links = events.read_links(conn, chain.borrower, after=seq - 1, below=seq + 1)
    if not links or links[0].evidence != sealed.evidence:
        raise integrity_error("the row is not the one its event vouches for", where)
    made = next(events.unseal(links, chain.key)).payload
    if not isinstance(made, DecisionMade) or made.decision_id != ident:
        raise integrity_error("its event is of another decision", where)
