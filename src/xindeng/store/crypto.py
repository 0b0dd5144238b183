"""Who can read what: a master key wraps one data key a borrower; data keys seal the payloads.

AES-256-GCM with a random 96-bit nonce before each ciphertext. What a ciphertext belongs to is its
associated data, so that a sealed payload moved to another row does not open. Destroying a wrapped
data key erases everything sealed under it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xindeng.kernel.errors import ErasedError, UnavailableError, XindengError
from xindeng.store.paths import secret_file
from xindeng.store.randomness import SYSTEM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
"""A ciphertext begins with so many bytes that no other has."""
_CACHED_KEYS: Final = 20_000


class DataKey:
    """One borrower's key, unwrapped; `key_id` is its row."""

    __slots__ = ("_cipher", "key_id")

    def __init__(self, key_id: int, key: bytes) -> None:
        self.key_id = key_id
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, belongs_to: bytes) -> bytes:
        """Return nonce and ciphertext of `plain`."""
        nonce = SYSTEM.take(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, belongs_to)

    def unseal(self, sealed: bytes, belongs_to: bytes, *, where: str) -> bytes:
        """Return the plain bytes; raises XindengError "store.integrity" if a bit was changed."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], belongs_to)
        except (InvalidTag, ValueError) as error:
            raise integrity_error("the ciphertext was changed or moved", where) from error


class KeyRing:
    """The master key and the data keys it has unwrapped so far (the latest 20,000)."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)
        self.master_id = hashlib.sha256(b"xindeng master key" + master).hexdigest()[:16]
        self._unwrapped: OrderedDict[int, DataKey] = OrderedDict()
        self._look_up = hmac.digest(master, b"xindeng look-up", "sha256")

    def look_up(self, purpose: str, text: str) -> bytes:
        """Return the keyed hash by which a text is found again: 32 bytes, equal for equal texts of
        one purpose, and of no use to whoever lacks the master key."""
        return hmac.digest(self._look_up, f"{purpose}\0{text}".encode(), "sha256")

    def new_wrapped(self, borrower: str) -> bytes:
        """Return a fresh data key for the borrower, wrapped."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, os.urandom(KEY_BYTES), borrower.encode())

    def open(self, borrower: str, key_id: int, wrapped: bytes | None, master_id: str) -> DataKey:
        """Return the data key; raises ErasedError if destroyed, UnavailableError if not ours."""
        if wrapped is None:
            self._unwrapped.pop(key_id, None)
            raise ErasedError(
                "the personal data were erased on request", where=f"borrower {borrower}"
            )
        found = self._unwrapped.get(key_id)
        if found is not None:
            self._unwrapped.move_to_end(key_id)
            return found
        if master_id != self.master_id:
            raise UnavailableError(
                f"the data are under master key {master_id}; this home holds {self.master_id}",
                where=f"borrower {borrower}",
                next_step="put back the file master.key that belongs to this database, "
                "or set XINDENG_MASTER_KEY",
                code="store.master_key",
            )
        try:
            key = self._master.decrypt(
                wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], borrower.encode()
            )
        except (InvalidTag, ValueError) as error:
            raise integrity_error("the data key was changed", f"borrower {borrower}") from error
        opened = DataKey(key_id, key)
        self._unwrapped[key_id] = opened
        if len(self._unwrapped) > _CACHED_KEYS:
            self._unwrapped.popitem(last=False)
        return opened

    def forget(self, key_id: int) -> None:
        """Forget a key that was destroyed, as far as this process is concerned."""
        self._unwrapped.pop(key_id, None)


def master_key(home: Path) -> bytes:
    """Return `XINDENG_MASTER_KEY` (64 hex digits) or the key in `home/master.key`, made once.

    Raises UnavailableError for a damaged key or a file that others may read.
    """
    text = os.environ.get("XINDENG_MASTER_KEY", "").strip()
    if not text:
        return secret_file(home / "master.key", KEY_BYTES)
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES or len(set(key)) < 8:
        raise UnavailableError(
            "XINDENG_MASTER_KEY is not a random key of 32 bytes in hexadecimal",
            next_step="make one once with: openssl rand -hex 32, and keep a copy apart",
            code="store.master_key",
        )
    return key


def master_key_there(home: Path) -> bool:
    """Say whether there is a master key, so that none would be made."""
    return bool(os.environ.get("XINDENG_MASTER_KEY", "").strip()) or (home / "master.key").exists()


def integrity_error(what: str, where: str) -> XindengError:
    """Return the error of stored bytes that are not what was written."""
    return XindengError(
        what,
        where=where,
        next_step="do not use this record; compare with a backup and tell the operator",
        code="store.integrity",
    )
