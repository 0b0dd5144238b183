"""Offers that stand: what was approved and not confirmed yet, and how a borrower lets go of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.decision.answer import Outcome
from xindeng.events.line import DrawReleased, DrawReserved
from xindeng.service.engine import Engine
from xindeng.service.held import held
from xindeng.service.product import offer_lasts
from xindeng.service.quote import terms_of_offer
from xindeng.service.reserve import Order, check_unused, note, offer
from xindeng.store import borrowers, decisions, reservations
from xindeng.store.chain import digest
from xindeng.store.reservations import Reservation

DROPPED: Final = "let go by the borrower"
_MOST: Final = 20


@dataclass(frozen=True, slots=True)
class OpenOffer:
    """An offer in minor units that may be confirmed until `until` (µs).

    What was asked for and approved `keeps` its room on the line for so long; a smaller amount,
    which nobody asked for, takes none before it is taken.
    """

    decision: str
    amount: int
    until: int
    keeps: bool


def standing(engine: Engine, borrower: str) -> tuple[OpenOffer, ...]:
    """Return the borrower's offers that may be confirmed now, newest first; it only reads."""
    now = engine.clock()
    with engine.store.snapshot() as conn:
        chain = borrowers.read(conn, engine.store.keys, borrower)
        sealed = decisions.unused_offers(conn, borrower, _MOST)
    found = []
    for row in sealed:
        until = row.column("at") + offer_lasts(engine, row.column("at"))
        if now > until:
            break
        made = row.unseal(chain.key).decision
        if made.amount_offered:
            keeps = made.outcome is Outcome.APPROVE
            found.append(OpenOffer(row.column("id"), made.amount_offered, until, keeps))
    return tuple(found)


def drop(engine: Engine, borrower: str, decision_id: str) -> Reservation:
    """Let go of an offer: the room it kept is free again, and it can never be confirmed.

    Returns the draw, void, that stands for it; done again it is the same. Raises as `offer` does,
    and ConflictError where the offer was drawn on meanwhile.
    """
    stored = offer(engine, borrower, decision_id)
    made = stored.decision
    order = Order(made.amount_offered or 0, stored.request.currency,
                  terms_of_offer(engine, stored), decision_id)  # fmt: skip
    key = f"dropped {decision_id}"
    with held(engine, borrower) as line:
        earlier = reservations.by_key(line.conn, borrower, key)
        if earlier is not None:
            return earlier
        check_unused(line, decision_id)
        taken = note(line, order, key, digest("drop", decision_id))
        if made.outcome is Outcome.APPROVE:
            # The room was kept from the approval on, and the windows that count it begin there.
            line.tell(
                DrawReserved(draw=taken.draw, amount=taken.amount, decision_id=decision_id),
                at=made.now,
            )
            line.tell(DrawReleased(draw=taken.draw, amount=taken.amount, cause="void"))
        return reservations.move(line.conn, taken, "void", DROPPED, line.now)
