"""Lots drawn without dice: a name falls on the same of a million places everywhere and for ever.

Who draws by another salt draws anew and independently. That makes a random split that nobody has to
store: it can be told again years later, by whoever knows the salt.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final

PLACES: Final = 1_000_000


def lot(salt: str, name: str) -> int:
    """Return the place of `name`, from 0 to below PLACES; each is as likely as any other."""
    told = f"{len(salt)}:{salt}{name}".encode()
    return int.from_bytes(sha256(told).digest()[:8], "big") % PLACES
