"""Large tables in parts: what was there before stays, and every part is guarded by its own name."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from tests.service.test_store_tables import append, told
from tests.service_world import settled
from xindeng.store import Store, borrowers, events, feed
from xindeng.store.chain import genesis, verify
from xindeng.store.connect import open_pool
from xindeng.store.crypto import KeyRing
from xindeng.store.migrate import migrate, upgrade

NAMES = [f"b{number:02}" for number in range(40)]
DAY_2026 = 20_500
OLD_ROWS = """
INSERT INTO policy_version VALUES ('h', 'p', 1, '');
INSERT INTO decision SELECT gen_random_uuid(), borrower, seq, 1, 'h', 1, 0, 'open', 'new',
    'approve', '', '', key_id, '\\x01' FROM event WHERE seq = 2;
INSERT INTO idempotency SELECT borrower, 'k', sha256('x'), id FROM decision;
INSERT INTO reservation SELECT gen_random_uuid(), borrower, 'k', sha256('x'), id, 5, 'CNY', '',
    NULL, 'settled', '', 0, 1, 1 FROM decision;
INSERT INTO plan SELECT gen_random_uuid(), borrower, 1, 1, 0, 'h', id, key_id, '' FROM decision;
INSERT INTO loan SELECT gen_random_uuid(), borrower, 'CNY', '', 1, 'open', 1, 0, '{}' FROM decision;
INSERT INTO posting SELECT entry, account, loan, borrower, amount, 'CNY', day, 1, 'c', NULL
FROM (SELECT gen_random_uuid() AS entry, loan, borrower, 20500 AS day FROM loan) AS one,
     (VALUES ('cash', -5), ('principal', 5)) AS two (account, amount);
"""


@pytest.fixture(scope="module")
def moved(server_url: str) -> Iterator[Store]:
    """A database filled with whole tables, then brought to the newest version."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS t_parts")
        connection.execute("CREATE DATABASE t_parts")
        uri = server_url.replace("/xindeng?", "/t_parts?")
        upgrade(uri, "0011")
        with open_pool(uri) as pool:
            store = Store(pool, KeyRing(bytes(32)), uri)
            for name in NAMES:
                append_to_whole_tables(store, name)
            with pool.connection() as conn:
                for statement in OLD_ROWS.split(";\n"):
                    conn.execute(statement)  # type: ignore[call-overload]
            before = everything(store)
            migrate(uri)
        with open_pool(uri) as pool:
            store = Store(pool, KeyRing(bytes(32)), uri)
            assert everything(store) == before
            yield store
        connection.execute("DROP DATABASE t_parts WITH (FORCE)")


def append_to_whole_tables(store: Store, name: str) -> None:
    """Store two events of a new borrower as it was done then: today's code for new borrowers asks
    a table that a later version makes."""
    with store.transaction() as conn:
        conn.execute(
            "INSERT INTO borrower (borrower, created_at, head) VALUES (%s, 1, %s)",
            [name, genesis(name)],
        )
        conn.execute(
            "INSERT INTO borrower_key (borrower, master_id, wrapped, created_at)"
            " VALUES (%s, %s, %s, 1)",
            [name, store.keys.master_id, store.keys.new_wrapped(name, store.keys.master_id)],
        )
        chain = borrowers.lock(conn, store.keys, [name])[name]
        events.insert(conn, events.extend(chain, told(name, 1, 2), [None, None]))
        borrowers.save_heads(conn, [chain])


def everything(store: Store) -> dict[str, list[str]]:
    """Each table's rows by column name, whatever order rows and columns have."""
    tables = ("event", "decision", "idempotency", "reservation", "plan", "loan", "posting")
    with store.pool.connection() as conn:
        return {
            table: [
                str(row[0])
                for row in conn.execute(f"SELECT to_jsonb(t) FROM {table} t ORDER BY 1")  # type: ignore[call-overload]
            ]
            for table in tables
        }


def test_rows_move_into_parts_and_chains_go_on(moved: Store) -> None:
    append(moved, "b07", 3)
    settled(moved)
    with moved.snapshot(pipelined=False) as conn:
        parts = conn.execute("SELECT count(DISTINCT tableoid) FROM event").fetchone()
        assert parts is not None and parts[0] > 8, "forty borrowers are in most of the parts"
        years = conn.execute("SELECT DISTINCT tableoid::regclass::text FROM posting").fetchall()
        assert years == [("posting_2026",)]
        chain = borrowers.read(conn, moved.keys, "b07")
        links = events.read_links(conn, "b07")
        assert verify("b07", links) == (chain.seq, chain.head)
        assert list(events.unseal(links, chain.key)) == told("b07", 1, 2, 3)
        places = [place for place, _ in feed.read(conn, feed.BEGINNING, feed.horizon(conn))]
        assert len(places) == len(set(places)) == 2 * len(NAMES) + 1
        assert (
            links[-1].hash == list(feed.read(conn, feed.BEGINNING, feed.horizon(conn)))[-1][1].hash
        )


@pytest.mark.parametrize("change", ["UPDATE {} SET borrower = borrower", "DELETE FROM {}",
                                    "TRUNCATE {} CASCADE"])  # fmt: skip
@pytest.mark.parametrize("table", ["event_03", "decision_03", "posting_2026", "posting"])
def test_no_part_can_be_changed_by_its_own_name(moved: Store, table: str, change: str) -> None:
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="are facts"),
        moved.pool.connection() as conn,
    ):
        conn.execute(change.format(table))  # type: ignore[call-overload]


@pytest.mark.parametrize("table", ["posting", "posting_2026"])
def test_no_part_takes_an_entry_that_does_not_balance(moved: Store, table: str) -> None:
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="does not sum to zero"),
        moved.pool.connection() as conn,
    ):
        conn.execute(
            f"INSERT INTO {table} SELECT gen_random_uuid(), 'cash', loan, borrower, 5, 'CNY',"  # type: ignore[call-overload]
            f" {DAY_2026}, 1, 'c', NULL FROM loan LIMIT 1"
        )


def test_a_draw_looks_into_one_part_only(moved: Store) -> None:
    with moved.snapshot(pipelined=False) as conn:
        plan = conn.execute(
            "EXPLAIN SELECT * FROM event WHERE borrower = 'b07' AND seq > 1 ORDER BY seq"
        ).fetchall()
    told_of = {name for row in plan for name in row[0].split() if name.startswith("event_")}
    assert len({name.split("_pkey")[0].split("_borrower")[0] for name in told_of}) == 1, plan
