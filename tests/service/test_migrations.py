"""Migrations beside a running service: short locks, tries again, and nothing old breaks."""

from __future__ import annotations

import re
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.decision_policy import files
from tests.service_world import World, asks
from xindeng.adapters.rail import SandboxRail
from xindeng.kernel.errors import UnavailableError
from xindeng.service import disburse, ledger, pay
from xindeng.service.disburse import Ports
from xindeng.service.draw import draw
from xindeng.store import Store, open_store
from xindeng.store import migrate as migrating
from xindeng.store.migrate import FIRST_TO_ASK, HEAD, MIGRATIONS, migrate, oldest_program, version

pytestmark = pytest.mark.postgres
# Up to here tables were made for a program that nobody ran yet.
FREE_UPTO = "0016"
CONTRACTS = re.compile(
    r"DROP\s+(TABLE|COLUMN|CONSTRAINT)|RENAME|ALTER\s+\w+\s+TYPE|SET\s+NOT\s+NULL"
    r"|ADD\s+COLUMN\s+(IF\s+NOT\s+EXISTS\s+)?\w+\s+\w+(?=[^,;]*NOT\s+NULL)(?![^,;]*(DEFAULT|GENERATED))",
    re.I,
)


def test_a_migration_that_takes_something_away_names_the_one_that_replaced_it() -> None:
    """Expand first, contract a release later: a running worker of the release before goes on."""
    for path in sorted((MIGRATIONS / "versions").glob("[0-9]*.py")):
        if path.name[:4] > FREE_UPTO:
            check_contract(path.read_text(encoding="utf-8"))


def check_contract(text: str) -> None:
    if CONTRACTS.search(text):
        assert migrating.CONTRACTS.search(text), "say which release made it needless"


@pytest.mark.parametrize(
    "work",
    ["ALTER TABLE event DROP COLUMN payload", "ALTER TABLE event RENAME COLUMN payload TO content",
     "ALTER TABLE event ADD COLUMN source text NOT NULL",
     "ALTER TABLE event ALTER COLUMN payload SET NOT NULL"],
)  # fmt: skip
def test_a_contract_that_says_nothing_is_found(work: str) -> None:
    with pytest.raises(AssertionError):
        check_contract(f'op.execute("{work}")')
    check_contract(f'CONTRACTS = "0025"\nop.execute("{work}")')


def lives(world: World, name: str, turn: int) -> None:
    """A draw from the wish to the repayment, by a worker that is running."""
    ports = Ports(SandboxRail())
    made = draw(world.engine, name, asks(300), f"d{turn}")
    world.read_cost(name, made.id)
    assert disburse.confirm(world.engine, ports, name, made.id, f"c{turn}").state == "settled"
    pay.pay(world.engine, name, 30_000, f"p{turn}")


@pytest.fixture(scope="module")
def world(store: Store) -> World:
    made = World(store, {**files(), "products.yaml": b"reading_seconds: 0\n"})
    made.settle("ann")
    lives(made, "ann", 0)  # its statements are prepared now
    return made


def test_a_worker_of_before_goes_on_over_an_expanded_schema(
    world: World, database_url: str
) -> None:
    with psycopg.connect(database_url, autocommit=True) as conn:
        for table in ("borrower", "event", "decision", "loan", "reservation", "answer", "state"):
            conn.execute(f"ALTER TABLE {table} ADD COLUMN future text")
            conn.execute(f"ALTER TABLE {table} ADD COLUMN future_too int NOT NULL DEFAULT 7")
        conn.execute("CREATE TABLE future (n int)")
        conn.execute("UPDATE alembic_version SET version_num = '9998'")
    try:
        for turn in range(1, 4):
            lives(world, "ann", turn)
        assert ledger.verify(world.engine).ok
    finally:
        with psycopg.connect(database_url, autocommit=True) as conn:
            conn.execute("UPDATE alembic_version SET version_num = %s", [HEAD])


def test_what_is_taken_away_under_a_worker_is_found(world: World, database_url: str) -> None:
    """Planted: a column is renamed while a worker of before still runs."""
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("ALTER TABLE reservation RENAME COLUMN cause TO why")
        try:
            with pytest.raises(psycopg.errors.UndefinedColumn):
                lives(world, "ann", 9)
        finally:
            conn.execute("ALTER TABLE reservation RENAME COLUMN why TO cause")
    lives(world, "ann", 10)


NEXT = """
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute({work!r})
"""
EXPANDS = "".join(
    f"ALTER TABLE {table} ADD COLUMN later text; "
    for table in ("borrower", "event", "decision", "loan", "reservation", "answer", "state")
)
# Planted: what takes long is done under the lock of a table that everybody needs.
HOLDS = "LOCK TABLE event IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(4); "


def met_on_the_way(
    world: World, uri: str, place: Path, monkeypatch: pytest.MonkeyPatch, work: str
) -> tuple[list[Exception], float]:
    """What a worker of before meets while the next release migrates: errors, the longest wait."""
    shutil.copytree(MIGRATIONS, place / "migrations")
    text = NEXT.format(head=HEAD, work=work)
    (place / "migrations/versions/9999_next.py").write_text(text, encoding="utf-8")
    monkeypatch.setattr(migrating, "MIGRATIONS", place / "migrations")
    monkeypatch.setattr(migrating, "HEAD", "9999")
    errors, longest, over = list[Exception](), [0.0], threading.Event()

    def live() -> None:
        turn = 100
        while not over.is_set():
            turn, began = turn + 1, time.monotonic()
            try:
                lives(world, "ann", turn)
            except Exception as error:
                errors.append(error)
            longest.append(time.monotonic() - began)

    living = threading.Thread(target=live)
    living.start()
    try:
        time.sleep(0.3)
        migrate(uri)
        time.sleep(0.3)
    finally:
        over.set()
        living.join()
        with psycopg.connect(uri, autocommit=True) as conn:
            assert version(conn) == "9999"
            conn.execute("UPDATE alembic_version SET version_num = %s", [HEAD])
    assert len(longest) > 2
    return errors, max(longest)


def test_a_worker_goes_on_while_the_next_release_migrates(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors, longest = met_on_the_way(world, database_url, tmp_path, monkeypatch, EXPANDS)
    assert errors == []
    assert longest < migrating.LOCK_WAIT_MS / 1_000 + 2


def test_a_migration_that_holds_everybody_up_is_found(
    world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    errors, _ = met_on_the_way(world, database_url, tmp_path, monkeypatch, HOLDS)
    assert errors


def emptied(uri: str) -> None:
    """A database with no tables but the one that counts migrations, which somebody may hold."""
    with psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        conn.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")


def test_it_waits_for_a_table_shortly_and_tries_again(
    new_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = new_database()
    emptied(uri)
    monkeypatch.setattr(migrating, "LOCK_WAIT_MS", 200)
    monkeypatch.setattr(migrating, "_PAUSE_S", 0.1)
    took: list[float] = []
    with psycopg.connect(uri) as holder:
        holder.execute("LOCK TABLE alembic_version IN SHARE MODE")
        thread = threading.Thread(target=lambda: took.append(timed(uri)))
        thread.start()
        time.sleep(1)
        # Meanwhile others read the table: nobody queues behind the migration for long.
        with psycopg.connect(uri, options="-c lock_timeout=1500") as other:
            assert version(other) is None
        holder.rollback()
        thread.join(60)
    assert took and took[0] >= 0.9
    with psycopg.connect(uri) as conn:
        assert version(conn) == HEAD


def test_a_program_of_before_starts_over_tables_that_were_expanded(
    new_database: Callable[[], str], tmp_path: Path
) -> None:
    """In the middle of a roll-out a worker of the release before may have to be started anew."""
    uri = new_database()
    migrate(uri)
    with psycopg.connect(uri, autocommit=True) as conn:
        assert oldest_program(conn) >= FIRST_TO_ASK
        conn.execute("ALTER TABLE event ADD COLUMN future text")
        conn.execute("UPDATE alembic_version SET version_num = '9998'")
    with open_store(tmp_path, uri) as again:
        made = World(again, {**files(), "products.yaml": b"reading_seconds: 0\n"})
        made.settle("ann")
        lives(made, "ann", 0)
    with psycopg.connect(uri) as conn:
        assert version(conn) == "9998", "it was left as it was"


@pytest.mark.parametrize("said", ["9998", None])
def test_a_program_that_would_miss_something_does_not_start(
    new_database: Callable[[], str], said: str | None
) -> None:
    uri = new_database()
    migrate(uri)
    with psycopg.connect(uri, autocommit=True) as conn:
        conn.execute("UPDATE alembic_version SET version_num = '9998'")
        if said is None:  # a restore of something strange: what is not known is not allowed
            conn.execute("DELETE FROM oldest_program")
        else:
            conn.execute("UPDATE oldest_program SET number = %s", [said])
    with pytest.raises(UnavailableError, match="this one knows") as caught:
        migrate(uri)
    assert caught.value.code == "store.newer" and "newer xindeng" in caught.value.next_step


def test_what_a_migration_takes_away_is_told_to_older_programs(
    new_database: Callable[[], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next release expands; the one after takes away what only programs before it need."""
    uri = new_database()
    migrate(uri)
    shutil.copytree(MIGRATIONS, tmp_path / "migrations")
    monkeypatch.setattr(migrating, "MIGRATIONS", tmp_path / "migrations")
    for number, before, more in (("9997", HEAD, ""), ("9998", "9997", 'CONTRACTS = "9997"\n')):
        text = NEXT.format(head=before, work="SELECT 1").replace("9999", number) + more
        (tmp_path / f"migrations/versions/{number}_next.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(migrating, "HEAD", number)
        migrate(uri)
        with psycopg.connect(uri) as conn:
            assert oldest_program(conn) == (FIRST_TO_ASK if number == "9997" else "9997")
    monkeypatch.setattr(migrating, "HEAD", "9997")
    migrate(uri)  # it has what replaced it
    monkeypatch.setattr(migrating, "HEAD", HEAD)
    with pytest.raises(UnavailableError):
        migrate(uri)


def timed(uri: str) -> float:
    began = time.monotonic()
    migrate(uri)
    return time.monotonic() - began
