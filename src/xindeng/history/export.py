"""From the store to the lake: whatever became visible since the last time, each row once.

Rows are read in windows of whole transactions (`store.feed`). A batch is written and then named in
the manifest together with the place it ends at, so a killed export goes on behind its last batch.
Erased borrowers are left out, and what was exported of them before is taken out again.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from xindeng.events.envelope import Event
from xindeng.events.line import DecisionMade
from xindeng.history import decisions as rows
from xindeng.history import manifest, outcomes
from xindeng.history.lake import DECISIONS, Lake, events_table
from xindeng.history.tables import tables_of
from xindeng.kernel.errors import ConflictError
from xindeng.kernel.time import zone
from xindeng.store import Store, borrowers, decisions, erasures, events, feed
from xindeng.store.chain import Link
from xindeng.store.connect import Conn
from xindeng.store.crypto import DataKey
from xindeng.store.feed import Horizon
from xindeng.store.readers import Place

BATCH: Final = 100_000
Progress = Callable[[int], None]
"""Called with the number of events of each batch once it is safe."""


def export(
    store: Store,
    lake: Lake,
    *,
    now: int,
    batch: int = BATCH,
    progress: Progress = lambda rows: None,
) -> int:
    """Bring the lake up to date; return how many events were added. `now` (µs) is noted.

    Raises UnavailableError where the database goes away; what was written by then is kept.
    Raises ConflictError for a lake of another store, or of this one before it was restored. Where
    another export is writing the lake it waits for its end.
    """
    with lake.alone():
        _continues(store, lake)
        added = _read(store, lake, now, batch, progress)
        forget(store, lake)
        outcomes.write(lake, zone(lake.manifest.zone))
    return added


def _continues(store: Store, lake: Lake) -> None:
    """Raise ConflictError unless what the store holds is what the lake holds, and more.

    Whoever is not in the store counts as erased, so a lake of another would be emptied; and a
    store that was restored has lost what the lake may still tell.
    """
    with store.snapshot() as conn:
        source, now = _source(conn), feed.horizon(conn)
    if lake.manifest.source != source:
        raise ConflictError(
            f"the lake was written from {lake.manifest.source}, this is {source}",
            where=str(lake.folder), code="lake.other_store",
            next_step="export into an empty folder, or open the store it came from",
        )  # fmt: skip
    if lake.manifest.place != Place() and lake.manifest.place.since.epoch != now.epoch:
        raise ConflictError(
            "the store was restored from a backup since the last export: the lake may tell what"
            " the backup does not hold", where=str(lake.folder), code="lake.restored",
            next_step="export into an empty folder",
        )  # fmt: skip


def _source(conn: Conn) -> str:
    return f"store {feed.store_name(conn)}"


def _read(store: Store, lake: Lake, now: int, batch: int, progress: Progress) -> int:
    """Write what became visible since the last time, batch by batch; return how much that was."""
    added, place = 0, lake.manifest.place
    if place.until == place.since:
        with store.snapshot() as conn:
            place = Place(place.since, max(Horizon(*feed.horizon(conn)), place.since))
        lake.add({}, place=place)
    while links := _next(store, place, batch):
        told = [link for _, link in links]
        clear, left_out = _unsealed(store, told)
        tables = {
            events_table(name): table
            for name, table in tables_of(clear, zone(lake.manifest.zone)).items()
        }
        tables[DECISIONS] = _decisions(store, clear)
        place = place.moved(links[-1][0])
        lake.add(tables, place=place, left_out=lake.manifest.left_out + left_out)
        added += len(clear)
        progress(len(told))
    lake.add({}, place=place.closed(), upto=now)
    return added


def _next(store: Store, place: Place, size: int) -> list[tuple[int, Link]]:
    """Return the next rows of the window, in a transaction of their own.

    A window is complete and stays as it is, so nothing is missed between two; while a batch is
    opened and written none is open, which the server would end for being idle.
    """
    with store.snapshot(pipelined=False) as conn:
        rows = feed.read(conn, place.since, place.until, after=place.pos)
        return list(itertools.islice(rows, size))


def _unsealed(store: Store, links: Sequence[Link]) -> tuple[list[Event], int]:
    """Return the events in the clear, and how many belong to erased borrowers."""
    with store.snapshot() as conn:
        keys = borrowers.read_keys(conn, store.keys, {link.borrower for link in links})
    kept = [link for link in links if link.borrower in keys]
    clear = [event for link in kept for event in events.unseal([link], keys[link.borrower])]
    return clear, len(links) - len(kept)


def _decisions(store: Store, told: Sequence[Event]) -> pa.Table:
    """Return the decisions whose events are among those told."""
    wanted = [event for event in told if isinstance(event.payload, DecisionMade)]
    with store.snapshot() as conn:
        keys = borrowers.read_keys(conn, store.keys, {event.borrower for event in wanted})
        return rows.table(_decision(conn, keys, event) for event in wanted)


def _decision(conn: Conn, keys: dict[str, DataKey], event: Event) -> dict[str, Any]:
    assert isinstance(event.payload, DecisionMade)
    sealed = decisions.read(conn, event.payload.decision_id)
    stored = sealed.unseal(keys[event.borrower])
    return rows.row(
        stored.id, stored.borrower, stored.seq, stored.platform_seq, stored.request,
        stored.decision,
    )  # fmt: skip


def forget(store: Store, lake: Lake) -> int:
    """Take erased borrowers out of every file; return how many rows that were."""
    names = _borrowers(lake)
    with store.snapshot() as conn:
        gone = sorted(names - set(borrowers.readable(conn, sorted(names))))
        last = erasures.last(conn)
    erased, taken = pa.array(gone), 0
    for name in list(lake.manifest.rows) if gone else ():
        table = pa.concat_tables(
            pq.read_table(lake.folder / part.path) for part in lake.manifest.of(name)
        )
        kept = table.filter(pc.invert(pc.is_in(table["borrower"], erased)))
        if kept.num_rows < table.num_rows:
            taken += table.num_rows - kept.num_rows
            lake.replace(
                name, kept, left_out=lake.manifest.left_out + table.num_rows - kept.num_rows
            )
    if last > lake.manifest.erased:
        lake.add({}, erased=last)
    return taken


def _borrowers(lake: Lake) -> set[str]:
    found: set[str] = set()
    for part in lake.manifest.parts:
        column = pq.read_table(lake.folder / part.path, columns=["borrower"])["borrower"]
        found.update(pc.unique(column).to_pylist())
    return found


def open_or_create(folder: Path, store: Store, *, zone_name: str, currency: str) -> Lake:
    """Open the lake of a folder, or begin one of this store where it is empty or not there yet."""
    if (folder / manifest.FILE).is_file():
        return Lake.open(folder)
    with store.snapshot() as conn:
        source = _source(conn)
    return Lake.create(folder, zone=zone_name, currency=currency, source=source)
