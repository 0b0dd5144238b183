"""Who is in which arm: a stable hash of salt and borrower, read from nothing that changes.

Buckets are per mille. A live challenger owns some of them for as long as it runs, so that another
one that starts or stops beside it moves nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from xindeng.service.challenger_terms import BUCKETS, Terms, decode
from xindeng.store import challengers
from xindeng.store.challengers import ChallengerRow
from xindeng.store.connect import Conn


def bucket(salt: bytes, borrower: str) -> int:
    """Return the bucket of a borrower under a salt, 0 to 999; as the SQL of store/trials.py."""
    return int.from_bytes(sha256(salt + borrower.encode()).digest()[:4], "big") % BUCKETS


@dataclass(frozen=True)
class Challenger:
    """A challenger as approved, and how it stands."""

    row: ChallengerRow

    @cached_property
    def terms(self) -> Terms:
        """Return how it runs."""
        return decode(self.row.terms)

    @property
    def running(self) -> bool:
        """Say whether it has not been ended."""
        return self.row.ended_at is None

    def has(self, borrower: str) -> bool:
        """Say whether a borrower's bucket is one of its own."""
        return self.row.first <= bucket(self.row.salt, borrower) < self.row.upto


def arm_of(
    found: Iterable[Challenger], champion: str, borrower: str, now: int, segment: Callable[[], str]
) -> Challenger | None:
    """Return the live challenger that decides for a borrower at `now` (µs), None for the champion.

    `champion` is the hash of the policy in force; `segment` is asked for only where it matters.
    """
    for one in found:
        row = one.row
        if row.champion != champion or not row.started_at <= now < row.ends_at:
            continue
        if one.has(borrower) and one.terms.segment in ("", segment()):
            return one
    return None


class ChallengerReader:
    """Challengers by name; how one runs never changes, so each is read once."""

    def __init__(self) -> None:
        self._known: dict[str, Challenger] = {}

    def of(self, conn: Conn, names: Iterable[str]) -> list[Challenger]:
        """Return the challengers of those names; raises NotFoundError."""
        for name in names:
            if name not in self._known:
                self._known[name] = Challenger(challengers.read(conn, name))
        return [self._known[name] for name in names]
