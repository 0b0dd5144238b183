"""Folded states at rest: sealed, split into a hot part and buckets, always rebuildable."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

import msgspec

from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey
from xindeng.store.rows import columns, texts, unnest

_encode = msgspec.msgpack.Encoder().encode

_COLUMNS: Final = "s.borrower, s.seq, s.kernel, s.key_id, s.hot, s.buckets, s.buckets_seq"
_HOT: Final = ("text", "int8", "text", "int8", "bytea")
_ALL: Final = (*_HOT, "bytea")
_SAVE_ALL: Final = f"""
    INSERT INTO state (borrower, seq, kernel, key_id, hot, buckets, buckets_seq)
    SELECT borrower, seq, kernel, key_id, hot, buckets, seq
    FROM {unnest(_ALL)}
        AS n (borrower, seq, kernel, key_id, hot, buckets)
    ON CONFLICT (borrower) DO UPDATE SET
        seq = excluded.seq, kernel = excluded.kernel, key_id = excluded.key_id,
        hot = excluded.hot, buckets = excluded.buckets, buckets_seq = excluded.buckets_seq
"""
_SAVE_HOT: Final = f"""
    UPDATE state s SET seq = n.seq, hot = n.hot
    FROM {unnest(_HOT)}
        AS n (borrower, seq, kernel, key_id, hot)
    WHERE s.borrower = n.borrower AND s.borrower = ANY(%b::text[])
        AND s.kernel = n.kernel AND s.key_id = n.key_id
"""


@dataclass(frozen=True, slots=True)
class SealedState:
    """A row of the table `state`, columns in their order."""

    borrower: str
    seq: int
    kernel: str
    key_id: int
    hot: bytes
    buckets: bytes
    buckets_seq: int

    def unseal(self, key: DataKey) -> tuple[bytes, bytes]:
        """Return (hot, buckets) in the clear; raises XindengError if a bit was changed."""
        where = f"state of borrower {self.borrower}"
        return (
            key.unseal(self.hot, _belongs_to(self.borrower, "hot", self.seq), where=where),
            key.unseal(
                self.buckets, _belongs_to(self.borrower, "buckets", self.buckets_seq), where=where
            ),
        )


def read(conn: Conn, borrowers: Collection[str]) -> dict[str, SealedState]:
    """Return the stored states of those borrowers that have one."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM state s WHERE s.borrower = ANY(%b::text[])",
        [texts(borrowers)],
        binary=True,
        prepare=True,
    )
    return {row[0]: SealedState(*row) for row in rows}


def save(conn: Conn, kernel: str, states: Sequence[tuple[Chain, bytes, bytes | None]]) -> None:
    """Store (chain, hot, buckets) as of each chain's seq; buckets None leaves the stored ones."""
    whole, hot = [], []
    for chain, hot_part, buckets in states:
        name, seq, key = chain.borrower, chain.seq, chain.key
        row = (name, seq, kernel, key.key_id, key.seal(hot_part, _belongs_to(name, "hot", seq)))
        if buckets is None:
            hot.append(row)
        else:
            whole.append((*row, key.seal(buckets, _belongs_to(name, "buckets", seq))))
    if whole:
        conn.execute(_SAVE_ALL, columns(_ALL, whole), prepare=True)
    if hot:
        told = columns(_HOT, hot)
        conn.execute(_SAVE_HOT, [*told, told[0]], prepare=True)


def _belongs_to(borrower: str, part: str, seq: int) -> bytes:
    return _encode(("state", part, borrower, seq))
