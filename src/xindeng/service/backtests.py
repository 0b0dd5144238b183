"""Backtests asked for at the risk desk: a draft held against a version, over the lake of a process.

A worker that has a lake brings it up to date and runs what waits, one at a time; one that it left
behind is taken up again. The figures kept name decisions and no borrower.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from xindeng.history.backtest import Spec, backtest, check_mode
from xindeng.history.export import export, open_or_create
from xindeng.kernel.errors import PolicyError, XindengError
from xindeng.kernel.time import HOUR
from xindeng.policy.bundle import load
from xindeng.policy.check import problems
from xindeng.service.engine import Engine
from xindeng.store import backtests, policies
from xindeng.store.backtests import BacktestRow

LOST_AFTER: Final = HOUR
"""After so long (µs) a backtest that was begun and did not end is begun again."""
_EVERY_S: Final = 0.5
_AFTER_TROUBLE_S: Final = 30


@dataclass(frozen=True, slots=True)
class Backtest:
    """A backtest as it stands; `figures` once it is done (see `history.page`)."""

    row: BacktestRow
    draft: Mapping[str, bytes]
    figures: dict[str, Any] | None


def ask(
    engine: Engine, base: str, draft: Mapping[str, bytes], spec: Spec, *, by: str, key: str
) -> str:
    """Have a draft backtested against the version `base`; return its id, the same for one key.

    Raises PolicyError for a draft that does not check, InputError for a mode there is not.
    """
    check_mode(spec)
    if found := problems(draft):
        raise PolicyError(found)
    now = engine.clock()
    row = BacktestRow(engine.new_id(now), by, now, base, spec.first, spec.last, spec.mode)
    with engine.store.transaction() as conn:
        return backtests.insert(conn, row, key, draft)


def read(engine: Engine, ident: str) -> Backtest:
    """Return a backtest; raises NotFoundError."""
    with engine.store.snapshot() as conn:
        row, draft, report = backtests.read(conn, ident)
    figures = None if report is None else msgspec.json.decode(report, type=dict[str, Any])
    return Backtest(row, draft, figures)


def digest_of(engine: Engine, draft: Mapping[str, bytes]) -> str:
    """Return the SHA-256 of the newest report of this very draft, "" where it has none."""
    with engine.store.snapshot() as conn:
        return backtests.digest_of(conn, draft)


def of_digest(engine: Engine, digest: str) -> str | None:
    """Return the backtest with a report of this SHA-256, None where it is not kept here."""
    with engine.store.snapshot() as conn:
        return backtests.of_digest(conn, digest) if digest else None


def listed(engine: Engine) -> list[BacktestRow]:
    """Return all, the newest first."""
    with engine.store.snapshot() as conn:
        return backtests.listed(conn)


def run_waiting(engine: Engine, lake: Path) -> int:
    """Run what waits over the lake of that folder, which is brought up to date first; return how
    many were run. One that cannot be run is told why."""
    done = 0
    while True:
        now = engine.clock()
        with engine.store.transaction() as conn:
            taken = backtests.take(conn, now, now - LOST_AFTER)
        if taken is None:
            return done
        row, draft = taken
        report: bytes | None = None
        problem: str | None = None
        try:
            report = _figures(engine, row, draft, lake)
        except XindengError as error:
            problem = str(error)
        except Exception as error:  # whatever it was, the next one is to be run all the same
            problem = f"it ended in a fault of ours: {type(error).__name__}"
        with engine.store.transaction() as conn:
            backtests.end(conn, row.id, engine.clock(), report=report, problem=problem)
        done += 1


def _figures(engine: Engine, row: BacktestRow, draft: Mapping[str, bytes], folder: Path) -> bytes:
    policy = engine.policy
    lake = open_or_create(
        folder, engine.store, zone_name=policy.zone.name, currency=policy.currency
    )
    lake.check()
    export(engine.store, lake, now=engine.clock())
    with engine.store.snapshot() as conn:
        champion = load(policies.get(conn, row.base))
    spec = Spec(first=row.first, last=row.last, mode=row.mode)
    found = backtest(lake, champion, load(draft), spec)
    for name in ("in", "out"):
        for example in found["swap"][name]["examples"]:
            del example["borrower"]
    found["lake"].pop("folder")
    return msgspec.json.encode(found)


@contextmanager
def running(engine: Engine, lake: Path, trouble: Callable[[XindengError], None]) -> Iterator[None]:
    """Run what waits in a thread of this process within the block; what is away is told."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(_EVERY_S):
            try:
                run_waiting(engine, lake)
            except XindengError as error:
                trouble(error)
                stop.wait(_AFTER_TROUBLE_S)

    thread = threading.Thread(target=run, name="backtests", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
