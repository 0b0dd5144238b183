"""Who may call, at rest: API keys, staff and their sessions. No secret is stored, only its hash."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xindeng.store.connect import Conn

_KEY: Final = "id, name, secret, scopes, created_at, expires_at, revoked_at, succeeds"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A row of the table `api_key`, columns in their order; instants in µs."""

    id: str
    name: str
    secret: bytes
    scopes: tuple[str, ...]
    created_at: int
    expires_at: int
    revoked_at: int | None = None
    succeeds: str | None = None

    def in_force(self, now: int) -> bool:
        """Say whether the key opens anything at an instant."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Staff:
    """A row of the table `staff`; `password` is an argon2 hash."""

    name: str
    password: str
    roles: tuple[str, ...]
    created_at: int
    disabled_at: int | None = None


def add_key(conn: Conn, key: ApiKey) -> None:
    """Store a new key."""
    conn.execute(
        f"INSERT INTO api_key ({_KEY}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [key.id, key.name, key.secret, list(key.scopes), key.created_at, key.expires_at,
         key.revoked_at, key.succeeds],
    )  # fmt: skip


def key(conn: Conn, ident: str) -> ApiKey | None:
    """Return a key by its id."""
    row = conn.execute(
        f"SELECT {_KEY} FROM api_key WHERE id = %s", [ident], binary=True, prepare=True
    ).fetchone()
    return None if row is None else _key(row)


def keys(conn: Conn) -> list[ApiKey]:
    """Return every key there ever was, oldest first."""
    return [
        _key(row)
        for row in conn.execute(f"SELECT {_KEY} FROM api_key ORDER BY created_at, id", binary=True)
    ]


def end_key(conn: Conn, ident: str, *, expires_at: int, revoked_at: int | None) -> None:
    """Let a key end no later than `expires_at`; one that is revoked stays so."""
    conn.execute(
        "UPDATE api_key SET expires_at = least(expires_at, %s),"
        " revoked_at = coalesce(revoked_at, %s) WHERE id = %s",
        [expires_at, revoked_at, ident],
    )


def save_staff(conn: Conn, one: Staff) -> None:
    """Store somebody new, or a new password, roles or standing of somebody known."""
    conn.execute(
        "INSERT INTO staff (name, password, roles, created_at, disabled_at)"
        " VALUES (%s, %s, %s, %s, %s) ON CONFLICT (name) DO UPDATE SET"
        " password = excluded.password, roles = excluded.roles, disabled_at = excluded.disabled_at",
        [one.name, one.password, list(one.roles), one.created_at, one.disabled_at],
    )


def staff(conn: Conn, name: str) -> Staff | None:
    """Return somebody by name."""
    row = conn.execute(
        "SELECT name, password, roles, created_at, disabled_at FROM staff WHERE name = %s", [name]
    ).fetchone()
    return None if row is None else Staff(row[0], row[1], tuple(row[2]), row[3], row[4])


def everybody(conn: Conn) -> list[Staff]:
    """Return all staff by name."""
    rows = conn.execute(
        "SELECT name, password, roles, created_at, disabled_at FROM staff ORDER BY name"
    )
    return [Staff(row[0], row[1], tuple(row[2]), row[3], row[4]) for row in rows]


def open_session(conn: Conn, token: bytes, name: str, *, at: int, expires_at: int) -> None:
    """Store a session by the digest of its token."""
    conn.execute(
        "INSERT INTO staff_session (token, staff, opened_at, expires_at) VALUES (%s, %s, %s, %s)",
        [token, name, at, expires_at],
    )


def session(conn: Conn, token: bytes, now: int) -> Staff | None:
    """Return whose session it is, None if it is unknown, over, or its holder may no longer in."""
    row = conn.execute(
        "SELECT f.name, f.password, f.roles, f.created_at, f.disabled_at"
        " FROM staff_session s JOIN staff f ON f.name = s.staff"
        " WHERE s.token = %s AND s.closed_at IS NULL AND s.expires_at > %s"
        " AND f.disabled_at IS NULL",
        [token, now],
        prepare=True,
    ).fetchone()
    return None if row is None else Staff(row[0], row[1], tuple(row[2]), row[3], row[4])


def begin_sign_in(conn: Conn, state: bytes, nonce: str, verifier: str, now: int, until: int) -> int:
    """Remember a sign-in that goes to the identity provider, until an instant (µs), and forget
    those whose time is over; return how many are on their way."""
    conn.execute("DELETE FROM sign_in WHERE until <= %s", [now])
    conn.execute(
        "INSERT INTO sign_in (state, nonce, verifier, until) VALUES (%s, %s, %s, %s)",
        [state, nonce, verifier, until],
    )
    row = conn.execute("SELECT count(*) FROM sign_in").fetchone()
    return int(row[0]) if row else 0


def end_sign_in(conn: Conn, state: bytes, now: int) -> tuple[str, str] | None:
    """Return (nonce, verifier) of a sign-in that came back in time, and forget it; None for any
    other. Those whose time is over go with it."""
    row = conn.execute(
        "DELETE FROM sign_in WHERE state = %s RETURNING nonce, verifier, until", [state]
    ).fetchone()
    conn.execute("DELETE FROM sign_in WHERE until <= %s", [now])
    return None if row is None or row[2] <= now else (row[0], row[1])


def close_sessions(conn: Conn, at: int, *, token: bytes | None = None, name: str = "") -> None:
    """Close the session of a token, or all of somebody's."""
    conn.execute(
        "UPDATE staff_session SET closed_at = %s"
        " WHERE closed_at IS NULL AND (token = %s OR staff = %s)",
        [at, token, name],
    )


def _key(row: Sequence[Any]) -> ApiKey:
    return ApiKey(row[0], row[1], row[2], tuple(row[3]), *row[4:])
