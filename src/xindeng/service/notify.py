"""Deliver the notices that changes have left behind, each at least once, oldest first.

Nobody outside is waited for in a transaction: notices are taken in hand for a minute, delivered,
and marked. What could not be delivered is tried again, later each time; what speaks of money owed
is held back until the hour, the day and the count allow it (servicing/collection.py).
"""

from __future__ import annotations

from typing import Final

from xindeng.adapters.ports import Message, Notifier
from xindeng.kernel.errors import ErasedError, UnavailableError
from xindeng.kernel.time import HOUR, MINUTE, SECOND
from xindeng.service.contact import TYPES, effective_today, zone_of
from xindeng.service.engine import Engine
from xindeng.servicing import collection
from xindeng.store import borrowers, events, notices
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.notices import SealedNotice

IN_HAND: Final = MINUTE
_FIRST_WAIT: Final = 30 * SECOND
_LONGEST_WAIT: Final = 6 * HOUR


def deliver_all(engine: Engine, notifier: Notifier) -> int:
    """Deliver what may go out and return how many went; the rest waits for the next time.

    A message that was delivered but could not be marked comes again under the same id.
    """
    total = 0
    while True:
        now = engine.clock()
        with engine.store.transaction() as conn:
            waiting = notices.take(conn, now, now + IN_HAND)
        done = 0
        for place, one in enumerate(waiting):
            try:
                done += _deliver(engine, notifier, one, now)
            except UnavailableError:
                with engine.store.transaction() as conn:
                    wait = min(_FIRST_WAIT << min(one.attempts, 20), _LONGEST_WAIT)
                    notices.later(conn, [one.id], now + wait, tried=True)
                    # Whoever is away for one is away for all; they were not tried.
                    notices.later(conn, [left.id for left in waiting[place + 1 :]], now)
                return total + done
        total += done
        if not waiting:
            return total


def _deliver(engine: Engine, notifier: Notifier, one: SealedNotice, now: int) -> bool:
    """Deliver a notice, or hold it back; return whether it went out."""
    try:
        with engine.store.snapshot() as conn:
            chain = borrowers.read(conn, engine.store.keys, one.borrower)
            texts, to = one.unseal(chain.key)
            until = _allowed(engine, conn, chain, one, now)
    except ErasedError:
        until, texts = now, {}  # nobody is left to tell
    if until > now:
        with engine.store.transaction() as conn:
            notices.later(conn, [one.id], until)
        return False
    if texts:
        notifier.deliver(Message(one.id, one.borrower, one.kind, texts, to))
    with engine.store.transaction() as conn:
        notices.sent(conn, [one.id], engine.clock())
    return True


def _allowed(engine: Engine, conn: Conn, chain: Chain, one: SealedNotice, now: int) -> int:
    """Return the first instant at which a notice may go out."""
    if one.kind not in collection.KINDS:
        return now
    links = events.read_of_types(conn, one.borrower, TYPES)
    told = list(events.unseal(links, chain.key))
    lives = zone_of(engine.policy, told)
    day = lives.midnight(lives.day(now))
    today = effective_today(told, lives, now)
    today += notices.sent_since(conn, one.borrower, collection.KINDS, day)
    return collection.first_moment(engine.policy, lives, now, today)
