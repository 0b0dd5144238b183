"""Time as integers: instants are µs since 1970-01-01T00:00Z, local days are days since 1970-01-01.

Rules speak of days as the borrower sees them, so a day begins at midnight in a named zone
(Asia/Shanghai unless the policy says otherwise), daylight-saving changes included.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from xindeng.kernel.errors import InputError

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()

# Nothing a borrower does lies outside 1900-01-01 … 2199-12-31.
MIN_INSTANT: Final = -2_208_988_800 * SECOND
MAX_INSTANT: Final = 7_258_118_399 * SECOND
MIN_DAY: Final = MIN_INSTANT // DAY
MAX_DAY: Final = MAX_INSTANT // DAY

Clock = Callable[[], int]
"""A source of the present instant in µs; passed in, never imported."""


class Zone:
    """A named time zone with cached midnights, so that the hot path never builds a datetime."""

    def __init__(self, name: str) -> None:
        try:
            self._zone = ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InputError(
                f"unknown time zone {name!r}", next_step="use an IANA name such as Asia/Shanghai"
            ) from error
        self.name = name
        self._midnights: dict[int, int] = {}

    def midnight(self, day: int) -> int:
        """Return the instant at which local `day` begins."""
        found = self._midnights.get(day)
        if found is None:
            start = datetime.combine(to_date(day), datetime.min.time(), tzinfo=self._zone)
            found = instant(start)
            self._midnights[day] = found
        return found

    def day(self, at: int) -> int:
        """Return the local day on which instant `at` falls."""
        # The UTC day is at most one off; one or two cached look-ups settle it.
        day = at // DAY
        if at >= self.midnight(day + 1):
            return day + 1
        return day if at >= self.midnight(day) else day - 1

    def hour(self, at: int) -> int:
        """Return the local hour of the day, 0–23."""
        return self.local(at).hour

    def local(self, at: int) -> datetime:
        """Return the instant as an aware local datetime."""
        return (EPOCH + timedelta(microseconds=at)).astimezone(self._zone)

    def written(self, at: int) -> str:
        """Return an instant as every text of ours writes it, 2026-07-05 09:30; of a local midnight
        the day alone."""
        here = self.local(at)
        whole = (here.hour, here.minute, here.second) == (0, 0, 0)
        return f"{here:%Y-%m-%d}" if whole else f"{here:%Y-%m-%d %H:%M}"

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        """Return the zone for callers that format dates."""
        return self._zone

    def parse(self, text: str) -> int:
        """Read "2026-07-01", "2026-07-01 09:30" or ISO 8601; a bare time is local to this zone."""
        try:
            moment = datetime.fromisoformat(text.strip())
        except ValueError as error:
            raise InputError(
                f"not a date or time: {text.strip()[:40]!r}",
                next_step="write 2026-07-01 or 2026-07-01T09:30",
            ) from error
        return instant(moment if moment.tzinfo else moment.replace(tzinfo=self._zone))


@lru_cache(maxsize=32)
def zone(name: str) -> Zone:
    """Return the shared `Zone` of that IANA name; raises InputError for an unknown one."""
    return Zone(name)


def instant(moment: datetime) -> int:
    """Return an aware datetime as µs since the epoch, exactly."""
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def to_date(day: int) -> date:
    """Return the calendar date of a local day number."""
    return date.fromordinal(day + _EPOCH_DAY)


def from_date(value: date) -> int:
    """Return the local day number of a calendar date."""
    return value.toordinal() - _EPOCH_DAY
