"""Events from a stream: each at least once from the broker, each exactly once in its effect.

A batch is stored first and its offsets committed after, so a crash in between brings it again, and
then its events are duplicates by id. What can never be taken in goes to the dead letters with the
reason; what fails because a part of ours is away is tried again, and nothing overtakes it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from xindeng.adapters.streams import Incoming, Record, Source, Topic
from xindeng.events.envelope import Event
from xindeng.events.read import read_event
from xindeng.kernel.errors import ErasedError, EventError, UnavailableError, XindengError
from xindeng.service.engine import Engine
from xindeng.service.ingest import ingest

BATCH: Final = 500
_PASSING: Final = frozenset({"store.busy"})
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 30.0


@dataclass(slots=True)
class Taken:
    """What became of the messages so far. `retries` counts pauses while something was away."""

    accepted: int = 0
    duplicates: int = 0
    quarantined: int = 0
    dead: int = 0
    retries: int = 0


def run(
    engine: Engine,
    source: Source,
    dead_letters: Topic,
    wait: Callable[[float], bool],
    *,
    most: int = BATCH,
    tell: Callable[[Taken], None] = lambda taken: None,
) -> Taken:
    """Take in messages until `wait(seconds)` says that it is time to stop; a batch is finished.

    `tell` is given the running counts after each batch.
    """
    taken, pause = Taken(), _FIRST_PAUSE_S
    waiting: list[Incoming] = []
    while True:
        try:
            waiting = waiting or source.take(most, _FIRST_PAUSE_S)
            if waiting:
                with engine.one_policy():
                    take_in(engine, waiting, dead_letters, taken)
                source.done(waiting)
                tell(taken)
            waiting, pause = [], _FIRST_PAUSE_S
            if wait(0):
                return taken
        except XindengError as error:
            if not _passes(error):
                raise
            taken.retries += 1
            if wait(pause):
                return taken
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def take_in(engine: Engine, batch: Sequence[Incoming], dead_letters: Topic, taken: Taken) -> None:
    """Store a batch, or each of its messages alone where one of them cannot be taken.

    Raises UnavailableError, or ConflictError "store.busy", where it may be tried again as a whole.
    """
    read: list[tuple[Incoming, Event]] = []
    dead: list[Record] = []
    for message in batch:
        try:
            read.append((message, _event(engine, message)))
        except XindengError as error:
            dead.append(_dead(message, error))
    try:
        _store(engine, [event for _, event in read], taken)
    except XindengError as error:
        if _passes(error):
            raise
        for message, event in read:
            try:
                _store(engine, [event], taken)
            except XindengError as alone:
                if _passes(alone):
                    raise
                dead.append(_dead(message, alone))
    if dead:
        dead_letters.publish(dead)
        taken.dead += len(dead)


def _passes(error: XindengError) -> bool:
    return isinstance(error, UnavailableError) or error.code in _PASSING


def _event(engine: Engine, message: Incoming) -> Event:
    key = (message.key or b"").decode("utf-8", "replace")
    if message.value is None:
        raise EventError(
            "the message has no value",
            where=message.place,
            next_step="send one event a message, as JSON",
        )
    # A key that is not the event's borrower is refused: its events would not be in order.
    return read_event(
        message.value,
        borrower=key or None,
        received_at=engine.clock(),
        zone=engine.policy.zone,
        currency=engine.policy.currency,
    )


def _store(engine: Engine, events: Sequence[Event], taken: Taken) -> None:
    if events:
        report = ingest(engine, events)
        taken.accepted += report.accepted
        taken.duplicates += report.duplicates
        taken.quarantined += len(report.quarantined)


def _dead(message: Incoming, error: XindengError) -> Record:
    # What was erased on request must not live on among the dead letters.
    value = None if isinstance(error, ErasedError) else message.value
    headers = {"code": error.code, "what": error.what, "where": error.where,
               "next_step": error.next_step, "from": message.place}  # fmt: skip
    return Record((message.key or b"").decode("utf-8", "replace"), value, headers)
