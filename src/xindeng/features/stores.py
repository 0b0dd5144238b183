"""What the generated fold calls: plain functions on plain lists, exact in any order of arrival.

A table is [keys, column, …]. A running-sum column has one entry more than there are rows: entry
i is the total before row i, so that a window from row i on is `column[-1] - column[i]`. Other
columns hold one value a row. Everything is built of lists, integers and short texts, so that a
state is stored and copied without being rebuilt.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from hashlib import blake2b
from itertools import pairwise
from typing import Any

from xindeng.features.algebra import BLOCK_DAYS, DISTINCT_ALL_LIMIT, log_bucket, robust_z, variation

Table = list[Any]


def row(table: Table, key: int, edge: int, kinds: str, cap: int) -> int:
    """Return the index of the row `key`, made if need be; -1 if it lies before `edge`.

    Rows before `edge` are dropped. `kinds` has one letter a column: s running sum, < smallest,
    > largest, f first. With a `cap`, the oldest row is merged into the next: such a table may
    then count what is older than a window, never less than the window holds.
    """
    if key < edge:
        return -1
    keys = table[0]
    index = bisect_left(keys, key)
    if index == len(keys) or keys[index] != key:
        keys.insert(index, key)
        for kind, column in zip(kinds, table[1:], strict=True):
            if kind == "s":
                column.insert(index + 1, column[index])
            else:
                column.insert(index, None)
    stale = bisect_left(keys, edge)
    if stale:
        for column in table:
            del column[:stale]
        index -= stale
    if cap and len(keys) > cap:
        _merge_oldest(table, kinds)
        index = max(index - 1, 0)
    return index


def _merge_oldest(table: Table, kinds: str) -> None:
    del table[0][0]
    for kind, column in zip(kinds, table[1:], strict=True):
        if kind == "s":
            del column[1]
            continue
        older, newer = column[0], column[1]
        if older is not None and (newer is None or _before(kind, older, newer)):
            column[1] = older
        del column[0]


def _before(kind: str, one: Any, other: Any) -> bool:
    """Return whether `one` wins in a column of that kind; equal instants keep the first come."""
    if kind == "f":
        return bool(one[0] < other[0])
    return bool(one > other if kind == ">" else one < other)


def bump(column: list[int], index: int, amount: int) -> None:
    """Add to row `index` of a running-sum column."""
    for later in range(index + 1, len(column)):
        column[later] += amount


def keep(column: list[Any], index: int, kind: str, value: Any) -> None:
    """Put a value in a row of a smallest, largest or first column if it wins there."""
    held = column[index]
    if held is None or _before(kind, value, held):
        column[index] = value


def seen(store: list[list[Any]], at: int, value: Any, edge: int, cap: int) -> None:
    """Note that a value was seen; `store` is [instants ascending, values].

    Only the last time of each value matters. Values last seen before `edge` are dropped; with a
    `cap` only the newest stay, so that any count is exactly min(true count, cap).
    """
    times, values = store
    if value in values:
        index = values.index(value)
        if times[index] >= at:
            return
        del times[index], values[index]
    index = bisect_right(times, at)
    times.insert(index, at)
    values.insert(index, value)
    stale = max(bisect_left(times, edge), len(times) - cap if cap else 0)
    if stale:
        del times[:stale], values[:stale]


def collect(values: list[Any], value: Any) -> None:
    """Keep each value once, up to `DISTINCT_ALL_LIMIT`."""
    if len(values) < DISTINCT_ALL_LIMIT and value not in values:
        values.append(value)


def tally(store: dict[str, Table], key: int, value: str, edge: int) -> None:
    """Count one event in the value's own table; a new value sweeps out those grown old."""
    if key < edge:
        return
    if value not in store:
        for name in [name for name, table in store.items() if table[0][-1] < edge]:
            del store[name]
        store[value] = [[], [0]]
    table = store[value]
    bump(table[1], row(table, key, edge, "s", 0), 1)


def tally_all(store: dict[str, int], value: str) -> None:
    """Count one event of a value over all time, for at most `DISTINCT_ALL_LIMIT` values."""
    if value in store or len(store) < DISTINCT_ALL_LIMIT:
        store[value] = store.get(value, 0) + 1


def top_share(store: dict[str, Table], edge: int) -> float | None:
    """Return the largest value's share of the window from `edge`; None if it is empty."""
    counts = [table[1][-1] - table[1][bisect_left(table[0], edge)] for table in store.values()]
    total = sum(counts)
    return max(counts) / total if total else None


def top_share_all(store: dict[str, int]) -> float | None:
    """Return the largest value's share over all time; None if nothing was ever counted."""
    return max(store.values()) / sum(store.values()) if store else None


def enter(ring: list[Any], at: int, day: int, value: int, over: int) -> None:
    """Put an event in the ring [instants, buckets, z, day of the newest] and score it again.

    The ring holds the newest `over` + 1 by (instant, arrival).
    """
    times, buckets = ring[0], ring[1]
    index = bisect_right(times, at)
    if index == 0 and len(times) > over:
        return
    times.insert(index, at)
    buckets.insert(index, log_bucket(value))
    if index == len(times) - 1:
        ring[3] = day
    if len(times) > over + 1:
        del times[0], buckets[0]
    ring[2] = robust_z(buckets[-1], buckets[:-1])


def block_variation(
    keys: list[int], sums: list[int], today: int, count: int, unit: int
) -> float | None:
    """Return the variation of the last `count` 30-day blocks, `unit` minor units to a whole."""
    edges = [bisect_left(keys, today - BLOCK_DAYS * n + 1) for n in range(count + 1)]
    edges[0] = len(keys)
    blocks = [(sums[newer] - sums[older]) // unit for newer, older in pairwise(edges)]
    return variation(blocks)


def digest(value: str) -> bytes:
    """Return 6 bytes that stand for a text in the hot part, to tell a few dozen apart."""
    return blake2b(value.encode(), digest_size=6).digest()
