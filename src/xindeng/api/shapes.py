"""What all answers share: instants written twice, amounts in minor units, pages with a cursor."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Final, TypeVar

from msgspec import Meta, Struct

from xindeng.kernel.errors import InputError
from xindeng.kernel.money import MAX_AMOUNT
from xindeng.kernel.time import Zone, to_date
from xindeng.service.agents import TraceKind

_T = TypeVar("_T")

Amount = Annotated[int, Meta(ge=1, le=MAX_AMOUNT, description="minor units (fen)")]
Text = Annotated[str, Meta(min_length=1, max_length=500)]
Name = Annotated[str, Meta(min_length=1, max_length=128)]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", description="a local day")]
Limit = Annotated[int, Meta(ge=1, le=200, description="how many at most")]
CursorText = Annotated[str, Meta(max_length=200, description="`next` of the page before")]
ENOUGH: Final = 50


class Sent(Struct, kw_only=True, forbid_unknown_fields=True):
    """Base of what callers send: a field that nobody knows is refused, not passed over."""


class Instant(Struct, frozen=True):
    """An instant: ISO 8601 with the policy's zone, and µs since 1970."""

    iso: str
    us: int

    @classmethod
    def of(cls, at: int, zone: Zone) -> Instant:
        """Return the instant `at` (µs) as seen in a zone."""
        return cls(zone.local(at).isoformat(timespec="microseconds"), at)

    @classmethod
    def maybe(cls, at: int | None, zone: Zone) -> Instant | None:
        """Return the instant, None where none is known."""
        return None if at is None else cls.of(at, zone)


def day_text(day: int) -> str:
    """Return a local day as 2026-07-01."""
    return to_date(day).isoformat()


class Traces(Sent):
    """From where a request came, as keyed hashes or short labels of the lender's own. They are
    held against agents who act for many, and never against a borrower."""

    device: Name | None = None
    address: Name | None = None
    payout_card: Name | None = None


def traces_of(sent: Traces | None) -> dict[TraceKind, str]:
    """Return the traces by kind, those that were sent."""
    found: dict[TraceKind, str | None] = (
        {} if sent is None
        else {"device": sent.device, "address": sent.address, "payout_card": sent.payout_card}
    )  # fmt: skip
    return {kind: text for kind, text in found.items() if text is not None}


class PageQuery(Sent):
    """Which part of a list: up to `limit` items after a cursor."""

    limit: Limit = ENOUGH
    cursor: CursorText | None = None

    @property
    def start(self) -> int:
        """Return the number that the cursor holds, 0 without one; raises InputError."""
        if self.cursor is None:
            return 0
        try:
            found = int(base64.urlsafe_b64decode(self.cursor.encode()))
        except (binascii.Error, ValueError):
            found = -1
        if not 0 <= found < 2**53:
            raise bad_cursor()
        return found

    def cut(self, items: Sequence[_T]) -> tuple[list[_T], str | None]:
        """Return the page of a list that only grows at its end, and the cursor of the next."""
        start = self.start
        page = list(items[start : start + self.limit])
        end = start + len(page)
        return page, cursor(end) if end < len(items) else None


def cursor(number: int) -> str:
    """Return the opaque text of a cursor."""
    return base64.urlsafe_b64encode(str(number).encode()).decode()


def bad_cursor() -> InputError:
    """Return the error of a cursor that none of our pages gave."""
    return InputError(
        "this is no cursor of ours",
        where="cursor",
        next_step="send `next` of the page before, or leave it out",
        code="request.cursor",
    )
