"""Deliver the notices that changes have left behind, each at least once, oldest first."""

from __future__ import annotations

from xindeng.adapters.ports import Message, Notifier
from xindeng.kernel.errors import ErasedError, UnavailableError
from xindeng.service.engine import Engine
from xindeng.store import borrowers, notices


def deliver_all(engine: Engine, notifier: Notifier) -> int:
    """Deliver what is waiting and return how many went out; the rest waits for the next time.

    A message that was delivered but could not be marked comes again under the same id.
    """
    total = 0
    while True:
        with engine.store.transaction(pipelined=False) as conn:
            waiting = notices.unsent(conn)
            done = []
            for one in waiting:
                try:
                    chain = borrowers.read(conn, engine.store.keys, one.borrower)
                    texts, to = one.unseal(chain.key)
                    notifier.deliver(Message(one.id, one.borrower, one.kind, texts, to))
                except ErasedError:
                    pass  # nobody is left to tell
                except UnavailableError:
                    break
                done.append(one.id)
            notices.sent(conn, done, engine.clock())
        total += len(done)
        if not waiting or len(done) < len(waiting):
            return total
