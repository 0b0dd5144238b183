"""Seals at rest: a chain of Merkle roots over the chains of borrowers and actors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from xindeng.store.chain import digest
from xindeng.store.connect import Conn, unavailable
from xindeng.store.feed import BEGINNING, Horizon
from xindeng.store.merkle import Leaf, pack, root, unpack

_FORMAT: Final = 1
FIRST_PREV: Final = digest("xindeng seals", _FORMAT)
_COLUMNS: Final = "number, at, upto_epoch, upto_tx, leaves, root, prev, hash"
# Any number will do as long as nobody else in this database locks it.
_LOCK: Final = 7_318_349_395
_ROLE: Final = f"SELECT pg_try_advisory_lock({_LOCK + 1})"


@dataclass(frozen=True, slots=True)
class Seal:
    """A row of the table `seal`; `at` in µs, `leaves` as packed, the hashes 32 bytes."""

    number: int
    at: int
    upto_epoch: int
    upto_tx: int
    leaves: bytes
    root: bytes
    prev: bytes
    hash: bytes

    @property
    def upto(self) -> Horizon:
        """Return the horizon below which everything is sealed."""
        return Horizon(self.upto_epoch, self.upto_tx)

    def chains(self) -> tuple[Leaf, ...]:
        """Return the chains it covers; raises msgspec.DecodeError for damaged bytes."""
        return unpack(self.leaves)

    def expected(self) -> bytes:
        """Return the hash that its other columns give."""
        return digest("seal", _FORMAT, self.number, self.at, self.upto_epoch, self.upto_tx,
                      self.root, self.prev)  # fmt: skip


def made(before: Seal | None, at: int, upto: Horizon, leaves: Sequence[Leaf]) -> Seal:
    """Return the seal that follows `before`."""
    number = before.number + 1 if before else 1
    prev = before.hash if before else FIRST_PREV
    top = root(leaves)
    covered = digest("seal", _FORMAT, number, at, upto.epoch, upto.tx, top, prev)
    return Seal(number, at, upto.epoch, upto.tx, pack(leaves), top, prev, covered)


def only_one(conn: Conn) -> bool:
    """Return whether this transaction may seal: one at a time does, the others need not."""
    row = conn.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone()
    return bool(row and row[0])


@contextmanager
def alone(uri: str) -> Iterator[Callable[[], bool]]:
    """Yield a question: are we the one that seals? Whoever was first is, as long as it lives.

    Raises UnavailableError where the database is away, so that nobody goes on sealing unawares.
    """
    with unavailable("the database went away"), psycopg.connect(uri, autocommit=True) as conn:
        held = False

        def ours() -> bool:
            nonlocal held
            held = bool(conn.execute(_ROLE if not held else "SELECT true").fetchone() == (True,))
            return held

        yield ours


def newest(conn: Conn) -> tuple[int | None, Horizon]:
    """Return when the last seal was made (µs), None before the first, and how far it reaches."""
    row = conn.execute(
        "SELECT at, upto_epoch, upto_tx FROM seal ORDER BY number DESC LIMIT 1", binary=True
    ).fetchone()
    return (None, BEGINNING) if row is None else (row[0], Horizon(row[1], row[2]))


def last(conn: Conn) -> Seal | None:
    """Return the newest seal, None before the first."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM seal ORDER BY number DESC LIMIT 1", binary=True
    ).fetchone()
    return None if row is None else Seal(*row)


def sealed_upto(seal: Seal | None) -> Horizon:
    """Return the horizon from which on nothing is sealed yet."""
    return seal.upto if seal else BEGINNING


def insert(conn: Conn, seal: Seal) -> None:
    """Append a seal."""
    conn.execute(
        f"INSERT INTO seal ({_COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [seal.number, seal.at, seal.upto_epoch, seal.upto_tx, seal.leaves, seal.root, seal.prev,
         seal.hash],
    )  # fmt: skip


def after(conn: Conn, number: int) -> Iterator[Seal]:
    """Yield the seals from `number` + 1 on, in order."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM seal WHERE number > %s ORDER BY number", [number], binary=True
    )
    return (Seal(*row) for row in rows)


def newest_first(conn: Conn) -> Iterator[Seal]:
    """Yield the seals from the newest back; streamed, so the transaction must stay open."""
    with conn.cursor(name="seals", binary=True) as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM seal ORDER BY number DESC")
        for row in cursor:
            yield Seal(*row)
