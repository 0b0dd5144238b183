"""What the SQL of features needs beyond expressions, as each engine spells it: the newest row
before a decision, and lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from xindeng.language import DUCKDB, SPARK, Dialect, quote


class Spelling(Protocol):
    """One engine's own ways with relations and lists; positions in a list begin at 1."""

    dialect: Dialect

    def before(self, table: str, columns: Sequence[str]) -> str:
        """Return the query of (id, who, seq, columns …): a row for each request that has any row
        of `table` with a `seq` below its own, with the columns of the last one."""

    def count_up(self, low: str, high: str) -> str:
        """Return an expression that makes a row of each whole number from `low` to `high`."""

    def latest(self, value: str, key: str) -> str:
        """Return the aggregate of the list of values, that with the greatest key first."""

    def newest(self, items: str) -> str:
        """Return the first of a list."""

    def others(self, items: str, last: int) -> str:
        """Return a list from the second to the `last`."""

    def each(self, items: str, name: str, value: str) -> str:
        """Return the list of `value`, which may read each item by `name`."""

    def middle(self, items: str) -> str:
        """Return the lower median of a list of whole numbers."""


class _DuckDb:
    dialect = DUCKDB

    def before(self, table: str, columns: Sequence[str]) -> str:
        names = ", ".join(f"c.{quote(name)}" for name in columns)
        return (
            f"SELECT r.id, r.who, r.seq, {names} FROM requests r"
            f" ASOF JOIN {table} c ON c.who = r.who AND c.seq < r.seq"
        )

    def count_up(self, low: str, high: str) -> str:
        return f"unnest(range({low}, {high} + 1))"

    def latest(self, value: str, key: str) -> str:
        return f"list({value} ORDER BY {key} DESC)"

    def newest(self, items: str) -> str:
        return f"{items}[1]"

    def others(self, items: str, last: int) -> str:
        return f"{items}[2:{last}]"

    def each(self, items: str, name: str, value: str) -> str:
        return f"list_transform({items}, lambda {name}: {value})"

    def middle(self, items: str) -> str:
        return f"list_sort({items})[(len({items}) - 1) // 2 + 1]"


class _Spark:
    dialect = SPARK

    def before(self, table: str, columns: Sequence[str]) -> str:
        # There is no ASOF join: both stand in one row, the request first where they tie.
        fields = ", ".join(f"'{name}', {quote(name)}" for name in columns)
        found = ", ".join(f"x.{quote(name)}" for name in columns)
        return (
            f"SELECT id, who, seq, {found} FROM (SELECT id, who, seq, last_value(x) IGNORE NULLS"
            " OVER (PARTITION BY who ORDER BY seq, told ROWS UNBOUNDED PRECEDING) AS x FROM ("
            "SELECT id, who, seq, FALSE AS told, NULL AS x FROM requests UNION ALL"
            f" SELECT NULL, who, seq, TRUE, named_struct({fields}) FROM {table}))"
            " WHERE id IS NOT NULL AND x IS NOT NULL"
        )

    def count_up(self, low: str, high: str) -> str:
        return f"explode(sequence({low}, {high}))"

    def latest(self, value: str, key: str) -> str:
        pairs = f"collect_list(named_struct('k', {key}, 'v', {value}))"
        return f"transform(sort_array({pairs}, FALSE), pair -> pair.v)"

    def newest(self, items: str) -> str:
        return f"{items}[0]"

    def others(self, items: str, last: int) -> str:
        return f"slice({items}, 2, {last - 1})"

    def each(self, items: str, name: str, value: str) -> str:
        return f"transform({items}, {name} -> {value})"

    def middle(self, items: str) -> str:
        return f"sort_array({items})[(size({items}) - 1) div 2]"


ON_DUCKDB: Final[Spelling] = _DuckDb()
ON_SPARK: Final[Spelling] = _Spark()
