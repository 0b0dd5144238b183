"""The limit of one line as its events tell: what it is, since when, and what was warned of."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from xindeng.events.envelope import Event
from xindeng.events.line import LimitChange, LimitWarning, LimitWarningWithdrawn


class Warned(Struct, frozen=True, kw_only=True):
    """A warning that stands: from local `day` on the limit may fall to `limit`, not below.

    It was given at `at` (µs). `evidence` and `remedy` by language are what it rests on and what
    would avert it, "" where that was not told.
    """

    at: int
    day: int
    limit: int
    reason: str
    evidence: dict[str, str] = {}
    remedy: dict[str, str] = {}


class LimitBook(Struct, frozen=True, kw_only=True):
    """A line's limit in minor units, None where none was ever granted; `changed_at` in µs."""

    limit: int | None = None
    change: str | None = None
    changed_at: int | None = None
    reason: str = ""
    warned: Warned | None = None

    @property
    def closed(self) -> bool:
        """Say whether the line was closed."""
        return self.change == "closed"


def limit_book(events: Iterable[Event]) -> LimitBook:
    """Return the book after a borrower's events, given in sequence; other types are passed over.

    As for the limit shown, the change that occurred last counts. Any change uses up a warning.
    """
    book = LimitBook()
    for event in events:
        payload, at = event.payload, event.occurred_at
        if isinstance(payload, LimitChange):
            if book.changed_at is None or at >= book.changed_at:
                book = LimitBook(
                    limit=payload.limit, change=payload.change, changed_at=at,
                    reason=payload.reason,
                )  # fmt: skip
        elif isinstance(payload, LimitWarning):
            # A warning that names no amount promises no more than it says: zero, or any cut.
            warned = Warned(
                at=at, day=payload.effective_day, limit=payload.limit or 0, reason=payload.reason,
                evidence={"zh": payload.evidence_zh, "en": payload.evidence},
                remedy={"zh": payload.remedy_zh, "en": payload.remedy},
            )  # fmt: skip
            book = replace(book, warned=warned)
        elif isinstance(payload, LimitWarningWithdrawn):
            book = replace(book, warned=None)
    return book
