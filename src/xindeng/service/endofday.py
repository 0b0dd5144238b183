"""End of day: interest, ageing and what fell due, for chunks of about 1,000 lines.

A chunk is one transaction: its lines are locked in id order, what the day adds is posted, and the
chunk is marked as done with it. A second run, or a second worker, finds it done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from xindeng.events.fields import Payload
from xindeng.events.line import InstalmentDue
from xindeng.service import books, credit, pauses, review
from xindeng.service.books import Aged
from xindeng.service.engine import Engine
from xindeng.service.tell import tell_many
from xindeng.servicing.delinquency import roll, worst
from xindeng.servicing.standing import Standing
from xindeng.store import borrowers, chunks, loans
from xindeng.store.chunks import Chunk
from xindeng.store.connect import Conn

Work = Callable[[Engine, Conn, Chunk], int]


@dataclass(frozen=True, slots=True)
class Job:
    """A kind of work of a business day: over lines with a living "loan", or every open "line".

    `work` does one chunk and returns how many lines it changed.
    """

    over: str
    work: Work


def run_chunk(engine: Engine, job: str, day: int, number: int) -> bool:
    """Do one chunk unless it is done; return whether it was done here.

    Raises ConflictError where a line of it is busy for 2 s; it may be tried again at once.
    """
    with engine.store.transaction(pipelined=False) as conn:
        claimed = chunks.claim(conn, job, day, number)
        if claimed is None:
            return False
        changed = JOBS[job].work(engine, conn, claimed)
        chunks.finish(conn, claimed, engine.clock(), changed)
    return True


def run_day(
    engine: Engine, job: str, day: int, *, size: int = chunks.SIZE,
    advance: Callable[[int], None] = lambda lines: None,
) -> chunks.Progress:  # fmt: skip
    """Plan and do a whole job in this process; takes up where an earlier run was broken off.

    `advance` is told of the lines of each chunk that ends.
    """
    with engine.store.transaction(pipelined=False) as conn:
        waiting = chunks.plan(conn, job, day, over=JOBS[job].over, size=size)
    for one in waiting:
        run_chunk(engine, job, day, one.chunk)
        advance(one.lines)
    with engine.store.snapshot() as conn:
        return chunks.progress(conn, job, day)


def accrue(engine: Engine, conn: Conn, chunk: Chunk) -> int:
    """Post the day's interest and penalties and age the loans of a chunk; returns their number."""
    borrowers.hold_those(conn, "loan", chunk.first, chunk.upto)
    rows = [
        row for row in loans.living_between(conn, chunk.first, chunk.upto) if row.aged < chunk.day
    ]
    told = loans.transactions(conn, [row.loan for row in rows])
    now = engine.clock()
    aged = [books.age(row, told[row.loan], chunk.day, "accrual") for row in rows]
    loans.post(
        conn,
        [
            posting
            for one in aged
            for posting in books.posting_rows(one, engine.new_id(now), now, job="accrual")
        ],
    )
    loans.update(conn, [one.row for one in aged])
    tell_many(engine, conn, _news(rows, aged), now)
    later = [
        one.row
        for row, one in zip(rows, aged, strict=True)
        if roll(row.dpd, one.row.dpd) == "forward"
    ]
    pauses.collect(engine, conn, later, now, chunk.day)
    return len(aged)


def _news(before: list[loans.LoanRow], aged: list[Aged]) -> Mapping[str, list[Payload]]:
    """Return, by borrower, what the day brought: instalments due, and arrears begun or changed."""
    news: dict[str, list[Payload]] = {}
    standings: dict[str, list[Standing]] = {}
    late = {row.borrower for row in before if row.dpd}
    since = {row.loan: row.aged for row in before}
    for one in aged:
        name = one.row.borrower
        standings.setdefault(name, []).append(one.standing)
        for due in one.standing.dues if one.row.state == books.OPEN else ():
            amount = due.fee + due.interest + due.principal
            # What help moved stands among the dues before its day; it is told when it falls due.
            if since[one.row.loan] < due.day <= one.standing.day and amount:
                payload = InstalmentDue(loan=one.row.loan, due_day=due.day, amount=amount)
                news.setdefault(name, []).append(payload)
    for name, found in standings.items():
        lateness = worst(found)
        if lateness.dpd or name in late:
            news.setdefault(name, []).append(books.delinquency(lateness))
    return news


JOBS: Final[dict[str, Job]] = {
    "accrual": Job("loan", accrue),
    "credit": Job("loan", credit.use_all),
    "review": Job("line", review.review),
}
