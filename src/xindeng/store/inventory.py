"""Counts what a database holds, as of one instant: the same before a backup and after a restore."""

from __future__ import annotations

from psycopg import sql

from xindeng.store import seals
from xindeng.store.connect import Conn
from xindeng.store.manifest import Inventory
from xindeng.store.merkle import Leaf, root

_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    ORDER BY 1
"""
_HEADS = """
    SELECT 'borrower', borrower, seq, head FROM borrower WHERE seq > 0
    UNION ALL
    (SELECT DISTINCT ON (actor) 'actor', actor, seq, hash FROM action ORDER BY actor, seq DESC)
"""
_ERASED = "SELECT borrower, seq, head FROM erasure"


def tables(conn: Conn) -> list[str]:
    """Return the names of all tables, those in parts once."""
    return [row[0] for row in conn.execute(_TABLES)]


def of(conn: Conn) -> Inventory:
    """Return what the transaction's snapshot sees."""
    rows = {}
    for name in tables(conn):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))
        found = conn.execute(query).fetchone()
        rows[name] = int(found[0]) if found else 0
    heads = [Leaf(*row) for row in conn.execute(_HEADS, binary=True)]
    newest = seals.last(conn)
    erased = [Leaf("erased", *row) for row in conn.execute(_ERASED, binary=True)]
    keys = conn.execute(
        "SELECT DISTINCT master_id FROM borrower_key WHERE wrapped IS NOT NULL ORDER BY 1"
    )
    return Inventory(
        rows=rows, chains=len(heads), heads_root=root(heads).hex(),
        seal=0 if newest is None else newest.number, keys=tuple(row[0] for row in keys),
        erased=len(erased), erased_root=root(erased).hex(),
    )  # fmt: skip


def brought_back(conn: Conn) -> int:
    """Return how many borrowers have a tombstone and can be read all the same."""
    row = conn.execute(
        "SELECT count(DISTINCT borrower) FROM erasure JOIN borrower_key USING (borrower)"
        " WHERE wrapped IS NOT NULL"
    ).fetchone()
    return int(row[0]) if row else 0


def holds_people(conn: Conn) -> bool:
    """Say whether anything is stored that a restore would have to put aside."""
    there = conn.execute("SELECT to_regclass('borrower')").fetchone()
    if there is None or there[0] is None:
        return False
    row = conn.execute("SELECT EXISTS (SELECT FROM borrower)").fetchone()
    return bool(row and row[0])
