"""Answer once: the same key and request get the first answer, byte for byte, for good.

What a request does and the answer it gets are stored in one transaction, under the borrower's
lock; a duplicate waits there for 2 s at most. A request that asks somebody outside cannot hold a
transaction meanwhile, so it is marked as in hand, and its use case must do a key's work only once
by itself. A refusal stores nothing, so it is found anew each time.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from xindeng.kernel.errors import BusyError, InputError, KeyUsedError, UnavailableError
from xindeng.kernel.time import SECOND
from xindeng.service.engine import Engine
from xindeng.store import answers, borrowers
from xindeng.store.answers import Answer, Kept
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn

IN_HAND: Final = 10 * SECOND
"""After so long whoever asked somebody outside is taken for dead, and a duplicate goes on."""
_LOOK_EVERY_S: Final = 0.05
_PATIENCE_S: Final = 1.2
"""A duplicate waits so long for the first answer; short of the 1.9 s in which anything is answered,
so that it is told to come back rather than that the service is slow."""
MAX_KEY: Final = 96
"""Characters of a key: use cases append the number of a part."""

Do = Callable[[], tuple[int, bytes]]
Note = Callable[[Conn, Chain], Any]
"""What else is to be stored with the answer, in its transaction."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Whose request it is, its idempotency key, and the digest of all that it asks."""

    borrower: str
    key: str
    asked: bytes


def once(engine: Engine, wish: Wish, do: Do, note: Note | None = None) -> Answer:
    """Return the first answer to a wish; `do` returns a status and a body if there is none yet.

    All transactions of `do` become one. Raises KeyUsedError for a key used for another request,
    InputError for one unfit to be one, BusyError where the borrower is held for 2 s, NotFoundError,
    ErasedError, and what `do` raises; then nothing was stored.
    """
    check_key(wish.key)
    with engine.store.joined() as conn:
        chain = _locked(engine, conn, wish.borrower)
        earlier = _earlier(conn, chain, wish)
        if earlier is not None:
            return earlier
        made = Answer(wish.asked, *do())
        answers.insert(conn, [Kept(chain, wish.key, made, engine.clock())])
        if note is not None:
            note(conn, chain)
    return made


def once_outside(engine: Engine, wish: Wish, do: Do, note: Note | None = None) -> Answer:
    """Return the first answer to a wish whose `do` asks somebody outside; raises as `once` does.

    `do` must be safe to repeat under its key: it is, where its process died before the answer.
    """
    check_key(wish.key)
    token = _taken(engine, wish)
    if isinstance(token, Answer):
        return token
    try:
        made = Answer(wish.asked, *do())
        with engine.store.transaction() as conn:
            chain = _locked(engine, conn, wish.borrower)
            earlier = _earlier(conn, chain, wish)
            if earlier is not None:
                return earlier
            answers.insert(conn, [Kept(chain, wish.key, made, engine.clock())])
            if note is not None:
                note(conn, chain)
    finally:
        with engine.store.transaction() as conn:
            answers.put_down(conn, wish.borrower, wish.key, token)
    return made


def first(found: Answer, asked: bytes) -> Answer:
    """Return the first answer; raises KeyUsedError if its request was another one."""
    if found.asked != asked:
        raise KeyUsedError
    return found


def still_on_its_way() -> BusyError:
    """Return the error of a request whose first answer is waited for in vain."""
    return BusyError(
        "the first request under this key is still on its way",
        where="Idempotency-Key",
        next_step="repeat it unchanged in 2 seconds",
        code="idempotency.in_flight",
    )


def overdue() -> UnavailableError:
    """Return the error of a request that was not answered in time, whatever becomes of it."""
    return UnavailableError(
        "there was no answer in time; whether it was done is told under the same key",
        next_step="repeat it unchanged, with the same key, after the time said in Retry-After",
        code="overdue",
    )


def check_key(key: str) -> None:
    """Raise InputError unless the idempotency key may be stored."""
    if not 1 <= len(key) <= MAX_KEY or not key.isprintable():
        raise InputError(
            f"an idempotency key has 1 to {MAX_KEY} printable characters",
            where="Idempotency-Key",
            next_step="make one for each wish of the borrower, and repeat it on retries",
            code="idempotency.key",
        )


def _taken(engine: Engine, wish: Wish) -> str | Answer:
    """Take the wish in hand and return the token, or the answer it has got meanwhile."""
    give_up = time.monotonic() + _PATIENCE_S
    token = engine.new_id(engine.clock())
    while True:
        with engine.store.transaction() as conn:
            chain = _locked(engine, conn, wish.borrower)
            earlier = _earlier(conn, chain, wish)
            if earlier is not None:
                return earlier
            now = engine.clock()
            if answers.take_in_hand(
                conn, wish.borrower, wish.key, token, now=now, until=now + IN_HAND
            ):
                return token
        if time.monotonic() > give_up:
            raise still_on_its_way()
        time.sleep(_LOOK_EVERY_S)


def _locked(engine: Engine, conn: Conn, borrower: str) -> Chain:
    chain = borrowers.lock(conn, engine.store.keys, [borrower]).get(borrower)
    if chain is None:
        raise borrowers.unknown(borrower)
    return chain


def _earlier(conn: Conn, chain: Chain, wish: Wish) -> Answer | None:
    found = answers.read(conn, chain, wish.key)
    return None if found is None else first(found, wish.asked)
