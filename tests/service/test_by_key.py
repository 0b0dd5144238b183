"""What many draws repeat is looked up by key, also by a plan that was made while tables were empty."""

from __future__ import annotations

import re

import pytest

from tests.service_world import World, asks, event
from xindeng.service.draw import Asked
from xindeng.service.draw_group import draw_group
from xindeng.store import Store, borrowers

LARGE = r"(?:borrower|borrower_key|state|idempotency|answer|event|decision)\w*"
WHOLE = """
    SELECT i.decision FROM unnest($1::text[], $2::text[]) AS a (borrower, key)
    LEFT JOIN idempotency i ON i.borrower = a.borrower AND i.key = a.key
"""
"""Planted: what the planner is free to answer by reading all that was ever drawn."""


def reads_whole(store: Store, statement: str, *, by_key: bool = True) -> list[str]:
    """Return the steps of a statement's plan, made for tables without rows, that read a whole one."""
    with store.pool.connection() as conn:
        if by_key:
            borrowers.by_key(conn)
        rows = conn.execute(f"EXPLAIN (GENERIC_PLAN, COSTS off) {statement}").fetchall()  # type: ignore[call-overload]
    steps = re.split(r"\n(?=.*->)", "\n".join(row[0] for row in rows))
    of_large = [one for one in steps if re.search(rf"Scan.* on {LARGE}\b", one)]
    return [
        one for one in of_large
        if "Index Cond" not in one and "Bitmap Heap Scan" not in one and "Update on" not in one
    ]  # fmt: skip


@pytest.fixture(scope="module")
def repeated(store: Store) -> dict[str, int]:
    """The statements that one connection has prepared for draws and events of several borrowers,
    and how often each was planned for one group alone."""
    world = World(store)
    with store.pool.connection() as conn:
        conn.execute("ANALYZE")
    for name in ("ann", "ben"):
        world.settle(name)
    for number, names in enumerate([("ann", "ben"), ("ann",), ("ben", "ann")]):
        draw_group(world.engine, [Asked(name, asks(), f"k{number}") for name in names])
    world.tell("ann", event("login", "2026-06-01", success=True))
    with store.pool.connection() as conn:
        found = conn.execute(
            "SELECT statement, custom_plans FROM pg_prepared_statements"
        ).fetchall()
    return {str(statement): int(custom) for statement, custom in found}


def test_no_statement_of_a_draw_reads_a_whole_table(store: Store, repeated: dict[str, int]) -> None:
    looked_up = [one for one in repeated if re.search(rf"(?:FROM|UPDATE|JOIN) {LARGE}\b", one)]
    assert len(looked_up) >= 5, "locks, states, heads, earlier answers and who is new"
    for statement in looked_up:
        assert reads_whole(store, statement) == [], statement


def test_a_planted_join_is_found(store: Store, repeated: dict[str, int]) -> None:
    assert repeated and reads_whole(store, WHOLE, by_key=False)


def test_groups_of_every_size_share_one_plan(store: Store, repeated: dict[str, int]) -> None:
    looked_up = {
        one: n for one, n in repeated.items() if re.search(rf"(?:FROM|UPDATE) {LARGE}\b", one)
    }
    assert looked_up and not any(looked_up.values()), looked_up


def test_a_statement_of_another_transaction_is_planned_each_time(store: Store) -> None:
    with store.pool.connection() as conn:
        for wanted in (["a"], ["a", "b"]):
            conn.execute(
                "SELECT seq FROM state WHERE borrower = ANY(%s)", [wanted], prepare=True
            ).fetchall()
        told = "SELECT sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE %s"
        row = conn.execute(told, ["SELECT seq FROM state%"]).fetchone()
    assert row == (2,), "what is counted above is counted at all"
