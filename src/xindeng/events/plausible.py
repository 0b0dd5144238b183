"""What a well-formed payload still cannot say: days to come, parts above their whole.

The catalogue bounds each field by itself; here fields are held against the event's own day and
against each other. What stands here is refused where it comes from outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from xindeng.events.credit import BureauSummary, CreditReport
from xindeng.events.fields import Payload
from xindeng.events.life import AccountOpened
from xindeng.events.line import InstalmentDue, LimitChange, Repayment, RepaymentReversed

MAX_LIMIT: Final = 1_000_000_000
"""The largest limit an event may set, in minor units: ¥10 million, far above any personal line."""

OLDEST_DAYS: Final = 120 * 366
"""Nobody who opens an account was born longer ago."""

# A source in another zone may be a day ahead of the policy's.
_DAYS_AHEAD: Final = 1
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOTES: Final = frozenset({"note", "evidence", "text"})

Finding = tuple[str, str, str]
"""A field's path in the payload, what is wrong with it, and what is accepted."""


def implausible(payload: Payload, day: int) -> Finding | None:
    """Return the first finding in a payload of an event that occurred on local `day`, or None."""
    for path, found in _days(payload):
        if found > day + _DAYS_AHEAD:
            return (
                path,
                f"{found} is later than the event's own day, {day}",
                "give a day in the past",
            )
    born = payload.birth_day if isinstance(payload, AccountOpened) else None
    if born is not None and born < day - OLDEST_DAYS:
        what = f"{born} is more than 120 years before the event"
        return "birth_day", what, "give the local day of birth, in days since 1970-01-01"
    if isinstance(payload, Repayment | RepaymentReversed) and payload.principal > payload.amount:
        what = f"{payload.principal:,} is more than the amount, {payload.amount:,}"
        return "principal", what, "give the part of the amount that repays principal"
    if isinstance(payload, LimitChange) and payload.limit > MAX_LIMIT:
        return "limit", f"{payload.limit:,} is no limit of a person", f"give at most {MAX_LIMIT:,}"
    return None


def _days(payload: Payload) -> Iterator[tuple[str, int]]:
    """Yield the days that must have been by the time of the event."""
    if isinstance(payload, CreditReport):
        yield "report_day", payload.report_day
        yield from _report_days(payload)
    elif isinstance(payload, BureauSummary):
        yield "report_day", payload.report_day
    elif isinstance(payload, AccountOpened) and payload.birth_day is not None:
        yield "birth_day", payload.birth_day
    elif isinstance(payload, InstalmentDue):
        yield "due_day", payload.due_day


def _report_days(report: CreditReport) -> Iterator[tuple[str, int]]:
    """Yield the days of a report that lie behind it; a due date and a grid's month may not."""
    fields = {
        "inquiries": ("day",),
        "accounts": ("opened_day", "closed_day", "bad_since_day"),
        "guarantee_list": ("opened_day",),
        "public_record_list": ("day",),
        "annotations": ("day",),
    }
    for part, names in fields.items():
        for number, line in enumerate(getattr(report, part)):
            for name in names:
                if (day := getattr(line, name)) is not None:
                    yield f"{part}[{number}].{name}", day


def control_character(value: Any, path: str = "") -> str | None:
    """Return the path of the first text with a control character, or None.

    Notes may have line breaks and tabs; names may have nothing of the kind.
    """
    if isinstance(value, str):
        note = path.rpartition(".")[2] in _NOTES
        return path if _CONTROLS.search(re.sub(r"[\t\r\n]", "", value) if note else value) else None
    if isinstance(value, dict):
        parts = [(f"{path}.{key}" if path else str(key), item) for key, item in value.items()]
    elif isinstance(value, list | tuple):
        parts = [(f"{path}[{number}]", item) for number, item in enumerate(value)]
    else:
        return None
    return next((found for at, item in parts if (found := control_character(item, at))), None)
