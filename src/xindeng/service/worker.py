"""The worker: the queue of procrastinate on our own database, run inside this process.

The queue's tables come with our migrations. Jobs are deferred on the transaction that plans them,
so that a plan and its jobs exist together or not at all; a job that is found done does nothing,
so deferring one again is always safe.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy, SyncPsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException

from xindeng.adapters.ports import Bureau, Notifier
from xindeng.kernel.errors import UnavailableError, XindengError
from xindeng.kernel.time import MINUTE, SECOND
from xindeng.service import bureau as disputes
from xindeng.service import (
    disburse,
    endofday,
    guard_rails,
    matter_clock,
    notify,
    plan_looks,
    retention,
    trials,
)
from xindeng.service.disburse import Ports
from xindeng.service.engine import Engine
from xindeng.store import chunks
from xindeng.store.connect import Conn

QUEUE = "xindeng"
_CHUNK, _TICK, _PLANS, _TRIALS = "xindeng.chunk", "xindeng.tick", "xindeng.plans", "xindeng.trials"
PLANS_AT_ONCE = 100
"""Sets of plans proven in one job: seconds of work, so that other jobs get their turn."""
TRIALS_AT_ONCE = 500
"""Draws tried on each challenger in one job, likewise."""
_HOW: Final[dict[str, Any]] = {
    "queues": [QUEUE], "concurrency": 1, "delete_jobs": "successful",
}  # fmt: skip
_PAUSE_S, _LONG_S = 1.0, 60.0
"""Between two tries to reach a database that is away; one after so long is another outage."""
_SETTLED = 3 * SECOND
"""Longer than a draw takes to be stored, so that draws are tried in the order they were made."""


def plan(
    engine: Engine, day: int, jobs: Iterable[str] = endofday.JOBS, *, again: bool = True
) -> int:
    """Plan the jobs of business `day` and queue every chunk that is not done; return how many.

    Safe at any time: what is done stays done, what was lost with a worker is queued again. Without
    `again` that waits until nothing is queued any more, so that a busy queue is not filled twice.
    """
    queue = App(connector=SyncPsycopgConnector())
    queued = 0
    for job in jobs:
        with engine.store.transaction(pipelined=False) as conn:
            waiting = chunks.plan(conn, job, day, over=endofday.JOBS[job].over)
            if waiting and (again or not _busy(conn)):
                _defer(queue, conn, waiting)
                queued += len(waiting)
    return queued


def run_once(
    engine: Engine, ports: Ports | None, notifier: Notifier, day: int | None = None,
    bureau: Bureau | None = None,
) -> int:  # fmt: skip
    """Do all that is due on business `day` (today unless given) and return; for tests and cron.

    Returns how many chunks were queued. Raises XindengError "worker.left" where chunks failed.
    """
    today = engine.policy.zone.day(engine.clock()) if day is None else day
    queued = plan(engine, today)
    _run(engine)
    unproven = plan_looks.look_at_all(engine).failed
    trials.try_all(engine)
    housekeeping(engine, ports, notifier, bureau, older_than=0)
    with engine.store.snapshot() as conn:
        left = {job: chunks.progress(conn, job, today) for job in endofday.JOBS}
    unfinished = [job for job, found in left.items() if not found.finished] + unproven
    if unfinished:
        raise XindengError(
            f"not everything was done: {', '.join(unfinished[:5])}",
            where="worker",
            next_step="read the log above and run it again: what is done stays done",
            code="worker.left",
        )
    return queued


def run_queued(engine: Engine, jobs: Iterable[str], day: int) -> None:
    """Plan jobs of business `day` and work the queue until it is empty, then return."""
    plan(engine, day, jobs)
    _run(engine)


def run(
    engine: Engine, ports: Ports | None, notifier: Notifier, bureau: Bureau | None = None,
    steersman: Callable[[], None] | None = None,
    complain: Callable[[XindengError], None] = lambda error: None,
) -> None:  # fmt: skip
    """Work until SIGTERM or SIGINT; jobs in hand are finished first.

    While the database is away nothing is done, which `complain` is told once; then it goes on.
    """

    def each_minute() -> None:
        if steersman is not None:
            steersman()
        _tick(engine, ports, notifier, bureau)

    asyncio.run(_until_told(lambda: _app(engine, each_minute), complain))


async def _until_told(make: Callable[[], App], complain: Callable[[XindengError], None]) -> None:
    told, loop, away = asyncio.Event(), asyncio.get_running_loop(), False
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, told.set)
    while not told.is_set():
        began = loop.time()
        # Where it has lost its connection it may also end by itself.
        with suppress(ConnectorException, psycopg.Error):
            await _work(make(), told)
        if told.is_set():
            return
        if not away or loop.time() - began > _LONG_S:
            complain(UnavailableError(
                "the database went away; the worker goes on when it is back",
                next_step="wait, or look at the database", code="store.connection",
            ))  # fmt: skip
        away = True
        with suppress(TimeoutError):
            await asyncio.wait_for(told.wait(), _PAUSE_S)


async def _work(app: App, told: asyncio.Event) -> None:
    """Work the queue until it is told to end, or cannot go on."""
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(**_HOW, wait=True, listen_notify=True,
                                 install_signal_handlers=False)
        )  # fmt: skip
        ending = asyncio.create_task(told.wait())
        try:
            await asyncio.wait({working, ending}, return_when=asyncio.FIRST_COMPLETED)
            working.cancel()  # which lets it finish the jobs it has in hand
            with suppress(asyncio.CancelledError):
                await working
        finally:
            ending.cancel()


def housekeeping(
    engine: Engine, ports: Ports | None, notifier: Notifier, bureau: Bureau | None = None, *,
    older_than: int = MINUTE,
) -> None:  # fmt: skip
    """Ask about draws on their way, if a rail is connected, look at the guard rails of challengers
    and the clocks of matters, remove what was kept long enough, tell the bureau of disputes, and
    deliver notices.

    Draws touched within `older_than` µs are left to whoever confirms them.
    """
    if ports is not None:
        disburse.advance_all(engine, ports, older_than=older_than)
    guard_rails.look_at_all(engine)
    matter_clock.look_at_all(engine)
    retention.clean(engine)
    if bureau is not None:
        with suppress(UnavailableError):
            disputes.tell_disputes(engine, bureau)
    with suppress(UnavailableError):
        guard_rails.tell(engine, notifier)
    notify.deliver_all(engine, notifier)


def prove_plans(engine: Engine) -> bool:
    """Queue a job that proves kept plans anew, if any is due; return whether it was queued."""
    return bool(plan_looks.due(engine)[0]) and _queue(engine, _PLANS)


def try_challengers(engine: Engine) -> bool:
    """Queue a job that tries new draws on challengers, if any runs; return whether it was."""
    return trials.due(engine) and _queue(engine, _TRIALS)


def _queue(engine: Engine, task: str) -> bool:
    """Queue a job unless it is queued already; return whether it was."""
    queue = App(connector=SyncPsycopgConnector())
    try:
        with engine.store.transaction(pipelined=False) as conn:
            job = queue.configure_task(task, queue=QUEUE, queueing_lock=task, connection=conn)
            job.defer()
    except AlreadyEnqueued:
        return False
    return True


def _tick(engine: Engine, ports: Ports | None, notifier: Notifier, bureau: Bureau | None) -> None:
    with engine.one_policy():
        plan(engine, engine.policy.zone.day(engine.clock()), again=False)
        prove_plans(engine)
        try_challengers(engine)
        housekeeping(engine, ports, notifier, bureau)


def _run(engine: Engine) -> None:
    """Work the queue until it is empty."""
    app = _app(engine, None)
    app.run_worker(**_HOW, wait=False, listen_notify=False, install_signal_handlers=False)


def _app(engine: Engine, each_minute: Callable[[], None] | None) -> App:
    app = App(connector=PsycopgConnector(conninfo=engine.store.pool.conninfo, max_size=4))

    @app.task(name=_CHUNK, queue=QUEUE, retry=RetryStrategy(max_attempts=5, wait=1))
    def chunk(job: str, day: int, number: int) -> None:
        with engine.one_policy():
            endofday.run_chunk(engine, job, day, number)

    @app.task(name=_PLANS, queue=QUEUE, pass_context=False)
    def proofs() -> None:
        with engine.one_policy():
            found = plan_looks.look_at_all(engine, most=PLANS_AT_ONCE)
        if found.done == PLANS_AT_ONCE:
            prove_plans(engine)

    @app.task(name=_TRIALS, queue=QUEUE, pass_context=False)
    def try_out() -> None:
        with engine.one_policy():
            looked = trials.try_all(engine, lag=_SETTLED, most=TRIALS_AT_ONCE)
            guard_rails.look_at_all(engine)
        if looked >= TRIALS_AT_ONCE:
            try_challengers(engine)

    if each_minute is not None:
        work = each_minute

        # The queue defers a periodic task once a minute, however many workers there are.
        @app.periodic(cron="* * * * *")
        @app.task(name=_TICK, queue=QUEUE, queueing_lock=_TICK, pass_context=False)
        def tick(timestamp: int) -> None:
            work()

    return app


def _busy(conn: Conn) -> bool:
    row = conn.execute(
        "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE task_name = %s AND status = 'todo')",
        [_CHUNK],
    ).fetchone()
    return bool(row and row[0])


def _defer(queue: App, conn: Conn, waiting: list[chunks.Chunk]) -> None:
    asked: list[dict[str, str | int | float | bool | None]] = [
        {"job": one.job, "day": one.day, "number": one.chunk} for one in waiting
    ]
    queue.configure_task(_CHUNK, queue=QUEUE, connection=conn).batch_defer(*asked)  # type: ignore[arg-type]
