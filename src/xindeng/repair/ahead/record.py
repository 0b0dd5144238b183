"""Until when the months overdue in a credit report stand in the way: nothing but time ends that.

The grids tell in which months somebody was late, so the month in which enough of them have left
the 24 months that are counted is known, however far ahead it lies. It is found by asking the very
rule in the way, month by month, as if everything had been paid on time since the report.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xindeng.decision.answer import Decision, GateEnd
from xindeng.decision.board import bits, board_of
from xindeng.events.credit import CreditReport
from xindeng.events.expand import LateMonths, late_months
from xindeng.features.algebra import Op
from xindeng.kernel.time import from_date, to_date
from xindeng.policy.policy import Policy

_FIELDS: Final = ("overdue_months_24m", "max_consecutive_overdue", "worst_code_24m")
"""What a summary of a report calls the parts of `LateMonths`, in their order."""
_MOST_MONTHS: Final = 26
"""As long as a month of a report can count: the 24 before a day, and those that began since."""


def late_months_end(
    policy: Policy, report: CreditReport | None, refusal: Decision, unmoved: int
) -> tuple[GateEnd, ...]:
    """Return when the rules in the way that rest on months overdue let go, earliest first.

    Only rules of the mask `unmoved` are asked: those that no other forecast sees an end of. One
    that these months leaving does not end either is not among what is returned.
    """
    places = _places(policy)
    if report is None or not places:
        return ()
    waiting = {
        index for index in bits(refusal.fired & board_of(policy).blocking & unmoved)
        if not places.keys().isdisjoint(
            policy.compiled.columns_of(policy.compiled.conditions[policy.rules[index].id])
        )
    }  # fmt: skip
    found: list[GateEnd] = []
    for at, late in _months(policy, report, refusal.now) if waiting else ():
        fired = _fired(policy, refusal, places, late)
        gone = {index for index in waiting if not fired >> index & 1}
        found += [GateEnd(rule=policy.rules[index].id, at=at) for index in sorted(gone)]
        waiting -= gone
        if not waiting:
            break
    return tuple(found)


def _places(policy: Policy) -> dict[str, tuple[int, int]]:
    """Return where the features that hold these counts stand: name → (input, part)."""
    return {
        feature.name: (policy.input_index[feature.name], _FIELDS.index(feature.field))
        for feature in policy.book.base
        if (feature.event, feature.op) == ("bureau_summary", Op.LAST) and feature.field in _FIELDS
    }


def _months(policy: Policy, report: CreditReport, now: int) -> Iterator[tuple[int, LateMonths]]:
    """Yield the midnights (µs) at which the months to come begin, and what counts from then on."""
    zone = policy.zone
    first = to_date(zone.day(now))
    for ahead in range(1, _MOST_MONTHS + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + ahead, 12)
        day = from_date(first.replace(year=year, month=month + 1, day=1))
        late = late_months(report, day)
        if late is None:
            return
        yield zone.midnight(day), late


def _fired(
    policy: Policy, refusal: Decision, places: dict[str, tuple[int, int]], late: LateMonths
) -> int:
    """Return the rules that fire on the facts of a refusal with other months overdue."""
    inputs = list(refusal.inputs)
    for place, part in places.values():
        inputs[place] = late[part]
    day = policy.zone.day(refusal.now)
    parameters = policy.parameters(day, refusal.stance, refusal.segment)
    return policy.run(inputs, parameters)[1]
