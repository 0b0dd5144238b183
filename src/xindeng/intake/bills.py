"""What bills have in common: instants, amounts, names that become pseudonyms."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime, timedelta
from typing import Final

from xindeng.events.parties import PartySort, sorted_party
from xindeng.intake.workbook import NO_RESULT
from xindeng.kernel.errors import ImportFileError, InputError
from xindeng.kernel.money import Money
from xindeng.kernel.time import Zone, instant

_DATE: Final = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[\sT]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
)
_PLAIN_DATE: Final = re.compile(r"(\d{4})(\d{2})(\d{2})")
_TIME: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?|(\d{2})(\d{2})(\d{2})")
# Excel counts days from here; the year 1900 is a leap year there, which no bill is old enough for.
_EXCEL_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  made local below
_SERIAL: Final = re.compile(r"[3-6]\d{4}(?:\.\d+)?")


def when(text: str, zone: Zone, place: str, *, time: str | None = None) -> int:
    """Return a paper's local time as µs; raises ImportFileError for an impossible date.

    `time` None: date and time stand in `text`. Otherwise `text` is a date and `time` the hour as
    09:30:00 or 093000; where it is empty the day is known and not the hour, and noon stands for it.
    A number as Excel stores dates (days since 1899-12-30) is read as one.
    """
    try:
        if _SERIAL.fullmatch(text):
            moment = _EXCEL_EPOCH + timedelta(seconds=round(float(text) * 86_400))
            return instant(moment.replace(tzinfo=zone.tzinfo))
        match = _DATE.fullmatch(text) or (_PLAIN_DATE.fullmatch(text) if time is not None else None)
        if match is None or int(match[1]) < 2004 or (time is None and match[4] is None):
            raise ValueError(text)
        clock = tuple(int(part or 0) for part in match.groups()[3:6]) or (0, 0, 0)
        if time is not None:
            clock = _clock(time)
        day = [int(part) for part in match.groups()[:3]]
        return instant(datetime(*day, *clock, tzinfo=zone.tzinfo))  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError) as error:
        what = "not a date" if time is not None else "not a date and time"
        raise ImportFileError(
            f"{what}: {f'{text} {time or str()}'.strip()[:40]!r}", where=place, code="import.date",
            next_step="write 2026-07-01 09:30:00; hand in the file as exported",
        ) from error  # fmt: skip


def _clock(text: str) -> tuple[int, ...]:
    if not text.strip("-"):
        return 12, 0, 0
    match = _TIME.fullmatch(text.rpartition(" ")[2])
    if match is None:
        raise ValueError(text)
    return tuple(
        int(part or 0) for part in (match.groups()[3:] if match[4] else match.groups()[:3])
    )


def money(text: str, place: str) -> int:
    """Return a bill's amount as fen; raises ImportFileError for anything but a plain amount."""
    minor = signed_money(text, place)
    if minor < 0:
        raise ImportFileError(
            f"a negative amount: {text[:40]!r}", where=place, code="import.amount",
            next_step="hand in the file as exported; the direction has a column of its own",
        )  # fmt: skip
    return minor


def signed_money(text: str, place: str) -> int:
    """Return an amount as fen, its sign kept; raises ImportFileError for anything else."""
    if text == NO_RESULT:
        raise ImportFileError(
            "a formula that was saved without its result", where=place, code="import.amount",
            next_step="open the file in Excel or WPS, save it again, and hand in that copy",
        )  # fmt: skip
    try:
        return Money.parse(text).minor
    except InputError as error:
        raise ImportFileError(
            error.what, where=place, next_step=error.next_step, code="import.amount"
        ) from error


def pseudonym(*parts: str, key: bytes = b"", sort: PartySort = "unknown") -> str:
    """Return a keyed hash of 16 hex digits for names that must not enter the store.

    `sort` says in front of it what sort of party it is, where the name told.
    """
    digest = hashlib.blake2b("|".join(parts).encode(), digest_size=8, key=key).hexdigest()
    return sorted_party(sort, digest)
