"""The hash chain of one borrower: each event's hash covers the one before it.

    hash = SHA-256(MessagePack([1, prev_hash, borrower, seq, id, type, version,
                                occurred_at, known_at, key_id, payload ciphertext, evidence]))

The chain begins with SHA-256("xindeng chain 1:" + borrower). Hashes cover ciphertext, so an audit
needs no key and still verifies after a key was destroyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import msgspec

from xindeng.store.crypto import integrity_error

_FORMAT: Final = 1
_encode = msgspec.msgpack.Encoder().encode


@dataclass(frozen=True, slots=True)
class Link:
    """One stored event as the chain sees it; columns of the table `event` in their order."""

    borrower: str
    seq: int
    id: str
    type: str
    version: int
    occurred_at: int
    known_at: int
    key_id: int
    payload: bytes
    evidence: bytes | None
    prev_hash: bytes
    hash: bytes


def genesis(borrower: str) -> bytes:
    """Return the prev_hash of a borrower's first event."""
    return hashlib.sha256(f"xindeng chain {_FORMAT}:{borrower}".encode()).digest()


def digest(*fields: object) -> bytes:
    """Return SHA-256 over the MessagePack array of the fields."""
    return hashlib.sha256(_encode(fields)).digest()


def belongs_to(borrower: str, seq: int, event_id: str) -> bytes:
    """Return the associated data under which an event's payload is sealed."""
    return _encode(("event", borrower, seq, event_id))


def link_hash(
    prev_hash: bytes, header: tuple[object, ...], payload: bytes, evidence: bytes | None
) -> bytes:
    """Return the hash of an event; `header` is borrower … key_id in the order of `Link`."""
    return digest(_FORMAT, prev_hash, *header, payload, evidence)


def verify(borrower: str, links: Iterable[Link]) -> tuple[int, bytes]:
    """Check a borrower's events from the first on; return the length and the head of the chain.

    Raises XindengError "store.integrity" naming the first event that does not fit.
    """
    length, head = 0, genesis(borrower)
    for link in links:
        length += 1
        where = f"borrower {borrower}, event {link.seq}"
        if link.seq != length or link.borrower != borrower:
            raise integrity_error(f"event {length} is missing from the chain", where)
        if link.prev_hash != head:
            raise integrity_error("the event does not follow the one before it", where)
        header = (link.borrower, link.seq, link.id, link.type, link.version,
                  link.occurred_at, link.known_at, link.key_id)  # fmt: skip
        head = link_hash(head, header, link.payload, link.evidence)
        if link.hash != head:
            raise integrity_error("the event was changed after it was stored", where)
    return length, head
