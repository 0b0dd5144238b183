"""The feed: events and actions in the order in which they became visible, each exactly once.

A reader that remembered the highest number it has seen would miss rows of a transaction that began
earlier and ended later. So rows are read in windows of whole transactions: from the horizon of the
last window to the present one, the oldest transaction still running. Within a window rows come in
the order of writing, which for one borrower is the order of its chain, for the lock was held.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from xindeng.store.chain import Link
from xindeng.store.connect import Conn
from xindeng.store.events import COLUMNS

_WINDOW: Final = (
    "(epoch, tx) >= (%(since_epoch)s::int2, %(since)s::text::xid8)"
    " AND (epoch, tx) < (%(until_epoch)s::int2, %(until)s::text::xid8)"
)
_BATCH: Final = 2_000


class Horizon(NamedTuple):
    """All transactions of earlier epochs, and those of this one numbered below `tx`, have ended."""

    epoch: int
    tx: int


BEGINNING: Final = Horizon(0, 0)


def horizon(conn: Conn) -> Horizon:
    """Return the present horizon: what lies below it is complete and stays as it is."""
    row = conn.execute(
        "SELECT epoch, pg_snapshot_xmin(pg_current_snapshot())::text::int8 FROM feed_epoch"
    ).fetchone()
    if row is None:
        raise LookupError("feed_epoch has no row")
    return Horizon(row[0], row[1])


def store_name(conn: Conn) -> str:
    """Return the name that this store, and whatever is restored from its backups, has for good."""
    row = conn.execute("SELECT store::text FROM feed_epoch").fetchone()
    if row is None:
        raise LookupError("feed_epoch has no row")
    return str(row[0])


def grown(conn: Conn, since: Horizon, until: Horizon) -> list[tuple[str, str, int, bytes]]:
    """Return (kind, chain, length, head) of every chain that grew in the window.

    `kind` is "borrower" or "actor".
    """
    rows = conn.execute(
        f"""
        (SELECT DISTINCT ON (borrower) 'borrower', borrower, seq, hash FROM event
         WHERE {_WINDOW} ORDER BY borrower, seq DESC)
        UNION ALL
        (SELECT DISTINCT ON (actor) 'actor', actor, seq, hash FROM action
         WHERE {_WINDOW} ORDER BY actor, seq DESC)
        """,
        _window(since, until),
        binary=True,
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def read(
    conn: Conn, since: Horizon, until: Horizon, *, after: int = 0
) -> Iterator[tuple[int, Link]]:
    """Yield (position, sealed event) of the window in order, those with position > `after`.

    The rows are streamed, so a window may hold any number of them; the transaction must stay open.
    """
    with conn.cursor(name="feed", binary=True) as cursor:
        cursor.itersize = _BATCH
        cursor.execute(
            f"SELECT pos, {COLUMNS} FROM event WHERE {_WINDOW} AND pos > %(after)s ORDER BY pos",
            {**_window(since, until), "after": after},
        )
        for row in cursor:
            yield row[0], Link(*row[1:])


def any_since(conn: Conn, since: Horizon) -> bool:
    """Say whether anything was written at or after a horizon."""
    place = [since.epoch, str(since.tx)]
    later = "(epoch, tx) >= (%s::int2, %s::text::xid8)"
    row = conn.execute(
        f"SELECT EXISTS (SELECT FROM event WHERE {later})"
        f" OR EXISTS (SELECT FROM action WHERE {later})",
        [*place, *place],
    ).fetchone()
    return bool(row and row[0])


def begin_epoch(conn: Conn) -> int:
    """Begin the next epoch, after a dump was restored; return its number.

    What was written before keeps its place, and everything written from now on comes after it.
    """
    row = conn.execute("UPDATE feed_epoch SET epoch = epoch + 1 RETURNING epoch").fetchone()
    if row is None:
        raise LookupError("feed_epoch has no row")
    for table in ("event", "action"):
        conn.execute(f"ALTER TABLE {table} ALTER epoch SET DEFAULT {int(row[0])}")
    return int(row[0])


def _window(since: Horizon, until: Horizon) -> dict[str, object]:
    # As text, because the driver knows no xid8.
    return {
        "since_epoch": since.epoch, "since": str(since.tx),
        "until_epoch": until.epoch, "until": str(until.tx),
    }  # fmt: skip
