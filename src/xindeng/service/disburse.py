"""Bring a reserved draw to its end: funder, payment rail, then a loan or nothing.

No transaction is open while anybody outside is asked. What is not known stays reserved and is
asked about under the draw's own key; it is never sent under a new one.
"""

from __future__ import annotations

from dataclasses import dataclass

from xindeng.adapters.ports import Funder, FunderAnswer, Rail, RailAnswer, Transfer
from xindeng.events.line import DrawReleased, FunderRequest, FunderResponse
from xindeng.kernel.errors import UnavailableError
from xindeng.kernel.time import MINUTE
from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.service.product import unseen_lasts
from xindeng.service.quote import OWN_FUNDS, check_read, sheet_of, terms_of_offer
from xindeng.service.reserve import Order, offer, reserve
from xindeng.store import decisions, reservations
from xindeng.store.decisions import StoredDecision
from xindeng.store.reservations import Reservation


@dataclass(frozen=True, slots=True)
class Ports:
    """Whom a draw passes on its way; without a funder the money is our own."""

    rail: Rail
    funder: Funder | None = None


def confirm(engine: Engine, ports: Ports, borrower: str, decision_id: str, key: str) -> Reservation:
    """Draw on an approval: reserve, ask the funder, pay out. The same key gives the same draw.

    Returns the draw as far as it came: settled, void, or still open and to be asked about.
    Raises as `offer`, `quote`, `check_read` and `reserve` do, with nothing reserved.
    """
    stored = offer(engine, borrower, decision_id)
    _check_cost(engine, ports, stored, key)
    amount = stored.decision.amount_offered or 0
    order = Order(
        amount=amount,
        currency=stored.request.currency,
        terms=terms_of_offer(engine, stored),
        decision=decision_id,
        funder=ports.funder.name if ports.funder else None,
    )
    return advance(engine, ports, reserve(engine, borrower, order, key))


def _check_cost(engine: Engine, ports: Ports, stored: StoredDecision, key: str) -> None:
    """Refuse a price above a cap in force, or one that was not shown and read, before any room is
    taken; a draw that was confirmed stays so."""
    with engine.store.snapshot() as conn:
        if reservations.by_key(conn, stored.borrower, key) is not None:
            return
    lender = ports.funder.name if ports.funder else OWN_FUNDS
    sheet = sheet_of(engine, stored, lender=lender)
    with held(engine, stored.borrower) as line:
        check_read(line, stored.id, sheet)


def drawn_on(engine: Engine, borrower: str, decision_id: str) -> str | None:
    """Return the draw that used up a decision of the borrower, if one did; it only reads."""
    with engine.store.snapshot() as conn:
        found = reservations.of_decision(conn, decision_id)
    return found.draw if found is not None and found.borrower == borrower else None


def borrower_of(engine: Engine, decision_id: str) -> str:
    """Return whose decision it is; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        return str(decisions.read(conn, decision_id).column("borrower"))


def of(engine: Engine, borrower: str, draw_id: str) -> Reservation:
    """Return a draw of the borrower as it stands; raises NotFoundError, also for another's."""
    with engine.store.snapshot() as conn:
        found = reservations.read(conn, draw_id)
    if found.borrower != borrower:
        raise reservations.unknown(draw_id)
    return found


def advance(engine: Engine, ports: Ports, draw: Reservation) -> Reservation:
    """Move an open draw as far as it will go now; one that has ended is returned as it is."""
    if draw.state == "reserved":
        draw = _fund(engine, ports, draw)
        if draw.state != "reserved":
            return draw
        draw = _move(engine, draw, "sent", "sent to the payment rail")
        return _send(engine, ports.rail, draw)
    return _ask(engine, ports.rail, draw) if draw.open else draw


def advance_all(engine: Engine, ports: Ports, *, older_than: int = MINUTE) -> int:
    """Ask about every open draw untouched for `older_than` µs; return how many ended."""
    with engine.store.snapshot() as conn:
        waiting = reservations.unfinished(conn, engine.clock() - older_than)
    ended = 0
    for draw in waiting:
        ended += not advance(engine, ports, draw).open
    return ended


def on_their_way(engine: Engine) -> int:
    """Return how many draws are reserved and not ended."""
    with engine.store.snapshot() as conn:
        return len(reservations.unfinished(conn, engine.clock()))


def answer(engine: Engine, draw_id: str, said: RailAnswer) -> Reservation:
    """Take in what the rail says by itself, in any order and however often.

    Money that has left is booked even if the draw was void: the rail took its no back.
    """
    with engine.store.snapshot() as conn:
        draw = reservations.read(conn, draw_id)
    if said is RailAnswer.settled:
        return _settle(engine, draw)
    if said is RailAnswer.failed and draw.open:
        return _void(engine, draw, "the payment rail could not pay out")
    return draw


def _fund(engine: Engine, ports: Ports, draw: Reservation) -> Reservation:
    if ports.funder is None or draw.funder is None:
        return draw
    name = ports.funder.name
    try:
        said = ports.funder.request(_transfer(draw))
    except UnavailableError:
        said = FunderAnswer.timeout
    with held(engine, draw.borrower) as line:
        draw = reservations.read(line.conn, draw.draw)
        if draw.state != "reserved":
            return draw
        line.tell(
            FunderRequest(funder=name, amount=draw.amount, draw=draw.draw),
            FunderResponse(funder=name, draw=draw.draw, result=said.value),
        )
        if said in {FunderAnswer.refused, FunderAnswer.quota}:
            return _release(line, draw, f"funder: {said.value}")
    if said is FunderAnswer.timeout:
        # Nothing was sent, so it may be asked again; until then the room stays taken.
        return _hold_on(engine, draw)
    return draw


def _hold_on(engine: Engine, draw: Reservation) -> Reservation:
    if engine.clock() - draw.reserved_at >= unseen_lasts(engine):
        return _void(engine, draw, "funder: no answer")
    raise UnavailableError(
        "the funder did not answer; the draw stays reserved and is asked about again",
        where=f"draw {draw.draw}",
        next_step="confirm again with the same key, or wait: it is released by itself",
        code="funder.away",
    )


def _send(engine: Engine, rail: Rail, draw: Reservation) -> Reservation:
    try:
        said = rail.send(_transfer(draw))
    except UnavailableError:
        return _move(engine, draw, "unknown", "the payment rail did not answer")
    if said is RailAnswer.settled:
        return _settle(engine, draw)
    # A no is believed when it is said twice: some rails say it too early.
    draw = _move(engine, draw, "unknown", f"the payment rail says {said.value}")
    return _ask(engine, rail, draw) if said is RailAnswer.failed else draw


def _ask(engine: Engine, rail: Rail, draw: Reservation) -> Reservation:
    try:
        said = rail.ask(draw.draw)
    except UnavailableError:
        return _move(engine, draw, "unknown", "the payment rail did not answer")
    if said is RailAnswer.settled:
        return _settle(engine, draw)
    if said is RailAnswer.failed:
        return _void(engine, draw, "the payment rail could not pay out")
    if said is RailAnswer.unseen and engine.clock() - draw.reserved_at >= unseen_lasts(engine):
        return _void(engine, draw, "the payment rail never heard of it")
    return _move(engine, draw, "unknown", f"the payment rail says {said.value}")


def _move(engine: Engine, draw: Reservation, state: str, cause: str) -> Reservation:
    with held(engine, draw.borrower) as line:
        found = reservations.read(line.conn, draw.draw)
        # Whoever was here meanwhile knew at least as much.
        if found.changed_at != draw.changed_at or found.state != draw.state:
            return found
        return reservations.move(line.conn, found, state, cause, line.now)


def _void(engine: Engine, draw: Reservation, cause: str) -> Reservation:
    with held(engine, draw.borrower) as line:
        found = reservations.read(line.conn, draw.draw)
        return _release(line, found, cause) if found.open else found


def _release(line: Held, draw: Reservation, cause: str) -> Reservation:
    line.tell(DrawReleased(draw=draw.draw, amount=draw.amount, cause="void"))
    return reservations.move(line.conn, draw, "void", cause, line.now)


def _settle(engine: Engine, draw: Reservation) -> Reservation:
    with held(engine, draw.borrower) as line:
        found = reservations.read(line.conn, draw.draw)
        if found.state == "settled":
            return found
        if found.open:
            line.tell(DrawReleased(draw=found.draw, amount=found.amount, cause="settled"))
        cause = "paid out" if found.open else "paid out after all, although the rail had said no"
        books.open_loan(line, found)
        return reservations.move(line.conn, found, "settled", cause, line.now)


def _transfer(draw: Reservation) -> Transfer:
    return Transfer(draw.draw, draw.borrower, draw.amount, draw.currency)
