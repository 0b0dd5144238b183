"""How far each reader of the feed has come, and whose turn it is to read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import psycopg

from xindeng.store.connect import Conn, unavailable
from xindeng.store.feed import BEGINNING, Horizon
from xindeng.store.store import Store


@dataclass(frozen=True, slots=True)
class Place:
    """A window from `since` to `until`, of which positions up to `pos` are done.

    Outside a window `until` is `since`.
    """

    since: Horizon = BEGINNING
    until: Horizon = BEGINNING
    pos: int = 0

    def moved(self, pos: int) -> Place:
        """Return the place after position `pos`."""
        return replace(self, pos=pos)

    def closed(self) -> Place:
        """Return the place at the end of the window."""
        return Place(self.until, self.until, 0)


def open_window(conn: Conn, reader: str, now: Horizon) -> Place:
    """Return the reader's window: the one it was in, or a new one up to the horizon `now`.

    The same window is finished before another is opened, for in it order is by position.
    """
    row = conn.execute(
        "SELECT since_epoch, since_tx, until_epoch, until_tx, pos FROM feed_reader"
        " WHERE reader = %s",
        [reader],
    ).fetchone()
    place = Place() if row is None else Place(Horizon(*row[:2]), Horizon(*row[2:4]), row[4])
    if place.until == place.since:
        place = replace(place, until=max(now, place.since))
        save(conn, reader, place)
    return place


def save(conn: Conn, reader: str, place: Place) -> None:
    """Store the reader's place."""
    conn.execute(
        """
        INSERT INTO feed_reader (reader, since_epoch, since_tx, until_epoch, until_tx, pos)
        VALUES (%s, %s, %s, %s, %s, %s)
        ON CONFLICT (reader) DO UPDATE SET
            since_epoch = excluded.since_epoch, since_tx = excluded.since_tx,
            until_epoch = excluded.until_epoch, until_tx = excluded.until_tx, pos = excluded.pos
        """,
        [reader, *place.since, *place.until, place.pos],
    )


@contextmanager
def turn(store: Store, reader: str) -> Iterator[bool]:
    """Yield whether this process may read under that name until it leaves.

    The lock is the session's own, not a transaction's: an open transaction that had written would
    hold back the horizon of every reader while the broker is being waited for.
    """
    with (
        unavailable("the database went away"),
        psycopg.connect(store.uri, autocommit=True) as conn,
    ):
        row = conn.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 2))", [reader])
        found = row.fetchone()
        yield bool(found and found[0])
