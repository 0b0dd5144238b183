"""Trials in counts: what guard rails look at, and how champion and challenger compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.store.connect import Conn
from xindeng.store.loans import LoanRow, of_loans

# Something to borrow: all that was asked, or less.
_YES: Final = "IN ('approve', 'approve_less')"
_FIRST: Final = f"""
    WITH pair AS (
        SELECT DISTINCT ON (borrower) champion_outcome {_YES} AS was, outcome {_YES} AS is_now,
               champion_outcome = 'review' AS waited, outcome = 'review' AS waits
        FROM trial WHERE challenger = %s AND outcome IS NOT NULL AND champion_outcome IS NOT NULL
        ORDER BY borrower, decision
    )
    SELECT count(*), count(*) FILTER (WHERE is_now AND NOT was),
           count(*) FILTER (WHERE was AND NOT is_now), count(*) FILTER (WHERE waits AND NOT waited),
           count(*) FILTER (WHERE waited AND NOT waits) FROM pair
"""


@dataclass(frozen=True, slots=True)
class Pairs:
    """The first decision of each borrower, under both policies: how many changed sides."""

    count: int
    approved: int
    refused: int
    to_review: int
    from_review: int


@dataclass(frozen=True, slots=True)
class Alike:
    """How many trials were alike, and what both policies offered in them (minor units); outcomes
    are None where that policy raised an error."""

    acted: bool
    champion: str | None
    challenger: str | None
    champion_fired: int
    fired: int
    count: int
    champion_amount: int
    amount: int


@dataclass(frozen=True, slots=True)
class Example:
    """A trial by its decision: what each of the two policies says, and how much it offers."""

    decision: str
    champion: str
    champion_amount: int
    challenger: str
    amount: int


def pairs(conn: Conn, name: str) -> Pairs:
    """Return how the first decisions of a challenger's borrowers compare."""
    row = conn.execute(_FIRST, [name]).fetchone()
    assert row is not None
    return Pairs(*row)


def pace(conn: Conn, name: str, ms: int) -> tuple[int, int, int]:
    """Return (decisions, those that took longer than `ms`, those that failed) of a challenger."""
    row = conn.execute(
        "SELECT count(*), count(*) FILTER (WHERE micros > %s), count(failed) FROM trial"
        " WHERE challenger = %s",
        [ms * 1_000, name],
    ).fetchone()
    assert row is not None
    return row[0], row[1], row[2]


def micros(conn: Conn, name: str) -> tuple[int, int] | None:
    """Return median and 99th percentile of how long (µs) a challenger took, None without any."""
    row = conn.execute(
        "SELECT percentile_disc(array[0.5, 0.99]) WITHIN GROUP (ORDER BY micros) FROM trial"
        " WHERE challenger = %s AND failed IS NULL",
        [name],
    ).fetchone()
    return None if row is None or row[0] is None else (row[0][0], row[0][1])


def grouped(conn: Conn, name: str) -> list[Alike]:
    """Return all trials of a challenger, counted by kind."""
    rows = conn.execute(
        "SELECT acted, champion_outcome, outcome, champion_fired, fired, count(*),"
        " coalesce(sum(champion_amount), 0)::int8, coalesce(sum(amount), 0)::int8"
        " FROM trial WHERE challenger = %s GROUP BY 1, 2, 3, 4, 5",
        [name],
        binary=True,
    )
    return [
        Alike(row[0], row[1], row[2], _bits(row[3]), _bits(row[4]), row[5], row[6], row[7])
        for row in rows
    ]


def failures(conn: Conn, name: str) -> list[tuple[str, int]]:
    """Return (code, count) of a challenger's errors, most frequent first."""
    rows = conn.execute(
        "SELECT failed, count(*) FROM trial WHERE challenger = %s AND failed IS NOT NULL"
        " GROUP BY 1 ORDER BY 2 DESC, 1",
        [name],
    )
    return [(row[0], row[1]) for row in rows]


def swapped(conn: Conn, name: str, *, into: bool, count: int) -> list[Example]:
    """Return the newest trials that came in (only the challenger offers something) or went out."""
    came = f"outcome {_YES} AND NOT champion_outcome {_YES}"
    went = f"champion_outcome {_YES} AND NOT outcome {_YES}"
    rows = conn.execute(
        "SELECT decision::text, champion_outcome, champion_amount, outcome, amount FROM trial"
        f" WHERE challenger = %s AND {came if into else went} ORDER BY decision DESC LIMIT %s",
        [name, count],
    )
    return [Example(*row) for row in rows]


def on_the_way(conn: Conn, name: str) -> int:
    """Return what is on its way to borrowers on a live challenger's approvals, minor units."""
    row = conn.execute(
        "SELECT coalesce(sum(r.amount), 0)::int8 FROM trial t JOIN reservation r"
        " ON r.borrower = t.borrower AND r.decision = t.decision"
        " WHERE t.challenger = %s AND t.acted AND r.state IN ('reserved', 'sent', 'unknown')",
        [name],
    ).fetchone()
    return row[0] if row else 0


def loans(conn: Conn, name: str) -> list[LoanRow]:
    """Return the loans that came of a live challenger's approvals."""
    return of_loans(
        conn,
        "l.loan IN (SELECT r.draw FROM trial t JOIN reservation r"
        " ON r.borrower = t.borrower AND r.decision = t.decision"
        " WHERE t.challenger = %s AND t.acted)",
        [name],
    )


def _bits(raw: bytes | None) -> int:
    return int.from_bytes(raw or b"", "big")
