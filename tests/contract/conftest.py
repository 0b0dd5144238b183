"""What the tests of history share: one session of Spark, Spark as a backend of the other suites,
and a population with what the online kernel says of it."""

from __future__ import annotations

import os
import shutil

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.property import language_machine as machine
from xindeng.features.offline import event_fields
from xindeng.history import facts
from xindeng.history.spark import session as session_module
from xindeng.history.spark import tables as spark_tables
from xindeng.history.tables import tables_of
from xindeng.intake.events_file import read_events
from xindeng.lab.simulate import simulate
from xindeng.language import SPARK, Kind, to_sql
from xindeng.service.policies import load_policy

ARROW = {Kind.BIGINT: pa.int64(), Kind.DOUBLE: pa.float64(), Kind.BOOL: pa.bool_(),
         Kind.TEXT: pa.string()}  # fmt: skip
FAST = {"spark.sql.codegen.wholeStage": "false", "spark.sql.adaptive.enabled": "false"}
"""Little data: compiling each query to bytecode costs more than it saves."""


@pytest.fixture(scope="session")
def session():
    if shutil.which("java") is None:
        pytest.skip(
            "no Java runtime: NOTHING OF SPARK IS TESTED HERE (apt install default-jre-headless)"
        )
    before = os.environ.get("JAVA_TOOL_OPTIONS")
    os.environ["JAVA_TOOL_OPTIONS"] = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
    opened = session_module.connect("local[2]", memory="1GB")
    for name, value in FAST.items():
        opened.conf.set(name, value)
    yield opened
    opened.stop()
    os.environ.pop("JAVA_TOOL_OPTIONS") if before is None else os.environ.update(
        JAVA_TOOL_OPTIONS=before
    )


@pytest.fixture
def in_spark(session, tmp_path):
    def engine(table):
        columns = {"place": pa.array(range(len(table)), pa.int64())}
        for at, (name, column) in enumerate(machine.COLUMNS.items()):
            columns[name] = pa.array([row[at] for row in table], ARROW[column.kind])
        pq.write_table(pa.table(columns), tmp_path / "facts.parquet")
        session.read.parquet(str(tmp_path / "facts.parquet")).createOrReplaceTempView("facts")

        def ask(group, given):
            sql = ", ".join(to_sql(one, parameters=given, dialect=SPARK) for one in group)
            rows = session.sql(f"SELECT place, {sql} FROM facts ORDER BY place").collect()
            return [list(row)[1:] for row in rows]

        return ask

    return engine


@pytest.fixture
def by_spark(session, tmp_path):
    """A backend of the contract suite that answers several of its cases at once.

    Takes (zone, events, looks) of each case; borrowers of different cases are told apart.
    """

    def answer(book, cases):
        folder = tmp_path / "cases"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        sources: dict[str, list[pa.Table]] = {}
        looks, places = [], []
        for number, (place, events, mine) in enumerate(cases):
            named = [msgspec.structs.replace(e, borrower=f"{number} {e.borrower}") for e in events]
            for name, table in tables_of(named, place).items():
                sources.setdefault(name, []).append(table)
            looks += [(f"{number} {b}", seq, now) for b, seq, now in mine]
            places += [place] * len(mine)
        read = session.read
        for name, tables in sources.items():
            pq.write_table(pa.concat_tables(tables), folder / f"{name}.parquet")
            read.parquet(str(folder / f"{name}.parquet")).createOrReplaceTempView(f"raw_{name}")
        spark_tables.load_events(session, {n: f"raw_{n}" for n in sources}, event_fields(book.base))
        rows = [{"id": n, "borrower": b, "seq": s, "now": t} for n, (b, s, t) in enumerate(looks)]
        pq.write_table(pa.Table.from_pylist(rows, schema=facts.REQUESTS), folder / "given.parquet")
        read.parquet(str(folder / "given.parquet")).createOrReplaceTempView("given")
        spark_tables.lifted(session, "given").write.parquet(str(folder / "lifted"))
        lifted = pq.read_table(folder / "lifted").sort_by("id").replace_schema_metadata(None)
        today = [
            place.day(now) for place, now in zip(places, lifted["now"].to_pylist(), strict=True)
        ]
        lifted = lifted.append_column("today", pa.array(today, pa.int32()))
        pq.write_table(lifted, folder / "requests.parquet")
        read.parquet(str(folder / "requests.parquet")).createOrReplaceTempView("requests")
        query = spark_tables.make_features(session, book, spark_tables.Made(folder))
        spark_tables.written(session, query, folder / "found", "found")
        found = pq.read_table(folder / "found").sort_by("id")
        columns = [found[name].to_pylist() for name in book.columns]
        return [list(row) for row in zip(*columns, strict=True)]

    return answer


@pytest.fixture(scope="session")
def population(tmp_path_factory):
    """Events in sequence, looks spread over each life, and what the kernel of the reference policy
    says there."""
    made = simulate(tmp_path_factory.mktemp("sim"), borrowers=150, seed=3)
    policy = load_policy("consumer_line")
    start, kernel = policy.zone.midnight(made.day), policy.kernel
    states, events, wanted, rows = {}, [], [], []
    for event in read_events(made.events_path, received_at=start, zone=policy.zone):
        state = states.setdefault(event.borrower, kernel.empty())
        seq = state.seq + 1
        event = msgspec.structs.replace(event, seq=seq)
        if seq % 5 == 2:
            now = max(state.last_known_at, event.known_at)
            rows.append({"id": len(rows), "borrower": event.borrower, "seq": seq, "now": now})
            wanted.append(kernel.vector(state, now))
        kernel.fold(state, event)
        events.append(event)
    return events, rows, wanted
