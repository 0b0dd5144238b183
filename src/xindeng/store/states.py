"""Folded states at rest: sealed, split into a hot part and buckets, always rebuildable."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from xindeng.store.borrowers import Chain
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey

_encode = msgspec.msgpack.Encoder().encode

_COLUMNS: Final = "s.borrower, s.seq, s.kernel, s.key_id, s.hot, s.buckets, s.buckets_seq"
_SAVE_ALL: Final = """
    INSERT INTO state (borrower, seq, kernel, key_id, hot, buckets, buckets_seq)
    VALUES (%(borrower)s, %(seq)s, %(kernel)s, %(key_id)s, %(hot)s, %(buckets)s, %(seq)s)
    ON CONFLICT (borrower) DO UPDATE SET
        seq = excluded.seq, kernel = excluded.kernel, key_id = excluded.key_id,
        hot = excluded.hot, buckets = excluded.buckets, buckets_seq = excluded.buckets_seq
"""
_SAVE_HOT: Final = """
    UPDATE state SET seq = %(seq)s, hot = %(hot)s
    WHERE borrower = %(borrower)s AND kernel = %(kernel)s AND key_id = %(key_id)s
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
        f"SELECT {_COLUMNS} FROM state s WHERE s.borrower = ANY(%s)",
        [list(borrowers)],
        binary=True,
        prepare=True,
    )
    return {row[0]: SealedState(*row) for row in rows}


def save(conn: Conn, chain: Chain, kernel: str, hot: bytes, buckets: bytes | None) -> None:
    """Store the state as of `chain.seq`; `buckets` None leaves the stored ones as they are."""
    columns: dict[str, Any] = {
        "borrower": chain.borrower,
        "seq": chain.seq,
        "kernel": kernel,
        "key_id": chain.key.key_id,
        "hot": chain.key.seal(hot, _belongs_to(chain.borrower, "hot", chain.seq)),
    }
    if buckets is None:
        conn.execute(_SAVE_HOT, columns, prepare=True)
        return
    columns["buckets"] = chain.key.seal(buckets, _belongs_to(chain.borrower, "buckets", chain.seq))
    conn.execute(_SAVE_ALL, columns, prepare=True)


def _belongs_to(borrower: str, part: str, seq: int) -> bytes:
    return _encode(("state", part, borrower, seq))
