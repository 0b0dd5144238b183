"""Working days and months: which local days are holidays is passed in, from the policy."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from typing import Final

from xindeng.kernel.errors import InputError
from xindeng.kernel.time import from_date, to_date

_MOST_DAYS = 400


@dataclass(frozen=True, slots=True)
class Calendar:
    """Local days that differ from the week: public `holidays`, and weekend days that are worked."""

    holidays: frozenset[int] = frozenset()
    workdays: frozenset[int] = frozenset()

    def works(self, day: int) -> bool:
        """Say whether a local day is a working day."""
        if day in self.workdays:
            return True
        return to_date(day).weekday() < 5 and day not in self.holidays

    def after(self, day: int, count: int) -> int:
        """Return the `count`-th working day after `day`; raises InputError if none is in sight."""
        left = count
        for later in range(day + 1, day + _MOST_DAYS):
            left -= self.works(later)
            if left <= 0:
                return later
        raise InputError(
            f"no {count} working days within {_MOST_DAYS} days",
            next_step="check the calendar's holidays",
            code="calendar.empty",
        )


PLAIN: Final = Calendar()
"""Saturdays and Sundays off and no public holidays: what is known where nothing is passed in."""


def months_after(day: int, months: int) -> int:
    """Return the same day of the month so many months later, clipped to the month's end."""
    start = to_date(day)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return from_date(start.replace(year=year, month=month + 1, day=min(start.day, last)))
