"""Prove every line's numbers from its postings, and the postings from themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from xindeng.service import books
from xindeng.service.engine import Engine
from xindeng.store import chunks, loans
from xindeng.store.connect import Conn

MOST = 100
"""How many findings are told."""


@dataclass(slots=True)
class Proof:
    """What was checked and what is wrong, one sentence a finding (at most 100)."""

    lines: int = 0
    loans: int = 0
    postings: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Say whether everything is as its postings say."""
        return not self.wrong


def verify(engine: Engine, advance: Callable[[int], None] = lambda lines: None) -> Proof:
    """Check that entries sum to zero, balances are sums of postings, and postings what the
    loans' terms and transactions give as of the day they were last brought up to.

    Reads one snapshot; `advance` is told how many lines were checked.
    """
    proof = Proof()
    with engine.store.snapshot() as conn:
        row = conn.execute("SELECT count(*), count(DISTINCT borrower) FROM posting").fetchone()
        proof.postings, proof.lines = row if row else (0, 0)
        for entry, currency, total in loans.unbalanced(conn):
            proof.wrong.append(f"entry {entry} sums to {total} {currency}, not 0")
        after = ""
        while names := _next_lines(conn, after):
            _check_lines(engine, conn, names[0], names[-1], proof)
            after = names[-1]
            advance(len(names))
    del proof.wrong[MOST:]
    return proof


def _next_lines(conn: Conn, after: str) -> list[str]:
    rows = conn.execute(
        "SELECT DISTINCT borrower FROM loan WHERE borrower > %s ORDER BY borrower LIMIT %s",
        [after, chunks.SIZE],
    )
    return [row[0] for row in rows]


def _check_lines(engine: Engine, conn: Conn, first: str, upto: str, proof: Proof) -> None:
    sums = loans.sums(conn, first, upto)
    rows = loans.between(conn, first, upto)
    told = loans.transactions(conn, [row.loan for row in rows])
    days = loans.booked_days(conn, first, upto)
    for row in rows:
        proof.loans += 1
        where = f"borrower {row.borrower}, loan {row.loan}"
        summed = {name: total for name, total in sums.get(row.loan, {}).items() if total}
        if summed != dict(row.posted):
            proof.wrong.append(f"{where}: postings sum to {summed}, the loan shows {row.posted}")
            continue
        booked = engine.policy.zone.day(days[row.loan]) if row.loan in days else row.opened
        again = books.age(row, told[row.loan], max(row.aged, booked))
        if again.postings:
            off = {one.account: one.amount for one in again.postings}
            proof.wrong.append(f"{where}: the postings are off by {off}")
