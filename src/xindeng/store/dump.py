"""Runs pg_dump and pg_restore: the embedded ones, or those on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from xindeng.kernel.errors import UnavailableError
from xindeng.store.runtime import programs

_JOBS: Final = "2"
_ENVIRONMENT: Final = {
    "host": "PGHOST", "hostaddr": "PGHOSTADDR", "port": "PGPORT", "user": "PGUSER",
    "password": "PGPASSWORD", "dbname": "PGDATABASE", "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
}  # fmt: skip

Advance = Callable[[], None]
"""Is called once a table."""


def dump(uri: str, folder: Path, snapshot: str, advance: Advance) -> None:
    """Write the database as the exported snapshot sees it into a new folder.

    Raises UnavailableError with what pg_dump said; the folder is then unfinished.
    """
    _run("pg_dump", uri, advance, "dumping contents of table",
         "-Fd", "-j", _JOBS, "--snapshot", snapshot, "--no-owner", "--no-privileges", "-v",
         "-f", str(folder))  # fmt: skip


def load(uri: str, folder: Path, advance: Advance) -> None:
    """Read such a folder into an empty database; raises UnavailableError at the first error."""
    name = str(conninfo_to_dict(uri)["dbname"])
    _run("pg_restore", uri, advance, "processing data for table",
         "-Fd", "-j", _JOBS, "--no-owner", "--no-privileges", "--exit-on-error", "-v",
         "-d", name, str(folder))  # fmt: skip


def _run(program: str, uri: str, advance: Advance, mark: str, *arguments: str) -> None:
    # The password goes by the environment: a command line can be read by everybody.
    told = {
        variable: str(value)
        for name, variable in _ENVIRONMENT.items()
        if (value := conninfo_to_dict(uri).get(name)) is not None
    }
    said: list[str] = []
    with subprocess.Popen(  # noqa: S603 - PostgreSQL's own programs, our own arguments
        [_path(program), *arguments],
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    ) as running:
        assert running.stderr is not None
        for line in running.stderr:
            if mark in line:
                advance()
            elif "error" in line or "fatal" in line.lower():
                said.append(line.strip())
    if running.returncode != 0:
        raise UnavailableError(
            f"{program} failed: {' / '.join(said[:3]) or running.returncode}",
            next_step="free the disk or the server as it says, and run the command again",
            code="backup.program",
        )


def _path(program: str) -> str:
    try:
        return str(programs() / program)
    except UnavailableError:
        found = shutil.which(program)
        if found is None:
            raise
        return found
