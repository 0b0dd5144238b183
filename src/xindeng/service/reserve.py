"""Confirm a draw: take its room on the line, under the borrower's lock, before anybody is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID, uuid5

from xindeng.decision.answer import Outcome
from xindeng.events.line import DrawReserved
from xindeng.kernel.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.limits import book_of
from xindeng.service.product import legal_cap, most_open_draws, offer_lasts
from xindeng.store import borrowers, decisions, loans, reservations
from xindeng.store.chain import digest
from xindeng.store.decisions import StoredDecision, same_body
from xindeng.store.reservations import Reservation

# A name space of our own; changing it would make other draws of all keys.
_DRAWS: Final = UUID("0a5b7f0e-6f0c-5c63-9c3f-6a3f1e3a7d10")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be paid out: an amount in minor units under encoded loan terms.

    `decision` is the approval it rests on; `funder` the partner lender whose money it is, None
    for our own.
    """

    amount: int
    currency: str
    terms: bytes
    decision: str | None = None
    funder: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The line under its lock, minor units; `room` is what a draw may still take."""

    limit: int
    exposure: int
    reserved: int
    draws: int

    @property
    def room(self) -> int:
        """Return limit − exposure − reserved, never below zero."""
        return max(self.limit - self.exposure - self.reserved, 0)


def numbers(line: Held) -> Numbers:
    """Return the line's numbers: the greater of what events tell and what the ledger holds.

    A lender's core system may keep loans that only its events tell of; the ledger may hold one
    whose event is still on its way. Neither may be lent twice.
    """
    seen = line.view()
    limit = seen.value("limit_shown")
    if type(limit) is not int:
        raise ConflictError(
            "no limit has been granted on this line",
            where=f"borrower {line.borrower}",
            next_step="grant a limit first",
            code="line.no_limit",
        )
    reserved, draws = reservations.reserved(line.conn, line.borrower)
    owed = loans.principal(line.conn, line.borrower)
    return Numbers(limit, max(seen.whole("exposure"), owed), reserved, draws)


def reserve(engine: Engine, borrower: str, order: Order, key: str) -> Reservation:
    """Take the room for a draw, or return what the same key took before.

    Raises ConflictError where the room is gone or the approval was used for another draw,
    KeyUsedError where the key was, ForbiddenError under a hold, InputError for an amount no draw
    could have, NotFoundError, UnavailableError after a restore that waits for the rail. Whatever is
    raised, nothing was reserved.
    """
    _check(order, key, engine.policy.currency)
    body = digest("reserve", order.amount, order.currency, order.terms, order.decision)
    with held(engine, borrower) as line:
        earlier = reservations.by_key(line.conn, borrower, key)
        if earlier is not None:
            same_body(earlier.body, body)
            return earlier
        engine.check_reconciled(line.conn)
        check_unused(line, order.decision)
        found = numbers(line)
        if not found.limit:
            check_open(line)
        check_holds(line, order.amount)
        check_room(found, order.amount)
        check_caps(line, found, order.amount)
        return book(line, order, key, body)


def book(line: Held, order: Order, key: str, body: bytes) -> Reservation:
    """Store the reservation and tell of it; whether there is room has been checked."""
    made = note(line, order, key, body)
    line.tell(DrawReserved(draw=made.draw, amount=made.amount, decision_id=order.decision))
    return made


def note(line: Held, order: Order, key: str, body: bytes) -> Reservation:
    """Store a reservation of which nothing is told yet."""
    made = Reservation(
        draw=draw_id(line.borrower, key), borrower=line.borrower, key=key, body=body,
        decision=order.decision,
        amount=order.amount, currency=order.currency, terms=order.terms, funder=order.funder,
        state="reserved", cause="confirmed", attempts=0, reserved_at=line.now, changed_at=line.now,
    )  # fmt: skip
    reservations.insert(line.conn, made)
    return made


def draw_id(borrower: str, key: str) -> str:
    """Return the id of the draw confirmed under a key, by which the payment rail knows it, too.

    It follows from the key alone: confirmed again after a restore that lost it, it is the same
    draw, and the rail moves no money twice.
    """
    return str(uuid5(_DRAWS, f"{borrower}\0{key}"))


def offer(engine: Engine, borrower: str, decision_id: str) -> StoredDecision:
    """Return the borrower's decision if it may still be confirmed.

    Raises NotFoundError, ConflictError for one that did not approve, whose time is over
    or that has been used.
    """
    with engine.store.snapshot() as conn:
        sealed = decisions.read(conn, decision_id)
        if sealed.column("borrower") != borrower:
            raise NotFoundError(
                f"no decision {decision_id[:60]!r} of borrower {borrower}",
                next_step="copy the id from the decision's answer",
                code="not_found.decision",
            )
        used = reservations.of_decision(conn, decision_id)
        chain = borrowers.read(conn, engine.store.keys, borrower)
        stored = sealed.unseal(chain.key)
    made = stored.decision
    if made.outcome not in {Outcome.APPROVE, Outcome.APPROVE_LESS} or not made.amount_offered:
        raise _not_open(decision_id, f"its outcome was {made.outcome.value}", "ask for a new one")
    if used is None and engine.clock() - made.now > offer_lasts(engine, made.now):
        raise _not_open(decision_id, "its time is over", "ask again; nothing is lost")
    return stored


def check_unused(line: Held, decision_id: str | None) -> None:
    """Raise ConflictError where an approval was drawn on before, under another key."""
    if decision_id is not None and reservations.of_decision(line.conn, decision_id) is not None:
        raise _not_open(decision_id, "it has been used", "ask for a new one")


def check_open(line: Held) -> None:
    """Raise ConflictError on a closed line; repaying goes on there too."""
    if book_of(line).closed:
        raise ConflictError(
            "the line is closed, so nothing can be drawn on it; repayments go on as ever",
            where=f"borrower {line.borrower}",
            next_step="ask for a new line",
            code="line.closed",
        )


def check_holds(line: Held, amount: int) -> None:
    """Raise ForbiddenError where a hold stands in the way of paying out; repaying never is."""
    for hold in line.engine.policy.kernel.holds(line.state):
        capped = hold.mode == "cap" and hold.cap is not None and amount > hold.cap
        if hold.mode == "block" or capped:
            raise ForbiddenError(
                "draws are paused on this line; repayments go on as ever",
                where=f"hold {hold.kind}",
                next_step=f"see: xindeng line show {line.borrower}",
                code="draw.held",
            )


def check_room(found: Numbers, amount: int) -> None:
    """Raise ConflictError where the amount does not fit into the room."""
    if amount > found.room:
        raise ConflictError(
            f"the draw of {amount:,} does not fit: {found.room:,} minor units are free "
            f"(limit {found.limit:,}, owed {found.exposure:,}, on their way {found.reserved:,})",
            next_step="ask for a smaller amount, or again when a draw on its way has ended",
            code="draw.room",
        )


def check_caps(line: Held, found: Numbers, amount: int) -> None:
    """Raise ConflictError where the draw would be one too many, or more than the law allows.

    The decision has looked at both; approvals that stood beside it may have been confirmed since.
    """
    most = most_open_draws(line.engine)
    if most is not None:
        mine = len(loans.of_borrower(line.conn, line.borrower, living=True))
        count = max(line.view().whole("open_draws"), mine) + found.draws
        if count >= most:
            raise ConflictError(
                f"{count} draws are open or on their way, and {most} may be",
                where=f"borrower {line.borrower}",
                next_step="repay one in full first",
                code="draw.too_many",
            )
    cap = legal_cap(line.engine)
    owed = found.exposure + found.reserved + amount
    if cap is not None and owed > cap:
        raise ConflictError(
            f"with this draw {owed:,} minor units would be owed; the law allows {cap:,}",
            where=f"borrower {line.borrower}",
            next_step="ask for a smaller amount",
            code="draw.legal_cap",
        )


def _check(order: Order, key: str, currency: str) -> None:
    if type(order.amount) is not int or not 1 <= order.amount <= MAX_AMOUNT:
        raise InputError(
            f"a draw of {order.amount!r} minor units",
            where="amount",
            next_step=f"give a whole number of minor units from 1 to {MAX_AMOUNT:,}",
            code="draw.amount",
        )
    if order.currency != currency:
        raise InputError(
            f"the line is in {currency}, the draw in {order.currency}",
            where="currency",
            next_step=f"draw in {currency}",
            code="draw.currency",
        )
    if not 1 <= len(key) <= 128 or not key.isprintable():
        raise InputError(
            "a draw needs an idempotency key of 1 to 128 printable characters",
            where="key",
            next_step="make one key for each draw the borrower confirms, and repeat it on retries",
            code="request.key",
        )


def _not_open(decision_id: str, why: str, next_step: str) -> ConflictError:
    return ConflictError(
        f"decision {decision_id} cannot be drawn on: {why}",
        next_step=next_step,
        code="draw.not_open",
    )
