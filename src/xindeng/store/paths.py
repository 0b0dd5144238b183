"""Where a person's xindeng keeps its files.

`XINDENG_HOME` if set, else the data directory of the platform. In it: the master key, the
database's password, and `postgres`, the directory of the embedded server (or a link to it).
"""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

import platformdirs

from xindeng.kernel.errors import UnavailableError


def default_home() -> Path:
    """Return `XINDENG_HOME` or the platform's data directory for xindeng."""
    chosen = os.environ.get("XINDENG_HOME", "").strip()
    return Path(chosen).expanduser() if chosen else platformdirs.user_data_path("xindeng")


def prepare_home(home: Path) -> Path:
    """Create the home if needed and return its absolute path.

    A new home is closed to others; root's may be passed through, because root's database runs
    under another account. Raises UnavailableError where it cannot be written.
    """
    home = home.expanduser().absolute()
    try:
        if not home.is_dir():
            home.mkdir(parents=True)
            home.chmod(0o711 if os.geteuid() == 0 else 0o700)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(f"no right to write in {home}")
    except OSError as error:
        raise UnavailableError(
            f"the home directory cannot be used: {error}",
            where=str(home),
            next_step="set XINDENG_HOME to a directory of your own",
            code="store.home",
        ) from error
    return home.resolve()


def secret_file(path: Path, size: int = 32) -> bytes:
    """Return the secret in `path`, made on first use: `size` random bytes in hex, mode 0600.

    Raises UnavailableError if it is readable by others or is not such a secret.
    """
    if not path.exists():
        _write_new(path, secrets.token_hex(size))
    return _read_secret(path, size)


def put_secret(copy: Path, path: Path, size: int = 32) -> None:
    """Put a copy of a secret in its place, unless it is there; raises UnavailableError for a copy
    that is none, or where another secret is in the place."""
    try:
        secret = bytes.fromhex(copy.read_text(encoding="ascii").strip())
    except (OSError, ValueError):
        secret = b""
    if len(secret) != size:
        raise UnavailableError(
            f"this is no copy of the secret: {size} bytes in hexadecimal are expected",
            where=str(copy),
            next_step="give the file that was kept apart",
            code="store.secret",
        )
    if not path.exists():
        _write_new(path, secret.hex())
    if _read_secret(path, size) != secret:
        raise UnavailableError(
            "another secret is there already",
            where=str(path),
            next_step="move it away if nothing is stored under it, or leave the copy out",
            code="store.secret",
        )


def _write_new(path: Path, text: str) -> None:
    """Write a secret whole under another name, then link it: of two processes that start together
    one wins, and neither ever reads a half-written secret."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()


def _read_secret(path: Path, size: int) -> bytes:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise UnavailableError(
            "the secret may be read by other users",
            where=str(path),
            next_step=f"run: chmod 600 {path}, and consider it known if others use this machine",
            code="store.secret",
        )
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except ValueError:
        secret = b""
    if len(secret) != size:
        raise UnavailableError(
            f"the secret is damaged: {size} bytes in hexadecimal are expected",
            where=str(path),
            next_step="put back your copy; without it the stored data cannot be read",
            code="store.secret",
        )
    return secret
