"""Events and requests as views of a Spark session, features over them; Parquet in between.

A borrower is known by name here: numbering people would draw them all through one worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from xindeng.features.algebra import Feature
from xindeng.features.book import FeatureBook
from xindeng.features.offline import book_tables, gaps_of
from xindeng.features.offline.gaps import read_by
from xindeng.features.offline.spelling import ON_SPARK
from xindeng.history.facts import NO_EVENTS, nothing
from xindeng.language import SPARK, quote


def load_events(
    session: Any, sources: Mapping[str, str], needed: Mapping[str, Sequence[str]]
) -> None:
    """Make the views known(borrower, seq, instant) and events_TYPE of the types `needed`; as
    `facts.load_events`, of views with the columns of `tables.schema_of`."""
    every = " UNION ALL ".join(
        f"SELECT borrower, seq, GREATEST(known_at, occurred_at) AS instant FROM {one}"
        for one in sources.values()
    ) or NO_EVENTS  # fmt: skip
    _view(session, "known", f"SELECT borrower, seq, max(instant) OVER (PARTITION BY borrower"
          f" ORDER BY seq ROWS UNBOUNDED PRECEDING) AS instant FROM ({every})")  # fmt: skip
    for event, fields in needed.items():
        names = "".join(f", {quote(name)}" for name in fields)
        _view(
            session,
            f"events_{event}",
            "SELECT borrower AS who, seq, row_number() OVER (PARTITION BY borrower ORDER BY seq)"
            " AS n, row_number() OVER (PARTITION BY borrower ORDER BY occurred_at, seq) AS pos,"
            f" occurred_at, day, hour{names} FROM {sources.get(event) or nothing(event)}",
        )


def lifted(session: Any, given: str) -> Any:
    """Return (id, who, seq, now) of a view of requests, `now` no earlier than what they know."""
    return session.sql(
        f"""SELECT id, who, seq, GREATEST(now, COALESCE(instant, now)) AS now FROM (
          SELECT id, who, seq, now, last_value(instant) IGNORE NULLS OVER (PARTITION BY who
            ORDER BY seq, told ROWS UNBOUNDED PRECEDING) AS instant
          FROM (SELECT id, borrower AS who, seq, now, NULL AS instant, FALSE AS told FROM {given}
            UNION ALL SELECT NULL, borrower, seq, NULL, instant, TRUE FROM known))
        WHERE id IS NOT NULL"""
    )


def make_features(
    session: Any, book: FeatureBook, folder: Path, features: Sequence[Feature] | None = None
) -> list[str]:
    """Write the features (all, unless given) for the view `requests` into `folder`, event type by
    event type; return the views of what was written, a row each by id.

    Raises BackendGap where the data goes beyond what SQL computes as the kernel does.
    """
    chosen = list(book.base) if features is None else list(features)
    names = {feature.name for feature in chosen}
    for gap in gaps_of(book, SPARK):
        if read_by(names, gap):
            found = session.sql(gap.query).first()
            if found is not None:
                gap.refuse(*found)
    types: dict[str, list[Feature]] = {}
    for feature in chosen:
        types.setdefault(feature.event if feature.enabled else "", []).append(feature)
    made = []
    for event, mine in types.items():
        name = f"features_{event or 'off'}"
        tables, query = book_tables(mine, spelling=ON_SPARK)
        with _views(session, tables, query):
            written(session, query, folder / name, name)
        made.append(name)
    return made


def written(session: Any, query: str, path: Path, name: str) -> None:
    """Write the result of a query as Parquet and let `name` be the view of it."""
    session.sql(query).write.mode("overwrite").parquet(str(path))
    session.read.parquet(str(path)).createOrReplaceTempView(name)


@contextmanager
def _views(session: Any, tables: Sequence[tuple[str, str]], query: str) -> Iterator[None]:
    """Make views of some steps, and keep what is read more than once: Spark would work it out
    again for each reader."""
    text = " ".join([query, *(sql for _, sql in tables)])
    kept = [name for name, _ in tables if len(re.findall(rf"\b(?:FROM|JOIN) {name}\b", text)) > 1]
    for name, sql in tables:
        _view(session, name, sql)
        if name in kept:
            session.sql(f"CACHE LAZY TABLE {name}")
    try:
        yield
    finally:
        for name in reversed(kept):
            session.sql(f"UNCACHE TABLE IF EXISTS {name}")
        for name, _ in reversed(tables):
            session.catalog.dropTempView(name)


def _view(session: Any, name: str, query: str) -> None:
    session.sql(query).createOrReplaceTempView(name)
