"""A backtest's facts and answers by Spark, from the lake's own files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from xindeng.features.offline import event_fields
from xindeng.history import asked, facts
from xindeng.history.lake import Lake
from xindeng.history.spark import tables
from xindeng.kernel.errors import UnavailableError
from xindeng.language import SPARK
from xindeng.policy.policy import Policy


class Spark:
    """An `Engine`; `folder` is where files pass between Spark and the connection.

    Lake and folder must be at the same place for every worker. Every answer is counted: what a
    worker wrote to a disk of its own is missed here, and refused.
    """

    dialect = SPARK

    def __init__(self, session: Any, con: Any, folder: Path) -> None:
        self._session, self._con, self._folder = session, con, folder
        self._requests, self._made = 0, tables.Made(folder)

    def load(self, lake: Lake, policies: Sequence[Policy]) -> None:
        """Make views of the events, and requests of `asked`, here and there."""
        base = [feature for policy in policies for feature in policy.book.base]
        tables.load_events(self._session, lake.events(self._read), event_fields(base))
        self._give(f"SELECT row AS id, borrower, seq, now FROM {asked.ASKED}", "given")
        path = self._folder / "lifted"
        tables.lifted(self._session, "given").write.parquet(str(path))
        self._requests = self._rows(asked.ASKED)
        lifted = self._got(path)
        today = facts.local_days(lifted["now"].to_numpy(), policies[0].zone)
        self._con.register("lifted", lifted.append_column("today", pa.array(today, pa.int32())))
        self._con.execute("CREATE OR REPLACE TABLE requests AS FROM lifted")
        self._con.unregister("lifted")
        self._give("FROM requests", "requests")

    def make_facts(self, lake: Lake, policy: Policy, name: str) -> None:
        """Write the facts; the connection reads the files."""
        session = self._session
        self._give(asked.context_sql(lake), "context")
        features = tables.make_features(session, policy.book, self._made)
        path = self._folder / name
        query = f"SELECT * FROM context JOIN ({features}) USING (id)"
        tables.written(session, query, path, name)
        place = str(path).replace("'", "''")
        self._con.execute(
            f"CREATE OR REPLACE VIEW {name} AS FROM read_parquet('{place}/*.parquet')"
        )
        self._count(self._rows(name), path)

    def answers(self, query: str) -> pa.Table:
        """Return the result of a query over facts, by `id`."""
        path = self._folder / "answers"
        tables.written(self._session, query, path, "answers")
        return self._got(path)

    def _read(self, table: str, paths: Sequence[Path], merged: bool) -> str:
        """Return the view of a table's files in the lake."""
        name = "lake_" + table.partition("=")[2]
        reader = self._session.read.option("mergeSchema", merged)
        reader.parquet(*map(str, paths)).createOrReplaceTempView(name)
        return name

    def _give(self, query: str, name: str) -> None:
        """Hand the result of a query of the connection to Spark, as a view."""
        path = str(self._folder / f"{name}.parquet")
        place = path.replace("'", "''")
        self._con.execute(f"COPY ({query}) TO '{place}' (FORMAT parquet)")
        self._session.read.parquet(path).createOrReplaceTempView(name)

    def _got(self, path: Path) -> pa.Table:
        table = pq.read_table(path).sort_by("id")
        self._count(table.num_rows, path)
        return table

    def _rows(self, name: str) -> int:
        return int(self._con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0])

    def _count(self, rows: int, path: Path) -> None:
        if rows != self._requests:
            raise UnavailableError(
                f"{rows:,} of {self._requests:,} rows that Spark wrote are here", where=str(path),
                code="spark.folder",
                next_step="every worker must see this folder and the lake at the same place: give"
                " --out a path on a disk that all share",
            )  # fmt: skip
