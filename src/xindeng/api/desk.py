"""Who does the work that the lanes let in: committers, which take it together, and threads.

Money coming back has threads and connections that nobody else uses: a repayment is booked while
draws are turned away.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, Final, TypeVar

from xindeng.api.lanes import MOST, Lane, LaneName
from xindeng.service.draw import Asked
from xindeng.service.draw_group import DRAWS, Drawn
from xindeng.service.engine import Engine
from xindeng.service.groups import Groups
from xindeng.service.ingest import IngestReport
from xindeng.service.ingest_group import INGEST, Batch
from xindeng.service.once import overdue

_T = TypeVar("_T")

THREADS: Final = 4
THREADS_FOR_MONEY_IN: Final = 2


class Desk:
    """The committers and threads of one process."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.lanes: dict[LaneName, Lane] = {name: Lane(most) for name, most in MOST.items()}
        self.draws: Groups[Asked, Drawn] = Groups(engine, DRAWS)
        self.events: Groups[Batch, IngestReport] = Groups(engine, INGEST)
        self._rest = ThreadPoolExecutor(THREADS, thread_name_prefix="xindeng")
        self._money_in = ThreadPoolExecutor(THREADS_FOR_MONEY_IN, thread_name_prefix="money-in")

    @property
    def crowded(self) -> bool:
        """Say whether some lane may be refusing."""
        return any(lane.stormy for lane in self.lanes.values())

    async def run(self, work: Callable[[], _T], lane: LaneName = "rest") -> _T:
        """Do the work in a thread of its lane, under one version of the policy; raises
        UnavailableError where too many wait."""
        threads = self._money_in if lane == "money_in" else self._rest

        def do() -> _T:
            with self._engine.one_policy():
                return work()

        here = copy_context()  # what it does is part of the request, in traces too
        with self.lanes[lane]:
            return await asyncio.get_running_loop().run_in_executor(threads, here.run, do)

    def open(self) -> None:
        """Start the committers."""
        self.draws.start()
        self.events.start()

    def close(self) -> None:
        """Let what is in hand end, and take nothing more."""
        self.draws.stop()
        self.events.stop()
        self._rest.shutdown(wait=True)
        self._money_in.shutdown(wait=True)


async def in_time(work: Awaitable[_T], seconds: float) -> _T:
    """Wait for an answer as long as anybody would; it is not given up: what is being done goes on
    to its end, and its key tells of it. Raises UnavailableError."""
    told = asyncio.ensure_future(work)
    await asyncio.wait({told}, timeout=seconds)
    if not told.done():
        told.add_done_callback(_look)
        raise overdue()
    return told.result()


def _look(told: asyncio.Future[Any]) -> None:
    """Look at an answer that nobody waits for any more, lest its error be called unseen."""
    if not told.cancelled():
        told.exception()
