"""Restores at rest: what this database was restored from, and when the rail had been asked."""

from __future__ import annotations

from xindeng.store.connect import Conn


def begin(conn: Conn, *, backup_at: int, at: int, proof: bytes) -> None:
    """Say that this database was restored at `at` (µs) from a backup of `backup_at`."""
    conn.execute(
        "INSERT INTO restoration (backup_at, restored_at, proof) VALUES (%s, %s, %s)",
        [backup_at, at, proof],
    )


def pending(conn: Conn) -> int | None:
    """Return the instant (µs) of the oldest backup restored and not reconciled since, else None."""
    row = conn.execute(
        "SELECT min(backup_at) FROM restoration WHERE reconciled_at IS NULL"
    ).fetchone()
    return None if row is None else row[0]


def end(conn: Conn, at: int) -> None:
    """Say that the payment rail was asked about everything."""
    conn.execute("UPDATE restoration SET reconciled_at = %s WHERE reconciled_at IS NULL", [at])
