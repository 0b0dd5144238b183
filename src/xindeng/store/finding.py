"""Finding whose a number is: a borrower's own or its beginning, or of something of theirs."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from xindeng.events.catalogue import PLATFORM
from xindeng.store.connect import Conn

_OWNERS: Final = (
    "SELECT 'decision', borrower FROM decision WHERE id = %(id)s UNION "
    "SELECT 'draw', borrower FROM reservation WHERE draw = %(id)s UNION "
    "SELECT 'loan', borrower FROM loan WHERE loan = %(id)s UNION "
    "SELECT 'matter', borrower FROM matter WHERE id = %(id)s"
)


def by_number(conn: Conn, ident: UUID) -> list[tuple[str, str]]:
    """Return (what it is the number of, borrower); as good as always one or none."""
    return [(row[0], row[1]) for row in conn.execute(_OWNERS, {"id": ident})]


def by_beginning(conn: Conn, text: str, count: int) -> list[tuple[str, int]]:
    """Return (borrower, created at) of up to `count` whose id begins with a text, in id order."""
    rows = conn.execute(
        # Ids compare by byte, so this is a range of the primary key.
        "SELECT borrower, created_at FROM borrower WHERE borrower >= %s AND starts_with(borrower,"
        " %s) AND borrower < %s AND borrower <> %s ORDER BY borrower LIMIT %s",
        [text, text, f"{text}\U0010ffff", PLATFORM, count],
    )
    return [(row[0], row[1]) for row in rows]
