"""Features at points in time: event tables and requests in DuckDB, the book's SQL over them.

Everything is loaded once into a connection; a few million events take some 100 MB.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from xindeng.features.algebra import Feature
from xindeng.features.book import FeatureBook
from xindeng.features.offline import book_sql, density_sql, event_fields, gaps_of
from xindeng.features.offline.gaps import read_by
from xindeng.history.tables import schema_of
from xindeng.kernel.time import Zone
from xindeng.language import quote

_TYPES = {pa.int64(): "BIGINT", pa.bool_(): "BOOLEAN", pa.string(): "STRING"}

NO_EVENTS = "SELECT NULL::STRING AS borrower, 0::BIGINT AS seq, 0::BIGINT AS instant WHERE FALSE"

REQUESTS = pa.schema([
    ("id", pa.int64()), ("borrower", pa.string()), ("seq", pa.int64()), ("now", pa.int64()),
])  # fmt: skip


def connect(*, threads: int = 2, memory: str = "2GB", spill: Path | None = None) -> Any:
    """Return a DuckDB connection in memory that keeps within `memory`, and spills to `spill`."""
    import duckdb  # with the first query, not with every server that could ask one

    con = duckdb.connect(config={"threads": threads, "memory_limit": memory})
    con.execute("SET enable_progress_bar = false")
    if spill is not None:
        con.execute(f"SET temp_directory = '{spill}'")
    return con


def load_events(con: Any, sources: Mapping[str, str], needed: Mapping[str, Sequence[str]]) -> None:
    """Make people(borrower, who), known(who, seq, instant) and events_TYPE of the types `needed`.

    `sources` gives for each event type an SQL relation with the columns of `tables.schema_of`; a
    type that never occurred has none. `needed` are the fields wanted of each type.
    """
    every = (
        " UNION ALL ".join(
            f"SELECT borrower, seq, GREATEST(known_at, occurred_at) AS instant FROM {one}"
            for one in sources.values()
        )
        or NO_EVENTS
    )
    con.execute(
        "CREATE OR REPLACE TABLE people AS SELECT borrower, CAST(row_number() OVER (ORDER BY"
        f" borrower) AS INTEGER) AS who FROM (SELECT DISTINCT borrower FROM ({every}))"
    )
    con.execute(
        "CREATE OR REPLACE TABLE known AS SELECT who, CAST(seq AS INTEGER) AS seq,"
        " max(instant) OVER (PARTITION BY who ORDER BY seq ROWS UNBOUNDED PRECEDING) AS instant"
        f" FROM ({every}) JOIN people USING (borrower)"
    )
    for event, fields in needed.items():
        names = "".join(f", {quote(name)}" for name in fields)
        con.execute(
            f"""CREATE OR REPLACE TABLE events_{event} AS
            SELECT who, CAST(seq AS INTEGER) AS seq,
              CAST(row_number() OVER (PARTITION BY who ORDER BY seq) AS INTEGER) AS n,
              CAST(row_number() OVER (PARTITION BY who ORDER BY occurred_at, seq) AS INTEGER)
                AS pos, occurred_at, day, hour{names}
            FROM {sources.get(event) or nothing(event)} JOIN people USING (borrower)
            ORDER BY who, seq"""
        )


def nothing(event: str) -> str:
    """Return the relation of a type that never occurred."""
    schema = schema_of(event)
    kinds = {**_TYPES, pa.int32(): "INTEGER", pa.int8(): "TINYINT"}
    columns = (f"NULL::{kinds[one.type]} AS {quote(one.name)}" for one in schema)
    return f"(SELECT {', '.join(columns)} WHERE FALSE)"


def load_requests(con: Any, requests: pa.Table, zone: Zone) -> None:
    """Make requests(id, who, seq, now, today) of a table with the columns of `REQUESTS`.

    `now` is lifted to the last thing known, as the kernel does. Borrowers of whom nothing is known
    get a `who` of their own.
    """
    con.register("given", requests)
    con.execute(
        "INSERT INTO people SELECT borrower, CAST((SELECT COALESCE(max(who), 0) FROM people) +"
        " row_number() OVER (ORDER BY borrower) AS INTEGER)"
        " FROM (SELECT DISTINCT borrower FROM given ANTI JOIN people USING (borrower))"
    )
    lifted = con.sql(
        """SELECT g.id, p.who, CAST(g.seq AS INTEGER) AS seq,
          GREATEST(g.now, COALESCE(k.instant, g.now)) AS now
        FROM given g JOIN people p USING (borrower)
        ASOF LEFT JOIN known k ON k.who = p.who AND k.seq < g.seq"""
    ).to_arrow_table()
    con.unregister("given")
    today = local_days(lifted["now"].to_numpy(), zone)
    con.register("lifted", lifted.append_column("today", pa.array(today, pa.int32())))
    con.execute("CREATE OR REPLACE TABLE requests AS FROM lifted ORDER BY who, seq")
    con.unregister("lifted")


def local_days(at: np.ndarray[Any, Any], zone: Zone) -> np.ndarray[Any, Any]:
    """Return the local day of each instant (µs)."""
    if not len(at):
        return np.zeros(0, dtype=np.int64)
    first, last = zone.day(int(at.min())), zone.day(int(at.max()))
    midnights = np.array([zone.midnight(day) for day in range(first, last + 2)], dtype=np.int64)
    return first - 1 + np.searchsorted(midnights, at, side="right")


def make_features(
    con: Any, book: FeatureBook, table: str, features: Sequence[Feature] | None = None
) -> dict[str, int]:
    """Make `table` of the features (all, unless given) for the requests loaded, a row each by id.

    Which borrowers are summed in the sorted way is measured on the tables; how many they were is
    returned by event type. Raises BackendGap where the data goes beyond what SQL computes as the
    kernel does.
    """
    chosen = list(book.base) if features is None else list(features)
    names = {feature.name for feature in chosen}
    for gap in gaps_of(book):
        if read_by(names, gap):
            found = con.execute(gap.query).fetchone()
            if found is not None:
                gap.refuse(*found)
    # One statement a type: planning all of a book at once takes longer than running it.
    types: dict[str, list[Feature]] = {}
    for feature in chosen:
        types.setdefault(feature.event if feature.enabled else "", []).append(feature)
    made: list[str] = []
    dense: dict[str, int] = {}
    for event, mine in types.items():
        name = f"features_{event or 'off'}"
        dense |= _dense(con, mine)
        query = book_sql(mine, [one for one in event_fields(mine) if dense[one]])
        con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM ({query}) ORDER BY id")
        made.append(name)
    columns = "".join(f", {quote(feature.name)}" for feature in chosen)
    # All have the same ids in the same order.
    joins = "".join(f" POSITIONAL JOIN (SELECT * EXCLUDE (id) FROM {name})" for name in made)
    con.execute(
        f"CREATE OR REPLACE TABLE {table} AS SELECT id{columns}"
        f" FROM (SELECT id FROM requests ORDER BY id){joins}"
    )
    for name in made:
        con.execute(f"DROP TABLE {name}")
    return dense


def _dense(con: Any, features: Sequence[Feature]) -> dict[str, int]:
    """Make dense_TYPE of each event type that the features read; return how many borrowers each
    lists."""
    found = {}
    for event in event_fields(features):
        con.execute(f"CREATE OR REPLACE TABLE dense_{event} AS {density_sql(event)}")
        found[event] = con.execute(f"SELECT count(*) FROM dense_{event}").fetchone()[0]
    return found
