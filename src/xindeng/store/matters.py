"""The queue of matters put before a person, at rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from xindeng.events.matters import Way
from xindeng.kernel.errors import NotFoundError
from xindeng.store.connect import Conn

_NAMES: Final = (
    "id", "borrower", "way", "about", "decision", "asked", "priority", "opened_at", "due_day",
    "expires_at", "late", "taken_by", "taken_at", "result", "closed_at", "closed_by",
)  # fmt: skip
_COLUMNS: Final = ", ".join(_NAMES)
_INSERT: Final = (
    f"INSERT INTO matter ({_COLUMNS}) VALUES ({', '.join(['%s'] * len(_NAMES))})"
    " ON CONFLICT (borrower, way, about) WHERE closed_at IS NULL"
)


@dataclass(frozen=True, slots=True)
class MatterRow:
    """A row of the table `matter`; instants in µs. `about` tells what the matter is about."""

    id: str
    borrower: str
    way: Way
    about: str
    decision: str | None
    asked: bool
    priority: int
    opened_at: int
    due_day: int
    expires_at: int | None = None
    late: bool = False
    taken_by: str | None = None
    taken_at: int | None = None
    result: str | None = None
    closed_at: int | None = None
    closed_by: str | None = None

    @property
    def open(self) -> bool:
        """Say whether it still waits for an answer."""
        return self.closed_at is None


def insert(conn: Conn, row: MatterRow) -> None:
    """Store a new matter; the borrower's row is locked, and none is open about the same thing."""
    conn.execute(f"{_INSERT} DO NOTHING", _values(row))


def put_before(conn: Conn, rows: Sequence[MatterRow]) -> None:
    """Have a person look at decisions, the latest one of each borrower.

    One that waits already is about the newest decision from now on; its clock does not move.
    """
    for row in rows:
        conn.execute(f"{_INSERT} DO UPDATE SET decision = excluded.decision,"
                     " expires_at = excluded.expires_at WHERE NOT matter.asked",
                     _values(row))  # fmt: skip


def update(conn: Conn, row: MatterRow) -> None:
    """Store how a matter stands now; the borrower's row is locked."""
    conn.execute(
        "UPDATE matter SET decision = %s, asked = %s, priority = %s, expires_at = %s, late = %s,"
        " taken_by = %s, taken_at = %s, result = %s, closed_at = %s, closed_by = %s WHERE id = %s",
        [_uuid(row.decision), row.asked, row.priority, row.expires_at, row.late, row.taken_by,
         row.taken_at, row.result, row.closed_at, row.closed_by, UUID(row.id)],
    )  # fmt: skip


def read(conn: Conn, borrower: str, ident: str) -> MatterRow:
    """Return a matter of the borrower; raises NotFoundError, also for somebody else's."""
    try:
        key = UUID(ident)
    except ValueError:
        raise unknown(ident) from None
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM matter WHERE id = %s AND borrower = %s", [key, borrower]
    ).fetchone()
    if row is None:
        raise unknown(ident)
    return _row(row)


def owner(conn: Conn, ident: str) -> str:
    """Return whose matter it is; raises NotFoundError."""
    try:
        row = conn.execute("SELECT borrower FROM matter WHERE id = %s", [UUID(ident)]).fetchone()
    except ValueError:
        row = None
    if row is None:
        raise unknown(ident)
    return str(row[0])


def waiting_about(conn: Conn, borrower: str, way: str, about: str) -> MatterRow | None:
    """Return the open matter about the same thing, if there is one."""
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM matter WHERE borrower = %s AND way = %s AND about = %s"
        " AND closed_at IS NULL",
        [borrower, way, about],
    ).fetchone()
    return None if row is None else _row(row)


def of_borrower(conn: Conn, borrower: str) -> list[MatterRow]:
    """Return a borrower's matters, oldest first."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM matter WHERE borrower = %s ORDER BY opened_at, id", [borrower]
    )
    return [_row(row) for row in rows]


def queue(
    conn: Conn, way: str | None, after: tuple[int, int, str] | None, count: int
) -> list[MatterRow]:
    """Return up to `count` open matters in the order in which they are to be answered.

    `after` is (priority, due day, id) of the last of the page before.
    """
    place = (-1, 0, str(UUID(int=0))) if after is None else after
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM matter WHERE closed_at IS NULL AND (%s::text IS NULL OR way = %s)"
        " AND (priority, due_day, id) > (%s, %s, %s) ORDER BY priority, due_day, id LIMIT %s",
        [way, way, place[0], place[1], UUID(place[2]), count],
    )
    return [_row(row) for row in rows]


def waiting(conn: Conn, way: str) -> int:
    """Return how many matters of a way are open."""
    row = conn.execute(
        "SELECT count(*) FROM matter WHERE closed_at IS NULL AND way = %s", [way]
    ).fetchone()
    return row[0] if row else 0


def overdue(conn: Conn, today: int, now: int, count: int) -> list[MatterRow]:
    """Return open matters that nobody has looked at in time: their delay untold, or lapsed."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM matter WHERE closed_at IS NULL"
        " AND ((due_day < %s AND NOT late) OR expires_at <= %s) ORDER BY due_day, id LIMIT %s",
        [today, now, count],
    )
    return [_row(row) for row in rows]


def unknown(ident: str) -> NotFoundError:
    """Return the error of a matter that nobody opened, or that is somebody else's."""
    return NotFoundError(
        f"no matter {ident[:60]!r}",
        next_step="copy the id from the answer to the request that opened it",
        code="not_found.matter",
    )


def _values(row: MatterRow) -> list[Any]:
    found = [getattr(row, name) for name in _NAMES]
    found[0] = UUID(row.id)
    found[4] = _uuid(row.decision)
    return found


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _row(row: Sequence[Any]) -> MatterRow:
    found = list(row)
    found[0] = str(found[0])
    found[4] = None if found[4] is None else str(found[4])
    return MatterRow(*found)
