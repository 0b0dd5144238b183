"""Calls at rest, for a day at most: who called is a keyed hash, when is in µs, and that is all."""

from __future__ import annotations

from typing import Final

from xindeng.store.connect import Conn

# The update of a row that is there changes nothing, but locks it until the transaction ends.
_CALLS: Final = """
    INSERT INTO guard (kind, who, at, calls) VALUES (%s, %s, %s, '{}')
    ON CONFLICT (kind, who) DO UPDATE SET at = excluded.at
    RETURNING calls
"""


def calls(conn: Conn, kind: str, who: bytes, now: int) -> list[int]:
    """Return when this caller called, oldest first, and lock the count."""
    row = conn.execute(_CALLS, [kind, who, now], prepare=True).fetchone()
    return list(row[0]) if row else []


def keep(conn: Conn, kind: str, who: bytes, called: list[int]) -> None:
    """Keep when this caller called."""
    conn.execute(
        "UPDATE guard SET calls = %s::int8[] WHERE kind = %s AND who = %s",
        [called, kind, who],
        prepare=True,
    )


def forget(conn: Conn, before: int) -> None:
    """Forget who called last before an instant (µs)."""
    conn.execute("DELETE FROM guard WHERE at < %s", [before])
