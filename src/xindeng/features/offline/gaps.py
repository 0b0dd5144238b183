"""What SQL does not reproduce of the online kernel, said beforehand and refused when it happens.

The kernel keeps the state of a draw's own event types small: its tables merge their oldest rows
once they are full, and a share over all time stops taking up new values. Up to those bounds, which
no honest use reaches, both sides are equal; beyond them SQL would be exact and the kernel not,
and a study that mixed the two would compare unlike things.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from xindeng.features.algebra import DISTINCT_ALL_LIMIT, Axis
from xindeng.features.book import FeatureBook
from xindeng.features.layout import Accumulator, Store
from xindeng.features.offline.parts import spell
from xindeng.kernel.errors import XindengError
from xindeng.kernel.time import HOUR
from xindeng.language import DUCKDB, Dialect, to_sql


class BackendGap(XindengError):
    """The data goes beyond what this backend computes as the online kernel does."""

    default_code = "features.gap"


@dataclass(frozen=True, slots=True)
class Gap:
    """A bound beyond which SQL and kernel part; `query` returns (who, count) of those over it."""

    features: tuple[str, ...]
    event: str
    bound: int
    why: str
    query: str

    def refuse(self, who: int | str, count: int) -> None:
        """Raise the gap for a borrower found beyond it."""
        raise BackendGap(
            f"borrower {who} has {count:,} {self.event} rows where {self.bound:,} are kept:"
            f" {self.why}",
            where=", ".join(self.features),
            next_step="leave the borrower out, or replay the decisions one by one",
        )


def gaps_of(book: FeatureBook, dialect: Dialect = DUCKDB) -> list[Gap]:
    """Return every gap of a book, to be asked of an engine of this dialect."""
    found = []
    for one in book.layout.accumulators:
        mine = tuple(name for name, source in book.layout.sources.items() if source is one)
        if one.store is Store.TABLE and one.cap and not _whole(one):
            found.append(
                Gap(mine, one.event, one.cap, "its oldest rows are merged", _rows(one, dialect))
            )
        elif one.store is Store.TOP and one.axis is None:
            why = "values beyond are not counted"
            found.append(Gap(mine, one.event, DISTINCT_ALL_LIMIT, why, _values(one, dialect)))
    return found


def _whole(one: Accumulator) -> bool:
    return one.axis is Axis.DAY and one.cap > one.horizon(Axis.DAY)


def _passing(one: Accumulator, dialect: Dialect) -> str:
    if one.condition is None:
        return f"events_{one.event}"
    condition = to_sql(one.condition, spell, dialect=dialect)
    return f"(SELECT * FROM events_{one.event} WHERE {condition})"


def _rows(one: Accumulator, dialect: Dialect) -> str:
    """Return the query of borrowers with more rows than are kept within the longest window.

    It counts what had happened by each event's own time, which is no less than what had arrived.
    """
    key = "day" if one.axis is Axis.DAY else "occurred_at"
    back = one.horizon(Axis.DAY) if one.axis is Axis.DAY else one.horizon(Axis.HOUR) * HOUR - 1
    keys = f"(SELECT DISTINCT who, {key} AS k FROM {_passing(one, dialect)})"
    return (
        f"SELECT who, max(rows) FROM (SELECT who, count(*) OVER (PARTITION BY who ORDER BY k"
        f" RANGE BETWEEN {back} PRECEDING AND CURRENT ROW) AS rows FROM {keys})"
        f" GROUP BY who HAVING max(rows) > {one.cap}"
    )


def _values(one: Accumulator, dialect: Dialect) -> str:
    value = spell(one.field or "")
    return (
        f"SELECT who, count(DISTINCT {value}) FROM {_passing(one, dialect)} GROUP BY who"
        f" HAVING count(DISTINCT {value}) > {DISTINCT_ALL_LIMIT}"
    )


def read_by(features: Iterable[str], gap: Gap) -> bool:
    """Return whether any of the features rests on what the gap is about."""
    return not set(gap.features).isdisjoint(features)
