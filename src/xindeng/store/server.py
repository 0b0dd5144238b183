"""The embedded PostgreSQL: started by the first process that needs it, stopped by the last.

    home/postgres/            a directory of the server's account, or root's link to one
        data/                 the cluster; appears by one rename, so it is whole or not there
        log                   what the server said
        .s.PGSQL.5432         its socket; no TCP port is opened
    home/postgres.secret      the password of the role `xindeng` (scram-sha-256), mode 0600
    home/gate.lock            held while starting or stopping
    home/users.lock           held, shared, by every process that uses the server

The locks are the kernel's (flock): a killed process leaves none behind, and a server that outlived
its killed starter is simply used by the next one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from xindeng.kernel.errors import UnavailableError
from xindeng.store.keeper import kept
from xindeng.store.paths import prepare_home, secret_file
from xindeng.store.runtime import MAJOR, OWN_DIRECTORY, Account, account, programs, reachable

RECOVERY_WAIT_S: Final = 30
ROLE: Final = "xindeng"
_SOCKET: Final = ".s.PGSQL.5432"
_LONGEST_SOCKET_PATH: Final = 100  # sockaddr_un holds 108 bytes; leave room for the lock's suffix

# The bootstrap superuser can never log in: only our role may, with its password, from here.
_HBA: Final = f"""\
local all {ROLE} scram-sha-256
"""

# After a crash one call flushes the file system, instead of one for each of a thousand files.
_SETTINGS: Final = "-c listen_addresses= " + (
    "-c recovery_init_sync_method=syncfs" if sys.platform == "linux" else ""
)

# Whoever commits at the end of a log file makes the next one, zeroed and flushed, while everybody
# waits: 50 to 70 ms for the usual 16 MB, of which 750 draws/s fill one every two seconds. And after
# a checkpoint every page is logged whole once, four times as much as else: seldom, therefore, as
# far as recovery stays within RECOVERY_WAIT_S (docs/decisions/0026). What leaves the shared buffers
# is on its way to the disk at once, a little at a time: left to the kernel it is kept for half a
# minute and written in one go, 200 MB that every commit of that moment waits behind, for 100 ms.
_PACE: Final = (
    "--wal-segsize=1", "-c", "min_wal_size=80MB", "-c", "max_wal_size=3GB",
    "-c", "checkpoint_timeout=15min", "-c", "backend_flush_after=256kB",
    "-c", "bgwriter_delay=20ms", "-c", "bgwriter_lru_maxpages=200",
    "-c", "bgwriter_lru_multiplier=4",
)  # fmt: skip


@contextmanager
def open_server(home: Path) -> Iterator[str]:
    """Yield the URI of the embedded server of `home`, started if need be.

    A server that is killed meanwhile is started again. The last process to leave stops it. Only a
    supervisor calls this; workers are given the URI. Raises UnavailableError, which names the file
    at fault and the way out, and changes no data.
    """
    home = prepare_home(home)
    cluster = Cluster(home)

    def revive() -> None:
        with _gate(home):
            cluster.ensure_running()

    with open(home / "users.lock", "a+", encoding="ascii") as users:
        with _gate(home):
            cluster.ensure_running()
            fcntl.flock(users, fcntl.LOCK_SH)
        try:
            with kept(cluster.gone, revive):
                yield cluster.uri
        finally:
            with _gate(home):
                if _alone(users):
                    cluster.stop()


def reset_data(home: Path) -> None:
    """Erase the embedded database of `home` for good; raises UnavailableError while it is used."""
    home = prepare_home(home)
    with open(home / "users.lock", "a+", encoding="ascii") as users, _gate(home):
        if not _alone(users):
            raise UnavailableError(
                "the database is in use by another process",
                where=str(home),
                next_step="end that process first",
                code="store.in_use",
            )
        Cluster(home).erase()


class Cluster:
    """The files and the server process of one home; use `open_server`, which takes the locks."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.link = home / "postgres"
        self.base = self.link.resolve()
        self._account: Account | None = None

    @property
    def data(self) -> Path:
        """Return the cluster's data directory."""
        return self.base / "data"

    @property
    def sockets(self) -> Path:
        """Return the directory of the server's socket, short enough for the kernel."""
        if len(str(self.base / _SOCKET)) <= _LONGEST_SOCKET_PATH:
            return self.base
        digest = hashlib.sha256(str(self.base).encode()).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"xindeng-{digest}"

    @property
    def uri(self) -> str:
        """Return the URI of the database, with role and password."""
        password = secret_file(self.home / "postgres.secret").hex()
        return f"postgresql://{ROLE}:{password}@/{ROLE}?host={quote(str(self.sockets), safe='')}"

    def ensure_running(self) -> None:
        """Create what is missing and start the server unless it runs; waits ≤30 s for recovery."""
        self._place()
        if not self.data.exists():
            self._create()
        self._check()
        if not self._running():
            self._start()

    def gone(self) -> bool:
        """Say, at no cost, whether the server's process is no more."""
        pid = self._pid()
        if pid is None or self._dead():
            return True
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            return False
        return False

    def stop(self) -> None:
        """Stop the server after its present transactions are rolled back; data stays."""
        if not self.data.exists() or not self._running():
            return
        stop = ("-D", self.data, "-m", "fast", "-w", "-t", RECOVERY_WAIT_S, "stop")
        done = self._launch("pg_ctl", *stop)
        if done.returncode != 0 and self._running():
            raise self._trouble(f"the database does not stop: {_tail(done.stdout)}", self._way_out)

    def erase(self) -> None:
        """Stop the server and remove the cluster."""
        if (self.data / "postmaster.pid").exists() and self._running():
            self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")
        for directory in {self.sockets, self.base}:
            shutil.rmtree(directory, ignore_errors=True)
        if self.link.is_symlink():
            self.link.unlink()

    def _place(self) -> None:
        """Give the cluster its directory; root's goes where its account can pass."""
        if self.link.is_symlink() and not self.base.exists():
            raise self._trouble(
                f"the directory it points to, {self.base}, is gone",
                f"put it back, or remove {self.link} to begin with an empty database",
            )
        if not self.base.exists() and os.geteuid() == 0 and not reachable(self.home):
            OWN_DIRECTORY.mkdir(parents=True, exist_ok=True)
            OWN_DIRECTORY.chmod(0o755)
            self.base = Path(tempfile.mkdtemp(dir=OWN_DIRECTORY, prefix="cluster-"))
            self.link.symlink_to(self.base)
        self._account = self._owner()
        if not self.data.exists():
            self._account.own(self.base)
        if self.sockets != self.base:
            self._own_sockets(self._account)

    def _own_sockets(self, owner: Account) -> None:
        """A short place for the socket in the shared temporary directory, never somebody else's."""
        if self.sockets.is_symlink() or (
            self.sockets.exists() and self.sockets.stat().st_uid != owner.uid
        ):
            raise self._trouble(
                f"the socket directory {self.sockets} belongs to somebody else",
                "set XINDENG_HOME to a shorter path",
            )
        owner.own(self.sockets)

    def _owner(self) -> Account:
        """Return the account that must run this cluster: whoever owns existing data."""
        if not self.data.exists():
            return account()
        status = self.data.stat()
        if os.geteuid() not in {0, status.st_uid}:
            raise self._trouble(
                f"the data belong to user {status.st_uid}, not to you ({os.geteuid()})",
                "run as that user, or set XINDENG_HOME to a directory of your own",
            )
        return Account(status.st_uid, status.st_gid) if status.st_uid else account()

    def _create(self) -> None:
        scratch = self.base / "data.new"
        shutil.rmtree(scratch, ignore_errors=True)  # an interrupted creation; it never held data
        self._run("initdb", "-D", scratch, "-U", "bootstrap", "--auth=reject", "--encoding=UTF8",
                  "--locale=C.UTF-8", "--no-instructions", *_PACE)  # fmt: skip
        password = secret_file(self.home / "postgres.secret").hex()
        self._run(
            "postgres", "--single", "-D", scratch, "postgres",
            text=f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}';\n"
            f"CREATE DATABASE {ROLE} OWNER {ROLE};\n",
        )  # fmt: skip
        (scratch / "pg_hba.conf").write_text(_HBA, encoding="ascii")
        scratch.rename(self.data)

    def _check(self) -> None:
        version = self.data / "PG_VERSION"
        missing = [p for p in (version, self.data / "global" / "pg_control") if not p.exists()]
        if missing:
            raise self._trouble(
                f"the data directory is half-written: {missing[0]} is missing", self._way_out
            )
        found = version.read_text(encoding="ascii").strip()
        if found != str(MAJOR):
            raise self._trouble(
                f"the data were written by PostgreSQL {found}; this is {MAJOR}",
                "dump and load them with the old version, or start afresh: " + self._way_out,
            )

    def _running(self) -> bool:
        """Say whether a server lives, not counting one that is dead and not collected yet."""
        if self._launch("pg_ctl", "-D", self.data, "status").returncode != 0:
            return False
        if not self._dead():
            return True
        # Starting would take it for alive, for ever where nobody collects the dead (a container).
        # Its files tell nothing more: servants that outlive it hold the memory named after the
        # data directory, which the next server looks at as well.
        for file in (self.data / "postmaster.pid", self.sockets / f"{_SOCKET}.lock"):
            file.unlink(missing_ok=True)
        return False

    def _dead(self) -> bool:
        """Say whether the process of the pid file is a zombie, which answers signals like a live
        one but does nothing any more."""
        try:
            status = Path("/proc", str(self._pid()), "stat").read_text("utf-8", "replace")
        except OSError:
            return False
        return status.rpartition(")")[2].split()[:1] == ["Z"]

    def _pid(self) -> int | None:
        """Return the process that the pid file names, None without one that can be read."""
        try:
            return int((self.data / "postmaster.pid").read_text(encoding="ascii").split()[0])
        except (OSError, IndexError, ValueError):
            return None

    def _start(self) -> None:
        log = self.base / "log"
        log.unlink(missing_ok=True)  # the account may not own a log that root once wrote
        done = self._launch(
            "pg_ctl", "-D", self.data, "-w", "-t", RECOVERY_WAIT_S, "-l", log,
            "-o", f"{_SETTINGS} -c unix_socket_permissions=0700 -k '{self.sockets}'",
            "start",
        )  # fmt: skip
        if done.returncode == 0:
            return
        said = _last_words(log) or _tail(done.stdout)
        if self._running():
            raise self._trouble(
                f"the database is still recovering after {RECOVERY_WAIT_S} s: {said}",
                "try again in a minute; the recovery goes on",
            )
        raise self._trouble(f"the database does not start: {said}", self._way_out)

    @property
    def _way_out(self) -> str:
        return (
            f"read {self.base / 'log'}; if a file postmaster.pid is at fault and no postgres runs, "
            f"remove {self.data / 'postmaster.pid'}; to begin with an empty database, erasing "
            f"everything, run xindeng reset-data --yes, or remove {self.base}"
        )

    def _trouble(self, what: str, next_step: str) -> UnavailableError:
        return UnavailableError(
            what, where=str(self.link), next_step=next_step, code="store.server"
        )

    def _run(self, program: str, *arguments: object, text: str = "") -> None:
        done = self._launch(program, *arguments, text=text)
        if done.returncode != 0:
            raise self._trouble(f"{program} failed: {_tail(done.stdout)}", self._way_out)

    def _launch(
        self, program: str, *arguments: object, text: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run one of the programs under the account; a file takes what it says, because the
        server keeps a pipe open and reading one would wait for ever."""
        owner = self._account or self._owner()
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
            done = subprocess.run(  # noqa: S603 - our own programs, our own arguments
                [str(programs() / program), *map(str, arguments)],
                input=text,
                text=True,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=self.base,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                check=False,
                **owner.drop,
            )
            said.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, said.read(), "")


@contextmanager
def _gate(home: Path) -> Iterator[None]:
    """Hold the right to start or stop; waits ≤30 s for another process that is doing so."""
    with open(home / "gate.lock", "a+", encoding="ascii") as gate:
        deadline = time.monotonic() + RECOVERY_WAIT_S + 5
        while not _try_lock(gate):
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "another process has been starting or stopping the database for 35 s",
                    where=str(home / "gate.lock"),
                    next_step="end that process; the lock goes with it",
                    code="store.gate",
                )
            time.sleep(0.05)
        yield


def _alone(users: IO[str]) -> bool:
    """Say whether no other process uses the server; our own share of the lock is given up."""
    fcntl.flock(users, fcntl.LOCK_UN)
    return _try_lock(users)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _tail(text: str) -> str:
    return text.strip()[-400:]


def _last_words(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    telling = [line for line in lines if "FATAL" in line or "PANIC" in line or "HINT" in line]
    return " / ".join(line.split("  ", 1)[-1] for line in telling[-3:])
