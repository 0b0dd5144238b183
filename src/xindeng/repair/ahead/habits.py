"""What of a person's last month goes on by itself, and the months ahead that follow from it.

Waiting means that nothing new is done, not that life stops. The rule, for a moment `now`:

* Salary goes on if the same payer paid within 35 days: that payer's payments of one pay month, up
  to the newest, none for more than the usual (middle) one of 120 days, so no bonus comes twice.
* Other income goes on as in the last 30 days if some came earlier, too, no payment for more than
  twice the usual one, so sudden money is not expected again.
* Purchases, payments out and sign-ins of the last 30 days go on, but for money moved to oneself or
  into investments, penalties, and sign-ins that failed or hid where they came from.
* A loan on this line falls due and is repaid as in the last 30 days, until it is paid off.
* The last credit report and the debts in it are read anew each 30 days and say the same.

Everything else happens once or not at all: no application, no enquiry, no draw, no new debt, no
sudden money, no change of device or password, no incident.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace
from statistics import median_low
from typing import Final

from msgspec.structs import replace

from xindeng.events.credit import BureauSummary, ExternalDebt
from xindeng.events.envelope import Event
from xindeng.events.fields import Payload
from xindeng.events.life import Payment, Purchase
from xindeng.events.line import Disbursement, InstalmentDue, Repayment
from xindeng.events.security import Login
from xindeng.kernel.time import DAY

PERIOD: Final = 30 * DAY
SHIFT: Final = 5 * DAY
"""How far what comes each month may shift with weekends and the length of the month …"""
# … so a salary may be a few days late …
_PAYDAY: Final = PERIOD + SHIFT
# … and a month's pay holds every weekly or half-monthly payment, but never two monthly ones.
_PAY_MONTH: Final = 25 * DAY
_USUAL: Final = 120 * DAY
REREAD: Final = frozenset({"bureau_summary", "external_debt"})
"""What comes again without saying anything new."""
_NO_HABIT: Final = frozenset({"self_transfer", "investment", "penalty_interest"})


@dataclass(frozen=True, slots=True)
class Habit:
    """An event that comes again at `first` (µs) and each 30 days after it.

    It does so `times` times at most; `rest` (fen) is added the last time, which ends the loan.
    """

    event: Event
    first: int
    times: int | None = None
    rest: int | None = None

    @property
    def income(self) -> bool:
        """Return whether it is money earned."""
        payload = self.event.payload
        return isinstance(payload, Payment) and payload.direction == "in"

    def again(self, nth: int, at: int, seq: int) -> Event:
        """Return its `nth` repetition, at instant `at`."""
        payload = _later(self.event.payload, (at - self.event.occurred_at) // DAY)
        if nth == self.times and self.rest is not None:
            payload = _last(payload, self.rest)
        return replace(
            self.event,
            id=f"{self.event.id}+{nth}",
            occurred_at=at,
            known_at=at,
            payload=payload,
            seq=seq,
        )


def habits(events: Iterable[Event], now: int) -> tuple[Habit, ...]:
    """Return what goes on by itself after `now`, given a borrower's events up to then."""
    past = sorted(
        (event for event in events if event.occurred_at <= now),
        key=lambda event: (event.occurred_at, event.seq),
    )
    month = [event for event in past if event.occurred_at > now - PERIOD]
    everyday = [Habit(e, e.occurred_at + PERIOD) for e in month if _everyday(e.payload)]
    return (*_income(past, now), *everyday, *_loans(past, month), *_reports(past, now))


def ahead(known: Sequence[Habit], seq: int, until: int) -> Iterator[Event]:
    """Yield the habits' events up to `until` in order of time, numbered from `seq` + 1."""
    coming = [(habit.first, place, 1) for place, habit in enumerate(known)]
    heapify(coming)
    while coming and coming[0][0] <= until:
        at, place, nth = coming[0]
        seq += 1
        yield known[place].again(nth, at, seq)
        if nth == known[place].times:
            heappop(coming)
        else:
            heapreplace(coming, (at + PERIOD, place, nth + 1))


def reread(known: Iterable[Habit], at: int) -> Iterator[Event]:
    """Yield the last credit report's figures as read once more at `at` (µs), unnumbered."""
    for habit in known:
        if habit.event.type in REREAD:
            yield habit.again(0, at, 0)


def _everyday(payload: Payload) -> bool:
    match payload:
        case Payment():
            return payload.direction == "out" and payload.category not in _NO_HABIT
        case Login():
            return payload.success and payload.network != "anonymised"
    return isinstance(payload, Purchase)


def _income(past: Sequence[Event], now: int) -> Iterator[Habit]:
    """Yield the income that goes on: salary payer by payer, other income as one."""
    payers: dict[tuple[str, str | None], list[tuple[Event, Payment]]] = defaultdict(list)
    for event in past:
        paid = event.payload
        if (
            isinstance(paid, Payment)
            and paid.direction == "in"
            and event.occurred_at > now - _USUAL
        ):
            if paid.category == "salary":
                payers["salary", paid.counterparty].append((event, paid))
            elif paid.category == "other_income":
                payers["other_income", None].append((event, paid))
    for (category, _), paid_before in payers.items():
        newest = paid_before[-1][0].occurred_at
        since = newest - _PAY_MONTH if category == "salary" else now - PERIOD
        lately = [(event, paid) for event, paid in paid_before if event.occurred_at > since]
        stopped = newest <= now - _PAYDAY
        if stopped or not lately or (category != "salary" and len(lately) == len(paid_before)):
            continue
        usual = median_low(paid.amount for _, paid in paid_before)
        most = usual if category == "salary" else 2 * usual
        late = max(0, now + DAY - (lately[0][0].occurred_at + PERIOD))
        for event, paid in lately:
            payload = replace(paid, amount=min(paid.amount, most))
            yield Habit(replace(event, payload=payload), event.occurred_at + PERIOD + late)


def _loans(past: Sequence[Event], month: Sequence[Event]) -> Iterator[Habit]:
    """Yield the instalments of loans on this line that fall due and are paid, while they last."""
    owed: dict[str, int] = defaultdict(int)
    for event in past:
        if isinstance(event.payload, Disbursement):
            owed[event.payload.draw] += event.payload.amount
        elif isinstance(event.payload, Repayment):
            owed[event.payload.loan] -= event.payload.principal
    share: dict[str, int] = defaultdict(int)
    newest: dict[tuple[str, str], Event] = {}
    for event in month:
        if isinstance(event.payload, Repayment | InstalmentDue):
            newest[event.type, event.payload.loan] = event
            if isinstance(event.payload, Repayment):
                share[event.payload.loan] += event.payload.principal
    for event in month:
        paid = event.payload
        if not isinstance(paid, Repayment | InstalmentDue) or owed[paid.loan] <= 0:
            continue
        left, part = owed[paid.loan], share[paid.loan]
        # Where no principal was paid, dues and interest go on and the loan stays.
        times = max(1, left // part) if part else None
        ends = times is not None and newest[event.type, paid.loan] is event
        rest = left - part * times if ends and times is not None else None
        yield Habit(event, event.occurred_at + PERIOD, times, rest)


def _reports(past: Sequence[Event], now: int) -> Iterator[Habit]:
    """Yield the last credit report's figures, which a lender reads anew when they grow old."""
    for kind in (BureauSummary, ExternalDebt):
        last = next((event for event in reversed(past) if isinstance(event.payload, kind)), None)
        if last is not None:
            months = (now - last.occurred_at) // PERIOD + 1
            yield Habit(last, last.occurred_at + months * PERIOD)


def _later(payload: Payload, days: int) -> Payload:
    """Return the payload with the days it speaks of moved on."""
    if isinstance(payload, BureauSummary):
        return replace(payload, report_day=payload.report_day + days)
    if isinstance(payload, InstalmentDue):
        return replace(payload, due_day=payload.due_day + days)
    return payload


def _last(payload: Payload, rest: int) -> Payload:
    """Return the last instalment of a loan: what rounding left over is paid with it."""
    match payload:
        case Repayment(amount=amount, principal=principal):
            part = max(0, principal + rest)
            return replace(payload, principal=part, amount=max(1, amount + rest), settled=True)
        case InstalmentDue(amount=amount):
            return replace(payload, amount=max(1, amount + rest))
    return payload
