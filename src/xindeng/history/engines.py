"""What computes a backtest's facts and answers: DuckDB in this process, or Spark."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pyarrow as pa

from xindeng.history import asked
from xindeng.history.lake import Lake
from xindeng.language import DUCKDB, Dialect
from xindeng.policy.policy import Policy

ENGINES: Final = ("duckdb", "spark")


class Engine(Protocol):
    """The part of a backtest that grows with the events; the rest is read through the connection.

    After `make_facts` the connection knows the facts by the same name, wherever they are.
    """

    dialect: Dialect

    def load(self, lake: Lake, policies: Sequence[Policy]) -> None:
        """Get ready the events that the policies' features read, and `requests` for `asked`."""

    def make_facts(self, lake: Lake, policy: Policy, name: str) -> None:
        """Make the facts `name` of a policy; see `asked.make_facts`."""

    def answers(self, query: str) -> pa.Table:
        """Return the result of a query over facts, by `id`."""


class DuckDb:
    """All in one connection."""

    dialect = DUCKDB

    def __init__(self, con: Any) -> None:
        self._con = con

    def load(self, lake: Lake, policies: Sequence[Policy]) -> None:
        """Load events and requests as tables."""
        asked.load_facts(self._con, lake, policies)

    def make_facts(self, lake: Lake, policy: Policy, name: str) -> None:
        """Make the facts as a table."""
        asked.make_facts(self._con, lake, policy, name)

    def answers(self, query: str) -> pa.Table:
        """Return the result of a query, by `id`."""
        found: pa.Table = self._con.sql(f"{query} ORDER BY id").to_arrow_table()
        return found


@contextmanager
def engine_of(
    name: str, con: Any, work: Path | None, *, master: str | None, threads: int, memory: str
) -> Iterator[Engine]:  # fmt: skip
    """Yield the engine of a name; Spark keeps its files in a folder within `work` until the end,
    or, without one, in a temporary folder. Raises UnavailableError where Spark cannot be had."""
    if name == "duckdb":
        yield DuckDb(con)
        return
    from xindeng.history.spark.engine import Spark
    from xindeng.history.spark.session import connect

    session = connect(master, threads=threads, memory=memory)
    if work is not None:
        work.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="spark-", dir=work)).resolve()
    try:
        yield Spark(session, con, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
