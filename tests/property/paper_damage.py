"""Ways in which a paper comes to harm between an app and us, as a hypothesis strategy."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hypothesis import strategies as st

Rows = list[list[str]]

CELLS = st.sampled_from([
    "", " ", "-", "/", "0", "-1", "1e3", "NaN", "inf", "=1+1", "99999999999999999999", "1.005", "１２",
    "1.2万", "0.05", "18.25%", "2026-02-30", "20260230", "2026-09-10 25:00:00", "45000.5", "9999-12-31",
    "工资", "退款", '"', "'", ",", "\x00", "\ud800".encode("utf-8", "replace").decode(), "﻿", "甲" * 3000,
    "支出", "收入", "不计收支", "共9笔", "合计", "---", "%s", "{0}", "<script>", "\u202e",
]) | st.text(max_size=12)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, rows: Sequence[Sequence[str]]) -> Rows:
    """Return rows with cells changed, columns swapped or dropped, rows cut, doubled or moved."""
    found: Rows = [list(row) for row in rows]
    for _ in range(draw(st.integers(0, 4))):
        harm: Callable[[], None] = draw(st.sampled_from([
            lambda: _cell(draw, found), lambda: _swap(draw, found), lambda: _cut(draw, found),
            lambda: _drop(draw, found), lambda: found.insert(0, list(draw(st.sampled_from(found)))),
        ]))  # fmt: skip
        harm()
    return found


def _row(draw: st.DrawFn, rows: Rows) -> list[str]:
    return rows[draw(st.integers(0, len(rows) - 1))]


def _cell(draw: st.DrawFn, rows: Rows) -> None:
    if row := _row(draw, rows):
        row[draw(st.integers(0, len(row) - 1))] = draw(CELLS)


def _swap(draw: st.DrawFn, rows: Rows) -> None:
    width = min(len(row) for row in rows)
    if width:
        a, b = draw(st.integers(0, width - 1)), draw(st.integers(0, width - 1))
        for row in rows:
            row[a], row[b] = row[b], row[a]


def _cut(draw: st.DrawFn, rows: Rows) -> None:
    row = _row(draw, rows)
    del row[draw(st.integers(0, len(row))) :]


def _drop(draw: st.DrawFn, rows: Rows) -> None:
    width = min(len(row) for row in rows)
    if width:
        gone = draw(st.integers(0, width - 1))
        for row in rows:
            del row[gone]


@st.composite
def torn(draw: st.DrawFn, data: bytes) -> bytes:
    """Return bytes that were cut off, or of which some were changed."""
    found = bytearray(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)
    for _ in range(draw(st.integers(0, 3))):
        if found:
            found[draw(st.integers(0, len(found) - 1))] = draw(st.integers(0, 255))
    return bytes(found)
