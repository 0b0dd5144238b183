"""Compare a restored database with the payment rail, and let draws go on when both agree.

The rail knows what really left. Draws on their way are asked about and brought to their end; money
that left although the database has no record of it (the backup was older) stops further draws of
that borrower until a person has looked. Confirming such a draw again under its key books it: the
key names the same transfer, which the rail does not repeat.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from xindeng.adapters.ports import RailAnswer, Transfer
from xindeng.events.line import HoldPlaced
from xindeng.kernel.errors import ErasedError, NotFoundError
from xindeng.kernel.time import DAY
from xindeng.service import disburse
from xindeng.service.disburse import Ports
from xindeng.service.engine import Engine
from xindeng.service.erasure import erase_again
from xindeng.service.held import held
from xindeng.service.held_line import Held
from xindeng.servicing import holds as rules
from xindeng.store import notices, reservations, restorations

KIND: Final = "manual"
REASON: Final = "payout_unrecorded"
_DAYS: Final = 3
"""Until a person must have looked at a payout that nobody has a record of."""


@dataclass(slots=True)
class Reconciled:
    """What the comparison found: draws asked about and how many ended, transfers of the rail, those
    booked because it says they left, people erased again because the backup was older than their
    wish, and transfers that the database knows nothing of."""

    asked: int = 0
    ended: int = 0
    transfers: int = 0
    booked: int = 0
    erased: int = 0
    unrecorded: list[Transfer] = field(default_factory=list)


def reconcile(engine: Engine, ports: Ports) -> Reconciled:
    """Ask the rail about everything, then let draws go on; safe to repeat, before and after.

    Raises UnavailableError where the rail or a funder does not answer; draws then go on waiting.
    """
    found = Reconciled(erased=erase_again(engine))
    _ask_open(engine, ports, found)
    for transfer in ports.rail.statement():
        found.transfers += 1
        _compare(engine, transfer, found)
    with engine.store.transaction() as conn:
        restorations.end(conn, engine.clock())
    return found


def _ask_open(engine: Engine, ports: Ports, found: Reconciled) -> None:
    seen: set[str] = set()
    while True:
        with engine.store.snapshot() as conn:
            waiting = reservations.unfinished(conn, engine.clock())
        fresh = [draw for draw in waiting if draw.draw not in seen]
        if not fresh:
            return
        for draw in fresh:
            seen.add(draw.draw)
            # Somebody who does not answer is told as such: what he knows is what we came for.
            ports.rail.ask(draw.draw)
            found.asked += 1
            found.ended += not disburse.advance(engine, ports, draw).open


def _compare(engine: Engine, transfer: Transfer, found: Reconciled) -> None:
    with engine.store.snapshot() as conn:
        try:
            known = reservations.read(conn, transfer.key)
        except NotFoundError:
            known = None
    if known is None:
        found.unrecorded.append(transfer)
        try:
            with held(engine, transfer.borrower) as line:
                _stop_draws(line, transfer)
        except (NotFoundError, ErasedError):
            pass  # nobody here could draw on it; it is told all the same
    elif known.state != "settled":
        disburse.answer(engine, known.draw, RailAnswer.settled)
        found.booked += 1


def _stop_draws(line: Held, transfer: Transfer) -> None:
    standing = line.engine.policy.kernel.holds(line.state)
    if any(hold.reason == f"{REASON}:{transfer.key}" for hold in standing):
        return
    hold, reason = line.new_id(), f"{REASON}:{transfer.key}"
    if KIND in line.engine.policy.line.kinds:
        line.carry_out(rules.place(line.view(), KIND, hold=hold, reason=reason, by="operations"))
    else:
        review = line.now + _DAYS * DAY
        line.tell(HoldPlaced(hold=hold, kind=KIND, mode="block", reason=reason, review_at=review))
    notices.ask_people(
        line.conn, line.chain, line.new_id(), "unrecorded_payout", transfer.key,
        line.today + _DAYS, f"{transfer.amount} {transfer.currency} left under this key", line.now,
    )  # fmt: skip
