"""Decisions and line events to a stream, in order for each borrower, each at least once.

The chain of events is the outbox: nothing is written twice, and what is published is what was
committed. The reader's place is stored after the broker has acknowledged a batch, so a crash in
between publishes it again; a receiver drops what is not later than the `seq` it has. A record
without a value is the tombstone of a borrower who was erased.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import msgspec

from xindeng.adapters.streams import Record, Topic
from xindeng.events.envelope import payload_to_builtins
from xindeng.kernel.errors import UnavailableError
from xindeng.service.engine import Engine
from xindeng.store import borrowers, erasures, events, feed, readers
from xindeng.store.chain import Link
from xindeng.store.readers import Place

OUTGOING: Final = frozenset({
    "decision", "draw_reserved", "draw_released", "disbursement", "instalment_due", "repayment",
    "repayment_reversed", "delinquency", "restructuring", "limit_change", "limit_warning",
    "limit_warning_withdrawn", "hold_placed", "hold_extended", "hold_reviewed", "hold_released",
    "unlock_asked", "hardship_request", "hardship_resolved", "stance_change", "platform_status",
})  # fmt: skip
"""What others are told: answers and what happens on the line; never what a person told us."""

BATCH: Final = 1_000
_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 30.0


def publish(engine: Engine, topic: Topic, *, reader: str = "outbox") -> int:
    """Publish all that became visible since the last time; return how many records that was.

    One process at a time publishes under a `reader`'s name; another returns 0 at once. Raises
    UnavailableError where the database or the broker is away; what was acknowledged stays noted.
    """
    published = 0
    with readers.turn(engine.store, reader) as mine:
        if not mine:
            return 0
        with engine.store.transaction(pipelined=False) as conn:
            place = readers.open_window(conn, reader, feed.horizon(conn))
        with engine.store.snapshot(pipelined=False) as conn:
            rows = feed.read(conn, place.since, place.until, after=place.pos)
            for batch in _batches(rows):
                records = _records(engine, [link for _, link in batch])
                if records:
                    topic.publish(records)
                published += len(records)
                place = place.moved(batch[-1][0])
                _note(engine, reader, place)
        _note(engine, reader, place.closed())
        published += _tombstones(engine, topic, reader)
    return published


def _tombstones(engine: Engine, topic: Topic, reader: str) -> int:
    """Tell of erasures, after all that was ever told of these borrowers: a compacted topic then
    drops it, and whoever keeps a copy knows to."""
    with engine.store.snapshot() as conn:
        gone = erasures.after(conn, erasures.told(conn, reader), BATCH)
    if gone:
        records = [
            Record(one.borrower, None, {"type": "erased", "seq": str(one.seq)}) for one in gone
        ]
        topic.publish(records)
        with engine.store.transaction() as conn:
            erasures.tell(conn, reader, gone[-1].number)
    return len(gone)


def run(engine: Engine, topic: Topic, wait: Callable[[float], bool]) -> int:
    """Publish until `wait(seconds)` says that it is time to stop; return how many records."""
    published, pause = 0, _PAUSE_S
    while True:
        try:
            published += publish(engine, topic)
            pause = _PAUSE_S
        except UnavailableError:
            pause = min(2 * pause, _LONGEST_PAUSE_S)
        if wait(pause):
            return published


def _note(engine: Engine, reader: str, place: Place) -> None:
    with engine.store.transaction(pipelined=False) as conn:
        readers.save(conn, reader, place)


def _batches(rows: Iterator[tuple[int, Link]]) -> Iterator[list[tuple[int, Link]]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _records(engine: Engine, links: Sequence[Link]) -> list[Record]:
    """Return the records of the links that others are told of; erased borrowers stay silent."""
    told = [link for link in links if link.type in OUTGOING]
    with engine.store.snapshot() as conn:
        keys = borrowers.read_keys(conn, engine.store.keys, {link.borrower for link in told})
    records = []
    for link in told:
        if link.borrower not in keys:
            continue
        event = next(events.unseal([link], keys[link.borrower]))
        body = {
            "borrower": event.borrower, "seq": event.seq, "id": event.id, "type": event.type,
            "version": event.version, "occurred_at": event.occurred_at,
            "known_at": event.known_at, "payload": payload_to_builtins(event.payload),
        }  # fmt: skip
        headers = {"type": event.type, "seq": str(event.seq)}
        records.append(Record(event.borrower, msgspec.json.encode(body), headers))
    return records
