"""Backtests at rest: asked for by somebody, taken by one process at a time, with their figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import msgspec

from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn

KEPT: Final = 100
"""So many of the newest are kept."""
_NAMES: Final = ("id", "author", "made_at", "base", "first", "last", "mode", "state", "began_at",
                 "ended_at", "problem")  # fmt: skip
_COLUMNS: Final = ", ".join(_NAMES)
_files = msgspec.msgpack.Decoder(dict[str, bytes]).decode


@dataclass(frozen=True, slots=True)
class BacktestRow:
    """A row of `backtest` without its draft and its figures; instants in µs, days local."""

    id: str
    author: str
    made_at: int
    base: str
    first: int | None
    last: int | None
    mode: str
    state: str = "waiting"
    began_at: int | None = None
    ended_at: int | None = None
    problem: str | None = None


def insert(conn: Conn, row: BacktestRow, key: str, draft: Mapping[str, bytes]) -> str:
    """Store what was asked for, and let go of the oldest; return its id, the first for its key."""
    conn.execute(
        "INSERT INTO backtest (id, key, author, made_at, base, draft, first, last, mode)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING",
        [UUID(row.id), key, row.author, row.made_at, row.base,
         msgspec.msgpack.encode(dict(sorted(draft.items()))), row.first, row.last, row.mode],
    )  # fmt: skip
    conn.execute(
        "DELETE FROM backtest WHERE state IN ('done', 'failed') AND id NOT IN"
        " (SELECT id FROM backtest ORDER BY made_at DESC, id DESC LIMIT %s)",
        [KEPT],
    )
    found = conn.execute("SELECT id FROM backtest WHERE key = %s", [key]).fetchone()
    assert found is not None
    return str(found[0])


def take(conn: Conn, at: int, lost_before: int) -> tuple[BacktestRow, dict[str, bytes]] | None:
    """Take the oldest that waits, or that a process took and left before an instant (µs)."""
    row = conn.execute(
        "UPDATE backtest SET state = 'running', began_at = %s WHERE id = (SELECT id FROM backtest"
        " WHERE state = 'waiting' OR (state = 'running' AND began_at < %s)"
        " ORDER BY made_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        f" RETURNING {_COLUMNS}, draft",
        [at, lost_before],
        binary=True,
    ).fetchone()
    return None if row is None else (_row(row[:-1]), _files(row[-1]))


def end(conn: Conn, ident: str, at: int, *, report: bytes | None, problem: str | None) -> None:
    """Store what came of one: its figures, or why there are none."""
    conn.execute(
        "UPDATE backtest SET state = %s, ended_at = %s, report = %s, problem = %s WHERE id = %s",
        ["failed" if report is None else "done", at, report, problem, UUID(ident)],
    )


def digest_of(conn: Conn, draft: Mapping[str, bytes]) -> str:
    """Return the SHA-256 (hex) of the newest figures of this very draft, "" without any."""
    packed = msgspec.msgpack.encode(dict(sorted(draft.items())))
    row = conn.execute(
        "SELECT encode(sha256(report), 'hex') FROM backtest WHERE draft = %s AND state = 'done'"
        " ORDER BY ended_at DESC, id DESC LIMIT 1",
        [packed],
    ).fetchone()
    return row[0] if row else ""


def of_digest(conn: Conn, digest: str) -> str | None:
    """Return the backtest whose figures have this SHA-256 (hex), None where it is not kept."""
    row = conn.execute(
        "SELECT id FROM backtest WHERE encode(sha256(report), 'hex') = %s LIMIT 1", [digest]
    ).fetchone()
    return str(row[0]) if row else None


def listed(conn: Conn) -> list[BacktestRow]:
    """Return all, the newest first."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM backtest ORDER BY made_at DESC, id DESC",
                        binary=True)  # fmt: skip
    return [_row(row) for row in rows]


def read(conn: Conn, ident: str) -> tuple[BacktestRow, dict[str, bytes], bytes | None]:
    """Return one with its draft and its figures; raises NotFoundError."""
    try:
        key = UUID(ident)
    except ValueError:
        raise _unknown(ident) from None
    row = conn.execute(
        f"SELECT {_COLUMNS}, draft, report FROM backtest WHERE id = %s", [key], binary=True
    ).fetchone()
    if row is None:
        raise _unknown(ident)
    return _row(row[:-2]), _files(row[-2]), row[-1]


def _row(row: Sequence[Any]) -> BacktestRow:
    return BacktestRow(str(row[0]), *row[1:])


def _unknown(ident: str) -> NotFoundError:
    return NotFoundError(f"no backtest {ident[:60]!r}", code="not_found.backtest")
