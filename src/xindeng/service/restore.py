"""Restore a backup, all of it proven before it takes the database's place, or nothing.

It is loaded beside the empty database under a name of its own, held against its manifest, every
chain, decision and seal verified, and then renamed: an interrupted restore changes nothing and is
simply run again. Until the payment rail was asked (`service/reconcile.py`) nothing can be drawn.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from xindeng.adapters.anchor import Anchored, FileAnchor
from xindeng.kernel.errors import ConflictError, InputError, UnavailableError, XindengError
from xindeng.kernel.time import Clock
from xindeng.service import audit
from xindeng.service.backup import Told, added, counted
from xindeng.store import dump, feed, inventory, manifest, restorations, seals
from xindeng.store.connect import Conn, check, database_url, unavailable
from xindeng.store.crypto import KeyRing
from xindeng.store.manifest import Inventory, Manifest
from xindeng.store.masters import finder, master_key, master_key_there
from xindeng.store.migrate import HEAD, migrate
from xindeng.store.paths import prepare_home, put_secret
from xindeng.store.server import open_server

_BESIDE: Final = "_restoring"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the backup, what was verified, whether against an anchor outside, and
    how many seals it knows that came after the backup (what they covered is lost)."""

    backup: Manifest
    report: audit.Report
    anchored: bool
    later_seals: int


def restore(
    folder: Path, home: Path, clock: Clock, told: Told, *, key: Path | None = None,
    anchor: Path | None = None,
) -> Restored:  # fmt: skip
    """Restore the backup in `folder` into the empty database of `home` (or the environment's).

    `key` is the copy of the master key, put into the home if none is there. Raises InputError for
    a damaged or newer backup or the wrong key, ConflictError where the database is not empty or in
    use, UnavailableError; nothing was changed then.
    """
    found, proof = manifest.read(folder)
    if found.schema > HEAD:
        raise InputError(
            f"the backup has tables of version {found.schema}; this program knows {HEAD}",
            where=str(folder), next_step="upgrade xindeng", code="backup.newer",
        )  # fmt: skip
    manifest.check(folder, found, added(told, "bytes proven", found.size))
    home = prepare_home(home)
    keys = _keys(home, key, found.held)
    with ExitStack() as stack:
        uri = database_url() or stack.enter_context(open_server(home))
        admin = stack.enter_context(_admin(uri))
        check(uri)
        _check_empty(uri)
        beside = _beside(admin, uri)
        dump.load(
            beside, folder / manifest.DATA, counted(told, "tables read", len(found.held.rows))
        )
        with unavailable("the database went away"), psycopg.connect(beside) as conn:
            _check_same(inventory.of(conn), found.held)
            _check_key(conn, keys)
            if back := inventory.brought_back(conn):
                raise _refused(f"{back} who were erased could be read again")
        migrate(beside)
        outside = FileAnchor(anchor or home / "anchor.ndjson")
        told_outside = list(outside.read())
        with unavailable("the database went away"), psycopg.connect(beside) as conn:
            verified = added(told, "chains verified", found.held.chains)
            report = audit.verify_in(conn, _anchored(conn, told_outside, found.held), verified)
            if not report.ok:
                raise _refused(f"{report.findings[0].where}: {report.findings[0].what}")
            feed.begin_epoch(conn)
            restorations.begin(conn, backup_at=found.at, at=clock(), proof=proof)
        later = sum(seal.number > found.held.seal for seal in told_outside)
        if later:
            outside.cut(found.held.seal)
        _take_place(admin, uri)
    return Restored(found, report, bool(told_outside), later)


def _anchored(conn: Conn, outside: list[Anchored], held: Inventory) -> list[Anchored]:
    """Return the anchor as it was at the backup; the seals themselves where there is none."""
    if outside:
        return [seal for seal in outside if seal.number <= held.seal]
    return [Anchored(s.number, s.at, s.root.hex(), s.hash.hex()) for s in seals.after(conn, 0)]


def _keys(home: Path, key: Path | None, held: Inventory) -> KeyRing:
    if key is not None:
        put_secret(key, home / "master.key")
    elif held.keys and not master_key_there(home):
        raise InputError(
            f"the backup is under master key {', '.join(held.keys)}, and no key is here",
            where=str(home / "master.key"),
            next_step="give the copy that was kept apart with --key, or set XINDENG_MASTER_KEY",
            code="backup.key",
        )
    keys = KeyRing(master_key(home), find=finder(home))
    if not all(map(keys.has, held.keys)):
        raise InputError(
            f"the backup is under master key {', '.join(held.keys)}; this one is {keys.master_id}",
            where=str(key or home / "master.key"),
            next_step="give the right copy with --key; it is not part of the backup",
            code="backup.key",
        )
    return keys


def _check_key(conn: Conn, keys: KeyRing) -> None:
    row = conn.execute(
        "SELECT borrower, key_id, wrapped, master_id FROM borrower_key"
        " WHERE wrapped IS NOT NULL LIMIT 1"
    ).fetchone()
    if row is not None:
        keys.open(*row)


def _check_same(now: Inventory, then: Inventory) -> None:
    for table, rows in then.rows.items():
        if now.rows.get(table) != rows:
            raise _refused(f"table {table} has {now.rows.get(table)} rows and had {rows}")
    if (now.chains, now.heads_root) != (then.chains, then.heads_root):
        raise _refused("the ends of the chains are not those of the backup")
    if then.erased_root and (now.erased, now.erased_root) != (then.erased, then.erased_root):
        raise _refused("the tombstones of who was erased are not those of the backup")


def _check_empty(uri: str) -> None:
    with psycopg.connect(uri) as conn:
        if inventory.holds_people(conn):
            raise ConflictError(
                "the database is not empty, and a restore puts nothing away",
                where="the database",
                next_step="give an empty one with --home or XINDENG_DATABASE_URL",
                code="restore.not_empty",
            )


def _admin(uri: str) -> psycopg.Connection[tuple[Any, ...]]:
    """Return a session beside the database itself, which makes and renames databases."""
    with unavailable("the database cannot be reached"):
        return psycopg.connect(_named(uri, "postgres"), autocommit=True)


def _beside(admin: Conn, uri: str) -> str:
    name = _name(uri)
    there = admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone()
    try:
        if there is None:  # a restore was interrupted between its last two steps
            admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        beside = sql.Identifier(name + _BESIDE)
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(beside))
        admin.execute(sql.SQL("CREATE DATABASE {}").format(beside))
    except psycopg.errors.InsufficientPrivilege as error:
        raise UnavailableError(
            "the role may not make databases, and a restore is proven beside the real one",
            where="XINDENG_DATABASE_URL",
            next_step="as the server's owner: ALTER ROLE … CREATEDB; take it back afterwards",
            code="restore.role",
        ) from error
    return _named(uri, name + _BESIDE)


def _take_place(admin: Conn, uri: str) -> None:
    name = _name(uri)
    try:
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        admin.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier(name + _BESIDE), sql.Identifier(name)
            )
        )
    except psycopg.errors.ObjectInUse as error:
        raise ConflictError(
            "the empty database is in use by another program",
            where=name, next_step="stop the service and the worker, then run it again",
            code="restore.in_use",
        ) from error  # fmt: skip


def _named(uri: str, name: str) -> str:
    return make_conninfo(uri, dbname=name)


def _name(uri: str) -> str:
    return str(conninfo_to_dict(uri)["dbname"])


def _refused(what: str) -> XindengError:
    return XindengError(
        f"what was loaded is not what was backed up: {what}",
        where="restore",
        next_step="nothing was put in place; use another backup and tell the operator",
        code="restore.unproven",
    )
