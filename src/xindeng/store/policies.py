"""Every policy bundle that ever decided, kept whole."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn


def put(conn: Conn, policy_hash: str, name: str, files: Mapping[str, bytes], now: int) -> None:
    """Store the bundle unless it is there already."""
    conn.execute(
        """
        INSERT INTO policy_version (hash, name, stored_at, files) VALUES (%s, %s, %s, %s)
        ON CONFLICT DO NOTHING
        """,
        [policy_hash, name, now, msgspec.msgpack.encode(dict(sorted(files.items())))],
    )


def get(conn: Conn, policy_hash: str) -> dict[str, bytes]:
    """Return the files of the bundle; raises NotFoundError."""
    row = conn.execute(
        "SELECT files FROM policy_version WHERE hash = %s", [policy_hash], binary=True
    ).fetchone()
    if row is None:
        raise NotFoundError(
            f"no policy version {policy_hash[:16]}…",
            next_step="list what was published with: xindeng policy versions",
            code="not_found.policy",
        )
    return msgspec.msgpack.decode(row[0], type=dict[str, bytes])


def versions(conn: Conn) -> list[tuple[str, str, int]]:
    """Return (hash, name, stored at) of every bundle, oldest first."""
    rows = conn.execute("SELECT hash, name, stored_at FROM policy_version ORDER BY stored_at, hash")
    return [(row[0], row[1], row[2]) for row in rows]
