"""Brings a database to the tables this program knows."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import psycopg

from xindeng.kernel.errors import UnavailableError

MIGRATIONS: Final = Path(__file__).parent / "migrations"
HEAD: Final = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))

LOCK_WAIT_MS: Final = 2_000
"""How long a migration waits for a table: whoever comes after it waits as long, so it is short."""
_TRIES: Final = 15
_PAUSE_S: Final = 1.0

# Any number will do as long as nobody else in this database locks it.
_LOCK: Final = 7_318_349_394


def migrate(uri: str) -> None:
    """Apply the missing migrations, one process at a time; does nothing at the head.

    Raises UnavailableError for a database that a newer xindeng has already changed.
    """
    with psycopg.connect(uri, autocommit=True) as connection:
        if version(connection) == HEAD:
            return
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        found = version(connection)
        if found is None or found < HEAD:
            upgrade(uri)
        elif found > HEAD:
            raise UnavailableError(
                f"the database is at version {found}; this program knows {HEAD}",
                next_step="upgrade xindeng",
                code="store.newer",
            )


def version(connection: psycopg.Connection[tuple[object, ...]]) -> str | None:
    """Return the number of the last migration applied, None in an empty database."""
    present = connection.execute("SELECT to_regclass('alembic_version')").fetchone()
    if present is None or present[0] is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


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
            return
        except OperationalError as error:
            # Somebody's long transaction holds a table: step back, let the others pass, try again.
            if not isinstance(error.orig, psycopg.errors.LockNotAvailable) or not left:
                raise error.orig or error from None
            time.sleep(_PAUSE_S)
