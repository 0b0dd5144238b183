"""Who can read what: a master key wraps one data key a borrower; data keys seal the payloads.
`store/masters.py` says where master keys are kept.

AES-256-GCM with a random 96-bit nonce before each ciphertext. What a ciphertext belongs to is its
associated data, so that a sealed payload moved to another row does not open. Destroying a wrapped
data key erases everything sealed under it.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from xindeng.kernel.errors import ErasedError, UnavailableError, XindengError
from xindeng.store.randomness import SYSTEM

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
"""A ciphertext begins with so many bytes that no other has."""
_CACHED_KEYS: Final = 20_000
# No borrower's name: names hold no control character.
_LOOK_UP: Final = "\x01look-up"


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


Find = Callable[[str], bytes | None]
"""Returns the master key of a name, None where it is not here."""


def erased(borrower: str) -> ErasedError:
    """Return the error of a borrower whose key was destroyed."""
    return ErasedError(
        "the personal data were erased on request", where=f"borrower {borrower}",
        next_step="nothing of this borrower can be read or added; who comes back needs a new id",
    )  # fmt: skip


def name_of(master: bytes) -> str:
    """Return the name by which a master key is told from others, of no use to find it."""
    return hashlib.sha256(b"xindeng master key" + master).hexdigest()[:16]


class KeyRing:
    """The master key and the data keys it has unwrapped so far (the latest 20,000).

    While data keys move from one master key to the next both are needed: `find` brings the other.
    `look_up` is the secret of keyed hashes, which outlives the master key that it was made from.
    """

    def __init__(
        self, master: bytes, *, look_up: bytes | None = None, find: Find = lambda _: None
    ) -> None:
        self.master_id = name_of(master)
        self._masters = {self.master_id: AESGCM(master)}
        self._find = find
        self._unwrapped: OrderedDict[int, DataKey] = OrderedDict()
        self._look_up = look_up or hmac.digest(master, b"xindeng look-up", "sha256")

    def look_up(self, purpose: str, text: str) -> bytes:
        """Return the keyed hash by which a text is found again: 32 bytes, equal for equal texts of
        one purpose, and of no use to whoever lacks the master key."""
        return hmac.digest(self._look_up, f"{purpose}\0{text}".encode(), "sha256")

    def has(self, master_id: str) -> bool:
        """Say whether the master key of that name is here."""
        return self._master(master_id) is not None

    def new_wrapped(self, borrower: str, under: str | None = None) -> bytes:
        """Return a fresh data key for the borrower, wrapped under our master key or another that
        is here; raises UnavailableError."""
        return self._wrap(os.urandom(KEY_BYTES), borrower, under or self.master_id)

    def rewrapped(self, borrower: str, wrapped: bytes, master_id: str, under: str) -> bytes:
        """Return a data key that lies under one master key wrapped under another; raises
        UnavailableError for one that is not here, XindengError "store.integrity"."""
        return self._wrap(self._unwrap(borrower, wrapped, master_id), borrower, under)

    def look_up_wrapped(self, under: str) -> bytes:
        """Return the secret of keyed hashes, wrapped under a master key that is here."""
        return self._wrap(self._look_up, _LOOK_UP, under)

    def look_up_unwrapped(self, wrapped: bytes) -> bytes:
        """Return the secret of keyed hashes that lies wrapped under our master key."""
        return self._unwrap(_LOOK_UP, wrapped, self.master_id)

    def _master(self, master_id: str) -> AESGCM | None:
        if master_id not in self._masters and (found := self._find(master_id)) is not None:
            self._masters[master_id] = AESGCM(found)
        return self._masters.get(master_id)

    def _cipher(self, master_id: str, where: str) -> AESGCM:
        if (found := self._master(master_id)) is None:
            raise UnavailableError(
                f"the data are under master key {master_id}; this home holds {self.master_id}",
                where=where,
                next_step="put back the file master.key that belongs to this database, "
                "or set XINDENG_MASTER_KEY",
                code="store.master_key",
            )
        return found

    def _wrap(self, key: bytes, whose: str, under: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        cipher = self._cipher(under, "a new data key")
        return nonce + cipher.encrypt(nonce, key, whose.encode())

    def _unwrap(self, whose: str, wrapped: bytes, master_id: str) -> bytes:
        where = f"borrower {whose}" if whose != _LOOK_UP else "the secret of keyed hashes"
        cipher = self._cipher(master_id, where)
        try:
            return cipher.decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], whose.encode())
        except (InvalidTag, ValueError) as error:
            raise integrity_error("the data key was changed", where) from error

    def open(self, borrower: str, key_id: int, wrapped: bytes | None, master_id: str) -> DataKey:
        """Return the data key; raises ErasedError if destroyed, UnavailableError if not ours."""
        if wrapped is None:
            self._unwrapped.pop(key_id, None)
            raise erased(borrower)
        found = self._unwrapped.get(key_id)
        if found is not None:
            self._unwrapped.move_to_end(key_id)
            return found
        key = self._unwrap(borrower, wrapped, master_id)
        opened = DataKey(key_id, key)
        self._unwrapped[key_id] = opened
        if len(self._unwrapped) > _CACHED_KEYS:
            self._unwrapped.popitem(last=False)
        return opened

    def forget(self, key_id: int) -> None:
        """Forget a key that was destroyed, as far as this process is concerned."""
        self._unwrapped.pop(key_id, None)


def integrity_error(what: str, where: str) -> XindengError:
    """Return the error of stored bytes that are not what was written."""
    return XindengError(
        what,
        where=where,
        next_step="do not use this record; compare with a backup and tell the operator",
        code="store.integrity",
    )
