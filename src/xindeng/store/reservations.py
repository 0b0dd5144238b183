"""Reservations at rest: money spoken for by draws on their way, and every step they took."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

from xindeng.kernel.errors import ConflictError, NotFoundError
from xindeng.store.connect import Conn

OPEN: Final = ("reserved", "sent", "unknown")
"""The states in which the money is spoken for."""

_NEXT: Final[dict[str, frozenset[str]]] = {
    "reserved": frozenset({"sent", "void", "settled"}),
    "sent": frozenset({"unknown", "settled", "void"}),
    "unknown": frozenset({"unknown", "settled", "void"}),
    # A rail that takes its no back: money that has left belongs in the ledger, whatever we held.
    "void": frozenset({"settled"}),
}
_COLUMNS: Final = (
    "draw, borrower, key, body, decision, amount, currency, terms, funder, state, cause, attempts,"
    " reserved_at, changed_at"
)


@dataclass(frozen=True, slots=True)
class Reservation:
    """A row of the table `reservation`; `terms` are the encoded terms of the loan to be."""

    draw: str
    borrower: str
    key: str
    body: bytes
    decision: str | None
    amount: int
    currency: str
    terms: bytes
    funder: str | None
    state: str
    cause: str
    attempts: int
    reserved_at: int
    changed_at: int

    @property
    def open(self) -> bool:
        """Say whether the money is still spoken for."""
        return self.state in OPEN


def insert(conn: Conn, made: Reservation) -> None:
    """Store a new reservation and its first step, under the borrower's lock."""
    conn.execute(
        f"INSERT INTO reservation ({_COLUMNS}) VALUES ({', '.join(['%s'] * 14)})",
        [UUID(made.draw), made.borrower, made.key, made.body,
         None if made.decision is None else UUID(made.decision), made.amount, made.currency,
         made.terms, made.funder, made.state, made.cause, made.attempts, made.reserved_at,
         made.changed_at],
        prepare=True,
    )  # fmt: skip
    _step(conn, made, made.changed_at)


def move(conn: Conn, found: Reservation, state: str, cause: str, at: int) -> Reservation:
    """Move a reservation on, under the borrower's lock; raises ConflictError if it has ended."""
    if state not in _NEXT.get(found.state, frozenset()):
        raise ConflictError(
            f"the draw is {found.state} and cannot become {state}",
            where=f"draw {found.draw}",
            next_step="read the draw again; what is paid out or void stays so",
            code="conflict.draw",
        )
    moved = replace(
        found, state=state, cause=cause, changed_at=at,
        attempts=found.attempts + (state in {"sent", "unknown"}),
    )  # fmt: skip
    conn.execute(
        "UPDATE reservation SET state = %s, cause = %s, changed_at = %s, attempts = %s"
        " WHERE draw = %s",
        [state, cause, at, moved.attempts, UUID(found.draw)],
        prepare=True,
    )
    _step(conn, moved, at)
    return moved


def read(conn: Conn, draw: str) -> Reservation:
    """Return a reservation by draw id; raises NotFoundError."""
    try:
        rows = _select(conn, "draw = %s", [UUID(draw)])
    except ValueError:
        rows = []
    if not rows:
        raise unknown(draw)
    return rows[0]


def by_key(conn: Conn, borrower: str, key: str) -> Reservation | None:
    """Return what was reserved under that key, if anything was."""
    rows = _select(conn, "borrower = %s AND key = %s", [borrower, key])
    return rows[0] if rows else None


def of_decision(conn: Conn, decision: str) -> Reservation | None:
    """Return the draw that used up a decision, if one did."""
    rows = _select(conn, "decision = %s", [UUID(decision)])
    return rows[0] if rows else None


def of_borrower(conn: Conn, borrower: str) -> list[Reservation]:
    """Return the borrower's open reservations, oldest first."""
    where = "borrower = %s AND state IN ('reserved', 'sent', 'unknown')"
    return _select(conn, where, [borrower])


def unfinished(conn: Conn, before: int, limit: int = 1_000) -> list[Reservation]:
    """Return open reservations untouched since `before` (µs), to be asked about."""
    where = f"state IN ('reserved', 'sent', 'unknown') AND changed_at <= %s LIMIT {limit}"
    return _select(conn, where, [before], order="")


def reserved(conn: Conn, borrower: str) -> tuple[int, int]:
    """Return how much is spoken for, and by how many draws."""
    row = conn.execute(
        "SELECT coalesce(sum(amount), 0)::int8, count(*) FROM reservation"
        " WHERE borrower = %s AND state IN ('reserved', 'sent', 'unknown')",
        [borrower],
        prepare=True,
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


def steps(conn: Conn, draw: str) -> list[tuple[int, str, str]]:
    """Return (at, state, cause) of each step of a draw, in order."""
    rows = conn.execute(
        "SELECT at, state, cause FROM reservation_step WHERE draw = %s ORDER BY no", [UUID(draw)]
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _step(conn: Conn, made: Reservation, at: int) -> None:
    conn.execute(
        "INSERT INTO reservation_step (draw, at, no, state, cause)"
        " SELECT %(draw)s, %(at)s, coalesce(max(no), 0) + 1, %(state)s, %(cause)s"
        " FROM reservation_step WHERE draw = %(draw)s",
        {"draw": UUID(made.draw), "at": at, "state": made.state, "cause": made.cause},
        prepare=True,
    )


def _select(
    conn: Conn, where: str, values: list[Any], order: str = " ORDER BY reserved_at, draw"
) -> list[Reservation]:
    rows = conn.execute(f"SELECT {_COLUMNS} FROM reservation WHERE {where}{order}", values)
    return [Reservation(*_plain(row)) for row in rows]


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(str(one) if isinstance(one, UUID) else one for one in row)


def unknown(draw: str) -> NotFoundError:
    """Return the error of a draw that nobody has made, or that is somebody else's."""
    return NotFoundError(
        f"no draw {draw[:60]!r}",
        next_step="copy the id from the draw's answer",
        code="not_found.draw",
    )
