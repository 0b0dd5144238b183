"""Group commit: requests that come in at the same time are decided and stored together.

Callers wait for their own answer; a few committers take what is waiting and answer once the group
is durable. While one group is being flushed to disk the next is decided, and the more there is to
do, the larger the groups become. What waits is bounded, in number and in time: whoever could not be
answered soon is told so at once.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Hashable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from xindeng.kernel.errors import BusyError, TooManyError, UnavailableError
from xindeng.kernel.time import MILLISECOND, SECOND, Clock
from xindeng.service.engine import Engine

PATIENCE: Final = 1_800 * MILLISECOND
"""How long a request waits for its turn, or for a borrower who is locked elsewhere."""

ANSWER_WITHIN: Final = 1_900 * MILLISECOND
"""After so long whoever asked is told to ask again, whatever has become of the request."""

_RETRY_AFTER_S: Final = 1
_PAUSE: Final = 5 * MILLISECOND

A = TypeVar("A")
Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class Rule(Generic[Q, A]):
    """What a kind of request needs: how a group of it is done, and how large groups may be.

    `do` returns for each request its answer, its error, or None where it is to be tried again.
    `whose` are the borrowers of whom no other request may be at work meanwhile. Requests of the
    same `name` are one request, whose answer they share; one whose name is None stands alone.
    """

    what: str
    do: Callable[[Engine, list[Q]], Sequence[A | Exception | None]]
    whose: Callable[[Q], Collection[str]]
    name: Callable[[Q], Hashable] = lambda _: None
    weigh: Callable[[Q], int] = lambda _: 1
    most_together: int = 64
    """Enough to share a flush, few enough to hold no borrower's lock for long."""
    most_waiting: int = 500
    """What could not be answered in time is turned away at once."""
    committers: int = 2
    apart: int = 0
    """How long (µs) after the beginning of its last group a committer takes the next, unless that
    is full: most of what a small group costs is the same for a larger one."""


@dataclass(slots=True)
class _Waiting(Generic[Q, A]):
    asked: Q
    since: int
    mark: object = None
    tried: bool = False
    answer: Future[A] = field(default_factory=Future)


class Groups(Generic[Q, A]):
    """Committers of one engine; `start` them, `submit` requests, `stop` when all are answered."""

    def __init__(self, engine: Engine, rule: Rule[Q, A], *, clock: Clock | None = None) -> None:
        self._engine, self._rule = engine, rule
        self._clock = clock or _monotonic
        self._queue: deque[_Waiting[Q, A]] = deque()
        self._known: dict[Hashable, Future[A]] = {}
        self._weight = 0
        self._at_work: set[str] = set()
        self._ready = threading.Condition()
        self._stopping = False
        self._threads = [
            threading.Thread(target=self._commit, name=f"{rule.what}-{n}", daemon=True)
            for n in range(rule.committers)
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

    def submit(self, asked: Q) -> Future[A]:
        """Return the answer to come, or the error that the request alone would raise.

        Raises TooManyError where too many wait, UnavailableError while stopping.
        """
        rule = self._rule
        weight = rule.weigh(asked)
        with self._ready:
            if self._stopping:
                raise UnavailableError(
                    "the service is stopping",
                    next_step="repeat the request with the same key in a moment",
                    code="service.stopping",
                )
            name = rule.name(asked)
            if (same := self._known.get(name)) is not None:
                return same
            # Whatever its weight, a request is let in where nobody waits.
            if self._queue and self._weight + weight > rule.most_waiting:
                raise TooManyError(
                    f"{self._weight:,} {rule.what} are waiting already",
                    retry_after_s=_RETRY_AFTER_S,
                )
            tracing = self._engine.store.tracing
            mark = None if tracing is None else tracing.mark()
            waiting: _Waiting[Q, A] = _Waiting(asked, self._clock(), mark)
            self._queue.append(waiting)
            if name is not None:
                self._known[name] = waiting.answer
            self._weight += weight
            self._ready.notify()
        return waiting.answer

    def _commit(self) -> None:
        while group := self._next():
            begun = self._clock()
            outcomes: Sequence[A | Exception | None]
            try:
                with self._engine.one_policy(), self._traced(group):
                    outcomes = self._rule.do(self._engine, [one.asked for one in group])
            except Exception as error:  # a committer must outlive what it could not foresee
                outcomes = [error] * len(group)
            self._answer(group, outcomes)
            self._gather(begun)

    def _gather(self, begun: int) -> None:
        """Let requests come together for a moment, where the last group was soon done."""
        left = begun + self._rule.apart - self._clock()
        if left > 0 and self._weight < self._rule.most_together and not self._stopping:
            time.sleep(left / SECOND)

    def _traced(self, group: list[_Waiting[Q, A]]) -> AbstractContextManager[object]:
        """Tell of the group, and of the requests that it is done for, if anybody listens."""
        tracing = self._engine.store.tracing
        if tracing is None:
            return nullcontext()
        size = sum(self._rule.weigh(one.asked) for one in group)
        return tracing.span(
            f"group of {self._rule.what}",
            caused_by=[one.mark for one in group],
            told={"xindeng.requests": len(group), "xindeng.size": size},
        )

    def _next(self) -> list[_Waiting[Q, A]]:
        """Take the next group, waiting for one; empty when stopped and nothing is left.

        A borrower who is in another committer's group, or twice in the queue, waits its turn.
        """
        rule = self._rule
        with self._ready:
            while True:
                group: list[_Waiting[Q, A]] = []
                later: deque[_Waiting[Q, A]] = deque()
                taken, total, late = set(self._at_work), 0, self._clock() - PATIENCE
                while self._queue and total < rule.most_together:
                    one = self._queue.popleft()
                    whose, weight = rule.whose(one.asked), rule.weigh(one.asked)
                    busy = one.tried or not taken.isdisjoint(whose)
                    if one.answer.cancelled() or one.since < late:
                        self._weight -= weight
                        self._settle(one, _busy() if busy else overloaded())
                    elif not taken.isdisjoint(whose):
                        later.append(one)
                    else:
                        taken.update(whose)
                        total += weight
                        group.append(one)
                self._queue.extendleft(reversed(later))
                if group:
                    self._weight -= total
                    for one in group:
                        self._at_work.update(rule.whose(one.asked))
                    return group
                if self._stopping and not self._queue:
                    return []
                self._ready.wait()

    def _answer(
        self, group: list[_Waiting[Q, A]], outcomes: Sequence[A | Exception | None]
    ) -> None:
        again = []
        with self._ready:
            for one, outcome in zip(group, outcomes, strict=True):
                if outcome is None:
                    again.append(one)
                else:
                    self._settle(one, outcome)
            for one in group:
                self._at_work.difference_update(self._rule.whose(one.asked))
            for one in reversed(again):
                one.tried = True
                self._queue.appendleft(one)
                self._weight += self._rule.weigh(one.asked)
            if again and len(again) == len(group):
                # Everybody is locked elsewhere: give the holders a moment.
                self._ready.wait(_PAUSE / SECOND)
            self._ready.notify_all()

    def _settle(self, one: _Waiting[Q, A], outcome: A | Exception) -> None:
        """Answer it, and all that have the same name."""
        self._known.pop(self._rule.name(one.asked), None)
        # Whoever asked may have gone; what was decided is stored all the same.
        with suppress(InvalidStateError):
            if isinstance(outcome, Exception):
                one.answer.set_exception(outcome)
            else:
                one.answer.set_result(outcome)


def _monotonic() -> int:
    """Return a µs count that no one who sets the clock can move."""
    return time.monotonic_ns() // 1_000


def _busy() -> BusyError:
    return BusyError(
        "another request of this borrower is still being decided",
        next_step="repeat the request in 2 seconds with the same key",
        code="store.busy",
    )


def overloaded() -> UnavailableError:
    """Return the error of a request that was not taken up in time."""
    return UnavailableError(
        "more requests wait than can be answered soon; nothing was changed",
        next_step="repeat it with the same key after the time said in Retry-After",
        code="overloaded",
    )
