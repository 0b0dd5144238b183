"""Columns as they are packed: PostgreSQL reads from them what was put in."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xindeng.store import Store, answers, borrowers, decisions, events, states, trials
from xindeng.store.rows import Array, columns, texts, unnest

TEXT = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=40)


def whole(bits: int) -> st.SearchStrategy[int]:
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


KINDS = {
    "text": TEXT, "bytea": st.binary(max_size=40), "uuid": st.uuids(), "bool": st.booleans(),
    "int2": whole(16), "int4": whole(32), "int8": whole(64),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_put_in_is_read(store: Store, kind: str) -> None:
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.none() | KINDS[kind], max_size=70))
    def check(values: list[object]) -> None:
        row = conn.execute(f"SELECT %b::{kind}[]", [Array(kind, values)], binary=True).fetchone()  # type: ignore[call-overload]
        assert row is not None and row[0] == values

    with store.pool.connection() as conn:
        check()


def test_columns_keep_their_rows_together(store: Store) -> None:
    rows = [("甲", 1, b"\xff", UUID(int=7)), ("b", None, b"", UUID(int=2**127))]
    kinds = ("text", "int8", "bytea", "uuid")
    with store.pool.connection() as conn:
        found = conn.execute(
            f"SELECT * FROM {unnest(kinds)}",  # type: ignore[arg-type]
            columns(kinds, [(*row[:3], str(row[3])) for row in rows]),
            binary=True,
        ).fetchall()
    assert found == rows


def test_a_value_that_does_not_fit_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="format"):
        Array("int2", [2**15])
    with store.pool.connection() as conn, pytest.raises(Exception, match="0x00"):
        conn.execute("SELECT %b::text[]", [texts(["a\0"])])


def test_every_kind_that_the_store_sends_is_known() -> None:
    """A kind that nobody packs would be found out by the first row of its table."""
    modules = (answers, borrowers, decisions, events, states, trials)
    told = [
        value for module in modules for name, value in vars(module).items()
        if name in ("_TYPES", "_KEY_TYPES", "_HEAD", "_HOT", "_ALL")
    ]  # fmt: skip
    assert len(told) >= 7
    assert {kind for kinds in told for kind in kinds} <= set(KINDS)
