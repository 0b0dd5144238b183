"""What was lent by lot, so that no arm ever has more at stake than its budget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from xindeng.store.connect import Conn

# An approval counts in full until its offer lapses or its draw is void; a loan by what is owed.
_STAKE: Final = """
    SELECT count(*) FILTER (WHERE l.loan IS NOT NULL), count(*),
           coalesce(sum((l.posted->>'write_off')::int8), 0)::int8,
           coalesce(sum(CASE
               WHEN l.loan IS NOT NULL THEN coalesce((l.posted->>'principal')::int8, 0)
               WHEN r.draw IS NULL AND n.at > %s THEN n.amount
               WHEN r.state <> 'void' THEN n.amount
               ELSE 0 END), 0)::int8
    FROM learnt n
    LEFT JOIN reservation r ON r.borrower = n.borrower AND r.decision = n.decision
    LEFT JOIN loan l ON l.loan = r.draw
    WHERE n.salt = %s
"""


@dataclass(frozen=True, slots=True)
class Stake:
    """What an arm has at stake, minor units; of its `approvals` so many became `loans`."""

    loans: int
    approvals: int
    lost: int
    owed: int


def take_turns(conn: Conn) -> None:
    """Let no other draw of an arm be decided until this transaction ends: two that look at what is
    left of the budget at once would both spend it."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('learning', 4))")


def stake(conn: Conn, salt: str, offers_since: int) -> Stake:
    """Return what the arm of a salt has at stake; offers made up to `offers_since` (µs) and never
    confirmed have lapsed."""
    row = conn.execute(_STAKE, [offers_since, salt]).fetchone()
    assert row is not None
    return Stake(*row)


def insert(conn: Conn, decision: str, borrower: str, salt: str, amount: int, at: int) -> None:
    """Note an approval that is the arm's; its decision comes in the same transaction."""
    conn.execute(
        "INSERT INTO learnt (decision, borrower, salt, amount, at) VALUES (%s, %s, %s, %s, %s)",
        [UUID(decision), borrower, salt, amount, at],
    )
