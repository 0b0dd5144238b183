"""Events and requests as views of a Spark session, features over them; Parquet in between.

A borrower is known by name here: numbering people would draw them all through one worker.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
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


@dataclass
class Made:
    """Features written so far: of each event type the features, and the view that has them."""

    folder: Path
    of_type: dict[str, list[tuple[list[Feature], str]]] = field(default_factory=dict)

    def view(self, event: str, features: list[Feature]) -> str | None:
        """Return the view that has exactly these features, if any has."""
        found = (name for mine, name in self.of_type.get(event, ()) if mine == features)
        return next(found, None)


def make_features(session: Any, book: FeatureBook, made: Made) -> str:
    """Write the base features of a book for the view `requests`, event type by event type, and
    return the query of all, by id. What is written already is not worked out again.

    Raises BackendGap where the data goes beyond what SQL computes as the kernel does.
    """
    names = {feature.name for feature in book.base}
    for gap in gaps_of(book, SPARK):
        if read_by(names, gap):
            found = session.sql(gap.query).first()
            if found is not None:
                gap.refuse(*found)
    types: dict[str, list[Feature]] = {}
    for feature in book.base:
        types.setdefault(feature.event if feature.enabled else "off", []).append(feature)
    views = [_of_type(session, event, mine, made) for event, mine in types.items()]
    return _side_by_side(views, list(types.values()))


def _of_type(session: Any, event: str, features: list[Feature], made: Made) -> str:
    known = made.view(event, features)
    if known is not None:
        return known
    before = made.of_type.setdefault(event, [])
    name = f"features_{event}_{len(before)}"
    tables, query = book_tables(features, spelling=ON_SPARK)
    with _views(session, tables, query):
        written(session, query, made.folder / name, name)
    before.append((features, name))
    return name


def _side_by_side(views: Sequence[str], features: Sequence[Sequence[Feature]]) -> str:
    """Return the query that puts views of one row an id each beside one another: all rows are
    gathered once, where as many joins would be planned for minutes."""
    columns = [", ".join(quote(one.name) for one in mine) for mine in features]
    rows = " UNION ALL ".join(
        f"SELECT id, {', '.join(_alone(columns, place))} FROM {view}"
        for place, view in enumerate(views)
    )
    gathered = ", ".join(f"any_value(t{k}) IGNORE NULLS AS t{k}" for k in range(len(views)))
    found = ", ".join(f"t{k}.{quote(one.name)}" for k, mine in enumerate(features) for one in mine)
    return f"SELECT id, {found} FROM (SELECT id, {gathered} FROM ({rows}) GROUP BY id)"


def _alone(columns: Sequence[str], place: int) -> Iterator[str]:
    for k, mine in enumerate(columns):
        yield f"struct({mine}) AS t{k}" if k == place else f"NULL AS t{k}"


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
