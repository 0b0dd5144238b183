"""Decide a draw for real: one transaction, two round trips, and the answer is stored for good."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Final

from xindeng.decision.facts import PlatformState
from xindeng.decision.request import Request
from xindeng.events.catalogue import PLATFORM
from xindeng.features.state import State
from xindeng.kernel.errors import InputError
from xindeng.service import lots, trying
from xindeng.service.engine import Engine
from xindeng.service.holds import look_again
from xindeng.service.matter_queue import put_before_people
from xindeng.service.saving import save_states
from xindeng.service.turn import Turn, take
from xindeng.store import borrowers, decisions, events, notices, openings
from xindeng.store.borrowers import Chain
from xindeng.store.chain import digest
from xindeng.store.connect import Conn
from xindeng.store.decisions import Arm, StoredDecision
from xindeng.store.openings import Opening

_FIELDS: Final = sorted(field.name for field in fields(Request))


def draw(engine: Engine, borrower: str, request: Request, key: str) -> StoredDecision:
    """Decide `request` of `borrower` and store what was decided, with all it rested on.

    `key` makes the call repeatable: the same key and request give the first answer again; the
    same key with another request is a KeyUsedError. Raises NotFoundError for an unknown
    borrower, InputError for a request no line could mean, ConflictError where another request of
    this borrower holds the lock for 2 s, UnavailableError where the database is away. Whatever
    is raised, nothing was stored.
    """
    asked = Asked(borrower, request, key)
    check(asked)
    with engine.store.transaction() as conn:
        opening = openings.lock_and_read(conn, engine.store.keys, [(borrower, key)]).of(borrower)
        if opening.earlier is not None:
            return earlier(conn, opening, asked)
        made = decided(engine, conn, opening, asked)
        write(engine, conn, [made])
    return made.stored


@dataclass(frozen=True, slots=True)
class Asked:
    """A draw that a borrower confirmed, under the key that stands for it for good."""

    borrower: str
    request: Request
    key: str
    keep: Keep | None = None


@dataclass(frozen=True, slots=True)
class Keep:
    """That the answer is kept with the draw, to be given again: the digest of all that was asked,
    and how a decision is told as a status and a body."""

    asked: bytes
    tell: Callable[[StoredDecision], tuple[int, bytes]]


@dataclass(frozen=True, slots=True)
class Made:
    """A draw decided and not stored yet; `chain` and `state` have taken in its events."""

    asked: Asked
    chain: Chain
    state: State
    turn: Turn
    stored: StoredDecision


def check(asked: Asked) -> None:
    """Raise InputError for a key that is none, NotFoundError for the platform's own chain."""
    if not 1 <= len(asked.key) <= 128 or not asked.key.isprintable():
        raise InputError(
            "a draw needs an idempotency key of 1 to 128 printable characters",
            where="key",
            next_step="make one key for each draw the borrower confirms, and repeat it on retries",
            code="request.key",
        )
    if asked.borrower == PLATFORM:
        raise borrowers.unknown(asked.borrower)


def earlier(conn: Conn, opening: Opening, asked: Asked) -> StoredDecision:
    """Return the first answer to the same key; KeyUsedError if the request was another one."""
    assert opening.earlier is not None
    body, ident = opening.earlier
    decisions.same_body(body, _digest(asked.request))
    return decisions.read(conn, ident).unseal(opening.chain.key)


def decided(engine: Engine, conn: Conn, opening: Opening, asked: Asked) -> Made:
    """Decide a draw on a locked borrower; of the draw nothing is stored. Raises InputError,
    ConflictError."""
    engine = engine.base
    engine.check_reconciled(conn)
    chain = opening.chain
    state = engine.state(conn, chain, opening.state)
    if holds := engine.policy.kernel.holds(state):
        # The night's review may be hours away; a hold whose time is over stops nobody until then.
        look_again(engine, conn, chain, state, {hold.id for hold in holds})
    platform, turn, arm = engine.platform.at(conn, opening.platform_seq), None, None
    if opening.live:
        turn, arm = _challenged(engine, conn, opening, state, platform, asked.request)
    if turn is None:
        turn = take(
            engine.policy,
            state,
            chain.borrower,
            platform=platform,
            request=lots.marked(
                engine, conn, engine.policy, chain.borrower, asked.request, hold=True
            ),
            clock=engine.clock(),
            new_id=engine.new_id,
        )
        lots.note(
            conn, engine.policy, chain.borrower, turn.decision_id, turn.request, turn.decision
        )
    stored = _stored(chain.borrower, turn, opening.platform_seq, arm)
    return Made(asked, chain, state, turn, stored)


def _challenged(
    engine: Engine, conn: Conn, opening: Opening, state: State, platform: PlatformState,
    request: Request,
) -> tuple[Turn | None, Arm | None]:  # fmt: skip
    """Return what the live challenger of a borrower decided, if there is one, and its part in it;
    `state` has then taken in what follows from it."""
    chain = opening.chain
    challenger = trying.arm_for_draw(
        engine, conn, chain.borrower, opening.live,
        lambda: trying.segment_of(engine, state, platform),
    )  # fmt: skip
    if challenger is None:
        return None, None
    turn, arm = trying.challenged(engine, conn, challenger, chain, state, platform, request)
    for event in turn.events if turn else ():
        engine.policy.kernel.fold(state, event)
    return turn, arm


def write(engine: Engine, conn: Conn, made: Sequence[Made]) -> None:
    """Store draws of different borrowers, locked by this transaction, in as many statements as
    one takes."""
    engine, links, sealed, keys = engine.base, [], [], []
    for one in made:
        row = decisions.seal(one.stored, one.chain.key)
        proofs = [row.evidence if e.seq == one.stored.seq else None for e in one.turn.events]
        links += events.extend(one.chain, one.turn.events, proofs)
        sealed.append(row)
        keys.append((one.asked.borrower, one.asked.key, _digest(one.asked.request), one.stored.id))
    events.insert(conn, links)
    decisions.insert(conn, sealed)
    borrowers.save_heads(conn, [one.chain for one in made])
    save_states(engine, conn, [(one.chain, one.state) for one in made])
    for one in made:
        at = one.turn.events[-1].known_at
        for told in one.turn.notices:
            ident, to = engine.new_id(at), notices.contacts(former_too=told.old_contact)
            notices.insert(conn, one.chain, ident, told.kind, dict(told.texts), to, at)
    decisions.remember(conn, keys)
    put_before_people(engine, conn, [one.stored for one in made])


def _stored(borrower: str, turn: Turn, platform_seq: int, arm: Arm | None) -> StoredDecision:
    attempt, made = turn.events[:2]
    return StoredDecision(
        id=turn.decision_id,
        borrower=borrower,
        seq=made.seq,
        platform_seq=platform_seq,
        request=turn.request,
        attempt=attempt.id,
        decision=turn.decision,
        arm=arm,
    )


def _digest(request: Request) -> bytes:
    """Return what tells the request from others; what it does not say was no field once."""
    told = [(name, value) for name in _FIELDS if (value := getattr(request, name)) is not None]
    return digest("draw", told)
