"""Take in the events of many senders in one transaction: they share its statements and its fsync.

Each batch is still stored whole or not at all, and told its own report. If the whole cannot be
stored, each batch is tried by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from xindeng.events.envelope import Event
from xindeng.service.engine import Engine
from xindeng.service.groups import Rule
from xindeng.service.ingest import GROUP, Arrived, IngestReport, ingest, take_in

MOST_WAITING: Final = 10 * GROUP
"""Events of a process that may wait at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Events of one sender, `size` of them; `read` returns them, or raises EventError."""

    read: Callable[[], Sequence[Event]]
    size: int


def ingest_group(engine: Engine, batches: Sequence[Batch]) -> list[IngestReport | Exception]:
    """Return what became of each batch, in order, once all are durable, or why it was refused.

    A borrower's events are taken in in the order of the batches, and of each in its own.
    """
    found: list[IngestReport | Exception] = []
    fit: dict[int, Sequence[Event]] = {}
    for number, batch in enumerate(batches):
        found.append(IngestReport())
        try:
            fit[number] = batch.read()
        except Exception as error:  # a fault of ours in reading one is not the others'
            found[number] = error
    if fit:
        found = _together(engine, fit, found)
    return found


def _together(
    engine: Engine, fit: dict[int, Sequence[Event]], found: list[IngestReport | Exception]
) -> list[IngestReport | Exception]:
    try:
        reports = [IngestReport() for _ in found]
        arrived = Arrived(engine.clock())
        for number, events in fit.items():
            arrived.add(events, number, engine.policy.zone)
        group = dict(sorted(arrived.by_borrower.items()))
        with engine.store.transaction(pipelined=False) as conn:
            take_in(engine, conn, group, arrived, reports)
    except Exception as error:  # whatever one of them brought about, the others are to be well
        alone = _alone(engine, fit, error)
        return [alone.get(number, one) for number, one in enumerate(found)]
    return [reports[number] if number in fit else one for number, one in enumerate(found)]


def _alone(
    engine: Engine, fit: dict[int, Sequence[Event]], error: Exception
) -> dict[int, IngestReport | Exception]:
    """Take in each batch by itself: one that is refused takes no other with it."""
    if len(fit) == 1:
        return dict.fromkeys(fit, error)
    found: dict[int, IngestReport | Exception] = {}
    for number, events in fit.items():
        try:
            found[number] = ingest(engine, events)
        except Exception as own:  # its own
            found[number] = own
    return found


INGEST: Final[Rule[Batch, IngestReport]] = Rule(
    what="events",
    do=ingest_group,
    whose=lambda _: (),
    weigh=lambda batch: batch.size,
    most_together=GROUP,
    most_waiting=MOST_WAITING,
)
