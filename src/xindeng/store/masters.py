"""Where master keys are kept: in the environment or in the home, the next one beside the present.

home/master.key           the present one, made on first use, mode 0600
home/master.key.next      the one that data keys are being moved to
home/master.key.NAME      one that was left; older backups may still lie under it
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from xindeng.kernel.errors import UnavailableError
from xindeng.store.connect import Conn
from xindeng.store.crypto import KEY_BYTES, Find, KeyRing, name_of
from xindeng.store.paths import secret_file

PRESENT: Final = "XINDENG_MASTER_KEY"
NEXT: Final = "XINDENG_NEXT_MASTER_KEY"
"""Where the present key is told by the environment, so is the next."""
FILE: Final = "master.key"
_NEXT_FILE: Final = "master.key.next"


def master_key(home: Path) -> bytes:
    """Return `XINDENG_MASTER_KEY` (64 hex digits) or the key in `home/master.key`, made once.

    Raises UnavailableError for a damaged key or a file that others may read.
    """
    return _told(PRESENT) or secret_file(home / FILE, KEY_BYTES)


def master_key_there(home: Path) -> bool:
    """Say whether there is a master key, so that none would be made."""
    return _told(PRESENT) is not None or (home / FILE).exists()


def next_key(home: Path) -> bytes:
    """Return the key that data keys are to be moved to, made once and kept until they are.

    Raises UnavailableError where the present one is told by the environment and the next is not.
    """
    told = _told(NEXT)
    if told is None and _told(PRESENT) is not None:
        raise UnavailableError(
            f"the present master key comes from {PRESENT}, and {NEXT} tells no other",
            next_step=f"make one with: openssl rand -hex 32; set {NEXT} for every process of this "
            "database, start them anew, and run this again",
            code="store.master_key",
        )
    return told or secret_file(home / _NEXT_FILE, KEY_BYTES)


def find(home: Path, name: str) -> bytes | None:
    """Return the master key of that name, wherever it is kept; None where it is not."""
    return next((key for key in _all(home) if name_of(key) == name), None)


def finder(home: Path) -> Find:
    """Return how a key ring of this home finds another master key."""
    return partial(find, home)


def open_ring(conn: Conn, home: Path) -> KeyRing:
    """Return the key ring of a database: under the master key that its data keys lie under now.

    Raises UnavailableError where that is not here.
    """
    row = conn.execute(
        "SELECT master_id, look_up FROM master_key ORDER BY number DESC LIMIT 1", binary=True
    ).fetchone()
    if row is None:
        return KeyRing(master_key(home), find=finder(home))
    found = find(home, row[0])
    if found is None:
        raise UnavailableError(
            f"the data are under master key {row[0]}, which is not here",
            where=str(home / FILE),
            next_step=f"put back the file {FILE} that belongs to this database, or set {PRESENT}",
            code="store.master_key",
        )
    ring = KeyRing(found)
    return KeyRing(found, look_up=ring.look_up_unwrapped(row[1]), find=finder(home))


def now(conn: Conn) -> str | None:
    """Return the name of the master key that new data keys are to lie under; None for our own."""
    row = conn.execute("SELECT master_id FROM master_key ORDER BY number DESC LIMIT 1").fetchone()
    return None if row is None else str(row[0])


def begin(conn: Conn, keys: KeyRing, name: str, at: int) -> None:
    """Say that from now on data keys lie under the master key of that name."""
    conn.execute(
        "INSERT INTO master_key (master_id, look_up, at) VALUES (%s, %s, %s)",
        [name, keys.look_up_wrapped(name), at],
    )


def move_some(conn: Conn, keys: KeyRing, name: str, most: int) -> int:
    """Move up to so many data keys to the master key of that name; return how many were left
    elsewhere before. Raises UnavailableError, XindengError "store.integrity"."""
    rows = conn.execute(
        "SELECT key_id, borrower, wrapped, master_id FROM borrower_key"
        " WHERE wrapped IS NOT NULL AND master_id <> %s ORDER BY key_id LIMIT %s FOR UPDATE",
        [name, most],
        binary=True,
    ).fetchall()
    conn.execute(
        "UPDATE borrower_key k SET wrapped = n.wrapped, master_id = %s"
        " FROM unnest(%s::int8[], %s::bytea[]) AS n (key_id, wrapped) WHERE k.key_id = n.key_id",
        [name, [row[0] for row in rows],
         [keys.rewrapped(row[1], row[2], row[3], name) for row in rows]],
    )  # fmt: skip
    return len(rows)


def take_over(home: Path, former: str) -> Path | None:
    """Have the next key take the present one's place, which is kept by its name: return where.

    None where the environment tells the keys. A crash on the way leaves the present one in place.
    """
    following = home / _NEXT_FILE
    if not following.exists():
        return None
    kept = home / f"{FILE}.{former}"
    if not kept.exists():
        os.link(home / FILE, kept)
    following.replace(home / FILE)
    return kept


def _all(home: Path) -> Iterator[bytes]:
    yield from (key for key in (_told(PRESENT), _told(NEXT)) if key is not None)
    for path in sorted(home.glob(f"{FILE}*")):
        yield secret_file(path, KEY_BYTES)


def _told(variable: str) -> bytes | None:
    """Return the key that the environment tells; raises UnavailableError for one that is none."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return None
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) < 8:
        raise UnavailableError(
            f"{variable} is not a random key of 32 bytes in hexadecimal",
            next_step="make one once with: openssl rand -hex 32, and keep a copy apart",
            code="store.master_key",
        )
    return key
