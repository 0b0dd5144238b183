"""Group commit: draws that come in at the same time are decided and stored together.

Callers wait for their own answer; a few committers take what is waiting, at most one draw a
borrower, and answer once the group is durable. While one group is being flushed to disk the next is
decided, and the more there is to do, the larger the groups become.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from xindeng.kernel.errors import ConflictError, TooManyError, UnavailableError, XindengError
from xindeng.kernel.time import MILLISECOND, SECOND, Clock
from xindeng.service.draw import Asked
from xindeng.service.draw_group import Answer, draw_group
from xindeng.service.engine import Engine
from xindeng.store.decisions import StoredDecision

MOST_WAITING: Final = 2_000
"""Draws that may wait at once; one more is told to come back, for it could not be answered in
time."""

MOST_TOGETHER: Final = 64
"""Draws in a group: enough to share a flush, few enough to hold no borrower's lock for long."""

_PATIENCE: Final = 2 * SECOND
"""How long a draw whose borrower is locked elsewhere is tried again."""

_RETRY_AFTER_S: Final = 1
_PAUSE: Final = 5 * MILLISECOND


@dataclass(slots=True)
class _Waiting:
    asked: Asked
    since: int
    answer: Future[StoredDecision] = field(default_factory=Future)


class Groups:
    """Committers of one engine; `start` them, `submit` draws, `stop` when all are answered."""

    def __init__(
        self,
        engine: Engine,
        *,
        committers: int = 2,
        most_waiting: int = MOST_WAITING,
        clock: Clock | None = None,
        decide: Callable[[Engine, list[Asked]], list[Answer]] = draw_group,
    ) -> None:
        self._engine, self._decide = engine, decide
        self._most_waiting = most_waiting
        self._clock = clock or engine.clock
        self._queue: deque[_Waiting] = deque()
        self._at_work: set[str] = set()
        self._ready = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._commit, name=f"commit-{n}", daemon=True)
            for n in range(committers)
        ]

    def start(self) -> None:
        """Start the committers."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Answer everything that waits, then end; what is submitted later is refused."""
        with self._ready:
            self._stopping = True
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    def submit(self, asked: Asked) -> Future[StoredDecision]:
        """Return the answer to come: the stored decision, or the error that a draw alone raises.

        Raises TooManyError where too many wait, UnavailableError while stopping.
        """
        with self._ready:
            if self._stopping:
                raise UnavailableError(
                    "the service is stopping",
                    next_step="repeat the request with the same key in a moment",
                    code="service.stopping",
                )
            if len(self._queue) >= self._most_waiting:
                raise TooManyError(
                    f"{len(self._queue):,} draws are waiting already", retry_after_s=_RETRY_AFTER_S
                )
            waiting = _Waiting(asked, self._clock())
            self._queue.append(waiting)
            self._ready.notify()
        return waiting.answer

    def _commit(self) -> None:
        while group := self._next():
            try:
                answers = self._decide(self._engine, [one.asked for one in group])
            except Exception as error:  # a committer must outlive what it could not foresee
                answers = [_internal(error)] * len(group)
            self._answer(group, answers)

    def _next(self) -> list[_Waiting]:
        """Take the next group, waiting for one; empty when stopped and nothing is left.

        A borrower who is in another committer's group, or twice in the queue, waits its turn.
        """
        with self._ready:
            while True:
                group: list[_Waiting] = []
                later: deque[_Waiting] = deque()
                taken = set(self._at_work)
                while self._queue and len(group) < MOST_TOGETHER:
                    one = self._queue.popleft()
                    if one.asked.borrower in taken:
                        later.append(one)
                    else:
                        taken.add(one.asked.borrower)
                        group.append(one)
                self._queue.extendleft(reversed(later))
                if group:
                    self._at_work.update(one.asked.borrower for one in group)
                    return group
                if self._stopping and not self._queue:
                    return []
                self._ready.wait()

    def _answer(self, group: list[_Waiting], answers: list[Answer]) -> None:
        again = []
        for one, answer in zip(group, answers, strict=True):
            if answer is None:
                again.append(one)
            else:
                _settle(one.answer, answer)
        now = self._clock()
        with self._ready:
            self._at_work.difference_update(one.asked.borrower for one in group)
            for one in reversed(again):
                if now - one.since > _PATIENCE:
                    _settle(one.answer, _busy())
                else:
                    self._queue.appendleft(one)
            if again and len(again) == len(group):
                # Everybody is locked elsewhere: give the holders a moment.
                self._ready.wait(_PAUSE / SECOND)
            self._ready.notify_all()


def _settle(waiting: Future[StoredDecision], answer: StoredDecision | XindengError) -> None:
    # Whoever asked may have gone; what was decided is stored all the same.
    with suppress(InvalidStateError):
        if isinstance(answer, XindengError):
            waiting.set_exception(answer)
        else:
            waiting.set_result(answer)


def _busy() -> ConflictError:
    return ConflictError(
        "another request of this borrower is still being decided",
        next_step="repeat the request in 2 seconds with the same key",
        code="store.busy",
    )


def _internal(error: Exception) -> XindengError:
    return XindengError(
        f"the draw could not be decided: {type(error).__name__}",
        next_step="repeat the request with the same key; tell the operator if it happens again",
    )
