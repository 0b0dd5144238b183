"""The tables themselves: facts are only added, locks are waited for but not for ever."""

from __future__ import annotations

import contextlib
from threading import Thread

import psycopg
import pytest

from xindeng.events.envelope import Event
from xindeng.events.line import LimitChange
from xindeng.events.security import Login
from xindeng.events.visibility import Quarantined
from xindeng.kernel.errors import (
    ConflictError,
    ErasedError,
    NotFoundError,
    UnavailableError,
    XindengError,
)
from xindeng.store import Store, borrowers, events, lines, policies, states
from xindeng.store.chain import verify


def told(borrower: str, *seqs: int) -> list[Event]:
    return [Event(f"e{n}", borrower, "login", 1, n, n, Login(success=True), n) for n in seqs]


def append(store: Store, borrower: str, *seqs: int) -> None:
    with store.transaction() as conn:
        borrowers.create_missing(conn, store.keys, [borrower], 1)
        chain = borrowers.lock(conn, store.keys, [borrower])[borrower]
        events.insert(conn, events.extend(chain, told(borrower, *seqs), [None] * len(seqs)))
        borrowers.save_heads(conn, [chain])


def test_events_come_back_and_verify(store: Store) -> None:
    append(store, "b1", 1, 2, 3)
    append(store, "b1", 4)
    with store.snapshot() as conn:
        chain = borrowers.read(conn, store.keys, "b1")
        links = events.read_links(conn, "b1")
        assert verify("b1", links) == (chain.seq, chain.head)
        assert list(events.unseal(links, chain.key)) == told("b1", 1, 2, 3, 4)
        assert [link.seq for link in events.read_links(conn, "b1", after=1, below=4)] == [2, 3]
        assert events.known_ids(conn, [("b1", "e2"), ("b1", "e9"), ("b2", "e2")]) == {("b1", "e2")}
        assert events.known_ids(conn, []) == set()


@pytest.mark.parametrize(
    "table", ["event", "decision", "policy_version", "idempotency", "quarantine"]
)
@pytest.mark.parametrize(
    "change",
    ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
    ids=["update", "delete", "truncate"],
)
def test_facts_cannot_be_changed_or_removed(store: Store, table: str, change: str) -> None:
    column = {"policy_version": "hash = hash"}.get(table, "borrower = borrower")
    append(store, "kept", *([1] if not _length(store, "kept") else []))
    with (
        pytest.raises(psycopg.errors.IntegrityConstraintViolation, match="are facts"),
        store.pool.connection() as conn,
    ):
        conn.execute(change.format(table, column))  # type: ignore[call-overload]
    assert _length(store, "kept") == 1


def _length(store: Store, borrower: str) -> int:
    with store.snapshot() as conn:
        return len(events.read_links(conn, borrower))


def test_nothing_stays_of_a_transaction_that_fails(store: Store) -> None:
    append(store, "b3", 1)
    with pytest.raises(ZeroDivisionError), store.transaction() as conn:
        chain = borrowers.lock(conn, store.keys, ["b3"])["b3"]
        events.insert(conn, events.extend(chain, told("b3", 2), [None]))
        borrowers.save_heads(conn, [chain])
        _ = 1 / 0
    assert _length(store, "b3") == 1


def test_a_second_writer_of_the_same_sequence_is_refused(store: Store) -> None:
    """A planted writer that skips the lock cannot make a second event 1."""
    append(store, "b4", 1)
    with pytest.raises(psycopg.errors.UniqueViolation), store.transaction() as conn:
        chain = borrowers.lock(conn, store.keys, ["b4"])["b4"]
        chain.seq = 0
        twin = [Event("other", "b4", "login", 1, 1, 1, Login(success=True), 1)]
        events.insert(conn, events.extend(chain, twin, [None]))


def test_a_lock_is_waited_for_two_seconds(store: Store) -> None:
    append(store, "b5", 1)
    failures: list[Exception] = []

    def second() -> None:
        try:
            with store.transaction() as conn:
                borrowers.lock(conn, store.keys, ["b5"])
        except Exception as error:
            failures.append(error)

    with store.transaction() as conn:
        borrowers.lock(conn, store.keys, ["b5"])
        waiting = Thread(target=second)
        waiting.start()
        waiting.join(timeout=10)
    assert len(failures) == 1 and isinstance(failures[0], ConflictError)
    assert failures[0].code == "store.busy"


def test_unknown_and_erased_borrowers_are_told_apart(store: Store) -> None:
    append(store, "b6", 1)
    with store.snapshot() as conn, pytest.raises(NotFoundError):
        borrowers.read(conn, store.keys, "nobody")
    with store.transaction() as conn:
        assert borrowers.lock(conn, store.keys, ["nobody"]) == {}
    with store.pool.connection() as conn:
        conn.execute(
            "UPDATE borrower_key SET wrapped = NULL, destroyed_at = 5 WHERE borrower = 'b6'"
        )
    with store.snapshot() as conn:
        assert verify("b6", events.read_links(conn, "b6"))[0] == 1, "audit needs no key"
        with pytest.raises(ErasedError):
            borrowers.read(conn, store.keys, "b6")


def test_a_snapshot_cannot_write(store: Store) -> None:
    with pytest.raises(UnavailableError, match="read-only"), store.snapshot() as conn:
        conn.execute("INSERT INTO borrower VALUES ('x', 1, 0, %s)", [bytes(32)])


def test_states_are_sealed_to_their_place_and_length(store: Store) -> None:
    append(store, "b7", 1, 2)
    with store.transaction() as conn:
        chain = borrowers.lock(conn, store.keys, ["b7"])["b7"]
        states.save(conn, "k1", [(chain, b"hot", b"buckets")])
        chain.seq = 3
        states.save(conn, "k1", [(chain, b"hotter", None)])
        states.save(conn, "k2", [(chain, b"of another book", None)])
    with store.snapshot() as conn:
        sealed = states.read(conn, ["b7", "nobody"])
        key = borrowers.read(conn, store.keys, "b7").key
    assert set(sealed) == {"b7"}
    state = sealed["b7"]
    assert (state.seq, state.buckets_seq, state.kernel) == (3, 2, "k1")
    assert state.unseal(key) == (b"hotter", b"buckets")
    assert b"hotter" not in state.hot
    with pytest.raises(XindengError, match="state of borrower b7"):
        states.SealedState("b7", 9, "k1", state.key_id, state.hot, state.buckets, 2).unseal(key)


def test_a_large_pipeline_does_not_wait_for_ever(store: Store, server_url: str) -> None:
    """4 MB in one statement: the socket's buffers fill long before the commit is sent."""
    backend: list[int] = []
    files = {"features.yaml": bytes(4 * 2**20)}

    def write() -> None:
        with contextlib.suppress(UnavailableError), store.transaction() as conn:
            backend.append(conn.info.backend_pid)
            policies.put(conn, "large", "test", files, 5)

    writer = Thread(target=write)
    writer.start()
    writer.join(timeout=20)
    stuck = writer.is_alive()
    if stuck:
        with psycopg.connect(server_url) as other:
            other.execute("SELECT pg_terminate_backend(%s)", backend)
    writer.join()
    assert not stuck
    with store.snapshot() as conn:
        assert policies.get(conn, "large") == files


def test_quarantine_keeps_what_it_sets_aside_out_of_the_chain(store: Store) -> None:
    append(store, "b8", 1)
    future = Event("f1", "b8", "login", 1, 99, 99, Login(success=True))
    for _ in range(2):
        with store.transaction() as conn:
            chain = borrowers.lock(conn, store.keys, ["b8"])["b8"]
            events.set_aside(conn, chain, Quarantined(future, "too early"), 5)
    with store.snapshot() as conn:
        assert events.known_ids(conn, [("b8", "f1")]) == {("b8", "f1")}
        rows = conn.execute("SELECT reason, payload FROM quarantine", binary=True).fetchall()
    assert len(rows) == 1 and rows[0][0] == "too early" and b"login" not in rows[0][1]
    assert _length(store, "b8") == 1


def test_the_line_shows_the_newest_limit_whatever_came_last(store: Store) -> None:
    append(store, "b9", 1)
    for at, limit, seq in ((10, 500, 2), (30, 900, 3), (20, 700, 4)):
        with store.transaction() as conn:
            payload = LimitChange(limit=limit, change="granted")
            lines.project(conn, [Event(f"l{at}", "b9", "limit_change", 1, at, at, payload, seq)])
    with store.snapshot() as conn:
        row = conn.execute(
            "SELECT limit_shown, changed_at FROM line WHERE borrower = 'b9'"
        ).fetchone()
    assert row == (900, 30)


def test_a_bundle_is_kept_once(store: Store) -> None:
    for _ in range(2):
        with store.transaction() as conn:
            policies.put(conn, "h1", "test", {"policy.yaml": b"a: 1"}, 5)
    with store.snapshot() as conn:
        assert policies.get(conn, "h1") == {"policy.yaml": b"a: 1"}
        with pytest.raises(NotFoundError):
            policies.get(conn, "h2")


def test_a_database_that_goes_away_is_told(store: Store, server_url: str) -> None:
    with pytest.raises(UnavailableError), store.transaction() as conn:
        with psycopg.connect(server_url, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", [conn.info.backend_pid])
        borrowers.lock(conn, store.keys, ["b1"])
    with store.snapshot() as conn:
        assert conn.execute("SELECT 1").fetchone() == (1,), "the pool recovers"


SAMPLED = """
    SELECT c.relname || '.' || a.attname, coalesce(a.attstattarget, 100),
           'bytea'::regtype IN (t.oid, t.typbasetype)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
        AND c.relname !~ '^(procrastinate|alembic)_' AND a.attnum > 0 AND NOT a.attisdropped
"""


def test_nobody_waits_for_statistics_that_nobody_uses(store: Store) -> None:
    """A new migration says of each column how much of it is sampled, parts of tables as well."""
    with store.pool.connection() as conn:
        rows = conn.execute(SAMPLED).fetchall()
    told = {name: (target, opaque) for name, target, opaque in rows}
    assert told["event_07.payload"] == (0, True) and told["event_07.borrower"] == (10, False)
    assert told["decision_15.record"] == (0, True) and told["answer.body"] == (0, True)
    wrong = [name for name, (n, opaque) in told.items() if n != (0 if opaque else 10)]
    assert not wrong
