"""How far the jobs of a business day have come: chunks of lines, each done once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xindeng.store.connect import Conn

SIZE: Final = 1_000
"""Lines in a chunk: enough to share a transaction's price, few enough to hold locks briefly."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """The lines of a job from borrower `first` to `upto`, both included."""

    job: str
    day: int
    chunk: int
    first: str
    upto: str
    lines: int
    done_at: int | None
    changed: int | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job of a business day has come, in chunks and lines; `changed` lines so far."""

    job: str
    day: int
    chunks: int
    done: int
    lines: int
    lines_done: int
    changed: int

    @property
    def finished(self) -> bool:
        """Say whether every chunk is done."""
        return self.done == self.chunks


# Two workers that plan the same day cut the same lines the same way or not at all: the plan is
# made under a lock of its own, and the first one stands.
_PLAN: Final = """
    INSERT INTO job_chunk (job, day, chunk, first, upto, lines)
    SELECT %(job)s, %(day)s, n / %(size)s, min(borrower), max(borrower), count(*)
    FROM (SELECT borrower, row_number() OVER (ORDER BY borrower) - 1 AS n
          FROM (SELECT DISTINCT borrower FROM {source}) AS lines) AS numbered
    GROUP BY n / %(size)s
"""
_SOURCES: Final = {"loan": "loan WHERE state <> 'closed'", "line": "line WHERE change <> 'closed'"}
_COLUMNS: Final = "job, day, chunk, first, upto, lines, done_at, changed"


def plan(conn: Conn, job: str, day: int, *, over: str, size: int = SIZE) -> list[Chunk]:
    """Cut the lines into chunks unless that was done; return the chunks that are not done.

    `over` is "loan" (lines with a loan open, or written off and not recovered) or "line" (all that
    are not closed).
    """
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [job, day])
    made = conn.execute("SELECT 1 FROM job_chunk WHERE job = %s AND day = %s LIMIT 1", [job, day])
    if made.fetchone() is None:
        conn.execute(_PLAN.format(source=_SOURCES[over]), {"job": job, "day": day, "size": size})
    return waiting(conn, job, day)


def waiting(conn: Conn, job: str, day: int) -> list[Chunk]:
    """Return the chunks that are not done, in order."""
    rows = conn.execute(
        f"SELECT {_COLUMNS} FROM job_chunk WHERE job = %s AND day = %s AND done_at IS NULL"
        " ORDER BY chunk",
        [job, day],
    )
    return [Chunk(*row) for row in rows]


def claim(conn: Conn, job: str, day: int, chunk: int) -> Chunk | None:
    """Lock a chunk until the transaction ends; None if it is done.

    Two workers at one chunk take turns: the second finds it done.
    """
    row = conn.execute(
        f"SELECT {_COLUMNS} FROM job_chunk WHERE job = %s AND day = %s AND chunk = %s FOR UPDATE",
        [job, day, chunk],
    ).fetchone()
    found = None if row is None else Chunk(*row)
    return found if found is not None and found.done_at is None else None


def finish(conn: Conn, done: Chunk, at: int, changed: int) -> None:
    """Mark a claimed chunk as done, in the transaction that did it."""
    conn.execute(
        "UPDATE job_chunk SET done_at = %s, changed = %s"
        " WHERE job = %s AND day = %s AND chunk = %s",
        [at, changed, done.job, done.day, done.chunk],
    )


def progress(conn: Conn, job: str, day: int) -> Progress:
    """Return how far the job has come; no chunks before it was planned."""
    row = conn.execute(
        """
        SELECT count(*), count(done_at), coalesce(sum(lines), 0)::int8,
               coalesce(sum(lines) FILTER (WHERE done_at IS NOT NULL), 0)::int8,
               coalesce(sum(changed), 0)::int8
        FROM job_chunk WHERE job = %s AND day = %s
        """,
        [job, day],
    ).fetchone()
    assert row is not None
    return Progress(job, day, *row)
