"""The portfolio in counts: what became of approvals, and how the loans stand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.store.connect import Conn

_LOANS: Final = """
    SELECT CASE WHEN state = 'closed' THEN 'closed' WHEN coalesce((posted->>'write_off')::int8, 0)
                <> 0 THEN 'written_off' WHEN dpd > 90 THEN '91+' WHEN dpd > 60 THEN '61-90'
                WHEN dpd > 30 THEN '31-60' WHEN dpd > 0 THEN '1-30' ELSE 'current' END,
           count(*), coalesce(sum((posted->>'principal')::int8), 0)::int8,
           coalesce(sum((posted->>'write_off')::int8), 0)::int8,
           coalesce(sum((posted->>'recovery')::int8), 0)::int8
    FROM loan GROUP BY 1
"""


_BALANCES: Final = """
    SELECT count(*), coalesce(sum(owed), 0)::int8, count(*) FILTER (WHERE dpd BETWEEN 1 AND 30),
           coalesce(sum(owed) FILTER (WHERE dpd BETWEEN 1 AND 30), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE dpd BETWEEN 31 AND 60), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE dpd > 30), 0)::int8
    FROM (SELECT dpd, coalesce((posted->>'principal')::int8, 0) AS owed FROM loan
          WHERE state <> 'closed' AND coalesce((posted->>'write_off')::int8, 0) = 0) open
"""


_VINTAGES: Final = """
    SELECT month, count(*), coalesce(sum(lent), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE NOT lost), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE NOT lost AND dpd BETWEEN 1 AND 30), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE NOT lost AND dpd BETWEEN 31 AND 90), 0)::int8,
           coalesce(sum(owed) FILTER (WHERE NOT lost AND dpd > 90), 0)::int8,
           coalesce(sum(written_off), 0)::int8, coalesce(-sum(recovered), 0)::int8
    FROM (SELECT to_char(DATE '1970-01-01' + l.opened::int, 'YYYY-MM') AS month, r.amount AS lent,
                 l.dpd, CASE WHEN l.state = 'closed' THEN 0
                        ELSE coalesce((l.posted->>'principal')::int8, 0) END AS owed,
                 coalesce((l.posted->>'write_off')::int8, 0) <> 0 AS lost,
                 coalesce((l.posted->>'write_off')::int8, 0) AS written_off,
                 coalesce((l.posted->>'recovery')::int8, 0) AS recovered
          FROM loan l LEFT JOIN reservation r ON r.draw = l.loan) each_loan
    GROUP BY month ORDER BY month DESC LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Vintage:
    """The loans of one month ("2026-11") as they stand now; amounts in minor units: lent, still
    owed, and of that 1-30, 31-90 and more than 90 days late; written off and recovered."""

    month: str
    loans: int
    lent: int
    owed: int
    late_1_30: int
    late_31_90: int
    late_91: int
    written_off: int
    recovered: int

    @property
    def lost(self) -> int:
        """Return what was lost, net of what came back."""
        return self.written_off - self.recovered


def vintages(conn: Conn, most: int) -> list[Vintage]:
    """Return the newest months in which loans were made, newest first. Reads every loan once."""
    return [Vintage(*row) for row in conn.execute(_VINTAGES, [most])]


@dataclass(frozen=True, slots=True)
class Balances:
    """Open loans and their principal (minor units), by how many days they are late."""

    loans: int
    balance: int
    loans_1_30: int
    late_1_30: int
    late_31_60: int
    late_31: int


def balances(conn: Conn) -> Balances:
    """Return the book as it stands. Reads every loan once."""
    row = conn.execute(_BALANCES).fetchone()
    assert row is not None
    return Balances(*row)


@dataclass(frozen=True, slots=True)
class LoanGroup:
    """Loans that stand alike; amounts in minor units, what was recovered positive."""

    standing: str
    count: int
    principal: int
    written_off: int
    recovered: int


def loans(conn: Conn) -> list[LoanGroup]:
    """Return the loans by how they stand: current, 1-30, 31-60, 61-90, 91+ days late, written off,
    closed. Reads every loan once."""
    return [LoanGroup(row[0], row[1], row[2], row[3], -row[4]) for row in conn.execute(_LOANS)]


def draws(conn: Conn, since: int, until: int) -> dict[str, int]:
    """Return how many confirmed draws with since <= reserved at < until (µs) are in which state."""
    rows = conn.execute(
        "SELECT state, count(*) FROM reservation WHERE reserved_at >= %s AND reserved_at < %s"
        " GROUP BY 1",
        [since, until],
    )
    return {row[0]: row[1] for row in rows}
