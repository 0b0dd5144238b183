"""Decide a draw for real: one transaction, two round trips, and the answer is stored for good."""

from __future__ import annotations

from dataclasses import asdict

from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import InputError
from xindeng.service.engine import Engine
from xindeng.service.saving import save_states
from xindeng.service.turn import Turn, take
from xindeng.store import borrowers, decisions, events, notices, openings
from xindeng.store.chain import digest
from xindeng.store.connect import Conn
from xindeng.store.decisions import StoredDecision
from xindeng.store.openings import Opening


def draw(engine: Engine, borrower: str, request: Request, key: str) -> StoredDecision:
    """Decide `request` of `borrower` and store what was decided, with all it rested on.

    `key` makes the call repeatable: the same key and request give the first answer again; the
    same key with another request is a ConflictError. Raises NotFoundError for an unknown
    borrower, InputError for a request no line could mean, ConflictError where another request of
    this borrower holds the lock for 2 s, UnavailableError where the database is away. Whatever
    is raised, nothing was stored.
    """
    _check_key(key)
    if borrower == PLATFORM:
        raise borrowers.unknown(borrower)
    body = _digest(request)
    with engine.store.transaction() as conn:
        found = openings.lock_and_read(conn, engine.store.keys, [(borrower, key)])
        opening = found.get(borrower)
        if opening is None:
            raise borrowers.unknown(borrower)
        if opening.earlier is not None:
            decisions.same_body(opening.earlier[0], body, key)
            return decisions.read(conn, opening.earlier[1]).unseal(opening.chain.key)
        stored = _decide(engine, conn, opening, request)
        decisions.remember(conn, opening.chain, key, body, stored.id)
    return stored


def _decide(engine: Engine, conn: Conn, opening: Opening, request: Request) -> StoredDecision:
    chain = opening.chain
    state = engine.state(conn, chain, opening.state)
    platform = engine.platform.at(conn, opening.platform_seq)
    turn = take(
        engine.policy,
        state,
        chain.borrower,
        platform=platform,
        request=request,
        clock=engine.clock(),
        new_id=engine.new_id,
    )
    stored = _stored(chain.borrower, turn, opening.platform_seq)
    sealed = decisions.seal(stored, chain.key)
    evidence = [sealed.evidence if e.seq == stored.seq else None for e in turn.events]
    events.insert(conn, events.extend(chain, turn.events, evidence))
    decisions.insert(conn, sealed)
    borrowers.save_heads(conn, [chain])
    save_states(engine, conn, [(chain, state)])
    at = turn.events[-1].known_at
    for one in turn.notices:
        ident, to = engine.new_id(at), notices.contacts(former_too=one.old_contact)
        notices.insert(conn, chain, ident, one.kind, dict(one.texts), to, at)
    return stored


def _stored(borrower: str, turn: Turn, platform_seq: int) -> StoredDecision:
    attempt, made = turn.events[:2]
    return StoredDecision(
        id=turn.decision_id,
        borrower=borrower,
        seq=made.seq,
        platform_seq=platform_seq,
        request=turn.request,
        attempt=attempt.id,
        decision=turn.decision,
    )


def _digest(request: Request) -> bytes:
    """Return what tells the request from others; one without a product as before there were any."""
    fields = asdict(request)
    if request.product is None:
        del fields["product"]
    return digest("draw", sorted(fields.items()))


def _check_key(key: str) -> None:
    if not 1 <= len(key) <= 128 or not key.isprintable():
        raise InputError(
            "a draw needs an idempotency key of 1 to 128 printable characters",
            where="key",
            next_step="make one key for each draw the borrower confirms, and repeat it on retries",
            code="request.key",
        )
