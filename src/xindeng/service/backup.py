"""Back the database up, with proof: one instant of it, and a manifest of all that it held.

The master key is not among it. Who has both can read everything; who has lost the key, nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from xindeng import __version__
from xindeng.kernel.errors import UnavailableError
from xindeng.kernel.time import Clock
from xindeng.store import dump, inventory, manifest
from xindeng.store.connect import unavailable
from xindeng.store.manifest import Manifest
from xindeng.store.migrate import HEAD, version
from xindeng.store.store import Store

Told = Callable[[str, int, int], None]
"""Is told of progress: what is being done, how much of it is done, and out of how much."""


def make(store: Store, folder: Path, clock: Clock, told: Told) -> Manifest:
    """Write a backup into a new or empty folder, while the service goes on; return its manifest.

    An interrupted one leaves no manifest and may be made again in the same folder. Raises
    InputError for a folder that holds something else, UnavailableError.
    """
    data = manifest.prepared(folder)
    at = clock()
    with unavailable("the database went away"), psycopg.connect(store.uri) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        row = conn.execute("SELECT pg_export_snapshot()").fetchone()
        assert row is not None
        names = inventory.tables(conn)
        dump.dump(store.uri, data, str(row[0]), counted(told, "tables written", len(names)))
        held = inventory.of(conn)
        schema = version(conn) or HEAD  # a newer xindeng may have expanded the tables
        server = conn.info.server_version
    try:
        paths = sorted(path for path in data.rglob("*") if path.is_file())
        size = sum(path.stat().st_size for path in paths)
        advance = added(told, "bytes proven", size)
        files = tuple(manifest.prove(path, folder, advance) for path in paths)
        done = manifest.made(at, __version__, schema, server, held, files)
        manifest.written(folder, done)
    except OSError as error:
        raise UnavailableError(
            f"the backup cannot be written: {error}", where=str(folder),
            next_step="make room and run it again", code="backup.folder",
        ) from error  # fmt: skip
    return done


def counted(told: Told, what: str, of: int) -> Callable[[], None]:
    """Return a counter of single things, which tells how far it has come."""
    advance = added(told, what, of)
    return lambda: advance(1)


def added(told: Told, what: str, of: int) -> Callable[[int], None]:
    """Return a counter of amounts, which tells how far it has come."""
    done = 0

    def advance(more: int) -> None:
        nonlocal done
        done += more
        told(what, min(done, of), of)

    told(what, 0, of)
    return advance
