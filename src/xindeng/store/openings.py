"""What a group of draws reads, in one round trip: locks, states, earlier answers, our own side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from xindeng.events.catalogue import PLATFORM
from xindeng.kernel.errors import ErasedError
from xindeng.store import answers, borrowers, challengers
from xindeng.store.answers import Answer
from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import KeyRing
from xindeng.store.rows import texts
from xindeng.store.states import SealedState

# A statement of its own, after the locks: its snapshot must see what the former holder of the
# lock committed. Joined to the locking statement it would see the rows of before the wait.
# Row by row, which leaves no plan but to look each one up.
_REST: Final = f"""
    SELECT a.borrower, (SELECT p.seq FROM borrower p WHERE p.borrower = %s), {challengers.LIVE},
           i.body, i.decision,
           (SELECT true FROM borrower b WHERE b.borrower = a.borrower),
           w.body, w.status, w.record,
           s.borrower, s.seq, s.kernel, s.key_id, s.hot, s.buckets, s.buckets_seq
    FROM unnest(%b::text[], %b::text[]) AS a (borrower, key)
    LEFT JOIN LATERAL (
        SELECT * FROM state s WHERE s.borrower = a.borrower LIMIT 1
    ) AS s ON true
    LEFT JOIN LATERAL (
        SELECT * FROM idempotency i WHERE i.borrower = a.borrower AND i.key = a.key LIMIT 1
    ) AS i ON true
    LEFT JOIN LATERAL (
        SELECT * FROM answer w WHERE w.borrower = a.borrower AND w.key = a.key LIMIT 1
    ) AS w ON true
"""


@dataclass(frozen=True, slots=True)
class Opening:
    """One borrower as found, locked: `earlier` is (body digest, decision id) of the same key,
    `answer` what its request was answered, where that was kept; `live` the challengers that may
    decide for somebody."""

    chain: Chain
    state: SealedState | None
    platform_seq: int
    earlier: tuple[bytes, str] | None
    answer: Answer | None = None
    live: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Openings:
    """What was found: those locked, those whose lock somebody else holds, those erased.

    Whoever is in none of them is unknown.
    """

    openings: dict[str, Opening]
    busy: frozenset[str]
    erased: dict[str, ErasedError]

    def of(self, borrower: str) -> Opening:
        """Return a borrower's; raises ErasedError, NotFoundError."""
        found = self.openings.get(borrower)
        if found is None:
            raise self.erased.get(borrower) or borrowers.unknown(borrower)
        return found


def lock_and_read(
    conn: Conn, keys: KeyRing, asked: Sequence[tuple[str, str]], *, wait: bool = True
) -> Openings:
    """Lock the borrowers of (borrower, idempotency key) and read all that their draws need.

    At most one request a borrower. With `wait`, raises ConflictError after 2 s for a lock;
    without, whoever is locked is left busy, so that one borrower never keeps a group waiting.
    """
    names, idempotency_keys = [a[0] for a in asked], [a[1] for a in asked]
    told = [PLATFORM, texts(names), texts(idempotency_keys)]
    locked = borrowers.lock_later(conn, names, wait=wait)
    rest = conn.execute(
        _REST, [PLATFORM, texts(names), idempotency_keys], binary=True, prepare=True
    )
    chains, erased = borrowers.open_chains(keys, locked)
    found, busy = {}, set()
    key_of = dict(asked)
    for name, platform_seq, live, body, decision, exists, told, status, record, *row in rest:
        if name in chains:
            chain = chains[name]
            found[name] = Opening(
                chain=chain,
                state=None if row[0] is None else SealedState(*row),
                platform_seq=platform_seq or 0,
                earlier=None if body is None else (body, str(decision)),
                answer=None
                if told is None
                else answers.unseal(chain, key_of[name], told, status, record),
                live=tuple(live or ()),
            )
        elif exists and name not in erased:
            busy.add(name)
    return Openings(found, frozenset(busy), erased)
