"""Opens the database and refuses one that could lose or leak what it is told."""

from __future__ import annotations

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg import Connection
from psycopg_pool import ConnectionPool, PoolTimeout

from xindeng.kernel.errors import BusyError, UnavailableError

Conn = Connection[tuple[Any, ...]]

# It is down, has no room, is read-only (a spare that has not taken over), or ended the session.
_AWAY: Final = (
    psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction,
    psycopg.errors.IdleInTransactionSessionTimeout, psycopg.errors.TransactionTimeout,
)  # fmt: skip

LOCK_WAIT_MS: Final = 1_600
"""How long a statement waits for a lock: less than a request waits for its answer."""
STATEMENT_MS: Final = 1_800
"""How long a statement may take where a request waits for it."""
IDLE_MS: Final = 20_000
"""After so long a transaction whose owner says nothing is ended, and its locks are free again."""
_CONNECT_WAIT_S: Final = 10
_TURN_WAIT_S: Final = 1.5
_RECONNECT_S: Final = 2
# Over a network, an answer that does not come means that the connection is dead.
_NETWORK: Final = {"connect_timeout": _RECONNECT_S, "tcp_user_timeout": 10_000}
POOL: Final = 16
"""Connections of a process: enough that whoever commits groups, books repayments or asks how we
are never waits for somebody who reads."""
_OLDEST: Final = 150_000
_KNOWN_PASSWORDS: Final = frozenset(
    {"", "postgres", "password", "admin", "root", "secret", "changeme", "test", "xindeng",
     "postgresql", "123456", "12345678"}
)  # fmt: skip


def database_url() -> str | None:
    """Return `XINDENG_DATABASE_URL`, None where the embedded server is wanted."""
    return os.environ.get("XINDENG_DATABASE_URL", "").strip() or None


def check(uri: str) -> None:
    """Refuse a server that is too old, unsafe in a power failure, or open to anybody.

    Raises UnavailableError; the message never holds the password.
    """
    with (
        unavailable("the database cannot be reached"),
        psycopg.connect(uri, connect_timeout=_CONNECT_WAIT_S) as connection,
    ):
        _check_version(connection.info.server_version)
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            if row is None or row[0] == "off":
                raise UnavailableError(
                    f"{name} is off: a power failure would lose decisions already answered",
                    where="PostgreSQL settings",
                    next_step=f"set {name} = on and restart the server",
                    code="store.durability",
                )
        _check_credentials(connection)


def _check_version(version: int) -> None:
    if version < _OLDEST:
        raise UnavailableError(
            f"PostgreSQL {version // 10_000} is too old",
            next_step="use PostgreSQL 15 or newer",
            code="store.version",
        )


def _check_credentials(connection: Conn) -> None:
    info = connection.info
    over_network = not info.host.startswith(("/", "@"))
    asked = connection.pgconn.used_password
    if asked and info.password.lower() in _KNOWN_PASSWORDS | {info.user.lower()}:
        raise UnavailableError(
            f"the password of role {info.user!r} is one that everybody tries first",
            where="XINDENG_DATABASE_URL",
            next_step="give the role a generated password",
            code="store.credentials",
        )
    if over_network and not asked and not connection.pgconn.ssl_in_use:
        raise UnavailableError(
            f"the server lets role {info.user!r} in without a password",
            where="XINDENG_DATABASE_URL",
            next_step="set scram-sha-256 in pg_hba.conf and a generated password",
            code="store.credentials",
        )


@contextmanager
def open_pool(
    uri: str, *, size: int = POOL, statement_ms: int = 0
) -> Iterator[ConnectionPool[Conn]]:
    """Yield a pool of ≤`size` connections; a wait for a row lock ends after 1.6 s.

    Where somebody waits for the answer a statement ends after `statement_ms` and a wait for a
    connection after 1.5 s; else (0) statements may take their time, and a connection 10 s. While
    the server is away, every wait for a connection tries to reach it anew.
    """
    pool = ConnectionPool(
        uri,
        min_size=1,
        max_size=size,
        open=False,
        timeout=_TURN_WAIT_S if statement_ms else _CONNECT_WAIT_S,
        # Soon given up and soon begun anew, rather than ever more rarely.
        reconnect_timeout=_RECONNECT_S,
        check=_check_still_there,
        kwargs={
            "options": f"-c lock_timeout={LOCK_WAIT_MS} -c statement_timeout={statement_ms}"
            f" -c idle_in_transaction_session_timeout={IDLE_MS} -c timezone=UTC",
            **_NETWORK,
        },
        name="xindeng",
    )
    with unavailable("the database cannot be reached"):
        pool.open(wait=True, timeout=_CONNECT_WAIT_S)
    try:
        yield pool
    finally:
        pool.close()


def _check_still_there(conn: Conn) -> None:
    """Raise OperationalError for a connection whose server has gone, so that another is taken.

    An idle server says nothing: only where there is something to read is it asked.
    """
    said = select.poll()
    said.register(conn.fileno(), select.POLLIN)
    if said.poll(0):
        ConnectionPool.check_connection(conn)


@contextmanager
def unavailable(what: str) -> Iterator[None]:
    """Turn what the driver raises into the error tree; nothing was committed."""
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        raise BusyError(
            "another request about the same matter is still being decided",
            next_step="repeat the request in 2 seconds with the same key",
            code="store.busy",
        ) from error
    except (psycopg.errors.SerializationFailure, psycopg.errors.DeadlockDetected) as error:
        raise BusyError(
            "two requests met; this one was undone",
            next_step="repeat the request with the same key",
            code="store.busy",
        ) from error
    except (*_AWAY, PoolTimeout) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnavailableError(
            f"{what}: {said}",
            next_step=(
                "check that PostgreSQL runs and that XINDENG_DATABASE_URL is right"
                if database_url()
                else "run it again: the embedded database starts by itself and recovers all that "
                "was committed"
            ),
            code="store.connection",
        ) from error
    except psycopg.ProgrammingError as error:
        if isinstance(error, psycopg.errors.Error) and error.sqlstate:
            raise
        raise UnavailableError(
            "XINDENG_DATABASE_URL is not a PostgreSQL URL",
            next_step="write postgresql://ROLE:PASSWORD@HOST:PORT/DATABASE",
            code="store.url",
        ) from error
