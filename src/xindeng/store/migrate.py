"""Brings a database to the tables this program knows, or finds that it may run over newer ones.

Migrations expand first and take away a release later. One that takes something away says so by
`CONTRACTS = "0025"`: programs that know migration 0025 do without it. The database keeps the
newest such number, so that a worker of the release before, started anew in the middle of a
roll-out, knows that it may go on.
"""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Final

import psycopg

from xindeng.kernel.errors import UnavailableError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))
CONTRACTS: Final = re.compile(r'^CONTRACTS = "(\d{4})"', re.M)
FIRST_TO_ASK: Final = "0024"
"""The first program that asks how old it may be."""

LOCK_WAIT_MS: Final = 2_000
"""How long a migration waits for a table: whoever comes after it waits as long, so it is short."""
_TRIES: Final = 15
_PAUSE_S: Final = 1.0

_NAME_OLDEST: Final = """
    INSERT INTO oldest_program (number) VALUES (%(number)s)
    ON CONFLICT (one) DO UPDATE SET number = greatest(oldest_program.number, excluded.number)
"""

# Any number will do as long as nobody else in this database locks it.
_LOCK: Final = 7_318_349_394


def migrate(uri: str) -> None:
    """Apply the missing migrations, one process at a time; does nothing at the head, or where a
    newer xindeng has expanded the tables.

    Raises UnavailableError where a newer one has taken away what this one needs.
    """
    with psycopg.connect(uri, autocommit=True) as connection:
        if version(connection) == HEAD:
            return
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        found = version(connection)
        if found is None or found < HEAD:
            upgrade(uri)
        elif found > HEAD and (oldest := oldest_program(connection)) > HEAD:
            raise UnavailableError(
                f"the database is at version {found}, for programs that know {oldest} or more; "
                f"this one knows {HEAD}",
                next_step="start the newer xindeng; whatever of this one is running goes on",
                code="store.newer",
            )


def oldest_program(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    """Return which migration a program must know to run over these tables."""
    present = connection.execute("SELECT to_regclass('oldest_program')").fetchone()
    row = None
    if present is not None and present[0] is not None:
        row = connection.execute("SELECT number FROM oldest_program").fetchone()
    return str(row[0]) if row else "9999"


def version(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """Return the number of the last migration applied, None in an empty database."""
    present = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if present is None or present[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _oldest_named() -> str:
    """Return the newest number that a migration names as what replaced what it takes away."""
    texts = [
        path.read_text(encoding="utf-8") for path in (MIGRATIONS / "versions").glob("[0-9]*.py")
    ]
    named = [found[1] for text in texts for found in CONTRACTS.finditer(text)]
    return max([FIRST_TO_ASK, *named])


def upgrade(uri: str, to: str = "head") -> None:
    """Apply the missing migrations up to number `to`, whoever else may be at it."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.pool import NullPool

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    options = f"-c lock_timeout={LOCK_WAIT_MS}"
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: psycopg.connect(uri, options=options),
        poolclass=NullPool,
    )
    for left in reversed(range(_TRIES)):
        try:
            with engine.begin() as connection:
                config.attributes["connection"] = connection
                command.upgrade(config, to)
                if to == "head":
                    connection.exec_driver_sql(_NAME_OLDEST, {"number": _oldest_named()})
            return
        except OperationalError as error:
            # Somebody's long transaction holds a table: step back, let the others pass, try again.
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable) or not left:
                raise error.orig or error from None
            time.sleep(_PAUSE_S)
