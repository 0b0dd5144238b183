"""The open store: a pool of connections, the key ring, and transactions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from psycopg_pool import ConnectionPool

from xindeng.kernel.tracing import Tracing, traced
from xindeng.store.connect import Conn, check, database_url, open_pool, unavailable
from xindeng.store.crypto import KeyRing
from xindeng.store.masters import open_ring
from xindeng.store.migrate import migrate
from xindeng.store.paths import default_home, prepare_home
from xindeng.store.server import open_server

_JOINED: Final[ContextVar[tuple[ConnectionPool[Conn], Conn] | None]] = ContextVar(
    "joined", default=None
)


@dataclass(frozen=True, slots=True)
class Store:
    """An open database and the keys to it; shared by all threads of a process."""

    pool: ConnectionPool[Conn]
    keys: KeyRing
    uri: str
    tracing: Tracing | None = None
    """Who hears of transactions, groups and requests; None for nobody."""

    @contextmanager
    def transaction(self, *, pipelined: bool = True) -> Iterator[Conn]:
        """Yield a connection in a transaction that commits on leaving, all or nothing.

        Pipelined, statements travel together until a result is fetched: a draw needs two round
        trips; bulk goes better without. Raises ConflictError after 2 s of waiting for a lock,
        UnavailableError when the database is away; either way nothing was stored.
        """
        if (joined := self._joined()) is not None:
            yield joined
            return
        with (
            traced(self.tracing, "transaction"),
            unavailable("the database went away"),
            self.pool.connection() as conn,
        ):
            if not pipelined:
                yield conn
                with traced(self.tracing, "commit"):
                    conn.commit()
                return
            with ExitStack() as committing, conn.pipeline():
                yield conn
                # It is over when the pipeline has been emptied.
                committing.enter_context(traced(self.tracing, "commit"))
                # Not conn.commit(), which waits for the answers before all of a large pipeline
                # has been sent (psycopg 3.3, like its issue 685) and so may wait for ever.
                conn.execute("COMMIT")

    @contextmanager
    def joined(self) -> Iterator[Conn]:
        """Yield a transaction that every other one of this thread within it becomes a part of.

        What a use case does, and that it was done, are stored together or not at all. No caller
        outside may be asked within it.
        """
        with self.transaction() as conn:
            token = _JOINED.set((self.pool, conn))
            try:
                yield conn
            finally:
                _JOINED.reset(token)

    def _joined(self) -> Conn | None:
        found = _JOINED.get()
        return found[1] if found is not None and found[0] is self.pool else None

    @contextmanager
    def snapshot(self, *, pipelined: bool = True) -> Iterator[Conn]:
        """Yield a connection that can only read, and sees one instant of the database.

        Rows can be streamed from the server only where it is not pipelined. Within `joined` it
        sees what that transaction has done so far.
        """
        if (joined := self._joined()) is not None:
            yield joined
            return
        with unavailable("the database went away"), self.pool.connection() as conn:
            with conn.pipeline() if pipelined else nullcontext():
                conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                yield conn
            conn.rollback()


@contextmanager
def open_store(
    home: Path | None = None, url: str | None = None, *, statement_ms: int = 0,
    tracing: Tracing | None = None,
) -> Iterator[Store]:  # fmt: skip
    """Yield the store of `url`, else of `XINDENG_DATABASE_URL`, else the embedded one of `home`.

    Checks the server, applies missing migrations and, where embedded, keeps the server running for
    as long as it is needed. A statement ends after `statement_ms`, 0 for never. Raises
    UnavailableError with the way out.
    """
    with ExitStack() as stack:
        place = prepare_home(home or default_home())
        uri = url or database_url() or stack.enter_context(open_server(place))
        check(uri)
        with unavailable("the tables cannot be brought up to date"):
            migrate(uri)
        pool = stack.enter_context(open_pool(uri, statement_ms=statement_ms))
        with pool.connection() as conn:
            keys = open_ring(conn, place)
        yield Store(pool, keys, uri, tracing)
