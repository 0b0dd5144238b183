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
from typing import Final, Protocol

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

    @property
    def owner(self) -> str:
        """Return whose chain it is in."""
        return self.borrower

    def expected(self, prev_hash: bytes) -> bytes:
        """Return the hash that its columns give after `prev_hash`."""
        header = (self.borrower, self.seq, self.id, self.type, self.version,
                  self.occurred_at, self.known_at, self.key_id)  # fmt: skip
        return link_hash(prev_hash, header, self.payload, self.evidence)


class Linked(Protocol):
    """A row of any chain: its owner's, its place, and the hashes that tie it to the one before."""

    @property
    def owner(self) -> str: ...  # noqa: D102
    @property
    def seq(self) -> int: ...  # noqa: D102
    @property
    def prev_hash(self) -> bytes: ...  # noqa: D102
    @property
    def hash(self) -> bytes: ...  # noqa: D102
    def expected(self, prev_hash: bytes) -> bytes: ...  # noqa: D102


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
    return verify_chain(f"borrower {borrower}, event", borrower, genesis(borrower), links)


def verify_chain(
    title: str, owner: str, first: bytes, links: Iterable[Linked]
) -> tuple[int, bytes]:
    """Check the chain of `owner` that begins with `first`; return its length and its head.

    `title` names its rows. Raises XindengError "store.integrity" naming the first that is wrong.
    """
    length, head = 0, first
    for link in links:
        length += 1
        where = f"{title} {link.seq}"
        if link.seq != length or link.owner != owner:
            raise integrity_error(f"number {length} is missing from the chain", where)
        if link.prev_hash != head:
            raise integrity_error("it does not follow the one before it", where)
        head = link.expected(head)
        if link.hash != head:
            raise integrity_error("it was changed after it was stored", where)
    return length, head
